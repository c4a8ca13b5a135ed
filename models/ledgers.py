"""What departments say of our orders: extracts of their own ledgers, staged row by row."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import ExtractState, LedgerStatus


class LedgerImport(SQLModel, table=True):
    """One extract that a department sent, whether it could be landed or not.

    `extracted_at` is the moment the department's ledger was copied: what happened later cannot be
    in it. `whole` tells a full extract, whose missing rows mean something, from a part.
    `problem` and `problem_field` say by code why a refused extract was refused as a whole.
    Counts are rows: `landed` new or changed, `unchanged`, `older` than what we hold, `quarantined`.
    """

    __tablename__ = "ledger_import"

    id: int | None = Field(default=None, primary_key=True)
    department: str = Field(index=True)
    schema_version: int | None = None
    file_digest: str
    whole: bool = True
    extracted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    imported_at: datetime = Field(sa_type=UtcDateTime)
    state: ExtractState = Field(sa_type=coded(ExtractState))
    problem: str | None = None
    problem_field: str | None = None
    rows: int = 0
    landed: int = 0
    unchanged: int = 0
    older: int = 0
    quarantined: int = 0


class LedgerRow(SQLModel, table=True):
    """The newest thing one department's ledger says of one of its records.

    `their_ref` is the department's own number of the record, `order_ref` the number of our order
    that it names, such as `W-000123`. Everything else is in our codes. `updated_at` decides which
    of two versions is newer; `seen_at` is the `extracted_at` of the last extract that held the row.
    """

    __tablename__ = "ledger_row"
    __table_args__ = (
        UniqueConstraint("department", "their_ref"),
        Index("ledger_row_order", "department", "order_ref"),
    )

    id: int | None = Field(default=None, primary_key=True)
    department: str
    their_ref: str
    order_ref: str
    leads: bool | None = None
    kind: str | None = None
    status: LedgerStatus = Field(sa_type=coded(LedgerStatus))
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    replied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    import_id: int = Field(foreign_key="ledger_import.id")


class LedgerQuarantine(SQLModel, table=True):
    """One row of an extract that could not be landed, and why, for its sender.

    `line` counts from 1 with the heading line, as a spreadsheet shows it. `problem` is a code whose
    words `data_checks` has. `shown` is the offending value if it has the form of a code, else
    empty: whatever a department typed must not travel. `settled_by` is the import that brought
    the same record in order.
    """

    __tablename__ = "ledger_quarantine"

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="ledger_import.id", index=True)
    department: str = Field(index=True)
    line: int
    their_ref: str | None = None
    order_ref: str | None = None
    field: str
    problem: str
    shown: str = ""
    settled_by: int | None = Field(default=None, foreign_key="ledger_import.id")
