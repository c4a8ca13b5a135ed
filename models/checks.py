"""What the data checks found: runs, findings, and the tasks to set them right."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import CheckScope, Severity

_OPEN = text("cleared_at IS NULL")


def _token() -> str:
    return secrets.token_urlsafe(16)


class CheckRun(SQLModel, table=True):
    """One run of the data checks over one part of the records; the history behind the trend.

    `department` is empty for the checks of our own tables. `results` has one entry per expectation:
    its rule, whether it held, how many records fell short; never a value or a name.
    """

    __tablename__ = "check_run"
    __table_args__ = (Index("check_run_part", "department", "started_at"),)

    id: int | None = Field(default=None, primary_key=True)
    scope: CheckScope = Field(sa_type=coded(CheckScope))
    department: str = ""
    started_at: datetime = Field(sa_type=UtcDateTime)
    seconds: float = 0.0
    rules_digest: str
    success: bool
    expectations: int
    failed: int
    results: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)


class ReconciliationTask(SQLModel, table=True):
    """Findings of one rule that one unit must set right, with a clock; closed when all are cleared.

    `unit` is who must act, `department` whose ledger is concerned (empty: our own tables).
    """

    __tablename__ = "reconciliation_task"
    __table_args__ = (
        Index(
            "reconciliation_task_open", "rule", "department", "unit", unique=True,
            sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    rule: str
    severity: Severity = Field(sa_type=coded(Severity))
    unit: str
    department: str = ""
    token: str = Field(default_factory=_token, unique=True)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    overdue_told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def label(self) -> str:
        """The number people and alerts use, such as `D-000012`."""
        return f"D-{self.id:06d}"


class DataFinding(SQLModel, table=True):
    """One record that one rule found wanting, from when it was found until it was set right.

    `subject` is a key, such as `W-000123`, `EDU/2026-77` or `EDU`. A record that goes wrong
    again is a new finding.
    """

    __tablename__ = "data_finding"
    __table_args__ = (
        Index(
            "data_finding_open", "rule", "department", "subject", unique=True,
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index("data_finding_task", "task_id"),
        Index("data_finding_case", "case_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rule: str
    severity: Severity = Field(sa_type=coded(Severity))
    department: str = ""
    subject: str
    case_id: UUID | None = Field(default=None, foreign_key="case.id")
    task_id: int | None = Field(default=None, foreign_key="reconciliation_task.id")
    found_at: datetime = Field(sa_type=UtcDateTime)
    cleared_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
