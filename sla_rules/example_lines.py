"""Examples in one line: `Fri 2026-09-18 17:30, U3, education, feedback → due Fri 2026-09-25 24:00`."""

import re
from typing import Any

from models.vocabulary import Grade, Nature, Target

_ARROW = re.compile(r"\s*(?:→|->|=>|⇒)\s*")
_COMMA = re.compile(r"\s*[,，、;；]\s*")
_KIND = re.compile(r"[A-Z]\d\d")
_LOOKS_LIKE_MOMENT = re.compile(r"\d\d:\d\d")
_DUE = re.compile(r"(?:is\s+)?due\b\s*|到期\s*", re.IGNORECASE)
_PROVISIONAL = re.compile(r"[\s,，(（]*(?:provisional|暂定)[)）]?\s*$", re.IGNORECASE)
_NOT_MEASURED = ("none", "not measured", "不计时", "无")

# Python 3.11 refuses to look a plain string up in an enum itself.
_GRADES, _TARGETS, _NATURES = ({each.value for each in words} for words in (Grade, Target, Nature))

NOTHING = "none"
"""How an example says that the grade does not measure the target."""


def parse_line(written: str) -> dict[str, Any]:
    """The fields of a `WrittenExample` that the line names, in any order left of the arrow.

    A word that is no moment, grade, target, nature or kind is taken for a department, whose name
    only the catalogue can tell.

    Raises:
        ValueError: There is no arrow, something is named twice, or a word says nothing.
    """
    sides = _ARROW.split(written.strip())
    if len(sides) != 2:
        raise ValueError(
            f"{written!r} is no example; write Fri 2026-09-18 17:30, U3, feedback → due Fri 2026-09-25 24:00"
        )
    fields: dict[str, Any] = {"say": " ".join(written.split())}
    for word in filter(None, _COMMA.split(sides[0])):
        name, value = _meaning(word)
        if name in fields:
            raise ValueError(f"{fields[name]} and {word!r} are both given as {name}")
        fields[name] = value
    due = _DUE.sub("", _PROVISIONAL.sub("", sides[1]), count=1).strip()
    fields["due"] = NOTHING if due.lower() in _NOT_MEASURED else due
    fields["provisional"] = bool(_PROVISIONAL.search(sides[1]))
    return fields


def _meaning(word: str) -> tuple[str, Any]:
    if _LOOKS_LIKE_MOMENT.search(word):
        return "received", word
    code = re.sub(r"[\s-]+", "_", word)
    if code.upper() in _GRADES:
        return "grade", Grade(code.upper())
    if code.lower() in _TARGETS:
        return "target", Target(code.lower())
    if code.upper() in _NATURES:
        return "nature", Nature(code.upper())
    if _KIND.fullmatch(code.upper()):
        return "kind", code.upper()
    return "department", word
