"""Copies for the place: what the unit of a district may know of an order, and no more."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from catalogue.dispatch_rules import SliceField
from catalogue.loader import Catalogue
from models.assigning import DistrictCopy
from models.case import Case
from models.record import Clock
from models.vocabulary import Status, Target
from tasks.dispatch.conflict import is_kept_from, open_to

SHORTEST: tuple[SliceField, ...] = ("number",)
"""What is left of a slice that the catalogue no longer knows."""


def copy_behind(session: Session, token: str, catalogue: Catalogue) -> dict[str, Any] | None:
    """What the copy with this link holds; None if there is none, or no longer."""
    if "\0" in token:
        # PostgreSQL refuses to even compare it.
        return None
    wanted = (
        select(DistrictCopy, Case)
        .where(col(DistrictCopy.case_id) == Case.id)
        .where(DistrictCopy.token == token, col(DistrictCopy.withdrawn_at).is_(None))
    )
    found = session.exec(wanted).first()
    if found is None:
        return None
    copy, case = found
    if case.status is Status.SEALED or is_kept_from(case, copy.unit):
        return None
    return held_by(session, copy, case, catalogue)


def copies_for(session: Session, unit: str, catalogue: Catalogue, after: int, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` copies of a unit, of cases with a number above `after`, lowest first."""
    wanted = (
        select(DistrictCopy, Case)
        .where(col(DistrictCopy.case_id) == Case.id)
        .where(
            DistrictCopy.unit == unit, col(DistrictCopy.withdrawn_at).is_(None), open_to(unit),
            col(Case.status) != Status.SEALED, col(Case.number) > after,
        )
        .order_by(col(Case.number))
        .limit(limit)
    )  # fmt: skip
    return [held_by(session, copy, case, catalogue) for copy, case in session.exec(wanted)]


def held_by(session: Session, copy: DistrictCopy, case: Case, catalogue: Catalogue) -> dict[str, Any]:
    """The fields of the copy's slice, as codes and times in UTC."""
    slices = {each.code: each.fields for each in catalogue.dispatch.slices}
    values: dict[str, Any] = {
        "number": case.label,
        "grade": str(case.grade),
        "kind": case.kind,
        "district": case.district,
        "status": str(case.status),
        "received_at": _as_text(case.received_at),
        "due_at": _as_text(_due(session, case)),
    }
    return {field: values[field] for field in slices.get(copy.slice, SHORTEST)}


def _due(session: Session, case: Case) -> datetime | None:
    wanted = select(Clock.due_at).where(Clock.case_id == case.id, Clock.target == Target.FEEDBACK)
    return session.exec(wanted.order_by(col(Clock.id).desc())).first()


def _as_text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
