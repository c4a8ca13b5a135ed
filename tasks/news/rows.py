"""Writing one inbox row and making its case due, in the caller's transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from models.case import Case
from models.exchange import Inbox


def drop_news(session: Session, news: Inbox) -> None:
    """Put one row into a case's inbox and make the case due, in the caller's transaction."""
    session.add(news)
    wake(session, news.case_id, news.received_at)


def wake(session: Session, case_id: UUID, at: datetime) -> None:
    """Make a case due at `at`, in the caller's transaction."""
    # In SQL and not through the object: the case may be in the middle of an activation, whose
    # own edits must neither be lost nor lose this. `settle` compares `news_count` before it sleeps.
    session.execute(
        update(Case)
        .where(col(Case.id) == case_id)
        .values(news_count=Case.news_count + 1, wake_at=at)
        .execution_options(synchronize_session=False)
    )
