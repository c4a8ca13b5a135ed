"""Sending the alerts a case has waiting."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.case import Case
from models.exchange import Notice
from models.vocabulary import NoticeState
from notifications.sending import send_due
from tasks.case_task import case_task
from tasks.workplace import workplace


def notices_due(session: Session, case: Case, now: datetime) -> bool:
    """Whether an alert of this case should go out now."""
    wanted = select(Notice.id).where(
        Notice.case_id == case.id,
        Notice.state == NoticeState.WAITING,
        col(Notice.next_try_at) <= now,
    )
    return session.exec(wanted.limit(1)).first() is not None


@case_task
def notify(case_id: UUID, now: datetime) -> None:
    """Hand the case's due alerts to their channels; what fails stays in the outbox, with back-off."""
    place = workplace()
    send_due(place.database, place.channels, now, only_case=case_id)
