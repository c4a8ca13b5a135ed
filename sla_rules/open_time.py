"""The axis that working hours are counted on: open stretches, one after another.

Moments and lengths are whole microseconds (moments since 1970, UTC), so that counting is exact
and a bisection finds any day of any year.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate


class OpenTime:
    """Half-open stretches `[opens, closes)`, in order and without overlap."""

    def __init__(self, stretches: Sequence[tuple[int, int]]) -> None:
        self._opens = [opens for opens, _ in stretches]
        self._closes = [closes for _, closes in stretches]
        self._used_at_close = list(accumulate(closes - opens for opens, closes in stretches))

    def is_open(self, moment: int) -> bool:
        """Whether a stretch contains `moment`; it does not contain its own end."""
        index = bisect_right(self._opens, moment) - 1
        return index >= 0 and moment < self._closes[index]

    def used_at(self, moment: int) -> int:
        """The open time before `moment`."""
        index = bisect_right(self._opens, moment) - 1
        if index < 0:
            return 0
        return self._used_at_close[index] - max(self._closes[index] - moment, 0)

    def after(self, moment: int, length: int) -> int | None:
        """When `length` is used up, on the closing side; None if the axis ends before.

        No length lands on `moment`, or on the next opening if it is closed then.
        """
        if length == 0:
            return moment if self.is_open(moment) else self._next_opening(moment)
        total = self.used_at(moment) + length
        index = bisect_left(self._used_at_close, total)
        return self._at(index, total) if index < len(self._closes) else None

    def before(self, moment: int, length: int) -> int | None:
        """Since when `length` has been used at `moment`, on the opening side; mirrors `after`."""
        if length == 0:
            return moment if self.is_open(moment) else self._last_closing(moment)
        total = self.used_at(moment) - length
        return self._at(bisect_right(self._used_at_close, total), total) if total >= 0 else None

    def _at(self, index: int, total: int) -> int:
        return self._closes[index] - (self._used_at_close[index] - total)

    def _next_opening(self, moment: int) -> int | None:
        index = bisect_right(self._opens, moment)
        return self._opens[index] if index < len(self._opens) else None

    def _last_closing(self, moment: int) -> int | None:
        index = bisect_right(self._closes, moment) - 1
        return self._closes[index] if index >= 0 else None
