"""What a request brings as it comes in: the form of the API, of the pages and of bulk files."""

import re
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, field_validator

from models.vocabulary import CallType, Nature
from tasks.forms import Form
from tasks.receiving.hand_over import HandOver

TEXT_LIMIT = 200_000
UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,20}$")]
FactCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


def _as_list(written: Any) -> Any:
    # A column of a table has its codes in one cell.
    return re.split(r"[\s,;，；、+]+", written.strip()) if isinstance(written, str) and written.strip() else written


class PersonForm(Form):
    """One person as told; every field may be empty, an anonymous reporter is welcome."""

    name: str = Field(default="", max_length=200)
    contact: str = Field(default="", max_length=200)
    identity: str = Field(default="", max_length=100)
    address: str = Field(default="", max_length=500)
    note: str = Field(default="", max_length=2000)
    anonymous: bool = False
    keep_secret: bool = True
    may_call_back: bool = False
    may_leave_message: bool = False
    safe_from: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    safe_to: str | None = Field(default=None, pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")


class IntakeForm(Form):
    """One request as taken in.

    `source_ref` is the source's own number: with it, sending the same request again finds the case
    already made. `kind` and `nature` are the operator's, if any; the desk may raise, not lower.
    `answer` is what a consultation was answered on the spot, `summary` what departments are to read. `complained_of` is the unit the
    request is about: that unit never sees the case, nor do those in `also_complained_of`, such as the
    unit where the person complained of works. `dispatch_facts` are those of the dispatch
    catalogue that the operator knows, such as the licence of a platform. `same_matter_as` is an earlier case's number.
    `call_type` is what kind of call it was; one without a request needs no other kind. `handed_over` is the
    emergency hand-over made during the call, `knowledge_entry` the entry that the answer was taken from.
    """

    text: str = Field(min_length=1, max_length=TEXT_LIMIT)
    source: str = Field(default="api", pattern=r"^[a-z0-9_.-]{1,40}$")
    source_ref: str | None = Field(default=None, min_length=1, max_length=120)
    received_at: AwareDatetime | None = None
    language: str = Field(default="zh", pattern=r"^(zh|en)$")
    district: str | None = Field(default=None, pattern=r"^[A-Z0-9-]{1,20}$")
    nature: Nature | None = None
    kind: str | None = Field(default=None, pattern=r"^[A-Z]\d\d$")
    danger_now: bool = False
    suspect_is_guardian: bool = False
    child_age: int | None = Field(default=None, ge=0, le=120)
    complained_of: str | None = Field(default=None, pattern=r"^[A-Z]{2,20}$")
    also_complained_of: Annotated[tuple[UnitCode, ...], BeforeValidator(_as_list)] = Field(default=(), max_length=10)
    dispatch_facts: Annotated[tuple[FactCode, ...], BeforeValidator(_as_list)] = Field(default=(), max_length=20)
    answer: str | None = Field(default=None, min_length=1, max_length=20_000)
    summary: str | None = Field(default=None, min_length=1, max_length=20_000)
    same_matter_as: str | None = Field(default=None, pattern=r"^W-\d{6,9}$")
    call_type: CallType | None = None
    handed_over: HandOver | None = None
    knowledge_entry: str | None = Field(default=None, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    reporter: PersonForm | None = None
    child: PersonForm | None = None
    suspect: PersonForm | None = None

    @field_validator("text", "answer", "summary", "source_ref")
    @classmethod
    def no_nul(cls, value: str | None) -> str | None:
        # PostgreSQL cannot store U+0000; it carries no meaning in a request.
        return value.replace("\0", "") if value else value
