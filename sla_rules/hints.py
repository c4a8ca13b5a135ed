"""From pydantic's errors to words for whoever edits the file, with a guess at what was meant."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel

from models.rule_files import NotYamlError
from models.spelling import did_you_mean, nearest
from models.vocabulary import Recipient
from sla_rules.calendar_file import WEEKDAYS, parse_days, parse_hours
from sla_rules.firing import parse_firing
from sla_rules.known import Known
from sla_rules.ladder_rules import parse_addressee
from sla_rules.limits import parse_limit
from sla_rules.places import keys_at, parser_at
from sla_rules.rewriting import better_day, better_hours, better_limit, better_moment, limit_in_other_time

_QUOTED = re.compile(r"'([^']*)'")

REASONS: dict[str, str] = {
    "missing": "required, but not there",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_type": "must be a day, written as 2026-01-31 without quotes",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "recursion_loop": "an alias (*name) leads back to itself",
    "invalid_key": "a key must be text",
}
"""Pydantic's kinds of error whose words are a programmer's."""


def reason_and_hint(error: Mapping[str, Any], model: type[BaseModel], known: Known | None) -> tuple[str, str]:
    """What is wrong, and what to write instead.

    Args:
        error: One entry of `ValidationError.errors()`.
        model: What the whole file was to become.
        known: Names of departments, for hints.
    """
    kind, location, written = error["type"], error["loc"], error["input"]
    match kind:
        case "extra_forbidden":
            return "unknown key", _other_key(str(location[-1]), keys_at(model, location[:-1]))
        case "enum" | "literal_error":
            words = _QUOTED.findall(error["ctx"]["expected"])
            reason = f"{str(written)!r} is not known; known are {', '.join(words)}"
            return reason, did_you_mean(str(written), words)
        case "model_type" | "dict_type":
            return f"must have entries of the form `key: value`, not {_what_it_is(written)}", ""
        case "tuple_type" | "list_type":
            hint = f"write [{written}]" if isinstance(written, str | int) and len(str(written)) < 60 else ""
            return f"must be a list, not {_what_it_is(written)}", hint
        case "string_pattern_mismatch":
            return _misshapen(location, written, known)
        case "value_error":
            return str(error["ctx"]["error"]), _for_value(model, location, written)
        case _:
            reason = REASONS.get(kind, str(error["msg"]))
            return reason, _for_type(kind, str(location[-1]) if location else "", written)


def yaml_hint(error: NotYamlError) -> str:
    """What to look for in a text that is not YAML."""
    for part, hint in _YAML_HINTS.items():
        if part in error.reason:
            return hint
    return "look at this line and the one above it; a file saved half-way ends in the middle of something"


_YAML_HINTS: dict[str, str] = {
    "\\t": "indent with spaces, not with tabs",
    "another document": "nothing may stand below the end line ...; move it above",
    "duplicate key": "keep one of the two",
    "alias": "define &name above the first *name, or write the values out",
    "U+0000": "the file is damaged; take the last good copy",
    "nested too deeply": "this is no rule file",
    "out of range": "write a day that exists",
    "must be in": "write a day that exists",
}


def _other_key(written: str, keys: tuple[str, ...]) -> str:
    return did_you_mean(written, keys) or f"remove it; the keys here are {', '.join(keys)}"


def _what_it_is(written: object) -> str:
    if written is None:
        return "nothing"
    if isinstance(written, Mapping):
        return "entries of the form `key: value`"
    if isinstance(written, list | tuple):
        return "a list"
    return f"the single value {str(written)!r}"


def _misshapen(location: tuple[str | int, ...], written: object, known: Known | None) -> tuple[str, str]:
    if "departments" in location:
        guess = did_you_mean(written, known.departments, known.names) if known else ""
        return f"{str(written)!r} is not a department's code", guess or "write its code, such as EDU"
    shape = re.sub(r"[^a-z0-9]+", "-", str(written).lower()).strip("-")
    hint = f"write {shape}" if shape else "write for example u3-feedback"
    return f"{str(written)!r} must be of small letters and digits, joined by - or _", hint


def _for_value(model: type[BaseModel], location: tuple[str | int, ...], written: Any) -> str:
    """For what our own parsers and validators refused."""
    if location and location[-1] == "week" and isinstance(written, Mapping):
        pairs = [(day, nearest(day, WEEKDAYS)) for day in written if day not in WEEKDAYS]
        return "; ".join(f'did you mean "{day}" by {each}?' for each, day in pairs if day)
    if location and location[-1] == "zone":
        guess = "Asia/Shanghai" if _is_chinese(written) else nearest(written, sorted(available_timezones()))
        return f'did you mean "{guess}"?' if guess else ""
    parser = parser_at(model, location)
    if parser is parse_addressee:
        return did_you_mean(written, ["HANDLER", *(each.value for each in Recipient)])
    better = _REWRITERS.get(parser)
    guess = better(written) if better else None
    if guess is not None and guess == written and parser is parse_limit:
        return limit_in_other_time(parse_limit(guess))
    return f'did you mean "{guess}"?' if guess and guess != written else ""


_REWRITERS: dict[Any, Callable[[object], str | None]] = {
    parse_limit: better_limit,
    parse_firing: better_moment,
    parse_hours: better_hours,
    parse_days: better_day,
}


def _is_chinese(zone: object) -> bool:
    named = str(zone).lower()
    return any(part in named for part in ("beijing", "china", "北京", "中国", "上海", "gmt+8", "utc+8", "+08"))


def _for_type(kind: str, field: str, written: object) -> str:
    if kind == "missing":
        return f"add `{field}:`"
    if kind == "string_type" and isinstance(written, int | float):
        return f'put it in quotes: "{written}"'
    if kind.startswith("bool"):
        return f"write {'true' if str(written) in ('是', 'ja', 'oui', 'ok') else 'true or false'}"
    if kind.startswith("date"):
        day = better_day(written)
        return f"write {day}" if day else ""
    return ""
