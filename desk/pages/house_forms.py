"""The forms that operators and supervisors decide with, on the page of a case."""

from collections.abc import Mapping
from dataclasses import replace

from desk.pages.form_fields import OF_CODES, YES_NO, Field, days_field
from desk.pages.house_waits import OF_STATUS, AtHouse, waits_for
from desk.pages.intake_fields import HANDED_TO_WORDS
from desk.pages.news_sheets import Sheet
from desk.pages.translation import N_, NC_, Said
from models.case import Case
from models.transitions import IS_OPEN, may_move
from models.vocabulary import (
    CallbackClass,
    EventKind,
    FollowUpOutcome,
    Grade,
    NewsKind,
    Outcome,
    Role,
    Safety,
    Status,
)
from tasks.clocks.hanging_up import may_stand_still
from tasks.dispatch.conflict import is_kept_from
from tasks.dispatch.objections import TRANSFERABLE
from tasks.dispatch.reassigning import REASON_WORDS
from tasks.news.coded_reasons import reasons_for
from tasks.news.forms import WHO_MAY_SAY
from tasks.news.what_fits import most_days
from tasks.settling import APPROVAL
from tasks.story.values import CaseStory, EventStory
from tasks.workplace import Workplace

ANSWERS_TO: dict[NewsKind, NewsKind] = {
    NewsKind.OBJECTION_DECIDED: NewsKind.OBJECTED,
    NewsKind.EXTENSION_DECIDED: NewsKind.EXTENSION_ASKED,
    NewsKind.CLOSING_DECIDED: NewsKind.REPLIED,
    NewsKind.CALLED_BACK: NewsKind.REPLIED,
}
"""What stands above the form of a ruling: that which it rules on."""
DESK_WORDS: dict[NewsKind, tuple[Said, Said]] = {
    NewsKind.ACKNOWLEDGED: (
        N_("Note an escalation as seen"),
        N_("The desk has seen what was escalated: it is not told again. No clock stops for it."),
    ),
    NewsKind.OBJECTION_DECIDED: (
        N_("Decide the objection"),
        N_("If upheld, name the unit that takes the order. What the unit wrote stands on the page of the request and what was said since."),
    ),
    NewsKind.EXTENSION_DECIDED: (N_("Decide on more time"), N_("Fewer days than asked are possible.")),
    NewsKind.REVIEW_DECIDED: (
        N_("Review"),
        N_("Ruling harm out needs the reason in words; harm can only be dispatched."),
    ),
    NewsKind.CALLED_BACK: (
        N_("Record the callback"),
        N_("Safe number and safe hours only; not reached means not resolved."),
    ),
    NewsKind.POLICE_NOTIFIED: (
        N_("Record the mandatory report to the police"),
        N_("The desk's own report, which the law wants at once: when, how, and the number of its receipt."),
    ),
    NewsKind.HANDED_OVER: (
        N_("Record a hand-over to 110, 120, 119 or 122"),
        N_("Only a receipt of 110 counts as the mandatory report."),
    ),
    NewsKind.SAFETY_RECORDED: (
        N_("Record the child's safety"),
        N_("And from whom it is known. A case of danger or harm closes only with the child safe, or in the hands of a named case owner: interim care alone is not enough."),
    ),
    NewsKind.CONFLICT_FOUND: (N_("Record a conflict of interest"), N_("That unit leaves the case at once.")),
    NewsKind.REASSIGNED: (N_("Give to another unit"), N_("The former unit stops at once; the new one accepts anew.")),
    NewsKind.GRADE_DECIDED: (
        N_("Change the grade"),
        N_("Only a person may lower it; the reason is kept. U0 and U1 mean that a child may be harmed: who called is kept from every unit from then on, and with U1 the mandatory report is owed; lowering the grade again does not undo that."),
    ),
    NewsKind.HUNG_UP: (N_("Hang up (keep open)"), N_("With a review date; never for harm or danger.")),
    NewsKind.SUMMARY_WRITTEN: (
        N_("Write the summary for the departments"),
        N_("Only what handling needs; no name, number, address of who told us, nor what only they can know."),
    ),
    NewsKind.CLOSING_DECIDED: (
        N_("Decide on the closing"),
        N_("Danger and harm need a supervisor: never who recorded the child's safety or lowered the grade."),
    ),
    NewsKind.FOLLOWED_UP: (
        N_("Record a look after closing"),
        N_("Never the family; the reporter only where a callback is allowed."),
    ),
    NewsKind.REOPENED: (N_("Reopen"), N_("A closed case is taken up again.")),
    NewsKind.RESUMED: (N_("Let it go on"), N_("You have seen why it stopped.")),
}
"""Each thing the house may say on the page of a case: its name and what it means."""

