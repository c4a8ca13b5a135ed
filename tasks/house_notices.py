"""Alerts about the desk itself, in the same outbox as those about cases."""

from datetime import datetime

from sqlmodel import Session, select

from models.exchange import Notice
from models.vocabulary import Ask, Grade, Recipient
from tasks.workplace import Workplace

GRADE = Grade.U3
"""Of alerts about no case: worth a working day's attention, not anybody's night."""


def tell_house(
    place: Workplace, session: Session, recipient: Recipient, ask: Ask, about: str, dedupe: str, now: datetime
) -> bool:
    """Put one alert about no case into the outbox; False if one with this dedupe key was ever there.

    Args:
        place: The desk, for the link.
        session: A writing session.
        recipient: Who is told.
        ask: What is asked.
        about: Stands where other alerts have a case number, such as `RULES-4`; never words.
        dedupe: The natural key of what happened.
        now: Aware time.
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
            grade=GRADE,
            link=f"{place.settings.link_base}/",
            created_at=now,
            next_try_at=now,
        )
    )
    return True
