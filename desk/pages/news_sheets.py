"""A form for one kind of news as a page shows it, and reading what was sent with it.

No script and no file: fields come as `application/x-www-form-urlencoded`, are read into the same news
forms as the API's, and a mistake is told beside its field. What was typed goes back to its sender only.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from fastapi.requests import Request
from pydantic import ValidationError

from desk.pages.form_fields import PROBLEM_WORDS, Field, problems_of
from desk.pages.translation import Said
from models.vocabulary import NewsKind
from tasks.news.forms import NEWS_FORMS, NewsForm

MOST_FIELDS = 20
ONCE = re.compile(r"[A-Za-z0-9_-]{16,40}", re.ASCII)
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
    """What was sent: the news, or what is wrong with it by field; `once` tells a double click."""

    once: str
    typed: dict[str, str]
    news: NewsForm | None
    problems: dict[str, Said]


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
    once = said.pop("once", "")
    typed = {name: value for name, value in said.items() if name in known}
    try:
        news = NEWS_FORMS[kind].model_validate({name: _value(known[name], value) for name, value in typed.items()})
    except ValidationError as error:
        return Sent(once, typed, None, problems_of(error))
    if not ONCE.fullmatch(once):
        return Sent(once, typed, None, {"": PROBLEM_WORDS["unfit"]})
    return Sent(once, typed, news, {})


def _value(of: Field, typed: str) -> Any:
    if of.kind == "moment" and _TIME.fullmatch(typed):
        # A browser's own field knows no zone: the desk's wall clock is meant.
        return f"{typed}:00+08:00"
    if of.kind == "checks":
        return typed.split()
    return [typed] if of.kind == "unit" else typed
