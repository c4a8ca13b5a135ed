"""What is left of a case whose words have been destroyed, and what may keep them from it."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import HoldReason


class LegalHold(SQLModel, table=True):
    """Somebody forbade the sealing of one case: for a court, the police, a complaint, or an inquiry of our own."""

    __tablename__ = "legal_hold"

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    reason: HoldReason = Field(sa_type=coded(HoldReason))
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    lifted_by: str | None = None
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SealProof(SQLModel, table=True):
    """That a case was sealed: when, by which class of which file, and how much there was; no word of it.

    `rules_digest` is the SHA-256 in hex of the rules; `journal_head` the head of the journal before it.
    """

    __tablename__ = "seal_proof"

    case_id: UUID = Field(foreign_key="case.id", primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    retention_class: str
    rules_digest: str
    journal_head: str
    texts: int
    people: int
    files: int
    bytes: int
