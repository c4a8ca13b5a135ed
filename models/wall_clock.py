"""How a moment is written for people: on the wall clock of a place, to the minute.

A moment that ends something and falls on midnight is 24:00 of the day it ends, not 00:00 of a day that is
not part of it (Civil Code, art. 203: the last day ends at 24:00). Every page, alert and story writes a due
time with `due_on`, so that one due time never stands there as two different days.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DESK_ZONE = ZoneInfo("Asia/Shanghai")
_ONE_DAY = timedelta(days=1)


def moment_on(at: datetime, zone: ZoneInfo = DESK_ZONE) -> str:
    """`2026-12-08 00:00`: when something began or happened; `at` is aware."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def due_on(at: datetime, zone: ZoneInfo = DESK_ZONE) -> str:
    """`2026-12-07 24:00`: when something runs out; `at` is aware."""
    day, clock = due_day_and_clock(at, zone)
    return f"{day} {clock}"


def due_day_and_clock(at: datetime, zone: ZoneInfo = DESK_ZONE) -> tuple[date, str]:
    """The day that a due time belongs to, and its time of day from 00:01 to 24:00."""
    local = at.astimezone(zone)
    if local.time() == time(0, 0):
        return (local - _ONE_DAY).date(), "24:00"
    return local.date(), f"{local:%H:%M}"
