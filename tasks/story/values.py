"""A case's story as plain values: codes, times and the desk's own sentences, nothing anybody said."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from models.vocabulary import (
    Ask,
    CallbackClass,
    CloseReason,
    EventKind,
    Flag,
    FollowUpOutcome,
    FollowUpState,
    Grade,
    Nature,
    NoticeState,
    Outcome,
    Safety,
    Status,
    Target,
)
from tasks.story.state import ClockState


@dataclass(frozen=True)
class ClockStory:
    """One clock and how it stood when the story was told; `department` is empty for joint ones."""

    target: Target
    department: str
    cycle: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None
    provisional: bool
    state: ClockState
    rule_id: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class AssignmentStory:
    """One department's part in one round; `share` is the code of what a co-handler is asked to do."""

    department: str
    leads: bool
    share: str
    round: int
    assigned_at: datetime
    accepted_at: datetime | None
    contacted_at: datetime | None
    replied_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class FollowUpStory:
    """One look at the case after it was closed: planned, asked for, answered or dropped."""

    nth: int
    due_at: datetime
    state: FollowUpState
    asked_at: datetime | None
    escalated_at: datetime | None
    outcome: FollowUpOutcome | None
    asked_of: str | None
    at: datetime | None


@dataclass(frozen=True)
class ConsideredStory:
    """One unit that was thought of for an order, as what, and what became of it."""

    unit: str
    part: str
    why: str
    taken: bool
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class ObjectionStory:
    """One objection in codes, beside the others: who, why, on what evidence, and the ruling.

    `outcome` is open, upheld, refused, or turned_down where an earlier ruling stood against it.
    """

    department: str
    round: int
    reason: str
    reason_zh: str
    reason_en: str
    evidence: str | None
    suggests: str | None
    is_transfer: bool
    at: datetime
    arbiter_since: datetime | None
    outcome: str
    given_to: str | None
    adjudicator: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class DecisionStory:
    """One decision with the sentence a person reads; `rule_hash` is short, for comparing by eye.

    `considered` is not empty for an assignment: whom the dispatch thought of, and why not.
    """

    key: str
    outcome: str
    rule_id: str
    rule_hash: str
    code_version: str
    reason_zh: str
    reason_en: str
    at: datetime
    considered: tuple[ConsideredStory, ...] = ()


@dataclass(frozen=True)
class EventStory:
    """One journal entry; `codes` are its facts that are codes, as `name=value`."""

    seq: int
    at: datetime
    kind: EventKind
    actor: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class EscalationStory:
    """One rung of a ladder; a superseded one told nobody.

    `repeats` says how often it was told again, `repeat_at` when next unless somebody acknowledges
    it. Who did is told to the desk only.
    """

    target: Target
    department: str
    level: int
    cycle: int
    at: datetime
    superseded: bool
    repeats: int
    repeat_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


@dataclass(frozen=True)
class NoticeStory:
    """One alert, without its words."""

    ask: Ask
    recipient: str
    state: NoticeState
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class PoliceReceipt:
    """Proof of the desk's own mandatory report."""

    at: datetime
    channel: str
    receipt: str


@dataclass(frozen=True)
class CaseStory:
    """Everything about a case that is a code, a time or a sentence of the desk's own."""

    number: str
    status: Status
    grade: Grade
    kind: str | None
    kind_zh: str
    kind_en: str
    nature: Nature
    outcome: Outcome | None
    safety: Safety
    safety_at: datetime | None
    callback_class: CallbackClass
    flag: Flag | None
    waiting_for: str
    received_at: datetime
    wake_at: datetime | None
    closed_at: datetime | None
    close_reason: CloseReason | None
    follow_ups: tuple[FollowUpStory, ...]
    clocks: tuple[ClockStory, ...]
    assignments: tuple[AssignmentStory, ...]
    objections: tuple[ObjectionStory, ...]
    decisions: tuple[DecisionStory, ...]
    events: tuple[EventStory, ...]
    escalations: tuple[EscalationStory, ...]
    notices: tuple[NoticeStory, ...]
    police: PoliceReceipt | None

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-able values; times are ISO 8601 in UTC."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    # A StrEnum is a str that prints as its code; JSON keeps only the code.
    return str(value) if isinstance(value, str) else value
