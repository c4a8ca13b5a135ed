"""Writing in a case: moves, decisions and notices, always inside one transaction of the caller."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from models import journal
from models.assigning import DistrictCopy
from models.case import Case
from models.database import tried_again
from models.exchange import Assignment, Notice
from models.journal import MACHINE
from models.record import Decision
from models.transitions import check_may_move
from models.vocabulary import Ask, DecisionKind, EventKind, NoticeState, Status
from tasks.asking import due_of_ask
from tasks.dispatch.absences import deputies_at, standing_in_for
from tasks.dispatch.conflict import CHIEF, is_kept_from
from tasks.workplace import Workplace

T = TypeVar("T")


@dataclass(frozen=True)
class Verdict:
    """A decision before it is stored: what, by which rule, and why in words people read."""

    kind: DecisionKind
    outcome: str
    rule_id: str
    zh: str
    en: str
    facts: dict[str, Any] = field(default_factory=dict)


@contextmanager
def editing(place: Workplace, case_id: UUID) -> Iterator[tuple[Session, Case]]:
    """One transaction on one case: all of the block is stored, or nothing."""
    with place.database.writing() as session:
        yield session, case_of(session, case_id)


def edit_beside_worker(place: Workplace, case_id: UUID, act: Callable[[Session, Case], T]) -> T:
    """One transaction on a case that a worker may be editing too: who comes second begins again.

    Raises:
        StaleDataError: Others were faster every time; nothing has been stored.
    """

    def attempt() -> T:
        with editing(place, case_id) as (session, case):
            return act(session, case)

    return tried_again(attempt)


def case_of(session: Session, case_id: UUID) -> Case:
    """The case with this id.

    Raises:
        LookupError: There is none.
    """
    case = session.exec(select(Case).where(Case.id == case_id)).first()
    if case is None:
        raise LookupError(f"no case {case_id}")
    return case


def move(session: Session, case: Case, wanted: Status, at: datetime, actor: str = MACHINE) -> None:
    """Change the status by the table of moves and journal it; staying where it is changes nothing."""
    if case.status is wanted:
        return
    check_may_move(case.status, wanted)
    journal.write(session, case, EventKind.MOVED, at, actor, old=case.status, new=wanted)
    case.status = wanted


def decided(session: Session, case: Case, key: str) -> Decision | None:
    """The decision stored under `key`, if that was decided before."""
    wanted = select(Decision).where(Decision.case_id == case.id, Decision.key == key)
    return session.exec(wanted).first()


def decide(
    place: Workplace, session: Session, case: Case, key: str, verdict: Verdict, at: datetime
) -> bool:
    """Store a decision under a key that names it within the case; False if it already is."""
    if decided(session, case, key):
        return False
    store_decision(place, session, case, key, verdict, at)
    return True


def store_decision(
    place: Workplace, session: Session, case: Case, key: str, verdict: Verdict, at: datetime
) -> None:
    """Store a decision whose key cannot be taken: it names something made in this transaction."""
    session.add(
        Decision(
            case_id=case.id,
            key=key,
            kind=verdict.kind,
            outcome=verdict.outcome,
            facts=verdict.facts,
            rule_id=verdict.rule_id,
            rule_hash=_rule_hash(place, case, verdict.kind),
            calendar_hash=place.rules_for(case).calendar_digest,
            code_version=place.code_version,
            reason_zh=verdict.zh,
            reason_en=verdict.en,
            at=at,
        )
    )


def _rule_hash(place: Workplace, case: Case, kind: DecisionKind) -> str:
    by_catalogue = {DecisionKind.SCREEN, DecisionKind.CLASSIFY, DecisionKind.ROUTE, DecisionKind.ASSIGN}
    return place.catalogue.digest if kind in by_catalogue else place.rules_for(case).digest


def tell(
    place: Workplace,
    session: Session,
    case: Case,
    recipient: str,
    ask: Ask,
    key: str,
    at: datetime,
    due_at: datetime | None = None,
    by_channel: str | None = None,
) -> None:
    """Put one alert into the outbox, once for each case, key and recipient.

    Units that the case is kept from, and their chiefs, are never told anything. While a unit is
    away its deputy is told as well, not instead: somebody may still read what arrives.
    """
    if is_kept_from(case, recipient):
        return
    dedupe = f"{case.id.hex}:{key}:{recipient}"
    post(place, session, case, recipient, ask, dedupe, at, due_at, by_channel)
    deputy = _deputy_of(place, session, recipient, at)
    if deputy is not None and not is_kept_from(case, deputy):
        post(place, session, case, deputy, ask, f"{dedupe}:{deputy}", at, due_at, by_channel, part_of=recipient)


def _deputy_of(place: Workplace, session: Session, recipient: str, at: datetime) -> str | None:
    if recipient not in place.catalogue.departments:
        return None
    acting = standing_in_for(recipient, deputies_at(session, at))
    return acting if acting != recipient else None


def post(
    place: Workplace,
    session: Session,
    case: Case,
    recipient: str,
    ask: Ask,
    dedupe: str,
    at: datetime,
    due_at: datetime | None = None,
    by_channel: str | None = None,
    part_of: str | None = None,
) -> None:
    """Put one alert into the outbox unless one with this very dedupe key, of any case, is there.

    `part_of` is the unit whose order the link leads to, if it is not the recipient's own. Without a
    `due_at` the alert names the time of the clock that measures what it asks, if one runs.
    """
    if session.exec(select(Notice.id).where(Notice.dedupe_key == dedupe)).first():
        return
    session.add(
        Notice(
            case_id=case.id,
            case_label=case.label,
            dedupe_key=dedupe,
            recipient=recipient,
            ask=ask,
            grade=case.grade,
            due_at=due_at or due_of_ask(session, case, ask, part_of or recipient),
            by_channel=by_channel,
            link=_link(place, session, case, part_of or recipient),
            created_at=at,
            next_try_at=at,
        )
    )


def _link(place: Workplace, session: Session, case: Case, recipient: str) -> str:
    base = place.settings.link_base
    unit = recipient.removeprefix(CHIEF)
    for part in standing(session, case):
        # Whoever is at the head of a unit sees what the unit sees.
        if part.department == unit:
            return f"{base}/o/{part.token}"
    copies = select(DistrictCopy).where(
        DistrictCopy.case_id == case.id, DistrictCopy.unit == recipient, col(DistrictCopy.withdrawn_at).is_(None)
    )
    copy = session.exec(copies).first()
    if copy is not None:
        return f"{base}/c/{copy.token}"
    # The page of a case is the house's own: to a unit it is a locked door.
    return "" if unit in place.catalogue.departments else f"{base}/?case={case.label}"


def lead_waiting_alerts_to_orders(place: Workplace, session: Session, case: Case, at: datetime) -> None:
    """What a unit, or its deputy, was told before it had an order, as the emergency is, leads there if it has not left yet."""
    session.flush()
    units = {part.department: part.department for part in standing(session, case)}
    deputies = {_deputy_of(place, session, unit, at): unit for unit in units}
    # Without a link, or, of an older version, with one to the house's own page.
    nowhere = ("", f"{place.settings.link_base}/?case={case.label}")
    wanted = select(Notice).where(Notice.case_id == case.id, Notice.state == NoticeState.WAITING, col(Notice.link).in_(nowhere))
    for notice in session.exec(wanted):
        unit = units.get(notice.recipient.removeprefix(CHIEF)) or deputies.get(notice.recipient)
        if unit is not None:
            notice.link = _link(place, session, case, unit)


def standing(session: Session, case: Case) -> list[Assignment]:
    """The departments that hold the case now, lead first."""
    wanted = (
        select(Assignment)
        .where(Assignment.case_id == case.id, col(Assignment.withdrawn_at).is_(None))
        .order_by(col(Assignment.leads).desc(), col(Assignment.id))
    )
    return list(session.exec(wanted))


def lead_of(session: Session, case: Case) -> Assignment | None:
    """The lead department's standing assignment."""
    return next((part for part in standing(session, case) if part.leads), None)