FIELD_WORDS: dict[str, Said] = {
    "text": NC_("text", "In words"),
    "upheld": N_("Is the objection upheld?"),
    "department": N_("Unit that takes it"),
    "granted": N_("Is it granted?"),
    "days": N_("Days"),
    "kind": N_("Kind"),
    "outcome": N_("What becomes of it"),
    "harm": N_("Is it harm?"),
    "reached": N_("Was the caller reached?"),
    "contacted": N_("Had the unit been in touch?"),
    "resolved": N_("Is it resolved?"),
    "satisfied": N_("Is the caller satisfied?"),
    "at": N_("When (Beijing time)"),
    "to": N_("Handed to"),
    "by": N_("By whom (staff number)"),
    "channel": N_("How"),
    "receipt": N_("Number of the receipt"),
    "safety": N_("The child's safety"),
    "source": N_("Known from"),
    "units": N_("Unit"),
    "grade": N_("Grade"),
    "reason": N_("Reason"),
    "owner": N_("Named case owner (a unit, or the name somebody signs in with)"),
    "approved": N_("May it be closed?"),
    "asked_of": N_("Who was asked"),
    "review_at": N_("Review at (Beijing time)"),
}

LISTS: dict[str, dict[str, Said]] = {
    "outcome": {
        Outcome.DISPATCHED.value: N_("Dispatch"),
        Outcome.ANSWERED.value: N_("Answered"),
        Outcome.OPINION_COLLECTED.value: N_("Opinion collected"),
        Outcome.LEGAL_CHANNEL.value: N_("Legal channel told"),
        Outcome.OUTSIDE_REMIT.value: N_("Outside the remit"),
        Outcome.DISSUADED.value: N_("No request; counted"),
    },
    "satisfied": {"satisfied": N_("Satisfied"), "basically": N_("Basically"), "unsatisfied": N_("Not satisfied")},
    "to": HANDED_TO_WORDS,
    "channel": {"phone_110": N_("By phone, 110"), "platform": N_("By platform"), "in_person": N_("In person")},
    "safety": {
        Safety.UNSAFE.value: N_("Unsafe"),
        Safety.INTERIM.value: N_("In interim care (alone not enough to close)"),
        Safety.SAFE.value: N_("Safe"),
        Safety.UNKNOWN.value: N_("Unknown"),
    },
    "source": {
        "police": N_("Police"), "civil_affairs": N_("Civil affairs"), "school": N_("School"),
        "hospital": N_("Hospital"), "community": N_("Community"), "desk": N_("The desk"),
        "case_owner": N_("Named case owner"),
    },
    "grade": {each.value: (each.value, f"Grade {each.value}") for each in Grade},
}  # fmt: skip
FOUND_WORDS: dict[str, Said] = {
    FollowUpOutcome.SAFE.value: N_("The child is safe"),
    FollowUpOutcome.NOT_REACHED.value: N_("Nobody could tell"),
    FollowUpOutcome.CONCERN_AGAIN.value: N_("Concern again: reopen"),
}
ASKED_OF_WORDS: dict[str, Said] = {
    "lead_department": N_("The lead department"), "school": N_("School"), "community": N_("Community"),
    "civil_affairs": N_("Civil affairs"), "child_in_person": N_("The child, in person"), "reporter": N_("The reporter"),
}  # fmt: skip
# `new_harm` raises the grade, so these are the form's own and no list of the office's.
REOPENING_WORDS: dict[str, Said] = {
    "not_solved": N_("Not solved"),
    "new_facts": N_("New facts"),
    "new_harm": N_("New harm"),
    "wrongly_closed": N_("Wrongly closed"),
}
_FIELDS: dict[NewsKind, str] = {
    NewsKind.ACKNOWLEDGED: "",
    NewsKind.OBJECTION_DECIDED: "upheld department? text?",
    NewsKind.EXTENSION_DECIDED: "granted days? text?",
    NewsKind.REVIEW_DECIDED: "kind outcome harm? department? text?",
    NewsKind.CALLED_BACK: "reached contacted? resolved? satisfied? text?",
    NewsKind.POLICE_NOTIFIED: "at channel receipt",
    NewsKind.HANDED_OVER: "to at receipt? by?",
    NewsKind.SAFETY_RECORDED: "safety source owner? text?",
    NewsKind.CONFLICT_FOUND: "units department? text?",
    NewsKind.REASSIGNED: "department reason text?",
    NewsKind.GRADE_DECIDED: "grade reason text?",
    NewsKind.HUNG_UP: "reason review_at text?",
    NewsKind.SUMMARY_WRITTEN: "text",
    NewsKind.CLOSING_DECIDED: "approved reason? text?",
    NewsKind.FOLLOWED_UP: "outcome asked_of text?",
    NewsKind.REOPENED: "reason text?",
    NewsKind.RESUMED: "",
}
NEEDED_WHEN: dict[tuple[NewsKind, str], Said] = {
    (NewsKind.OBJECTION_DECIDED, "department"): N_("needed if it is upheld"),
    (NewsKind.EXTENSION_DECIDED, "days"): N_("needed if it is granted"),
    (NewsKind.REVIEW_DECIDED, "text"): N_("needed if harm is ruled out"),
    (NewsKind.SAFETY_RECORDED, "owner"): N_("needed if known from the named case owner"),
    (NewsKind.CLOSING_DECIDED, "reason"): N_("needed if it may not be closed"),
}
"""When a field that may be left out may not, by the form and its field."""
OWNER_HINT = N_("For a child in interim care that was handed over: then “known from” is the named case owner.")
_YES_NO = {"upheld", "granted", "harm", "reached", "contacted", "resolved", "approved"}
_UNITS = {"department", "units"}
_OVER = {Status.CLOSED, Status.ANSWERED, Status.CHANNEL_TOLD}


