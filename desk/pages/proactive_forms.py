"""The forms on proactive orders: which act has which fields, and reading what was sent; no script, no file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from pydantic import ValidationError

from analysis.proactive.rules import Named, ProactiveRules
from catalogue.loader import Catalogue
from desk.pages.form_fields import YES_NO, Field
from desk.pages.news_sheets import ONCE
from desk.pages.proactive_words import FIELD_WORDS, FORM_WORDS
from desk.pages.translation import Said as Words
from models.proactive import OrderAct
from tasks.proactive.answering import MOST_TEXT, Said

MOST_FIELDS = 30
_FIELDS: dict[OrderAct, str] = {
    OrderAct.ACCEPTED: "",
    OrderAct.PLANNED: "text",
    OrderAct.PROGRESS: "text",
    OrderAct.RESULT_GIVEN: "text measures",
    OrderAct.OBJECTED: "reason text",
    OrderAct.BRIEFED: "text",
    OrderAct.OWNER_NAMED: "owner text?",
    OrderAct.OBJECTION_DECIDED: "upheld owner? text?",
    OrderAct.SENT_BACK: "reason text?",
    OrderAct.CLOSED: "reason text?",
    OrderAct.WITHDRAWN: "reason text?",
}


@dataclass(frozen=True)
class Sheet:
    """One form as it is drawn; `typed` goes back to its sender only."""

    act: OrderAct
    title: Words
    about: Words
    fields: tuple[Field, ...]
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """What was sent; `said` is None if it does not fit at all, `once` tells a double click."""

    once: str
    typed: Mapping[str, str]
    said: Said | None


def sheet_for(act: OrderAct, rules: ProactiveRules, catalogue: Catalogue, typed: Mapping[str, str] | None = None) -> Sheet:
    """The form of one act."""
    title, about = FORM_WORDS[act]
    fields = tuple(_field(name, act, rules, catalogue) for name in _FIELDS[act].split())
    return Sheet(act, title, about, fields, typed or {})


def _field(said: str, act: OrderAct, rules: ProactiveRules, catalogue: Catalogue) -> Field:
    name, required = said.rstrip("?"), not said.endswith("?")
    words = FIELD_WORDS[name]
    if name == "upheld":
        return Field(name, words, "radio", YES_NO, required=True)
    if name == "measures":
        return Field(name, words, "checks", _choices(rules.measures))
    if name == "reason":
        return Field(name, words, "select", _choices(_reasons(act, rules)), required)
    if name == "owner":
        units = {code: (unit.name_zh, unit.name_en) for code, unit in catalogue.departments.items() if unit.may_lead}
        return Field(name, words, "select", units, required)
    return Field(name, words, "textarea", required=required, most=MOST_TEXT)


def _reasons(act: OrderAct, rules: ProactiveRules) -> tuple[Named, ...]:
    return {
        OrderAct.OBJECTED: rules.objections,
        OrderAct.SENT_BACK: rules.sent_back,
        OrderAct.CLOSED: rules.closings,
        OrderAct.WITHDRAWN: rules.withdrawals,
    }[act]


def _choices(listed: tuple[Named, ...]) -> dict[str, Words]:
    return {each.code: (each.name.zh, each.name.en) for each in listed}


def read_form(act: OrderAct, body: bytes) -> Sent:
    """Read a form that came in; never raises for what somebody typed."""
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        return Sent("", {}, None)
    known = {name.rstrip("?") for name in _FIELDS[act].split()}
    typed: dict[str, str] = {}
    for name, value in pairs:
        if value.strip() and name in known:
            typed[name] = f"{typed[name]} {value.strip()}" if name == "measures" and name in typed else value.strip()
    once = dict(pairs).get("once", "")
    fields: dict[str, object] = {**typed, "act": act}
    if "measures" in typed:
        fields["measures"] = typed["measures"].split()
    try:
        said = Said.model_validate(fields)
    except ValidationError:
        return Sent(once, typed, None)
    return Sent(once, typed, said if ONCE.fullmatch(once) else None)
