"""The alerts of one level of a clock's ladder: to whom, under which key, by which channel."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from models.case import Case
from models.exchange import Notice
from models.record import Clock
from models.vocabulary import NoticeState, Recipient
from sla_rules.ladder_rules import Rung
from tasks.casebook import lead_of, tell
from tasks.dispatch.conflict import CHIEF, is_kept_from
from tasks.workplace import Workplace

HANDLER = "HANDLER"
UNSENT = (NoticeState.WAITING, NoticeState.SENDING)


def level_key(clock: Clock, level: int) -> str:
    """What names a level of a clock within its case, for decisions and alerts."""
    return f"escalation:{clock.id}:{clock.cycle}:{level}"


def repeat_key(key: str, repeats: int) -> str:
    """What names one repeat of the level with that key."""
    return f"{key}:again:{repeats}"


def recipients_of(session: Session, case: Case, clock: Clock, rung: Rung) -> list[str]:
    """Whom a rung tells, each once, in the order of the rule file."""
    return list(dict.fromkeys(_recipient(session, case, clock, each) for each in rung.tell))


def tell_all(
    place: Workplace, session: Session, case: Case, clock: Clock, rung: Rung, told: Iterable[str], key: str,
    now: datetime,
) -> None:  # fmt: skip
    """Put the rung's alert into the outbox for each of these recipients, once for each key."""
    for recipient in told:
        tell(place, session, case, recipient, rung.ask, key, now, clock.due_at, rung.channel)


def unsent(session: Session, case: Case, key: str) -> dict[str, Notice]:
    """The alerts of a level, or of its repeats, that have not gone out yet, by recipient."""
    wanted = select(Notice).where(
        Notice.case_id == case.id,
        col(Notice.state).in_(UNSENT),
        col(Notice.dedupe_key).startswith(f"{case.id.hex}:{key}:", autoescape=True),
    )
    return {each.recipient: each for each in session.exec(wanted)}


def was_told(session: Session, case: Case, key: str, department: str) -> bool:
    """Whether a department or its chief was told of the level with this key."""
    told = {f"{case.id.hex}:{key}:{who}" for who in (department, f"{CHIEF}{department}")}
    return session.exec(select(Notice.id).where(col(Notice.dedupe_key).in_(told))).first() is not None


def _recipient(session: Session, case: Case, clock: Clock, addressee: str) -> str:
    if addressee not in {HANDLER, Recipient.DEPARTMENT_CHIEF}:
        return str(addressee)
    lead = lead_of(session, case)
    unit = clock.department or (lead.department if lead else None)
    if unit is None:
        return Recipient.DESK
    if is_kept_from(case, unit):
        # Nobody who hears of it may be left out because the one who held it had to go.
        return Recipient.DUTY_SUPERVISOR
    return unit if addressee == HANDLER else f"{CHIEF}{unit}"
