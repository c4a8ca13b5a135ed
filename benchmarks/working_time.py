"""Does our working time agree with what other systems' own tests say?

    python -m benchmarks.working_time --vectors FILE --json

prints how many vectors there are, how many match and the ids of those that differ. A vector that
cannot be answered (swapped ends, a negative length, no open time) matches only if an error is
what it expects. An operation we do not know differs, and is named on the error output. Ends with 0
whatever differs, with 2 if the file cannot be read.
"""

import argparse
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.vector_file import Vector, read_vectors
from sla_rules.calendar import (
    CalendarNotPublishedError,
    CalendarWithoutOpenTimeError,
    ImpossibleDurationError,
    WorkingCalendar,
)
from sla_rules.paused_hours import add_with_pauses, between_with_pauses, subtract_with_pauses

YEARS = (3, 30, 300)
"""A calendar is worked out for as few years as will do; these vectors know no published span."""

REFUSALS = (CalendarNotPublishedError, CalendarWithoutOpenTimeError, ImpossibleDurationError)
ERROR = "error"


class UnknownOperationError(ValueError):
    """A vector asks for something else than add, sub, between or open."""


def main() -> int:
    """Prints the comparison and how it went."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.working_time", description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True, help="a file of vectors")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    wanted = parser.parse_args()

    try:
        vectors = read_vectors(wanted.vectors)
    except (OSError, ValueError, KeyError) as error:
        print(f"{wanted.vectors}: not a file of vectors: {error!r}", file=sys.stderr)
        return 2
    answers = [(each, _answer_or_complaint(each)) for each in vectors]
    differing = [(each, answer) for each, answer in answers if not matches(each, answer)]
    found = {
        "total": len(vectors),
        "matched": len(vectors) - len(differing),
        "differ": [each.id for each, _ in differing],
    }
    if wanted.json:
        print(json.dumps(found))
        return 0
    print(f"{found['matched']} of {found['total']} vectors match")
    for each, answer in differing:
        print(f"{each.id}: expected {each.raw.get('exp')}, found {answer}")
    return 0


def _answer_or_complaint(vector: Vector) -> Any:
    try:
        return answer_to(vector)
    except UnknownOperationError as error:
        print(error, file=sys.stderr)
        return error


def answer_to(vector: Vector) -> Any:
    """An instant, a length or a truth; `error` if it cannot be answered."""
    for years in YEARS:
        try:
            return _answer(vector, vector.working_calendar(years))
        except CalendarNotPublishedError:
            continue
        except REFUSALS:
            return ERROR
    return ERROR


def matches(vector: Vector, answer: Any) -> bool:
    """Whether the answer is the expected one."""
    expected = vector.raw.get("exp")
    if answer is ERROR or _is_error(expected):
        return answer is ERROR and _is_error(expected)
    if isinstance(answer, bool):
        return answer is expected
    if isinstance(answer, timedelta):
        return isinstance(expected, int | float) and answer == timedelta(seconds=expected)
    return isinstance(expected, str) and bool(answer == vector.instant(expected))


def _is_error(expected: Any) -> bool:
    """However the file writes it: nothing, {"error": …}, or a word that says so."""
    if isinstance(expected, dict):
        return bool({"error", "raises"} & set(expected))
    return expected is None or (isinstance(expected, str) and expected.lower().startswith(("error", "raise")))


def _answer(vector: Vector, calendar: WorkingCalendar) -> Any:
    match vector.op:
        case "add":
            return add_with_pauses(calendar, vector.start, vector.length, vector.pauses, vector.at_closing)
        case "sub":
            return subtract_with_pauses(
                calendar, vector.start, vector.length, vector.pauses, vector.at_closing
            )
        case "between":
            return between_with_pauses(
                calendar, vector.start, vector.instant(vector.raw["arg"]), vector.pauses
            )
        case "open":
            return calendar.is_open(vector.start)
        case _:
            raise UnknownOperationError(f"{vector.id}: no operation is called {vector.op}")


if __name__ == "__main__":
    sys.exit(main())
