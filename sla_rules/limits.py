"""How long: the limits supervisors write as `15 min`, `2 h` or `7 d`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

from pydantic import PlainValidator

_WRITTEN = re.compile(r"(\d{1,4})\s*(min|h|d)", re.ASCII)


class Unit(StrEnum):
    """What a limit is written in."""

    MINUTES = "min"
    HOURS = "h"
    DAYS = "d"


_LENGTH = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
}


@dataclass(frozen=True)
class Limit:
    """A length of time above zero, kept in the unit it was written in."""

    amount: int
    unit: Unit

    @property
    def length(self) -> timedelta:
        """By the clock; a day is 24 hours here, whatever a calendar makes of it."""
        return self.amount * _LENGTH[self.unit]

    @cached_property
    def microseconds(self) -> int:
        """The length as a whole number, for counting many."""
        return self.length // timedelta(microseconds=1)

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


def parse_limit(written: Any) -> Limit:
    """The limit that `written` names.

    Raises:
        ValueError: It is not a whole number above zero followed by min, h or d.
    """
    found = _WRITTEN.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{str(written)!r} is not a limit; write for example 15 min, 2 h or 7 d")
    if int(found[1]) == 0:
        raise ValueError("a limit must be more than zero; leave the rule out if there is none")
    return Limit(int(found[1]), Unit(found[2]))


WrittenLimit = Annotated[Limit, PlainValidator(parse_limit)]
"""A limit in a rule file."""
