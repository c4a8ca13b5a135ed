"""Candidate topics for 每月一题 as they are kept: what was proposed in which month, and what people made of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded


class Progress(StrEnum):
    """Where a topic of the month stands; the legal moves are in `analysis.candidates.progress`."""

    PROPOSED = "PROPOSED"
    CHOSEN = "CHOSEN"
    PLANNED = "PLANNED"
    UNDER_WAY = "UNDER_WAY"
    EVALUATED = "EVALUATED"
    DONE = "DONE"
    DROPPED = "DROPPED"


class CandidateTopic(SQLModel, table=True):
    """One topic, by the number of the issue it comes from; `record` is its published form of `month`.

    `month` is the first day of the month it was proposed in last, `first_month` of the first one. `owner` is
    who was assigned, or the unit proposed while nobody was. `moves` counts its history and guards it.
    """

    __tablename__ = "candidate_topic"

    number: str = Field(primary_key=True, foreign_key="common_issue.number")
    first_month: date
    month: date = Field(index=True)
    rank: int
    record: dict[str, Any] = Field(sa_type=JSON)
    progress: Progress = Field(default=Progress.PROPOSED, sa_type=coded(Progress))
    owner: str = ""
    owner_assigned: bool = False
    moves: int = 0
    changed_at: datetime = Field(sa_type=UtcDateTime)


class TopicMove(SQLModel, table=True):
    """One thing a person, or the month's proposal, did with a topic; append-only, codes only."""

    __tablename__ = "topic_move"

    number: str = Field(primary_key=True, foreign_key="candidate_topic.number")
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    old: Progress | None = Field(default=None, sa_type=coded(Progress))
    new: Progress = Field(sa_type=coded(Progress))
    owner: str = ""
    reason: str = ""
