"""The case itself and the people in it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.grades import SAFETY_GRADES
from models.vocabulary import (
    CallbackClass,
    CallType,
    CloseReason,
    Flag,
    Grade,
    Nature,
    Outcome,
    PersonRole,
    Safety,
    Status,
)

_HUNG_UP = "hung_up_until IS NOT NULL"
_TOLD_APART_BY = (
    "id", "received_at", "grade", "kind", "district", "nature", "callback_class", "guardian_suspect",
    "harm", "safety", "rework_count", "reopen_count", "closed_at",
)  # fmt: skip
CLAIM_RANK = (
    "(CASE WHEN import_batch_id IS NULL THEN 0 ELSE 10 END"
    " + CASE WHEN status = 'RECEIVED' AND danger_now THEN 0 WHEN status = 'RECEIVED' THEN 1 WHEN grade IN ('U0', 'U1') THEN 0"
    " WHEN grade = 'U2' THEN 2 WHEN grade = 'U3' THEN 3 WHEN grade = 'U4' THEN 4 ELSE 5 END)"
)
"""In which order due cases are looked at, as SQL, so that an index can hold it. Known emergencies, and calls in which
somebody said that the danger lasts, before what nobody has screened yet, which may be the gravest of all; then by grade.
A file that was imported comes after all live calls, in the same order."""
CLAIM_RANKS = (*range(6), *range(10, 16))
_VERSION: Column[int] = Column("version", Integer, nullable=False)


class Case(SQLModel, table=True):
    """One request. Codes and times are plain, words are sealed with the case's own key.

    `version` guards edits; `news_count` counts inbox rows ever written, so that a case that
    parks can tell whether something arrived while it was busy; the lease says which worker holds
    it, by the wall clock, until when. `rules_version` is the promoted rule set the case goes by.
    `kept_from` are the units that may have nothing to do with the case, as `tasks.dispatch.conflict` found
    them; `safety_owner` the unit or the account that a child in interim care was handed to;
    `dispatch_facts` the facts of the dispatch catalogue that were heard or ticked.
    `summary_ct` is what departments read of it, written without the reporter. `knowledge_entry` and
    `knowledge_version` say which text of the knowledge base the answer was taken from. `matched_at` is
    when other reports of the same matter were looked for.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("id"),
        UniqueConstraint("source", "source_ref"),
        Index("case_due", "wake_at"),
        # What a worker takes next: of a million cases those that may ever wake, each rank in the order of its moments.
        Index("case_claim", text(CLAIM_RANK), "wake_at", sqlite_where=text("wake_at IS NOT NULL"), postgresql_where=text("wake_at IS NOT NULL")),
        Index("case_status", "status", "grade"),
        # The list of one status, newest first.
        Index("case_status_number", "status", "number"),
        Index("case_hung_up", "id", sqlite_where=text(_HUNG_UP), postgresql_where=text(_HUNG_UP)),
        # What figures tell cases apart by, in the order of their ids: answered without the rows, which hold sealed words.
        Index("case_figures", *_TOLD_APART_BY),
        # Of all cases few are held: a worker asks four times a second whether a lease ran out.
        Index("case_leased", "lease_until", sqlite_where=text("lease_until IS NOT NULL"), postgresql_where=text("lease_until IS NOT NULL")),
        Index("case_flag", "flag", sqlite_where=text("flag IS NOT NULL"), postgresql_where=text("flag IS NOT NULL")),
    )

    number: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    id: UUID = Field(default_factory=uuid4)
    version: int = Field(default=1, sa_column=_VERSION)

    source: str
    source_ref: str | None = None
    import_batch_id: int | None = None
    language: str = "zh"
    district: str | None = None
    received_at: datetime = Field(sa_type=UtcDateTime)

    status: Status = Field(default=Status.RECEIVED, sa_type=coded(Status))
    outcome: Outcome | None = Field(default=None, sa_type=coded(Outcome))
    grade: Grade = Field(default=Grade.U3, sa_type=coded(Grade))
    nature: Nature = Field(default=Nature.OTHER, sa_type=coded(Nature))
    kind: str | None = None
    given_kind: str | None = None
    also: list[str] = Field(default_factory=list, sa_type=JSON)
    harm: bool = False
    danger_now: bool = False
    mandatory_report: list[str] = Field(default_factory=list, sa_type=JSON)
    guardian_suspect: bool = False
    callback_class: CallbackClass = Field(default=CallbackClass.NORMAL, sa_type=coded(CallbackClass))
    complained_of: str | None = None
    also_complained_of: list[str] = Field(default_factory=list, sa_type=JSON)
    kept_from: list[str] = Field(default_factory=list, sa_type=JSON)
    dispatch_facts: list[str] = Field(default_factory=list, sa_type=JSON)
    named_lead: str | None = None
    child_age: int | None = None
    answered_on_call: bool = False
    call_type: CallType | None = Field(default=None, sa_type=coded(CallType))
    knowledge_entry: str | None = None
    knowledge_version: str | None = None
    safety: Safety = Field(default=Safety.UNKNOWN, sa_type=coded(Safety))
    safety_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    safety_source: str | None = None
    safety_owner: str | None = None
    linked_to: UUID | None = Field(default=None, foreign_key="case.id")
    matched_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    rules_version: int | None = None
    cycle: int = 1
    rework_count: int = 0
    dispute_count: int = 0
    reopen_count: int = 0
    extension_count: int = 0
    hung_up_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    close_reason: CloseReason | None = Field(default=None, sa_type=coded(CloseReason))

    wrapped_key: bytes | None = Field(default=None, sa_type=LargeBinary)
    text_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    answer_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    summary_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    summary_by: str | None = None
    summary_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    journal_length: int = 0
    journal_head: str = ""

    run_id: UUID | None = Field(default=None, index=True)
    artifact_id: UUID | None = None
    timeline_digest: str = ""
    wake_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    waiting_for: str = ""
    news_count: int = 0
    failures: int = 0
    flag: Flag | None = Field(default=None, sa_type=coded(Flag))
    flagged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __mapper_args__: Any = {"version_id_col": _VERSION}

    @property
    def is_grave(self) -> bool:
        """Whether a child is, or may be, harmed: by suspicion or by grade."""
        return self.harm or self.grade in SAFETY_GRADES

    @property
    def label(self) -> str:
        """The opaque number people and alerts use, such as `W-000123`."""
        return f"W-{self.number:06d}"


PERSON_WORDS = ("name", "contact", "identity", "address", "note")
"""The sealed columns of a person, each without its `_ct`."""


class Person(SQLModel, table=True):
    """One person of a case; every word about them is sealed, and reading one is logged."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("case_id", "role"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    role: PersonRole = Field(sa_type=coded(PersonRole))
    anonymous: bool = False
    keep_secret: bool = True
    may_call_back: bool = False
    may_leave_message: bool = False
    safe_from: str | None = None
    safe_to: str | None = None
    name_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    contact_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    identity_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    address_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    note_ct: bytes | None = Field(default=None, sa_type=LargeBinary)


class CaseLink(SQLModel, table=True):
    """Two cases about one matter; linking joins facts and grade upwards, never the reporters."""

    __tablename__ = "case_link"
    __table_args__ = (UniqueConstraint("case_id", "main_case_id"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    main_case_id: UUID = Field(foreign_key="case.id", index=True)
    linked_by: str
    at: datetime = Field(sa_type=UtcDateTime)
