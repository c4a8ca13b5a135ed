"""What was decided and what happened: decisions, the journal, clocks and escalations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import DecisionKind, EventKind, Grade, Target

_NOT_CALLED = "kind = 'callback' AND outcome = 'SUPPRESSED'"
_REPLIED = "target = 'feedback' AND stop_reason = 'replied'"


class Decision(SQLModel, table=True):
    """One decision; `key` names it within its case, so repeating a step cannot decide twice."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        # Who must not be called back, and why: one decision of dozens.
        Index("decision_not_called", "at", "case_id", "rule_id", sqlite_where=text(_NOT_CALLED), postgresql_where=text(_NOT_CALLED)),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id")
    key: str
    kind: DecisionKind = Field(sa_type=coded(DecisionKind))
    outcome: str
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    rule_id: str
    rule_hash: str
    calendar_hash: str
    code_version: str
    reason_zh: str
    reason_en: str
    at: datetime = Field(sa_type=UtcDateTime)


class Event(SQLModel, table=True):
    """One journal entry: codes and times only, chained by hash, never changed or removed."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id")
    seq: int
    at: datetime = Field(sa_type=UtcDateTime)
    kind: EventKind = Field(sa_type=coded(EventKind))
    actor: str
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    previous: str
    digest: str


class Clock(SQLModel, table=True):
    """One running or stopped clock: case × target × department × cycle.

    `department` is empty for the case's joint clocks. `due_at` already contains the pauses that
    had ended when it was computed; a clock that is paused now is not late.
    """

    __tablename__ = "clock"
    __table_args__ = (
        UniqueConstraint("case_id", "target", "department", "cycle"),
        # Whether time was kept, over millions of clocks in the order of their cases: answered from the index alone.
        Index("clock_figures", "case_id", "due_at", "target", "grade", "department", "provisional", "stopped_at", "stop_reason", "breached_at"),
        # What is late or near: of millions of clocks few run.
        Index("clock_running", "due_at", sqlite_where=text("stopped_at IS NULL"), postgresql_where=text("stopped_at IS NULL")),
        # How units kept their time lately: of a case's clocks one is stopped by a reply.
        Index("clock_replied", "stopped_at", "due_at", "breached_at", "case_id", sqlite_where=text(_REPLIED), postgresql_where=text(_REPLIED)),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id")
    target: Target = Field(sa_type=coded(Target))
    department: str = ""
    cycle: int = 1
    grade: Grade = Field(sa_type=coded(Grade))
    started_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    extension_seconds: int = 0
    provisional: bool = False
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stop_reason: str | None = None
    breached_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rule_id: str
    rule_hash: str
    calendar_hash: str
    reason_zh: str
    reason_en: str


class Escalation(SQLModel, table=True):
    """One step of a ladder taken, or passed over because a higher one was due as well.

    The unique key is why nothing fires twice. A level that repeats until somebody acknowledges it
    keeps count here: `repeats` so far, and when the next one is due.
    """

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("case_id", "clock_id", "level", "cycle"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    clock_id: int = Field(foreign_key="clock.id")
    level: int
    cycle: int
    planned_at: datetime = Field(sa_type=UtcDateTime)
    at: datetime = Field(sa_type=UtcDateTime)
    superseded: bool = False
    repeats: int = 0
    repeat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: str | None = None
