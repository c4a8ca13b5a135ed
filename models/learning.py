"""What people taught the desk: every time a person ruled otherwise than the machine, or as it did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import Grade


class Confirmation(SQLModel, table=True):
    """One named person's ruling on what a case is, beside what the machine had said.

    It is a correction where the two differ. `key` names the ruling within its case. `model` and
    `catalogue` are the digests of what the machine judged by, empty where there was none. Codes
    only: the words stay in the case, and leave with it when it is sealed.
    """

    __tablename__ = "confirmation"
    __table_args__ = (UniqueConstraint("case_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    key: str
    actor: str
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    kind_said: str | None = None
    kind_ruled: str
    grade_said: Grade = Field(sa_type=coded(Grade))
    grade_ruled: Grade = Field(sa_type=coded(Grade))
    harm_said: bool
    harm_ruled: bool
    model: str = ""
    catalogue: str = ""
