"""Proactive orders (未诉先办): what a unit is asked to do before anybody complains again."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime, coded
from models.proactive_moves import OrderState
from models.vocabulary import Grade

_VERSION: Column[int] = Column("version", Integer, nullable=False)
_AT_WORK = text("closed_at IS NULL")


class OrderAbout(StrEnum):
    """What an order comes from."""

    WARNING = "warning"
    ISSUE = "issue"


class OrderAct(StrEnum):
    """What happened to an order: the kinds of its journal."""

    OPENED = "opened"
    WARNED_AGAIN = "warned_again"
    REOPENED = "reopened"
    BRIEFED = "briefed"
    ACCEPTED = "accepted"
    OBJECTED = "objected"
    OBJECTION_DECIDED = "objection_decided"
    PLANNED = "planned"
    PROGRESS = "progress"
    RESULT_GIVEN = "result_given"
    SENT_BACK = "sent_back"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    EVALUATION_DUE = "evaluation_due"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    OWNER_NAMED = "owner_named"
    SEALED = "sealed"


def _token() -> str:
    return secrets.token_urlsafe(16)


class ProactiveOrder(SQLModel, table=True):
    """One order: who must act, about what series, where it stands, and the clock of its next step.

    `about` is the number of the warning or issue that it came from, `series` what it is the same trouble by: one
    order of a series is at work at a time. `owner` is empty while a supervisor has yet to name a unit; `kept_from`
    are units that may have nothing to do with it. The steps of a `cycle` are counted from `begun_at`; the present
    one began with entry `step_seq` of the journal and is due at `due_at`. `objected_from` is where an order stood
    that is objected to. `measures` are codes of what the unit says it has done; from `evaluate_at` on it can be
    told whether that helped. `uid` and `wrapped_key` seal what is said in words, as a case's are sealed.
    """

    __tablename__ = "proactive_order"
    __table_args__ = (
        Index(
            "proactive_order_series", "series", unique=True, sqlite_where=_AT_WORK, postgresql_where=_AT_WORK
        ),
        Index("proactive_order_due", "state", "due_at"),
        Index("proactive_order_owner", "owner", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(default=1, sa_column=_VERSION)
    uid: UUID = Field(default_factory=uuid4, unique=True)
    token: str = Field(default_factory=_token, unique=True)
    about_sort: OrderAbout = Field(sa_type=coded(OrderAbout))
    about: str
    series: str
    sort: str
    kind: str = ""
    district: str = ""
    sort_of_place: str = ""
    grade: Grade = Field(default=Grade.U3, sa_type=coded(Grade))
    owner: str = ""
    owner_reason: str = ""
    kept_from: list[str] = Field(default_factory=list, sa_type=JSON)
    state: OrderState = Field(default=OrderState.OPENED, sa_type=coded(OrderState))
    objected_from: OrderState | None = Field(default=None, sa_type=coded(OrderState))
    cycle: int = 1
    opened_at: datetime = Field(sa_type=UtcDateTime)
    begun_at: datetime = Field(sa_type=UtcDateTime)
    step_seq: int = 0
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    measures: list[str] = Field(default_factory=list, sa_type=JSON)
    result_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    evaluate_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    close_reason: str | None = None
    wrapped_key: bytes | None = Field(default=None, sa_type=LargeBinary)
    journal_length: int = 0
    journal_head: str = ""

    __mapper_args__: Any = {"version_id_col": _VERSION}

    @property
    def label(self) -> str:
        """The number people and alerts use, such as `P-000012`."""
        return f"P-{self.id:06d}"


class ProactiveEvent(SQLModel, table=True):
    """One entry of an order's journal: append-only, hash-chained, codes only."""

    __tablename__ = "proactive_event"
    __table_args__ = (UniqueConstraint("order_id", "seq"), UniqueConstraint("order_id", "once"))

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="proactive_order.id")
    seq: int
    at: datetime = Field(sa_type=UtcDateTime)
    act: OrderAct = Field(sa_type=coded(OrderAct))
    actor: str
    facts: dict[str, Any] = Field(sa_type=JSON)
    once: str | None = None
    previous: str
    digest: str


class ProactiveText(SQLModel, table=True):
    """What was said in words with one entry of the journal, sealed with the order's own key."""

    __tablename__ = "proactive_text"

    order_id: int = Field(primary_key=True, foreign_key="proactive_order.id")
    seq: int = Field(primary_key=True)
    text_ct: bytes = Field(sa_type=LargeBinary)


class ProactiveLevel(SQLModel, table=True):
    """That a reminder or an escalation of one step was told; the unique key is why none is told twice."""

    __tablename__ = "proactive_level"
    __table_args__ = (UniqueConstraint("order_id", "cycle", "step", "level"),)

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="proactive_order.id", index=True)
    cycle: int
    step: str
    level: int
    due_at: datetime = Field(sa_type=UtcDateTime)
    at: datetime = Field(sa_type=UtcDateTime)


def note(
    session: Session,
    order: ProactiveOrder,
    act: OrderAct,
    at: datetime,
    actor: str,
    /,
    once: str | None = None,
    **facts: Any,
) -> ProactiveEvent:
    """Append one entry to the journal of an order, in the caller's transaction.

    Args:
        session: A writing session that holds `order`, which has an id.
        order: Its journal's head moves on.
        act: What happened.
        at: When, aware.
        actor: `machine`, `department:CODE` or `client:ID`.
        once: What names this very act, so that the database refuses its repeat; None for what may come again.
        **facts: Codes, numbers and ISO times; never names or free text.
    """
    assert order.id is not None
    entry = ProactiveEvent(
        order_id=order.id, seq=order.journal_length + 1, at=at, act=act, actor=actor, facts=facts, once=once,
        previous=order.journal_head, digest="",
    )  # fmt: skip
    entry.digest = digest_of(entry)
    order.journal_length, order.journal_head = entry.seq, entry.digest
    session.add(entry)
    return entry


def digest_of(entry: ProactiveEvent) -> str:
    """SHA-256, in hex, of everything an entry says and of the entry before it."""
    said = [
        entry.previous, entry.order_id, entry.seq, entry.at.astimezone(UTC).isoformat(), entry.act.value, entry.actor,
        entry.facts, entry.once,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def entries_of(session: Session, order_id: int) -> list[ProactiveEvent]:
    """The journal of one order, oldest first."""
    wanted = (
        select(ProactiveEvent).where(ProactiveEvent.order_id == order_id).order_by(col(ProactiveEvent.seq))
    )
    return list(session.exec(wanted))


def chain_problem(order: ProactiveOrder, entries: list[ProactiveEvent]) -> str | None:
    """What was altered, cut or is missing in an order's journal; None if nothing is."""
    previous = ""
    for place, entry in enumerate(entries, start=1):
        if entry.seq != place:
            return f"entry {place} is missing"
        if entry.previous != previous or digest_of(entry) != entry.digest:
            return f"entry {place} was altered"
        previous = entry.digest
    if len(entries) != order.journal_length:
        return f"{order.journal_length} entries expected, {len(entries)} found"
    return None if previous == order.journal_head else "the head of the journal was altered"


def broken_orders(session: Session) -> Iterator[str]:
    """One line for every order whose journal was altered, cut or is missing entries."""
    for order in session.exec(select(ProactiveOrder).order_by(col(ProactiveOrder.id))):
        problem = chain_problem(order, entries_of(session, order.id or 0))
        if problem:
            yield f"{order.label}: {problem}"
