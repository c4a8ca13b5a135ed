"""A form for one kind of news as a page shows it, and reading what was sent with it.

No script and no file: fields come as `application/x-www-form-urlencoded`, are read into the same news
forms as the API's, and a mistake is told beside its field. What was typed goes back to its sender only.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from fastapi.requests import Request
from pydantic import ValidationError

from desk.pages.form_fields import PROBLEM_WORDS, Field, problems_of, unfit
from desk.pages.refusal_words import field_refused, refusal_words
from desk.pages.translation import N_, Said, say
from desk.pages.words import Words
from models.vocabulary import NewsKind
from notifications.messages import Language
from tasks.news.forms import NEWS_FORMS, NewsForm

MOST_FIELDS = 20
ONCE = re.compile(r"[A-Za-z0-9_-]{16,40}", re.ASCII)
INSISTS = Field("insists", N_("Send it as it is; I know that it will come back and that no limit stops"), "check")
"""The box by which a sender lets go as it is what the desk has advised against."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)


@dataclass(frozen=True)
class Sheet:
    """One form as it is drawn: `typed` and `problems` are by field, empty at first."""

    kind: NewsKind
    title: Said
    about: Said
    fields: tuple[Field, ...]
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """What was sent: the news, or what is wrong with it by field; `once` tells a double click.

    `insists` says that the box was ticked by which the sender lets it go as it is, `may_insist` that it should be offered.
    """

    once: str
    typed: dict[str, str]
    news: NewsForm | None
    problems: dict[str, Said]
    insists: bool = False
    may_insist: bool = False


async def body_of(request: Request) -> bytes:
    """The bytes of a form; the guard has limited them."""
    return await request.body()


def read_news(kind: NewsKind, body: bytes, fields: Sequence[Field]) -> Sent:
    """Read a form that came in; never raises for what somebody typed."""
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        return Sent("", {}, None, {"": PROBLEM_WORDS["unfit"]})
    known = {each.name: each for each in fields}
    said: dict[str, str] = {}
    for name, value in pairs:
        if value.strip():
            several = name in said and name in known and known[name].kind == "checks"
            said[name] = f"{said[name]} {value.strip()}" if several else value.strip()
    once, insists = said.pop("once", ""), said.pop(INSISTS.name, "") == "true"
    typed = {name: value for name, value in said.items() if name in known}
    try:
        news = NEWS_FORMS[kind].model_validate({name: _value(known[name], value) for name, value in typed.items()})
    except ValidationError as error:
        return Sent(once, typed, None, {name: _told(known.get(name), said) for name, said in problems_of(error).items()})
    if not ONCE.fullmatch(once):
        return Sent(once, typed, None, {"": PROBLEM_WORDS["unfit"]})
    return Sent(once, typed, news, {}, insists)


def misfit(sent: Sent, fields: Sequence[Field], name: str, code: str) -> Sent:
    """The same with one field that the case, a list or a person does not let stand, by a code of `PROBLEM_WORDS`."""
    known = {each.name: each for each in fields}
    return Sent(sent.once, sent.typed, None, {name: _told(known.get(name), PROBLEM_WORDS[code])})


def refused(sent: Sent, fields: Sequence[Field], code: str, words: Words) -> Sent:
    """The same with what the case would refuse it for, at the field that it is about."""
    name = field_refused(code, {each.name for each in fields})
    return Sent(sent.once, sent.typed, None, {name: refusal_words(code, words)})


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a form: in words, and the mark of its field on the page; none if it is about the whole."""

    words: str
    mark: str = ""


def faults_of(sheet: Sheet, words: Words) -> list[Fault]:
    """What is wrong with a form that was sent, each fault with its field, for the top of the page."""
    return named_faults(sheet.fields, sheet.problems, words, sheet.kind.value)


def named_faults(fields: Iterable[Field], problems: Mapping[str, Said], words: Words, form: str) -> list[Fault]:
    """Each fault with the name of its field and where it stands; `form` is what the marks of its fields begin with."""
    names = {each.name: words.pick(each.words) for each in fields}
    return [
        Fault(f"{names[name]}{words.colon}{words.pick(said)}", f"{form}-{name.replace('.', '-')}") if name in names else Fault(words.pick(said))
        for name, said in problems.items()
    ]


def _told(field: Field | None, said: Said) -> Said:
    if field is not None and field.kind == "named" and said == PROBLEM_WORDS["missing"]:
        return PROBLEM_WORDS["owner_missing"]
    return unfit(field) if field is not None and said == PROBLEM_WORDS["unfit"] else said


def _value(of: Field, typed: str) -> Any:
    if of.kind == "named":
        return next((code for code, name in of.choices.items() if typed.casefold() in _names(code, name)), typed)
    if of.kind == "moment" and _TIME.fullmatch(typed):
        # A browser's own field knows no zone: the desk's wall clock is meant.
        return f"{typed}:00+08:00"
    if of.kind == "checks":
        return typed.split()
    return [typed] if of.kind == "unit" else typed


def _names(code: str, name: Said) -> set[str]:
    """Everything that a choice is called, in either language."""
    return {code.casefold(), *(say(name, each).casefold() for each in (Language.ZH, Language.EN))}
