"""After the clock was set back: what was due by the clock of before is due now, not once more as much later."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.case import Case
from models.exchange import Notice
from models.record import Event
from models.vocabulary import NoticeState
from tasks.trouble import LONGEST_WAIT
from tasks.workplace import Workplace


def newest_entry(session: Session) -> datetime | None:
    """When the last journal entry of this desk was written; None on a desk without cases."""
    return session.exec(select(Event.at).order_by(col(Event.id).desc()).limit(1)).first()


def wake_what_was_due(place: Workplace, until: datetime, now: datetime) -> int:
    """Make due whatever was due, or waited out a back-off, when the clock showed `until`.

    A case that is woken for nothing looks at its clocks and sleeps on until they run out; an alert that is
    held back for quiet hours or a digest is held back anew. Repeating wakes them again, which is harmless.

    Args:
        place: The desk.
        until: Aware; what the clock showed before it was set back.
        now: Aware; what it shows now, earlier.

    Returns:
        How many cases and alerts were woken.
    """
    latest = until + LONGEST_WAIT
    with place.database.writing() as session:
        cases = session.execute(
            update(Case)
            .where(col(Case.wake_at) > now, col(Case.wake_at) <= latest)
            .values(wake_at=now)
            .execution_options(synchronize_session=False)
        )
        alerts = session.execute(
            update(Notice)
            .where(
                col(Notice.state) == NoticeState.WAITING,
                col(Notice.next_try_at) > now,
                col(Notice.next_try_at) <= latest,
            )
            .values(next_try_at=now)
            .execution_options(synchronize_session=False)
        )
        return int(cases.rowcount + alerts.rowcount)  # type: ignore[attr-defined]  # an update's result counts rows