def sayable(case: Case, role: Role, at: AtHouse) -> tuple[NewsKind, ...]:
    """What this role may say about this case as it stands, what it waits for first."""
    kinds = [kind for kind in DESK_WORDS if role in WHO_MAY_SAY[kind] and _fits(case, kind, at)]
    first = waits_for(case, at)
    return tuple(sorted(kinds, key=lambda kind: first.index(kind) if kind in first else len(first)))


def awaited(case: Case, role: Role, at: AtHouse) -> tuple[NewsKind, ...]:
    """What the case waits for from this role, in order; what was said and is being taken in is not asked again."""
    return tuple(kind for kind in sayable(case, role, at) if kind in waits_for(case, at) and kind not in at.unread)


def _fits(case: Case, kind: NewsKind, at: AtHouse) -> bool:
    if case.status is Status.SEALED:
        return False
    if kind is NewsKind.RESUMED:
        return case.flag is not None
    if kind is NewsKind.CLOSING_DECIDED:
        return APPROVAL in case.waiting_for
    if kind is NewsKind.FOLLOWED_UP:
        return at.follow_up_asked and case.status is Status.CLOSED
    if kind is NewsKind.REASSIGNED:
        return case.status in TRANSFERABLE
    if kind is NewsKind.HUNG_UP:
        return may_stand_still(case) and may_move(case.status, Status.HUNG_UP)
    if kind is NewsKind.REOPENED:
        return case.status in _OVER
    if kind is NewsKind.OBJECTION_DECIDED and at.transfer_by is not None:
        return True
    if kind in OF_STATUS.values():
        # Nobody may be called back at all in class CB-X: then there is nothing to record either.
        barred = kind is NewsKind.CALLED_BACK and case.callback_class is CallbackClass.NONE
        return OF_STATUS.get(case.status) is kind and not barred
    return IS_OPEN[case.status]


def sheet_for(
    kind: NewsKind, place: Workplace, case: Case, typed: Mapping[str, str] | None = None,
    problems: Mapping[str, Said] | None = None, *, unit_reaches_caller: bool = True,
) -> Sheet:  # fmt: skip
    """The form of one kind; whether the unit had been in touch is asked only where it was told who called.

    Raises:
        KeyError: Nothing that the house says on a page.
    """
    title, about = DESK_WORDS[kind]
    senseless = {name for name, is_so in (("satisfied?", case.guardian_suspect), ("contacted?", not unit_reaches_caller)) if is_so}
    asked = [said for said in _FIELDS[kind].split() if said not in senseless]
    fields = tuple(_with_need(_field(said, kind, place, case), kind) for said in asked)
    return Sheet(kind, title, about, fields, typed or {}, problems or {})


