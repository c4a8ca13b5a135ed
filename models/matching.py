"""What finds two reports of one matter: keyed tokens to look cases up by, and proposals to link them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded

_CONTACT = "field = 'reporter_contact'"


class MatchField(StrEnum):
    """What two cases are compared by; the codes stand in a proposal's reasons."""

    CHILD_IDENTITY = "child_identity"
    CHILD_NAME = "child_name"
    CHILD_SURNAME_AGE = "child_surname_age"
    SUSPECT_NAME = "suspect_name"
    REPORTER_CONTACT = "reporter_contact"
    VENUE = "venue"
    ESTATE = "estate"
    BUILDING = "building"
    ROOM = "room"
    TEXT_SAME = "text_same"
    TEXT_ALIKE = "text_alike"
    DISTRICT = "district"
    KIND = "kind"
    AGE = "age"
    TIME = "time"


TEXT_FIELDS = frozenset({MatchField.TEXT_SAME, MatchField.TEXT_ALIKE})
"""Two degrees of one comparison: both share the tokens of `TEXT_ALIKE`."""

PLAIN_FIELDS = frozenset({MatchField.DISTRICT, MatchField.KIND, MatchField.AGE, MatchField.TIME})
"""Compared from what a case holds in codes anyway; alone they never make two cases one matter."""


class ProposalState(StrEnum):
    """What became of a proposal; the two last are a person's."""

    PROPOSED = "proposed"
    LINKED = "linked"
    DECLINED = "declined"


class MatchToken(SQLModel, table=True):
    """One fingerprint of one fact of a case, under a key of the desk: useless without it.

    There are some twenty a case, so that they name it by its short number. `at` is when the case
    was received. The database itself deletes them when the case is sealed.
    """

    __tablename__ = "match_token"
    __table_args__ = (
        Index("match_token_block", "token", "at"),
        # Who asked again, counted over all cases: one token of twenty.
        Index("match_token_contact", "case_number", "token", sqlite_where=text(_CONTACT), postgresql_where=text(_CONTACT)),
    )

    case_number: int = Field(primary_key=True, foreign_key="case.number")
    token: int = Field(primary_key=True, sa_type=BigInteger)
    field: MatchField = Field(sa_type=coded(MatchField))
    at: datetime = Field(sa_type=UtcDateTime)


class LinkProposal(SQLModel, table=True):
    """Two cases that may be about one matter, for a person to decide.

    `case_id` is the later of the two, `other_id` the earlier or the main case it belongs to.
    `score` is in log2 odds. `reasons` are codes: field, whether it agrees, its weight. `rule_hash`
    is of the catalogue that scored. An undecided proposal vanishes when either case is sealed.
    """

    __tablename__ = "link_proposal"
    __table_args__ = (UniqueConstraint("case_id", "other_id"), Index("link_proposal_state", "state", "id"))

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id")
    other_id: UUID = Field(foreign_key="case.id", index=True)
    score: float
    strong: bool
    reasons: list[dict[str, Any]] = Field(sa_type=JSON)
    rule_hash: str
    at: datetime = Field(sa_type=UtcDateTime)
    state: ProposalState = Field(default=ProposalState.PROPOSED, sa_type=coded(ProposalState))
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = None
