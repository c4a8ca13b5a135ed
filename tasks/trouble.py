"""What happens to a case whose activation went wrong: it is tried again, and a person hears of it."""

from datetime import datetime, timedelta
from uuid import UUID

from models.case import Case
from models.grades import SAFETY_GRADES
from models.vocabulary import Ask, Flag, NewsKind, Recipient
from tasks.casebook import editing, tell
from tasks.flagging import flag
from tasks.news.rows import has_news
from tasks.workplace import Workplace

FLAGGED_AFTER = 4
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
REMIND_GRAVE = timedelta(minutes=15)
REMIND = timedelta(days=1)


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: 5 s, doubled each time, an hour at most."""
    doublings = min(failures - 1, 20)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def note_failure(place: Workplace, case_id: UUID, now: datetime) -> None:
    """Try again later, for ever; from the fourth failure in a row an administrator is told."""
    with editing(place, case_id) as (session, case):
        case.failures += 1
        case.wake_at = now + wait_after(case.failures)
        if case.failures >= FLAGGED_AFTER:
            flag(place, session, case, Flag.ACTIVATION_FAILS, now)


def note_cancelled_run(place: Workplace, case_id: UUID, now: datetime) -> None:
    """Somebody cancelled the run of an open case: a person must say how it goes on.

    The case keeps its status and its clocks. The duty supervisor is told at once, and again until
    somebody resumes it: every 15 minutes for suspected harm, else every day.
    """
    with editing(place, case_id) as (session, case):
        if not flag(place, session, case, Flag.RUN_CANCELLED, now):
            key = f"still-cancelled:{now.isoformat(timespec='minutes')}"
            tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.FLAGGED, key, now)
        # Resumed a moment ago, after the worker looked at the run: then it is not put off by a day.
        resumed = has_news(session, case.id, NewsKind.RESUMED)
        case.wake_at = now if resumed else now + (REMIND_GRAVE if _is_grave(case) else REMIND)
        case.waiting_for = "Run cancelled; a person must resume the case"


def _is_grave(case: Case) -> bool:
    return case.grade in SAFETY_GRADES or case.harm
