"""Putting a case in front of a person; a flag never stops its clocks."""

from datetime import datetime

from sqlmodel import Session

from models import journal
from models.case import Case
from models.journal import MACHINE
from models.vocabulary import Ask, EventKind, Flag, Recipient
from tasks.casebook import tell
from tasks.workplace import Workplace

WHO_LOOKS: dict[Flag, Recipient] = {
    Flag.RUN_CANCELLED: Recipient.DUTY_SUPERVISOR,
    Flag.ACTIVATION_FAILS: Recipient.ADMINISTRATOR,
    Flag.RULES_DO_NOT_FIT: Recipient.RULES_SUPERVISOR,
    Flag.CLOSURE_BLOCKED: Recipient.DUTY_SUPERVISOR,
}


def unflag(session: Session, case: Case, now: datetime, actor: str) -> None:
    """A person has looked: the flag goes, and failures count from nothing again."""
    journal.write(session, case, EventKind.UNFLAGGED, now, actor, flag=case.flag)
    case.flag, case.flagged_at, case.failures = None, None, 0


def flag(place: Workplace, session: Session, case: Case, why: Flag, now: datetime) -> bool:
    """Flag a case and tell whoever must look, once per flag; False if it already carries this one."""
    if case.flag is why:
        return False
    case.flag, case.flagged_at = why, now
    journal.write(session, case, EventKind.FLAGGED, now, MACHINE, flag=why)
    key = f"flag:{why}:{now.isoformat(timespec='seconds')}"
    tell(place, session, case, WHO_LOOKS[why], Ask.FLAGGED, key, now)
    return True
