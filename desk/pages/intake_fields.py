"""The intake form in the order of a call: danger first, then what, the child, the other one, the caller."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from catalogue.loader import Catalogue
from desk.pages.form_fields import PROBLEM_WORDS, YES_NO, Field, problems_of
from desk.pages.translation import N_, Said
from models.vocabulary import Nature
from tasks.intake import IntakeForm

SOURCE = "desk"
MOST_FIELDS = 60
_CHINESE = re.compile("[\u4e00-\u9fff]")
NATURE_WORDS: dict[Nature, Said] = {
    Nature.CONSULT: N_("Asks something"),
    Nature.HELP: N_("Asks for help"),
    Nature.COMPLAINT: N_("Complains"),
    Nature.REPORT: N_("Reports"),
    Nature.SUGGEST: N_("Suggests"),
    Nature.PRAISE: N_("Praises"),
    Nature.OTHER: N_("Other"),
}


@dataclass(frozen=True)
class Section:
    """One step of the call: its heading, what the operator should bear in mind, and its fields."""

    title: Said
    about: Said
    fields: tuple[Field, ...]


def sections(catalogue: Catalogue) -> tuple[Section, ...]:
    """The whole form; kinds and units are those of the catalogue in force."""
    units = {code: (each.name_zh, each.name_en) for code, each in catalogue.departments.items()}
    kinds = {code: (f"{code} {each.name_zh}", f"{code} {each.name_en}") for code, each in catalogue.kinds.items()}
    return (
        Section(
            N_("1. Is a child in danger now?"),
            N_("If so: join 110 or 120 to the call at once, keep the caller, then save. Handing over never replaces the record."),
            (Field("danger_now", N_("In danger now"), "radio", YES_NO, required=True),),
        ),
        Section(
            N_("2. What is told"),
            N_("In the caller's own words. The kind may be left empty: the desk suggests one."),
            (
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
                Field("reporter.keep_secret", N_("Keep the identity secret"), "check", checked=True),
                Field("reporter.name", N_("Name"), most=200),
                Field("reporter.contact", N_("A number that is safe to call"), most=200),
                Field("reporter.may_call_back", N_("May be called back"), "check"),
                Field("reporter.may_leave_message", N_("A message may be left"), "check"),
                Field("reporter.safe_from", N_("Safe hours, from"), "time"),
                Field("reporter.safe_to", N_("to"), "time"),
                Field("reporter.note", N_("Code word; who must not learn of this"), "textarea", most=2000, rows=2),
            ),
        ),
        Section(
            N_("6. For the departments"),
            N_("Departments read this and never the caller's own words. Left empty, the desk drafts it unless harm is suspected."),
            (Field("summary", N_("Summary, without the caller"), "textarea", most=20_000, rows=4),),
        ),
        Section(
            N_("7. Answered on the call"),
            N_("Only for a question that was answered on the call."),
            (Field("answer", N_("The answer"), "textarea", most=20_000, rows=3),),
        ),
    )


@dataclass(frozen=True)
class SentIntake:
    """What was sent: the request, or what is wrong with it by field; `once` tells a double click."""

    once: str
    typed: dict[str, str]
    form: IntakeForm | None
    problems: dict[str, Said]


def read_intake(body: bytes, catalogue: Catalogue) -> SentIntake:
    """Read a form that came in; never raises for what somebody typed."""
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        return SentIntake("", {}, None, {"text": PROBLEM_WORDS["unfit"]})
    fields = {each.name: each for section in sections(catalogue) for each in section.fields}
    sent = {name: value.strip() for name, value in pairs if value.strip()}
    once = sent.pop("once", "")
    typed = {name: value for name, value in sent.items() if name in fields}
    problems = {each.name: PROBLEM_WORDS["missing"] for each in fields.values() if each.required and each.name not in typed}
    # The language of the words, not of the page that the operator happens to read.
    language = "zh" if _CHINESE.search(typed.get("text", "")) else "en"
    try:
        form = IntakeForm.model_validate(_nested(typed, fields) | {"language": language, "source": SOURCE, "source_ref": once or None})
    except ValidationError as error:
        return SentIntake(once, typed, None, problems_of(error) | problems)
    return SentIntake(once, typed, None if problems else form, problems)


def _nested(typed: Mapping[str, str], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Dotted names as the form has them: a box that is not ticked says no."""
    said: dict[str, Any] = {}
    for name, field in fields.items():
        if field.kind != "check" and name not in typed:
            continue
        value = typed.get(name, "false")
        person, _, part = name.rpartition(".")
        (said.setdefault(person, {}) if person else said)[part] = value
    return said
