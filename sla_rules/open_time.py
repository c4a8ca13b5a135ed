"""The axis that working hours are counted on: open stretches, one after another.

Moments and lengths are whole microseconds (moments since 1970, UTC), so that counting is exact
and a bisection finds any day of any year.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import accumulate


class Boundary(StrEnum):
    """What is due when a budget is used up exactly as the office closes."""

    CLOSING = "closing"
    NEXT_OPENING = "next_opening"


AT_CLOSING: Boundary = Boundary.CLOSING
"""Whoever is told "by 18:00" understands 18:00; the next opening would give a night away, or a week.

Counting backwards mirrors it: a budget that reaches exactly back to an opening lands on it."""


class OpenTime:
    """Half-open stretches `[opens, closes)`, in order and without overlap; touching ones are joined."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        joined = list(_joined(stretches))
        self.opens = [opens for opens, _ in joined]
        self.closes = [closes for _, closes in joined]
        self.used_at_close = list(accumulate(closes - opens for opens, closes in joined))

    def is_open(self, moment: int) -> bool:
        """Whether a stretch contains `moment`; it does not contain its own end."""
        index = bisect_right(self.opens, moment) - 1
        return index >= 0 and moment < self.closes[index]

    def used_at(self, moment: int) -> int:
        """The open time before `moment`."""
        index = bisect_right(self.opens, moment) - 1
        if index < 0:
            return 0
        left = self.closes[index] - moment
        return self.used_at_close[index] - left if left > 0 else self.used_at_close[index]

    def after(self, moment: int, length: int, at_closing: Boundary = AT_CLOSING) -> int | None:
        """When `length` is used up; None if the axis ends before.

        No length lands on `moment`, or on the next opening if it is closed then.
        """
        total = self.used_at(moment) + length
        find = bisect_left if length and at_closing is Boundary.CLOSING else bisect_right
        index = find(self.used_at_close, total)
        return self._at(index, total) if index < len(self.closes) else None

    def before(self, moment: int, length: int, at_closing: Boundary = AT_CLOSING) -> int | None:
        """Since when `length` has been used at `moment`; mirrors `after`, and None likewise."""
        if length == 0:
            return moment if self.is_open(moment) else self._last_closing(moment)
        total = self.used_at(moment) - length
        if at_closing is Boundary.CLOSING:
            return self._at(bisect_right(self.used_at_close, total), total) if total >= 0 else None
        return self._at(bisect_left(self.used_at_close, total), total) if total > 0 else None

    def between(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The parts of the stretches that lie from `start` to `end`."""
        for index in range(max(bisect_right(self.opens, start) - 1, 0), len(self.opens)):
            if self.opens[index] >= end:
                return
            if self.closes[index] > start:
                yield max(self.opens[index], start), min(self.closes[index], end)

    def _at(self, index: int, total: int) -> int:
        return self.closes[index] - (self.used_at_close[index] - total)

    def _last_closing(self, moment: int) -> int | None:
        index = bisect_right(self.closes, moment) - 1
        return self.closes[index] if index >= 0 else None


def _joined(stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Without empty stretches; a day open to 24:00 runs on into one open from 00:00."""
    begun: tuple[int, int] | None = None
    for opens, closes in stretches:
        if opens >= closes:
            continue
        if begun and opens <= begun[1]:
            begun = begun[0], max(begun[1], closes)
            continue
        if begun:
            yield begun
        begun = opens, closes
    if begun:
        yield begun
