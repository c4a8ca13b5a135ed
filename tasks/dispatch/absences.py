"""Who is away now, and who stands in: what dispatch and every alert ask."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, or_, select

from models.assigning import UnitAbsence


def deputies_at(session: Session, at: datetime) -> dict[str, str]:
    """Every unit absent at a moment, with its deputy; of several absences the newest word holds."""
    wanted = (
        select(UnitAbsence)
        .where(
            col(UnitAbsence.starts_at) <= at,
            or_(col(UnitAbsence.ends_at).is_(None), col(UnitAbsence.ends_at) > at),
        )
        .order_by(col(UnitAbsence.id))
    )
    return {each.unit: each.deputy for each in session.exec(wanted)}


def standing_in_for(unit: str, deputies: Mapping[str, str]) -> str:
    """The unit that acts for `unit` now: itself, its deputy, or whoever stands in for an absent deputy.

    Deputies who are absent in a ring stand for nobody: then it is the unit itself.
    """
    seen, acting = {unit}, unit
    while acting in deputies:
        acting = deputies[acting]
        if acting in seen:
            return unit
        seen.add(acting)
    return acting


def absent_units_of(deputy: str, deputies: Mapping[str, str]) -> tuple[str, ...]:
    """The absent units that this unit acts for now, in the order of their codes."""
    return tuple(sorted(each for each in deputies if each != deputy and standing_in_for(each, deputies) == deputy))
