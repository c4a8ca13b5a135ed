"""An axis of time on which a limit of minutes can be read beside one of weeks.

Where all bars are wide enough it is even. Else every stretch between two beginnings or ends of limits gets a
least width, and what is left is shared out by length: order and meeting points stay true, lengths do not.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sla_rules.picture_ticks import STEPS_IN_MINUTES, round_moments, ticks

A_DAY = 1440
SHORT = timedelta(days=2)
"""Times of day are marked in stretches up to this length."""
MOST_FOR_LEAST = 0.6
"""At most so much of the width goes into least widths: what is long must still look long."""


@dataclass(frozen=True)
class TimeAxis:
    """Moments and where each stands, both rising; between two of them the axis is even."""

    moments: tuple[datetime, ...]
    places: tuple[float, ...]
    is_stretched: bool

    def x(self, moment: datetime) -> float:
        """Where a moment stands; what lies outside stands at the end."""
        if moment <= self.moments[0]:
            return self.places[0]
        if moment >= self.moments[-1]:
            return self.places[-1]
        after = bisect_right(self.moments, moment)
        begins, ends = self.moments[after - 1], self.moments[after]
        left, right = self.places[after - 1], self.places[after]
        return left + (right - left) * ((moment - begins) / (ends - begins))

    def marks(self, zone: ZoneInfo, gap: float) -> list[datetime]:
        """Round moments that stand at least `gap` apart, as many as there is room for; round ones first."""
        if not self.is_stretched:
            most = int((self.places[-1] - self.places[0]) // gap)
            return list(ticks(self.moments[0], self.moments[-1], zone, max(most, 1))[0])
        kept: list[float] = []
        found = []
        for moment in self._by_roundness(zone, gap):
            x = self.x(moment)
            if all(abs(x - each) >= gap for each in kept):
                kept.append(x)
                found.append(moment)
        return sorted(found)

    def _by_roundness(self, zone: ZoneInfo, gap: float) -> Iterator[datetime]:
        stretches = list(zip(pairwise(self.moments), pairwise(self.places), strict=True))
        for minutes in STEPS_IN_MINUTES:
            for (begins, ends), (left, right) in stretches:
                steps = (ends - begins).total_seconds() / 60 / minutes
                # A time of day says nothing among days; and where steps would crowd, a rounder one has marked the stretch.
                if (minutes >= A_DAY or ends - begins <= SHORT) and steps * gap <= 4 * (right - left):
                    yield from round_moments(begins, ends, zone, minutes)


def time_axis(
    bars: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime, left: float, right: float, least: float
) -> TimeAxis:
    """The axis for these bars.

    Args:
        bars: Beginning and end of each limit, aware.
        start: Where the axis begins.
        end: Where it ends, after `start`.
        left: The place of `start`.
        right: The place of `end`.
        least: How wide a bar should be at least, in the units of the places.
    """
    width, whole = right - left, end - start
    if all((ends - begins) / whole * width >= least for begins, ends in bars):
        return TimeAxis((start, end), (left, right), is_stretched=False)
    inside = {min(max(moment, start), end) for bar in bars for moment in bar}
    moments = sorted({start, end, *inside})
    stretches = len(moments) - 1
    own = min(least, MOST_FOR_LEAST * width / stretches)
    places = [left]
    for begins, ends in pairwise(moments):
        places.append(places[-1] + own + (width - own * stretches) * ((ends - begins) / whole))
    places[-1] = right
    return TimeAxis(tuple(moments), tuple(places), is_stretched=True)
