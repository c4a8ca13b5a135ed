"""What may be said about a case, by whom, and in what shape: one form for each kind of news."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from models.vocabulary import (
    ClosingAct,
    FollowUpOutcome,
    Grade,
    NewsKind,
    ObjectionReason,
    Outcome,
    ReassignReason,
    Role,
    Safety,
    Target,
)
from tasks.forms import Form
from tasks.receiving.hand_over import HandedTo, Receipt, StaffNumber

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
DepartmentCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,20}$")]
Owner = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$")]
"""A unit's code, or the name somebody signs in with."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class NewsForm(Form):
    """What every kind of news may carry; `text` is sealed, every other field is a code."""

    text: str | None = Field(default=None, min_length=1, max_length=20_000)


class Acknowledged(NewsForm):
    """The department has the order and has seen what it was told; or the desk has seen an escalation.

    `target` and `level` name one escalation; left out, all that wait for it. No clock stops for it
    but the department's own acceptance.
    """

    target: Target | None = None
    level: int | None = Field(default=None, ge=1, le=99)


class Contacted(NewsForm):
    """The department has spoken to the caller (a qualifying first contact)."""


class Replied(NewsForm):
    """The lead department's result, in words, whether the matter is resolved, and which of the acts that
    closing asks for it has done."""

    text: Words
    resolved: bool
    acts: tuple[ClosingAct, ...] = ()


class CoReplied(NewsForm):
    """A co-handler's share, and which of the acts that closing asks for it has done."""

    text: Words
    acts: tuple[ClosingAct, ...] = ()


class Objected(NewsForm):
    """The department says the order is not its own; the clock runs on.

    `evidence` is the reference of what shows it, such as a list of duties or an inspection record.
    """

    reason: ObjectionReason
    evidence: Receipt | None = None
    suggests: DepartmentCode | None = None


class ObjectionDecided(NewsForm):
    """A person's ruling; an upheld objection names the unit that takes the order."""

    upheld: bool
    department: DepartmentCode | None = None


class ConflictFound(NewsForm):
    """Units the request is about, or where somebody complained of works: they leave the case at once.

    `department` names the lead that takes an order which one of them leads; else the catalogue does.
    """

    units: tuple[DepartmentCode, ...] = Field(min_length=1, max_length=10)
    department: DepartmentCode | None = None


class Reassigned(NewsForm):
    """A supervisor takes the order from the unit that leads it and gives it to another one.

    `given_from` guards against an order that has moved on meanwhile; left out, it is whoever leads now.
    """

    department: DepartmentCode
    reason: ReassignReason
    given_from: DepartmentCode | None = None


class ExtensionAsked(NewsForm):
    """The department asks for more time, with a ground from the list in `procedure.yaml`.

    `caller_told` is needed where the unit was told who called; where it was not, the desk tells the caller.
    """

    reason: Code
    evidence: Receipt | None = None
    days: int = Field(ge=1, le=60)
    caller_told: bool | None = None


class ExtensionDecided(NewsForm):
    """A person's answer; `days` may be fewer than asked."""

    granted: bool
    days: int = Field(default=0, ge=0, le=60)


class HelpAsked(NewsForm):
    """A department whistles for another one, which becomes a co-handler."""

    department: DepartmentCode


class HungUp(NewsForm):
    """A person hangs the case (挂账) for a listed reason until a review date.

    An operator may do so up to the reason's `approval_above`, a supervisor up to its cap.
    """

    reason: Code
    review_at: AwareDatetime


class CalledBack(NewsForm):
    """What the callback found; not reached means not resolved."""

    reached: bool
    contacted: bool | None = None
    resolved: bool | None = None
    satisfied: Literal["satisfied", "basically", "unsatisfied"] | None = None


class PoliceNotified(NewsForm):
    """The desk's own mandatory report: when, by which channel, under which receipt."""

    at: AwareDatetime
    channel: Literal["phone_110", "platform", "in_person"]
    receipt: Receipt
    by: StaffNumber | None = None


class HandedOver(NewsForm):
    """The desk handed the matter over to an emergency number; with a receipt of 110 it is the mandatory report too."""

    to: HandedTo
    at: AwareDatetime
    receipt: Receipt | None = None
    by: StaffNumber | None = None


class SafetyRecorded(NewsForm):
    """What is known of the child's safety, and from whom.

    `owner` is the unit or the account that has the child in its care; a case owner is always named.
    """

    safety: Safety
    source: Literal["police", "civil_affairs", "school", "hospital", "community", "desk", "case_owner"]
    owner: Owner | None = None


class GradeDecided(NewsForm):
    """A named person changes the grade, with a listed reason; only a person may lower it."""

    grade: Grade
    reason: Code


class ReviewDecided(NewsForm):
    """A person's answer to a case the machine was not sure of.

    `harm` true or false is the person's own ruling; ruling harm out needs the reason as the text.
    """

    kind: str = Field(pattern=r"^[A-Z]\d\d$")
    outcome: Outcome
    harm: bool | None = None
    department: DepartmentCode | None = None


class ClosingDecided(NewsForm):
    """A supervisor lets a grave case close, or sends it back with a listed reason.

    Never the one who recorded the child's safety or lowered the grade.
    """

    approved: bool
    reason: Code | None = None


