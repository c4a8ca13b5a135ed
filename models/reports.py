"""What was told in reports: the numbers, which stay as they were told, and the reports themselves."""

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime


class ReportedNumbers(SQLModel, table=True):
    """What one query gave for one day, week or month, of the city and of every unit, when it was first asked for.

    Only what may be published, so that a blank is none here either. Later reports of the same time take their
    numbers from here: two counts of one month would tell by how many they differ. `told` says whether
    the total of that time is among the shown ones, which is what later totals are held against.
    """

    __tablename__ = "reported_numbers"
    __table_args__ = (
        UniqueConstraint("query", "cadence", "first"),
        Index("reported_told", "query", "told", "starts_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    query: str
    cadence: str
    first: date
    last: date
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    told: bool
    numbers: dict[str, Any] = Field(sa_type=JSON)
    made_at: datetime = Field(sa_type=UtcDateTime)


def _report_id() -> str:
    return secrets.token_urlsafe(12)


class Report(SQLModel, table=True):
    """One report: everything it says, in `facts` as `analysis.report.facts` writes it, and what it was made from.

    `id` cannot be counted through. `department` is empty for the whole city. `digest` names the data; `hashes` the
    rules. `blanks` names the figures and rows held back. It is never changed: what has to be said anew is a new `revision`.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("cadence", "first", "department", "revision"),
        Index("report_made", "made_at"),
    )

    id: str = Field(default_factory=_report_id, primary_key=True)
    cadence: str
    first: date
    last: date
    department: str = ""
    revision: int = 1
    made_at: datetime = Field(sa_type=UtcDateTime)
    facts: str = Field(sa_type=Text)
    digest: str
    code_version: str
    hashes: dict[str, Any] = Field(sa_type=JSON)
    blanks: list[str] = Field(default_factory=list, sa_type=JSON)
