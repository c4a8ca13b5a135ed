"""Common issues as they are kept: what holds the numbers stable inside, and what a week let out of them.

Inside stand case ids, codes and counts; no word of any text. What may leave is a row of its own, made once a
week from whole weeks: what was published once is never published in another form.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime


class CommonIssue(SQLModel, table=True):
    """One issue as it was found last, for the house only; its number is never given again.

    `found_on` is the Monday it was found for last: older than the newest run, it has ended. `matters` and
    `growth` are exact.
    """

    __tablename__ = "common_issue"
    __table_args__ = (Index("common_issue_found", "found_on", "heat"),)

    number: str = Field(primary_key=True)
    first_on: date
    found_on: date
    matters: int
    heat: float
    growth: float | None = None
    kind: str = ""
    district: str = ""
    owner: str = ""
    owner_reason: str = ""


class IssueCase(SQLModel, table=True):
    """That a case belongs to an issue, as found last: a case is in one issue at most."""

    __tablename__ = "issue_case"

    case_id: UUID = Field(primary_key=True, foreign_key="case.id")
    number: str = Field(foreign_key="common_issue.number", index=True)


class IssueRun(SQLModel, table=True):
    """One week's reading of the cases: how much was read, how much of it can be shown."""

    __tablename__ = "issue_run"

    as_of: date = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    received_from: datetime = Field(sa_type=UtcDateTime)
    cases: int
    issues: int
    published: int
    settings_hash: str
    catalogue_hash: str


class IssueRelease(SQLModel, table=True):
    """What may be shown of one issue as of one Monday; `record` is the published form and nothing else.

    `rank` counts from 0, the hottest first.
    """

    __tablename__ = "issue_release"

    as_of: date = Field(primary_key=True, foreign_key="issue_run.as_of")
    number: str = Field(primary_key=True, foreign_key="common_issue.number")
    rank: int
    record: dict[str, Any] = Field(sa_type=JSON)
