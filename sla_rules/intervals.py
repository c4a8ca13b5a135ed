"""Stretches of time that a clock stood still."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, order=True)
class Interval:
    """From `start` up to, not including, `end`; both aware.

    Raises:
        ValueError: An end is naive, or the end comes before the start: ends are never swapped.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs aware times")
        if self.end < self.start:
            raise ValueError("an interval cannot end before it starts")


def united(intervals: Iterable[Interval], since: datetime) -> tuple[Interval, ...]:
    """The same time without overlaps, in order, and without anything before `since`."""
    merged: list[Interval] = []
    for each in sorted(intervals):
        if each.end <= since or each.start == each.end:
            continue
        start = max(each.start, since)
        if merged and start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, each.end))
        else:
            merged.append(Interval(start, each.end))
    return tuple(merged)