def _with_need(field: Field, kind: NewsKind) -> Field:
    needed_when = NEEDED_WHEN.get((kind, field.name))
    return replace(field, needed_when=needed_when) if needed_when else field


def _field(said: str, kind: NewsKind, place: Workplace, case: Case) -> Field:
    name, required = said.rstrip("?"), not said.endswith("?")
    words = FIELD_WORDS[name]
    if name in _YES_NO:
        return Field(name, words, "radio", YES_NO, required)
    if name in _UNITS:
        units = {code: (unit.name_zh, unit.name_en) for code, unit in place.catalogue.departments.items()}
        return Field(name, words, "unit" if name == "units" else "select", units, required)
    if name == "kind":
        kinds = {code: (f"{code} {each.name_zh}", f"{code} {each.name_en}") for code, each in place.catalogue.kinds.items()}
        return Field(name, words, "select", kinds, required)
    if name == "reason" and kind is NewsKind.HUNG_UP:
        listed = place.rules_for(case).pauses.reasons
        reasons = {each.code: (each.name.zh, each.name.en) for each in listed if Status.HUNG_UP in each.statuses}
        return Field(name, words, "select", reasons, required)
    if name == "reason":
        return Field(name, words, "select", _reasons(kind, place, case), required)
    if kind is NewsKind.FOLLOWED_UP and name != "text":
        return Field(name, words, "select", FOUND_WORDS if name == "outcome" else _ask_whom(case), required)
    if name in LISTS:
        return Field(name, words, "select", LISTS[name], required)
    if name == "owner":
        return Field(name, words, "named", _owners(place, case), required, hint=OWNER_HINT)
    return _plain_field(name, words, kind, place, case, required=required)


def _plain_field(name: str, words: Said, kind: NewsKind, place: Workplace, case: Case, *, required: bool) -> Field:
    """A field without a list."""
    if name in {"receipt", "by"}:
        return Field(name, words, required=required, most=50, hint=OF_CODES)
    if name == "text" and kind is NewsKind.SUMMARY_WRITTEN:
        return Field(name, N_("Summary, without the caller"), "textarea", required=required, most=20_000)
    if name == "days":
        return days_field(words, most_days(place, case), required=required)
    kinds_of = {"text": "textarea", "at": "moment", "review_at": "moment"}
    return Field(name, words, kinds_of.get(name, "line"), required=required, most=20_000 if name == "text" else 40)


def _reasons(kind: NewsKind, place: Workplace, case: Case) -> dict[str, Said]:
    if kind is NewsKind.REOPENED:
        return REOPENING_WORDS
    if kind is NewsKind.REASSIGNED:
        return {code.value: words for code, words in REASON_WORDS.items()}
    return {each.code: (each.zh, each.en) for each in reasons_for(place, case, kind)}


def _owners(place: Workplace, case: Case) -> dict[str, Said]:
    """The units that may answer for a child of this case, by code; an account goes by its own name."""
    units = place.catalogue.departments.values()
    return {each.code: (each.name_zh, each.name_en) for each in units if each.may_help and not is_kept_from(case, each.code)}


def _ask_whom(case: Case) -> dict[str, Said]:
    barred = case.callback_class is CallbackClass.NONE
    return {code: words for code, words in ASKED_OF_WORDS.items() if not (barred and code == "reporter")}


def answers_to(story: CaseStory) -> dict[NewsKind, EventStory]:
    """What each ruling is an answer to: the last entry of its kind, if there is one."""
    last = {news: each for each in story.events if each.kind is EventKind.NEWS for news in ANSWERS_TO.values() if f"news={news}" in each.codes}
    return {ruling: last[news] for ruling, news in ANSWERS_TO.items() if news in last}


def typed_for(kind: NewsKind, above: Mapping[NewsKind, EventStory]) -> dict[str, str]:
    """What stands in a form before anybody types: of an extension, the days that were asked for."""
    if kind is not NewsKind.EXTENSION_DECIDED or kind not in above:
        return {}
    days = [each.removeprefix("said_days=") for each in above[kind].codes if each.startswith("said_days=")]
    return {"days": days[0]} if days else {}
