"""What the desk knows about itself: units, API clients, rule sets, imports and who read what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import OpenCases, Role, Versioned


class Department(SQLModel, table=True):
    """One unit of the catalogue, as last loaded."""

    __tablename__ = "department"

    code: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    active: bool = True


class ApiClient(SQLModel, table=True):
    """One holder of an API key; only the hash of the secret is kept.

    `scopes` are its codes, sorted, with a blank between them; none at all opens nothing. `used_at` is
    the last use, to about a minute.
    """

    __tablename__ = "api_client"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    role: Role = Field(sa_type=coded(Role))
    department: str | None = None
    secret_hash: str
    scopes: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WrittenOnce(SQLModel, table=True):
    """The answer given to one idempotency key, so that a repeated write is answered, not redone."""

    __tablename__ = "written_once"

    client: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_digest: str
    answer: dict[str, Any] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class RuleSet(SQLModel, table=True):
    """One version of a folder of rules this desk has run with."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("name", "digest"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    digest: str
    first_seen_at: datetime = Field(sa_type=UtcDateTime)


class Promotion(SQLModel, table=True):
    """One rule set that went live, whole, with what was known of it before it did.

    `number` counts up by one, so that of two people who promote at once one is refused. `files`
    has every file's text by its path. `whatif`, `checked` and `tested` are the reports that stood
    behind the promotion, the `_hash` columns the SHA-256 of each in hex.
    """

    __tablename__ = "promotion"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str = Field(index=True)
    calendar_digest: str
    files: dict[str, str] = Field(sa_type=JSON)
    based_on: int | None = None
    rolls_back_to: int | None = None
    open_cases: OpenCases = Field(sa_type=coded(OpenCases))
    promoted_by: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)
    checked: dict[str, Any] = Field(sa_type=JSON)
    checked_hash: str
    tested: dict[str, Any] = Field(sa_type=JSON)
    tested_hash: str
    whatif: dict[str, Any] = Field(sa_type=JSON)
    whatif_hash: str


class HouseVersion(SQLModel, table=True):
    """One version of the catalogue or of the classifier that went live, whole, with why.

    `number` counts up by one for each of the two, so that of two people who promote at once one is
    refused. `files` has every file's text by its path, `blob` what is no text (a model's weights).
    `digest` is the SHA-256 in hex that decisions are stored with. `reports` are the reports that
    stood behind the promotion, by name, `reports_hash` their SHA-256 in hex.
    """

    __tablename__ = "house_version"

    what: Versioned = Field(sa_type=coded(Versioned), primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str
    files: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    blob: bytes | None = Field(default=None, sa_type=LargeBinary)
    based_on: int | None = None
    rolls_back_to: int | None = None
    promoted_by: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)
    reports: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    reports_hash: str


class ImportBatch(SQLModel, table=True):
    """One bulk intake: what came, what became a case, what did not."""

    __tablename__ = "import_batch"

    id: int | None = Field(default=None, primary_key=True)
    source: str
    file_digest: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rows: int = 0
    made: int = 0
    known: int = 0
    refused: int = 0


class AccessLog(SQLModel, table=True):
    """One read of an identity or of free text, one search or one export: who, what, why.

    `case_id` is empty for what concerns no single case; `subject` then says in codes what was asked for.
    """

    __tablename__ = "access_log"
    __table_args__ = (
        Index("access_log_client", "client", "at"),
        # Whose time is over.
        Index("access_log_at", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    client: str
    case_id: UUID | None = Field(default=None, foreign_key="case.id", index=True)
    what: str
    purpose: str
    allowed: bool
    subject: str = ""


class BulkReading(SQLModel, table=True):
    """One run that opened the words of many cases without showing them to anybody: who, and why.

    `cases` is how many it set out to open, `received_from` since when they came in.
    """

    __tablename__ = "bulk_reading"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    purpose: str
    cases: int
    received_from: datetime = Field(sa_type=UtcDateTime)


class DeskFact(SQLModel, table=True):
    """One fact about this database, such as the check value of its master key."""

    __tablename__ = "desk_fact"

    name: str = Field(primary_key=True)
    value: str
