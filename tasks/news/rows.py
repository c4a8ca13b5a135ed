"""Writing one inbox row and making its case due, in the caller's transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.case import Case
from models.exchange import Inbox
from models.vocabulary import NewsKind


def has_news(session: Session, case_id: UUID, kind: NewsKind | None = None) -> bool:
    """Whether a case has news that it has not digested: of one kind, or of any."""
    wanted = select(Inbox.id).where(Inbox.case_id == case_id, col(Inbox.read_at).is_(None))
    if kind is not None:
        wanted = wanted.where(Inbox.kind == kind)
    return session.exec(wanted.limit(1)).first() is not None


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
