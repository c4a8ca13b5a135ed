"""A calendar worked out once: its workdays and its open time, ready for bisection.

Days are numbered from 1970-01-01, which is 0; moments are microseconds since 1970 in UTC.
"""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from sla_rules.open_hours import OpenHours
from sla_rules.open_time import OpenTime
from sla_rules.wall_clock import DAY_US, MINUTE_US, wall_clock

_DAY_ZERO = date(1970, 1, 1).toordinal()


def number_of(day: date) -> int:
    """Days from 1970-01-01 to `day`."""
    return day.toordinal() - _DAY_ZERO


def day_of(number: int) -> date:
    """The day of that number."""
    return date.fromordinal(number + _DAY_ZERO)


class DayTable:
    """The days from `first` to `last`, both included; `workdays` are the numbers of those with hours.

    `begins` is the first moment of the first day and `ends` 24:00 of the last one.
    """

    def __init__(
        self, zone: ZoneInfo, first: date, last: date, hours_on: Callable[[date], tuple[OpenHours, ...]]
    ) -> None:
        self.clock = wall_clock(zone)
        self.first, self.last = number_of(first), number_of(last)
        self.begins = self.clock.moment(self.first * DAY_US)
        self.ends = self.clock.moment((self.last + 1) * DAY_US)
        self.workdays: list[int] = []
        stretches: list[tuple[int, int]] = []
        for number in range(self.first, self.last + 1):
            hours = hours_on(day_of(number))
            if hours:
                self.workdays.append(number)
            stretches += [self._stretch(number * DAY_US, each) for each in hours]
        self.open_time = OpenTime(stretches)

    def _stretch(self, midnight: int, hours: OpenHours) -> tuple[int, int]:
        """Empty, or ending before it begins, where daylight saving leaves nothing of it."""
        opens = self.clock.moment(midnight + hours.opens * MINUTE_US)
        return opens, self.clock.closing(midnight + hours.closes * MINUTE_US)
