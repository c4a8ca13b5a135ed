"""The intake form in the order of a call: danger first, then what, the child, the other one, the caller."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from catalogue.loader import Catalogue
from desk.pages.form_fields import OF_CODES, PROBLEM_WORDS, YES_NO, Field, problems_of, unfit
from desk.pages.intake_words import CALL_LINES, CALL_WORDS, SAY
from desk.pages.odd_numbers import NUMBERS, SEEN
from desk.pages.translation import N_, Said, say
from models.vocabulary import NO_REQUEST, CallType, Nature
from notifications.messages import Language
from tasks.receiving.intake_form import IntakeForm

SOURCE = "desk"
MOST_FIELDS = 60
SHORT = "short"
BESIDE = ("ask", "knowledge_entry", "same_matter_as", *(f"{SEEN}{name}" for name in NUMBERS))
"""What the form keeps beside the fields of its sections."""
_CHINESE = re.compile("[\u4e00-\u9fff]")
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
NATURE_WORDS: dict[Nature, Said] = {
    Nature.CONSULT: N_("Asks something"),
    Nature.HELP: N_("Asks for help"),
    Nature.COMPLAINT: N_("Complains"),
    Nature.REPORT: N_("Reports"),
    Nature.SUGGEST: N_("Suggests"),
    Nature.PRAISE: N_("Praises"),
    Nature.OTHER: N_("Other"),
}
SPOKEN = tuple(each for each in CallType if each not in NO_REQUEST)
HANDED_TO_WORDS: dict[str, Said] = {
    "110": N_("110 police"), "120": N_("120 ambulance"), "119": N_("119 fire"), "122": N_("122 traffic"),
}  # fmt: skip
HAND_OVER = (
    Field("handed_over.to", N_("Handed to"), "select", HANDED_TO_WORDS),
    Field("handed_over.at", N_("When (Beijing time; empty means now)"), "moment"),
    Field("handed_over.receipt", N_("Number of the receipt"), most=50, hint=OF_CODES),
    Field("handed_over.by", N_("By whom (staff number)"), most=20),
)  # fmt: skip
SHORT_FIELDS = (
    Field("call_type", SAY["short_type"], "radio", {each.value: CALL_WORDS[each] for each in CallType if each in NO_REQUEST}, required=True),
    Field("reporter.contact", SAY["short_number"], most=200),
    Field("text", SAY["short_note"], "textarea", most=2000, rows=2),
    Field("danger_now", SAY["short_danger"], "check"),
)
"""The form for calls in which nobody asks for anything; its names are those of the long one."""


@dataclass(frozen=True)
class Section:
    """One step of the call: its heading, what the operator should bear in mind, and its fields.

    `tool` names what the desk offers to look up there: `hand_over`, `matter` or `knowledge`.
    """

    title: Said
    about: Said
    fields: tuple[Field, ...]
    tool: str = ""


def sections(catalogue: Catalogue) -> tuple[Section, ...]:
    """The whole form; kinds and units are those of the catalogue in force."""
    units = {code: (each.name_zh, each.name_en) for code, each in catalogue.departments.items()}
    kinds = {code: (f"{code} {each.name_zh}", f"{code} {each.name_en}") for code, each in catalogue.kinds.items()}
    return (
        Section(
            N_("1. Is a child in danger now?"),
            N_("If so: join 110 or 120 to the call at once, keep the caller, then save. Handing over never replaces the record."),
            (Field("danger_now", N_("In danger now"), "radio", YES_NO, required=True), *HAND_OVER),
            "hand_over",
        ),
        Section(
            N_("2. What is told"),
            N_("In the caller's own words. The kind may be left empty: the desk suggests one."),
            (
                Field("call_type", N_("Who calls"), "select", {each.value: CALL_WORDS[each] for each in SPOKEN}),
                Field("text", N_("In words"), "textarea", required=True, most=20_000, rows=9),
                Field("nature", N_("What the caller wants"), "select", {n.value: w for n, w in NATURE_WORDS.items()}),
                Field("kind", N_("Kind"), "select", kinds),
            ),
        ),
        Section(
            N_("3. The child"),
            N_("The caller need not be the child, nor the guardian."),
            (
                Field("child.name", N_("Name"), most=200),
                Field("child_age", N_("Age"), "number"),
                Field("child.address", N_("Where the child is; home; school"), "textarea", most=500, rows=2),
                Field("child.contact", N_("How to reach the child"), most=200),
            ),
        ),
        Section(
            N_("4. Whom it is about"),
            N_("A unit named here never sees the order."),
            (
                Field("suspect.name", N_("Name"), most=200),
                Field("suspect.note", N_("Who it is, relation to the child"), "textarea", most=2000, rows=2),
                Field("suspect_is_guardian", N_("It is a guardian"), "check"),
                Field("complained_of", N_("Unit it is about"), "select", units),
            ),
        ),
        Section(
            N_("5. The caller"),
            N_("May stay anonymous; nobody calls back without consent."),
            (
                Field("reporter.anonymous", N_("Wants to stay anonymous"), "check"),
                Field(
                    "reporter.keep_secret", N_("Keep the identity secret"), "check", checked=True,
                    hint=N_("Ticked, because the law has everybody keep it secret who told us. Untick it only if the caller says the unit may know who called; where harm is suspected no unit learns it either way."),
                ),
                Field("reporter.name", N_("Name"), most=200),
                Field("reporter.contact", N_("A number that is safe to call"), most=200),
                Field(
                    "reporter.may_call_back", N_("May be called back"), "check",
                    hint=N_("Also by the unit, if the caller is not kept secret from it. Without it nobody calls, and no unit is told who called."),
                ),
                Field("reporter.may_leave_message", N_("A message may be left"), "check"),
                Field("reporter.safe_from", N_("Safe hours, from"), "time"),
                Field("reporter.safe_to", N_("to"), "time"),
                Field("reporter.note", N_("Code word; who must not learn of this"), "textarea", most=2000, rows=2),
            ),
            "matter",
        ),
        Section(
            N_("6. Summary for the departments"),
            N_("Departments read this and never the caller's own words. Left empty, the desk drafts it unless harm is suspected."),
            (Field("summary", N_("Summary, without the caller"), "textarea", most=20_000, rows=4),),
        ),
        Section(
            N_("7. Answered on the call"),
            N_("Only for a question that was answered on the call."),
            (Field("answer", N_("The answer"), "textarea", most=20_000, rows=6),),
            "knowledge",
        ),
    )


@dataclass(frozen=True)
class SentIntake:
    """What was sent: the request, or what is wrong with it by field; `once` tells a double click.

    `act` is the button that sent it: `save`, `short`, `draft`, `drop`, `matter`, `knowledge` or `use`;
    `entry` is the draft to drop, or the entry of the knowledge base to use.
    """

    once: str
    typed: dict[str, str]
    form: IntakeForm | None
    problems: dict[str, Said]
    act: str = "save"
    entry: str = ""

    @property
    def is_short(self) -> bool:
        """Whether it is one of the calls in which nobody asks for anything."""
        return self.act == SHORT or self.typed.get("call_type") in NO_REQUEST


def read_intake(body: bytes, catalogue: Catalogue, words: str = "zh") -> SentIntake:
    """Read a form that came in; never raises for what somebody typed.

    Args:
        body: As the browser sent it.
        catalogue: In force.
        words: The language of the page, `zh` or `en`, for what the desk itself writes.
    """
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        return SentIntake("", {}, None, {"text": PROBLEM_WORDS["unfit"]})
    sent = {name: value.strip() for name, value in pairs if value.strip()}
    once, (act, _, entry) = sent.pop("once", ""), sent.pop("act", "save").partition(":")
    fields = {each.name: each for each in (SHORT_FIELDS if act == SHORT else _long(catalogue))}
    typed = {name: value for name, value in sent.items() if name in fields or (name in BESIDE and act != SHORT)}
    if act == SHORT and typed.get("call_type") not in NO_REQUEST:
        return SentIntake(once, typed, None, {"call_type": PROBLEM_WORDS["missing"]}, act)
    problems = {each.name: PROBLEM_WORDS["missing"] for each in fields.values() if each.required and each.name not in typed}
    said = (_short(typed, words) if act == SHORT else _nested(typed, fields)) | {"source": SOURCE, "source_ref": once or None}
    # The language of the words, not of the page that the operator happens to read.
    said["language"] = "zh" if _CHINESE.search(said.get("text", "")) else "en"
    try:
        form = IntakeForm.model_validate(said)
    except ValidationError as error:
        told = {name: unfit(fields[name]) if name in fields and said == PROBLEM_WORDS["unfit"] else said for name, said in problems_of(error).items()}
        return SentIntake(once, typed, None, told | problems, act, entry)
    return SentIntake(once, typed, None if problems else form, problems, act, entry)


def _long(catalogue: Catalogue) -> list[Field]:
    return [each for section in sections(catalogue) for each in section.fields]


def _short(typed: Mapping[str, str], words: str) -> dict[str, Any]:
    """A call without a request: what was not typed is what is safest to suppose."""
    number, line = typed.get("reporter.contact"), CALL_LINES[CallType(typed["call_type"])]
    return {
        "call_type": typed["call_type"],
        "text": typed.get("text") or say(line, Language(words)),
        "danger_now": typed.get("danger_now", "false"),
        "reporter": {"anonymous": True} | ({"contact": number} if number else {}),
    }


def _nested(typed: Mapping[str, str], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Dotted names as the form has them: a box that is not ticked says no."""
    said: dict[str, Any] = {}
    for name, field in fields.items():
        if field.kind != "check" and name not in typed:
            continue
        value = typed.get(name, "false")
        person, _, part = name.rpartition(".")
        (said.setdefault(person, {}) if person else said)[part] = _moment(value) if field.kind == "moment" else value
    beside = {"same_matter_as"} | ({"knowledge_entry"} if "answer" in typed else set())
    return said | {name: typed[name] for name in beside if name in typed}


def _moment(typed: str) -> str:
    # A browser's own field knows no zone: the desk's wall clock is meant.
    return f"{typed}+08:00" if _LOCAL_TIME.fullmatch(typed) else typed
