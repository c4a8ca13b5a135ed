"""What goes out to departments and what comes back: assignments, notices, inbox, evidence."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import Ask, Grade, NewsKind, NoticeState

_NEWS_COUNTED = (NewsKind.CALLED_BACK.value, NewsKind.SAFETY_RECORDED.value)
_NEWS_FIGURES = ("case_id", "received_at", "read_at", "refused", "codes", "kind")


def _token() -> str:
    return secrets.token_urlsafe(16)


class Assignment(SQLModel, table=True):
    """One department on a case, as lead or co-handler, in one round of dispatch.

    `token` is what the link in an alert carries, so that links cannot be counted through. `share` is
    the code of what a co-handler is asked to do; empty for a lead.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("case_id", "department", "round"),
        # Who leads a case and how far it is, asked of thousands of cases at once: answered from the index alone.
        Index("assignment_held", "case_id", "leads", "withdrawn_at", "department", "assigned_at", "contacted_at", "replied_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id")
    department: str = Field(index=True)
    leads: bool
    share: str = ""
    round: int = 1
    token: str = Field(default_factory=_token, unique=True)
    ask: Ask = Field(default=Ask.ACCEPT_ORDER, sa_type=coded(Ask))
    assigned_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    contacted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    replied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Notice(SQLModel, table=True):
    """One alert in the outbox, written with the decision that caused it, sent after the commit.

    It holds codes only: the body is made from them when it is sent. Quiet hours and digests hold
    a routine alert back by moving `next_try_at`. `parcel` is the id it was first handed out with,
    alone or in a digest: a repeat after a crash carries the same id and the same alerts.
    `by_channel` is the channel it was asked to take, if not the recipient's own; `channel` the one
    it was last handed to.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("notice_due", "state", "next_try_at"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID | None = Field(default=None, foreign_key="case.id", index=True)
    case_label: str
    dedupe_key: str = Field(unique=True)
    recipient: str
    ask: Ask = Field(sa_type=coded(Ask))
    grade: Grade = Field(sa_type=coded(Grade))
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    link: str
    state: NoticeState = Field(default=NoticeState.WAITING, sa_type=coded(NoticeState))
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    by_channel: str | None = None
    channel: str | None = None
    parcel: str | None = Field(default=None, index=True)
    error_code: str | None = None
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sending_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Inbox(SQLModel, table=True):
    """One thing the outside world said that the case has digested or has yet to digest."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("inbox_unread", "case_id", "read_at"),
        UniqueConstraint("case_id", "news_key"),
        # What callbacks found and when children were safe, in the order of their cases: SQLite would fetch each by itself.
        # PostgreSQL sorts faster, and cannot put JSON into an index.
        *(Index(f"inbox_{kind}", *_NEWS_FIGURES, sqlite_where=text(f"kind = '{kind}'")).ddl_if(dialect="sqlite") for kind in _NEWS_COUNTED),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id")
    news_key: str
    kind: NewsKind = Field(sa_type=coded(NewsKind))
    actor: str
    department: str | None = None
    codes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    text_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    received_at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refused: str | None = None


class Evidence(SQLModel, table=True):
    """One sealed file of a case; `sha256` is of the plain content. `name_ct` is its sealed name."""

    __tablename__ = "evidence"

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    inbox_id: int | None = Field(default=None, foreign_key="inbox.id")
    media_type: str
    size_bytes: int
    sha256: str
    content_ct: bytes = Field(sa_type=LargeBinary)
    name_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    by: str = ""
    department: str | None = None
    upload_key: str | None = Field(default=None, unique=True)
    at: datetime = Field(sa_type=UtcDateTime)