class FollowedUp(NewsForm):
    """What a look at a closed case found, and who was asked; `concern_again` reopens the case.

    The reporter is asked only where a callback is allowed; there is no way to ask the family.
    """

    outcome: FollowUpOutcome
    asked_of: Literal["lead_department", "school", "community", "civil_affairs", "child_in_person", "reporter"]


class Reopened(NewsForm):
    """A closed case is taken up again."""

    reason: Literal["not_solved", "new_facts", "new_harm", "wrongly_closed"]


class Resumed(NewsForm):
    """A person has looked at a flagged case and lets it go on."""


class FactsJoined(NewsForm):
    """Another report of the same matter: its grade and its harm flow upwards. Said by the desk itself."""

    grade: Grade
    harm: bool
    danger_now: bool
    mandatory_report: tuple[str, ...]
    guardian_suspect: bool
    complained_of: tuple[DepartmentCode, ...] = ()


class LinkDecided(NewsForm):
    """A person found that the case is about the matter of `main`. Said by the desk itself."""

    main: str
    proposal: int
    reason: Code


class SummaryWritten(NewsForm):
    """What departments are to read of the case, written by the seat; nothing of the reporter may stand in it."""

    text: Words


NEWS_FORMS: dict[NewsKind, type[NewsForm]] = {
    NewsKind.ACKNOWLEDGED: Acknowledged,
    NewsKind.CONTACTED: Contacted,
    NewsKind.REPLIED: Replied,
    NewsKind.CO_REPLIED: CoReplied,
    NewsKind.OBJECTED: Objected,
    NewsKind.OBJECTION_DECIDED: ObjectionDecided,
    NewsKind.CONFLICT_FOUND: ConflictFound,
    NewsKind.REASSIGNED: Reassigned,
    NewsKind.EXTENSION_ASKED: ExtensionAsked,
    NewsKind.EXTENSION_DECIDED: ExtensionDecided,
    NewsKind.HELP_ASKED: HelpAsked,
    NewsKind.HUNG_UP: HungUp,
    NewsKind.CALLED_BACK: CalledBack,
    NewsKind.POLICE_NOTIFIED: PoliceNotified,
    NewsKind.HANDED_OVER: HandedOver,
    NewsKind.SAFETY_RECORDED: SafetyRecorded,
    NewsKind.GRADE_DECIDED: GradeDecided,
    NewsKind.REVIEW_DECIDED: ReviewDecided,
    NewsKind.CLOSING_DECIDED: ClosingDecided,
    NewsKind.FOLLOWED_UP: FollowedUp,
    NewsKind.REOPENED: Reopened,
    NewsKind.RESUMED: Resumed,
    NewsKind.FACTS_JOINED: FactsJoined,
    NewsKind.LINK_DECIDED: LinkDecided,
    NewsKind.SUMMARY_WRITTEN: SummaryWritten,
}

_DEPARTMENT = frozenset({Role.DEPARTMENT})
_SUPERVISOR = frozenset({Role.SUPERVISOR})
_SEAT = frozenset({Role.OPERATOR, Role.SUPERVISOR})

WHO_MAY_SAY: dict[NewsKind, frozenset[Role]] = {
    NewsKind.ACKNOWLEDGED: _DEPARTMENT | _SEAT,
    NewsKind.CONTACTED: _DEPARTMENT,
    NewsKind.REPLIED: _DEPARTMENT,
    NewsKind.CO_REPLIED: _DEPARTMENT,
    NewsKind.OBJECTED: _DEPARTMENT,
    NewsKind.OBJECTION_DECIDED: _SUPERVISOR,
    NewsKind.CONFLICT_FOUND: _SEAT,
    NewsKind.REASSIGNED: _SUPERVISOR,
    NewsKind.EXTENSION_ASKED: _DEPARTMENT,
    NewsKind.EXTENSION_DECIDED: _SUPERVISOR,
    NewsKind.HELP_ASKED: _DEPARTMENT,
    NewsKind.HUNG_UP: _SEAT,
    NewsKind.CALLED_BACK: _SEAT,
    NewsKind.POLICE_NOTIFIED: _SEAT,
    NewsKind.HANDED_OVER: _SEAT,
    NewsKind.SAFETY_RECORDED: _SEAT,
    NewsKind.GRADE_DECIDED: _SUPERVISOR,
    NewsKind.REVIEW_DECIDED: _SEAT,
    NewsKind.CLOSING_DECIDED: _SUPERVISOR,
    NewsKind.FOLLOWED_UP: _SEAT,
    NewsKind.REOPENED: _SEAT,
    NewsKind.RESUMED: frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    NewsKind.FACTS_JOINED: frozenset(),
    NewsKind.LINK_DECIDED: frozenset(),
    NewsKind.SUMMARY_WRITTEN: _SEAT,
}

ROLE_MATTERS = frozenset({NewsKind.HUNG_UP})
"""What is digested otherwise for one role than for another: the inbox keeps the speaker's role beside it."""

LEAD_ONLY = frozenset(
    {NewsKind.REPLIED, NewsKind.OBJECTED, NewsKind.EXTENSION_ASKED, NewsKind.HELP_ASKED, NewsKind.CONTACTED}
)


def codes_of(form: NewsForm) -> dict[str, object]:
    """Every field but the words, as JSON: what the inbox keeps in plain."""
    return form.model_dump(mode="json", exclude={"text"})


def moment(codes: dict[str, object], field: str) -> datetime:
    """An aware time stored by `codes_of`."""
    return datetime.fromisoformat(str(codes[field]))
