"""When a rung of a ladder fires: before, at or after the due time, or counted from the start."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from sla_rules.limits import Limit, parse_limit

_AROUND_DUE = re.compile(r"(\d+\s*(?:%|[A-Za-z]+))\s+(before|after)\s+(due|start)", re.ASCII)
_PERCENT = re.compile(r"(\d{1,4})\s*%", re.ASCII)
_EXAMPLES = ["warning", "50 % before due", "2 h before due", "due", "30 min after due", "15 min after start"]


class Anchor(StrEnum):
    """What a rung is counted from."""

    START = "start"
    WARNING = "warning"
    BEFORE = "before"
    DUE = "due"
    LATE = "late"


STAGE: dict[Anchor, int] = {
    Anchor.START: 0,
    Anchor.WARNING: 1,
    Anchor.BEFORE: 1,
    Anchor.DUE: 2,
    Anchor.LATE: 3,
}
"""Which come before which, whatever the rule's limit is; within a stage the lengths decide."""


@dataclass(frozen=True)
class Firing:
    """A rung's moment; BEFORE and LATE have either a length `by` or a `percent` of the rule's limit.

    START has a length, counted by the clock. WARNING takes its percent from the rule
    (`warn_before_percent`), and everything around due is counted in the rule's own kind of time.
    """

    anchor: Anchor
    by: Limit | None = None
    percent: int = 0

    def __str__(self) -> str:
        if self.anchor in (Anchor.WARNING, Anchor.DUE):
            return str(self.anchor)
        if self.anchor is Anchor.START:
            return f"{self.by} after start"
        return f"{self.by or f'{self.percent} %'} {'before' if self.anchor is Anchor.BEFORE else 'after'} due"


def parse_firing(written: Any) -> Firing:
    """What `warning`, `2 h before due`, `due`, `10 % after due` or `15 min after start` says.

    Raises:
        ValueError: It says none of these.
    """
    said = written.strip() if isinstance(written, str) else ""
    if said in ("warning", "due"):
        return Firing(Anchor(said))
    found = _AROUND_DUE.fullmatch(said)
    if found is None:
        raise ValueError(
            f"{str(written)!r} is no moment; write warning, 2 h before due, due, 10 % after due,"
            " 30 min after due or 15 min after start"
        )
    length, side, of = found.groups()
    return _from_start(length, side) if of == "start" else _around_due(length, side)


def _from_start(length: str, side: str) -> Firing:
    if side == "before":
        raise ValueError("nothing can be told before the start; write after start or before due")
    return Firing(Anchor.START, by=parse_limit(length))


def _around_due(length: str, side: str) -> Firing:
    anchor = Anchor.BEFORE if side == "before" else Anchor.LATE
    share = _PERCENT.fullmatch(length)
    if share is None:
        return Firing(anchor, by=parse_limit(length))
    percent = int(share[1])
    if percent == 0:
        raise ValueError("0 % is the due time itself; write due")
    if anchor is Anchor.BEFORE and percent > 99:
        raise ValueError(f"{percent} % before due is not after the start; write at most 99 %")
    return Firing(anchor, percent=percent)


WrittenFiring = Annotated[
    Firing,
    PlainValidator(parse_firing),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*(warning|due|\d{1,4}\s*%\s+(before|after)\s+due"
            r"|\d{1,4}\s*(min|h|d)\s+(before|after)\s+due|\d{1,4}\s*(min|h|d)\s+after\s+start)\s*$",
            "description": "When this level fires, counted in the clock's own time; after start: by the clock.",
            "examples": _EXAMPLES,
        }
    ),
]
"""A moment in a rule file."""
