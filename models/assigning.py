"""What assignment remembers beside the orders themselves: objections, absences, copies for the place."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import ObjectionReason


def _token() -> str:
    return secrets.token_urlsafe(16)


class Objection(SQLModel, table=True):
    """One objection of a department, in codes, and what became of it.

    `round` is the round of dispatch it is about. `is_transfer` tells an objection to an order that
    cannot be returned: the unit keeps it and a person may transfer it. `arbiter_since` is when it
    went to the arbiter. `adjudicator`, `upheld` and `given_to` are empty until somebody has ruled.
    """

    __tablename__ = "objection"
    __table_args__ = (UniqueConstraint("inbox_id"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    inbox_id: int = Field(foreign_key="inbox.id")
    round: int
    department: str
    reason: ObjectionReason = Field(sa_type=coded(ObjectionReason))
    evidence: str | None = None
    suggests: str | None = None
    is_transfer: bool = False
    at: datetime = Field(sa_type=UtcDateTime)
    arbiter_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    adjudicator: str | None = None
    upheld: bool | None = None
    given_to: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UnitAbsence(SQLModel, table=True):
    """One unit that cannot take orders for a while, and who stands in for it; `ends_at` None is open."""

    __tablename__ = "unit_absence"
    __table_args__ = (Index("unit_absence_unit", "unit", "starts_at"),)

    id: int | None = Field(default=None, primary_key=True)
    unit: str
    deputy: str
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    said_by: str
    said_at: datetime = Field(sa_type=UtcDateTime)
    ended_by: str | None = None


class DistrictCopy(SQLModel, table=True):
    """One copy of an order for the place; `slice` of the dispatch catalogue says what it holds."""

    __tablename__ = "district_copy"
    __table_args__ = (UniqueConstraint("case_id", "unit", "round"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    unit: str = Field(index=True)
    round: int
    slice: str
    token: str = Field(default_factory=_token, unique=True)
    at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
