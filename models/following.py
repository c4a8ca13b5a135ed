"""Looks at a case after its closing: planned with the closing, asked for when due, answered by a person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import FollowUpOutcome, FollowUpState


class FollowUp(SQLModel, table=True):
    """One look at a closed case.

    `life` is how often the case had been reopened before this closing, `nth` counts from 1 within it:
    with the case they are the natural key, so that a closing that is repeated plans nothing twice.
    `answer_by` is when the duty supervisor hears that nobody has answered.
    """

    __tablename__ = "follow_up"
    __table_args__ = (UniqueConstraint("case_id", "life", "nth"), Index("follow_up_due", "state", "due_at"))

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    life: int
    nth: int
    rule_id: str
    due_at: datetime = Field(sa_type=UtcDateTime)
    answer_by: datetime = Field(sa_type=UtcDateTime)
    state: FollowUpState = Field(default=FollowUpState.PLANNED, sa_type=coded(FollowUpState))
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    escalated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: FollowUpOutcome | None = Field(default=None, sa_type=coded(FollowUpOutcome))
    asked_of: str | None = None
    by: str | None = None
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)
