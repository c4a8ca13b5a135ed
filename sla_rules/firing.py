"""When a rung of a ladder fires: before, at or after the due time, or counted from the start."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import PlainValidator

from sla_rules.limits import parse_limit

_PERCENT_LATE = re.compile(r"(\d{1,4})\s*% after due", re.ASCII)


class Anchor(StrEnum):
    """What a rung is counted from."""

    START = "start"
    WARNING = "warning"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True)
class Firing:
    """`after` counts from the start by the clock; `percent` of the limit counts after due.

    WARNING takes its percent from the rule (`warn_before_percent`).
    """

    anchor: Anchor
    after: timedelta = timedelta()
    percent: int = 0


def parse_firing(written: Any) -> Firing:
    """What `warning`, `due`, `10 % after due` or `15 min after start` says.

    Raises:
        ValueError: It says none of these.
    """
    if written in ("warning", "due"):
        return Firing(Anchor(written))
    if isinstance(written, str) and written.endswith(" after start"):
        return Firing(Anchor.START, after=parse_limit(written.removesuffix(" after start")).length)
    found = _PERCENT_LATE.fullmatch(written) if isinstance(written, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError(
            f"{str(written)!r} is no moment; write warning, due, 10 % after due or 15 min after start"
        )
    return Firing(Anchor.LATE, percent=int(found[1]))


WrittenFiring = Annotated[Firing, PlainValidator(parse_firing)]
"""A moment in a rule file."""
