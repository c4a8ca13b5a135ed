"""Open time before and after whole columns of moments, on one calendar."""

from functools import lru_cache

import numpy as np

from sla_rules.batch import utc_to_local
from sla_rules.calendar import WorkingCalendar
from sla_rules.day_table import day_of
from sla_rules.open_time import AT_CLOSING, Boundary
from sla_rules.wall_clock import DAY_US, MINUTE_US
from sla_rules.whatif_chunk import UNKNOWN, Moments


class Axis:
    """A calendar's open stretches and workdays as arrays.

    Whatever leaves the published span comes back as `UNKNOWN`, where one moment alone would raise.
    """

    def __init__(self, calendar: WorkingCalendar) -> None:
        table = calendar.table
        self._zone = calendar.zone
        self._begins, self._ends = table.begins, table.ends
        self._opens = np.array(table.open_time.opens, np.int64)
        self._closes = np.array(table.open_time.closes, np.int64)
        self._used_at_close = np.array(table.open_time.used_at_close, np.int64)
        self._workdays = np.array(table.workdays, np.int64)
        open_minutes = [
            sum(hours.closes - hours.opens for hours in calendar.hours_on(day_of(day))) for day in table.workdays
        ]
        self._used_before_day = np.concatenate(([0], np.cumsum(np.array(open_minutes, np.int64)))) * MINUTE_US

    def after(self, moments: Moments, lengths: Moments | int) -> Moments:
        """When so much open time, more than none, has passed."""
        totals = self._used_at(moments) + lengths
        to_closing = AT_CLOSING is Boundary.CLOSING
        places = np.searchsorted(self._used_at_close, totals, side="left" if to_closing else "right")
        return self._at(places, totals, moments)

    def before(self, moments: Moments, lengths: Moments | int) -> Moments:
        """Since when so much open time, more than none, has passed."""
        totals = self._used_at(moments) - lengths
        to_closing = AT_CLOSING is Boundary.CLOSING
        places = np.searchsorted(self._used_at_close, totals, side="right" if to_closing else "left")
        found = self._at(places, totals, moments)
        found[totals < 0 if to_closing else totals <= 0] = UNKNOWN
        return found

    def of_last_days(self, moments: Moments, days: int) -> Moments:
        """The open time of the last `days` workdays that begin before each moment."""
        last = np.searchsorted(self._workdays, utc_to_local(moments - 1, self._zone) // DAY_US, side="right")
        used: Moments = self._used_before_day[last] - self._used_before_day[np.maximum(last - days, 0)]
        used[(last < days) | (moments > self._ends)] = UNKNOWN
        return used

    def _used_at(self, moments: Moments) -> Moments:
        places = np.searchsorted(self._opens, moments, side="right") - 1
        left = np.maximum(self._closes[places] - moments, 0)
        return np.where(places < 0, 0, self._used_at_close[places] - left)

    def _at(self, places: Moments, totals: Moments, moments: Moments) -> Moments:
        inside = np.minimum(places, len(self._closes) - 1)
        found = self._closes[inside] - (self._used_at_close[inside] - totals)
        found[(places >= len(self._closes)) | (moments < self._begins) | (moments > self._ends)] = UNKNOWN
        return found


@lru_cache(maxsize=16)
def axis_of(calendar: WorkingCalendar) -> Axis:
    """The calendar's axis, made once."""
    return Axis(calendar)
