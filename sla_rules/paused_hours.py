"""Working hours with pauses taken out: added, subtracted and measured.

A pause takes away the open time that it covers; overlapping ones count once, and whatever lies
beyond the two ends not at all. All instants are aware and come back in UTC; each function raises
like its namesake of the calendar.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sla_rules.calendar import (
    ImpossibleDurationError,
    WorkingCalendar,
    instant_of,
    moment_of,
)
from sla_rules.counting import working_hours
from sla_rules.intervals import Interval, united
from sla_rules.open_time import AT_CLOSING, Boundary


def add_with_pauses(
    calendar: WorkingCalendar,
    start: datetime,
    length: timedelta,
    paused: Iterable[Interval] = (),
    at_closing: Boundary = AT_CLOSING,
) -> datetime:
    """When `length` of open time outside the pauses has passed since `start`."""
    if length < timedelta():
        raise ImpossibleDurationError("a negative length cannot be counted")
    pauses = tuple((moment_of(each.start), moment_of(each.end)) for each in united(paused, start))
    microseconds = length // timedelta(microseconds=1)
    return instant_of(working_hours(moment_of(start), microseconds, calendar, pauses, at_closing))


def subtract_with_pauses(
    calendar: WorkingCalendar,
    end: datetime,
    length: timedelta,
    paused: Iterable[Interval] = (),
    at_closing: Boundary = AT_CLOSING,
) -> datetime:
    """Since when `length` of open time outside the pauses has passed at `end`."""
    since = calendar.subtract_working_hours(end, length, at_closing)
    for each in reversed(_before(end, paused)):
        if each.end <= since:
            break
        length += calendar.working_time_between(each.start, each.end)
        since = calendar.subtract_working_hours(end, length, at_closing)
    return since


def between_with_pauses(
    calendar: WorkingCalendar, start: datetime, end: datetime, paused: Iterable[Interval] = ()
) -> timedelta:
    """The open time from `start` to `end` outside the pauses."""
    used = calendar.working_time_between(start, end)
    for each in united(_before(end, paused), start):
        used -= calendar.working_time_between(each.start, each.end)
    return used


def _before(end: datetime, paused: Iterable[Interval]) -> tuple[Interval, ...]:
    """The pauses united, without anything after `end`."""
    begun = [each for each in paused if each.start < end]
    first = min((each.start for each in begun), default=end)
    return united((Interval(each.start, min(each.end, end)) for each in begun), first)
