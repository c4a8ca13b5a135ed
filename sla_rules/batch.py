"""Due times of many cases at once; counts exactly as counting.py does, case by case.

The only module of the rules that needs numpy, which takes a moment to import: only what goes over
past cases imports it. Moments are microseconds since 1970 (UTC), walls the same on a zone's clock.
"""

from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from models.vocabulary import EndOfDays, KindOfTime
from sla_rules.calendar import WorkingCalendar
from sla_rules.due import FARTHEST_YEARS, stretched
from sla_rules.open_time import AT_CLOSING, Boundary
from sla_rules.wall_clock import DAY_US, MINUTE_US, wall_clock
from sla_rules.written import TimedRule

Moments = NDArray[np.int64]
Flags = NDArray[np.bool_]


class _Zone(NamedTuple):
    """A wall clock as arrays."""

    switches: Moments
    wall_switches: Moments
    offsets: Moments


class _Table(NamedTuple):
    """A calendar's day table as arrays."""

    workdays: Moments
    opens: Moments
    closes: Moments
    used_at_close: Moments


def due_many(starts: Moments, rule: TimedRule, calendar: WorkingCalendar) -> tuple[Moments, Flags]:
    """When clocks that began at `starts` run out, and which of these due times are provisional.

    Args:
        starts: In any order; no pauses, and nothing outside the years 1 to 9999.
        rule: One for all of them.
        calendar: As for `due_time`, which answers the same for each start alone.
    """
    starts = np.asarray(starts, dtype=np.int64)
    due, known = _count(starts, rule, calendar)
    provisional = ~known
    if provisional.any():
        due[provisional] = _count_unpublished(starts[provisional], rule, calendar)
    return due, provisional


def utc_to_local(moments: Moments, zone: ZoneInfo) -> Moments:
    """What the clocks of `zone` show at these moments."""
    known = _zone(zone)
    return moments + known.offsets[np.searchsorted(known.switches, moments, side="right")]


def local_to_utc(wall: NDArray[np.datetime64] | Moments, zone: ZoneInfo) -> Moments:
    """When the clocks of `zone` show these walls.

    As with `fold=0`: a time that comes twice in autumn is the first of the two, one that spring
    leaves out is moved by what it leaves out.

    Args:
        wall: datetime64 without a zone, or microseconds; without NaT.
        zone: Its changes are known from 1970 to 2150.
    """
    known = _zone(zone)
    shown = wall.astype("datetime64[us]").astype(np.int64)
    return shown - known.offsets[np.searchsorted(known.wall_switches, shown, side="right")]


def _count_unpublished(starts: Moments, rule: TimedRule, calendar: WorkingCalendar) -> Moments:
    """With plain weekends; a decade's starts share one calendar, and only few need the longest."""
    due = np.empty_like(starts)
    decades = starts.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) // 10
    for decade in np.unique(decades):
        year = int(decade) * 10 + 1970
        todo = np.flatnonzero(decades == decade)
        for reach in (10, FARTHEST_YEARS):
            counted, known = _count(starts[todo], rule, stretched(calendar, year, reach))
            due[todo] = counted
            todo = todo[~known]
        if todo.size:
            raise calendar.not_published(year + FARTHEST_YEARS)
    return due


def _count(starts: Moments, rule: TimedRule, calendar: WorkingCalendar) -> tuple[Moments, Flags]:
    """The due times, and which of them the calendar covers; the others mean nothing."""
    match rule.time:
        case KindOfTime.WORKING_HOURS:
            return _working_hours(starts, rule.limit.microseconds, calendar)
        case KindOfTime.NATURAL:
            return starts + rule.limit.microseconds, np.ones(starts.shape, dtype=np.bool_)
        case KindOfTime.WORKING_DAYS:
            return _working_days(starts, rule, calendar)
        case KindOfTime.CALENDAR_DAYS:
            return _calendar_days(starts, rule, calendar)


def _working_hours(starts: Moments, length: int, calendar: WorkingCalendar) -> tuple[Moments, Flags]:
    table = _table(calendar)
    begun = np.searchsorted(table.opens, starts, side="right") - 1
    total = table.used_at_close[begun] - np.maximum(table.closes[begun] - starts, 0)
    total[begun < 0] = 0
    total += length
    at = np.searchsorted(
        table.used_at_close, total, side="left" if AT_CLOSING is Boundary.CLOSING else "right"
    )
    known = (at < table.closes.size) & (starts >= calendar.table.begins) & (starts <= calendar.table.ends)
    at = np.minimum(at, table.closes.size - 1)
    return table.closes[at] - (table.used_at_close[at] - total), known


def _working_days(starts: Moments, rule: TimedRule, calendar: WorkingCalendar) -> tuple[Moments, Flags]:
    workdays = _table(calendar).workdays
    days, clocks = _days_and_clocks(starts, calendar)
    if rule.ends is EndOfDays.SAME_CLOCK:
        known = (days >= calendar.table.first) & (days <= calendar.table.last)
        at = np.searchsorted(workdays, days, side="left")
        if calendar.intake:
            late = clocks >= calendar.intake.until * MINUTE_US
            at[late] += 1
            clocks[late] = calendar.intake.then_from * MINUTE_US
    else:
        known = days >= calendar.table.first - 1
        at = np.searchsorted(workdays, days, side="right") - 1
        clocks[:] = DAY_US
    at += rule.limit.amount
    known &= at < workdays.size
    last = workdays[np.minimum(at, workdays.size - 1)]
    return local_to_utc(last * DAY_US + clocks, calendar.zone), known


def _calendar_days(starts: Moments, rule: TimedRule, calendar: WorkingCalendar) -> tuple[Moments, Flags]:
    days, clocks = _days_and_clocks(starts, calendar)
    if rule.ends is not EndOfDays.SAME_CLOCK:
        clocks[:] = DAY_US
    days += rule.limit.amount
    known = np.ones(starts.shape, dtype=np.bool_)
    if rule.roll_over:
        workdays = _table(calendar).workdays
        at = np.searchsorted(workdays, days, side="left")
        known = (days >= calendar.table.first) & (days <= calendar.table.last) & (at < workdays.size)
        days = workdays[np.minimum(at, workdays.size - 1)]
    return local_to_utc(days * DAY_US + clocks, calendar.zone), known


def _days_and_clocks(starts: Moments, calendar: WorkingCalendar) -> tuple[Moments, Moments]:
    walls = utc_to_local(starts, calendar.zone)
    days = walls // DAY_US
    return days, walls - days * DAY_US


@lru_cache(maxsize=64)
def _zone(zone: ZoneInfo) -> _Zone:
    clock = wall_clock(zone)
    return _Zone(_array(clock.switches), _array(clock.wall_switches), _array(clock.offsets))


@lru_cache(maxsize=32)
def _table(calendar: WorkingCalendar) -> _Table:
    axis = calendar.table.open_time
    return _Table(
        _array(calendar.table.workdays), _array(axis.opens), _array(axis.closes), _array(axis.used_at_close)
    )


def _array(numbers: list[int]) -> Moments:
    return np.array(numbers, dtype=np.int64)
