"""Alerts about the desk itself, in the same outbox as those about cases."""

from datetime import datetime

from sqlmodel import Session, select

from models.exchange import Notice
from models.vocabulary import Ask, Grade
from tasks.workplace import Workplace

GRADE = Grade.U3
"""Of alerts about no case: worth a working day's attention, not anybody's night."""


def tell_house(
    place: Workplace,
    session: Session,
    recipient: str,
    ask: Ask,
    about: str,
    dedupe: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    page: str = "",
    grade: Grade = GRADE,
) -> bool:
    """Put one alert about no case into the outbox; False if one with this dedupe key was ever there.

    Args:
        place: The desk, for the link.
        session: A writing session.
        recipient: A `Recipient`, or a unit's code.
        ask: What is asked.
        about: Stands where other alerts have a case number, such as `RULES-4`; never words.
        dedupe: The natural key of what happened.
        now: Aware time.
        due_at: Until when, if there is a time limit; aware.
        page: Path at the desk that the link leads to, without the leading slash.
        grade: How urgent it is; quiet hours hold only the lesser ones back.
    """
    if session.exec(select(Notice.id).where(Notice.dedupe_key == dedupe)).first():
        return False
    session.add(
        Notice(
            case_id=None,
            case_label=about,
            dedupe_key=dedupe,
            recipient=recipient,
            ask=ask,
            grade=grade,
            due_at=due_at,
            link=f"{place.settings.link_base}/{page}",
            created_at=now,
            next_try_at=now,
        )
    )
    return True
