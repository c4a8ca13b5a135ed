"""How many alerts the ladders sent: by the hour, and to whom."""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from sla_rules.batch import utc_to_local
from sla_rules.calendar import instant_of
from sla_rules.wall_clock import MINUTE_US
from sla_rules.whatif_chunk import Mask, Moments
from sla_rules.whatif_rows import Side

HOUR_US = 60 * MINUTE_US
HOURS = 24 * 366 * 180
"""From 1970 to 2150, as far as wall clocks are known; pages nobody counts in take no memory."""

THURSDAY = 3
"""The weekday of 1970-01-01; Monday is 0."""


class AlertTally:
    """Alerts of one side, by the hour on the wall of `zone`.

    One alert is one rung of one clock told to one addressee for the first time; what repeats until
    somebody acknowledges it depends on people, so that only its most is counted.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._by_hour = np.zeros(HOURS, np.int64)
        self._to: Counter[str] = Counter()
        self._waiting_for: Counter[str] = Counter()
        self._repeats_at_most = 0

    def add(self, side: Side, running: Mask) -> None:
        """Count what one chunk's ladders fired."""
        for each in side.fired:
            told = tuple(dict.fromkeys(str(addressee) for addressee in each.rung.tell))
            self._count_hours(each.at, len(told))
            if each.rung.repeat is not None:
                self._repeats_at_most += each.rung.repeat.at_most * len(told) * len(each.at)
            highest = running[each.rows] & (side.levels[each.rows] == each.rung.level)
            for addressee in told:
                self._to[addressee] += len(each.at)
                self._waiting_for[addressee] += int(np.count_nonzero(highest))

    def to_json(self) -> dict[str, Any]:
        """Totals, by weekday and hour, the fullest hour of the week and the fullest hour ever."""
        hours = np.arange(HOURS)
        places = (hours // 24 + THURSDAY) % 7 * 24 + hours % 24
        week = np.bincount(places, weights=self._by_hour, minlength=168).astype(np.int64).reshape(7, 24)
        return {
            "total": int(self._by_hour.sum()),
            "repeats_at_most": self._repeats_at_most,
            "by_hour": week.sum(axis=0).tolist(),
            "by_weekday": week.sum(axis=1).tolist(),
            "by_weekday_and_hour": week.tolist(),
            "peak_of_the_week": _peak_of(week.reshape(-1)),
            "busiest_hour": self._busiest(),
            "to": dict(sorted((+self._to).items())),
            "running_clocks_told": dict(sorted((+self._waiting_for).items())),
        }

    def _count_hours(self, at: Moments, each: int) -> None:
        if not len(at):
            return
        hours = utc_to_local(at, self._zone) // HOUR_US
        first = int(hours.min())
        counted = np.bincount(hours - first)
        self._by_hour[first : first + len(counted)] += counted * each

    def _busiest(self) -> dict[str, Any] | None:
        hour = int(self._by_hour.argmax())
        alerts = int(self._by_hour[hour])
        if not alerts:
            return None
        wall = instant_of(hour * HOUR_US).strftime("%Y-%m-%d %H:00")
        return {"hour": wall, "alerts": alerts}


def _peak_of(week: Moments) -> dict[str, int] | None:
    place = int(week.argmax())
    if not week[place]:
        return None
    return {"weekday": place // 24, "hour": place % 24, "alerts": int(week[place])}
