"""Writing in a case: moves, decisions and notices, always inside one transaction of the caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models import journal
from models.case import Case
from models.exchange import Assignment, Notice
from models.journal import MACHINE
from models.record import Decision
from models.transitions import check_may_move
from models.vocabulary import Ask, DecisionKind, EventKind, Status
from tasks.workplace import Workplace


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

    The unit complained of, and its chief, are never told anything.
    """
    if case.complained_of and recipient in {case.complained_of, f"CHIEF:{case.complained_of}"}:
        return
    post(place, session, case, recipient, ask, f"{case.id.hex}:{key}:{recipient}", at, due_at, by_channel)


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
) -> None:
    """Put one alert into the outbox unless one with this very dedupe key, of any case, is there."""
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
            due_at=due_at,
            by_channel=by_channel,
            link=_link(place, session, case, recipient),
            created_at=at,
            next_try_at=at,
        )
    )


def _link(place: Workplace, session: Session, case: Case, recipient: str) -> str:
    base = place.settings.link_base
    for part in standing(session, case):
        if part.department == recipient:
            return f"{base}/o/{part.token}"
    return f"{base}/?case={case.label}"


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


