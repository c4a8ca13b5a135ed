"""The four kinds of time, counted in whole microseconds; due.py is their door.

Days are numbered from 1970-01-01 and moments are microseconds since 1970 (UTC), as in
day_table.py. Everything here raises CalendarNotPublishedError where the calendar ends.
"""

from models.vocabulary import EndOfDays, KindOfTime
from sla_rules.calendar import WorkingCalendar
from sla_rules.open_time import AT_CLOSING, Boundary
from sla_rules.wall_clock import DAY_US, MINUTE_US
from sla_rules.written import TimedRule

Pauses = tuple[tuple[int, int], ...]
"""Moments from which and up to which a clock stood still: in order, without overlap, after its start."""


def count(start: int, rule: TimedRule, calendar: WorkingCalendar, pauses: Pauses = ()) -> int:
    """The moment at which a clock that began at `start` runs out."""
    match rule.time:
        case KindOfTime.WORKING_HOURS:
            return working_hours(start, rule.limit.microseconds, calendar, pauses)
        case KindOfTime.NATURAL:
            return _natural(start + rule.limit.microseconds, pauses)
        case KindOfTime.WORKING_DAYS:
            return _working_days(start, rule, calendar, pauses)
        case KindOfTime.CALENDAR_DAYS:
            return _calendar_days(start, rule, calendar, pauses)


def _natural(due: int, pauses: Pauses) -> int:
    for begins, ends in pauses:
        if begins >= due:
            break
        due += ends - begins
    return due


def working_hours(
    start: int,
    length: int,
    calendar: WorkingCalendar,
    pauses: Pauses = (),
    at_closing: Boundary = AT_CLOSING,
) -> int:
    """When `length` of open time has passed that no pause took away."""
    open_time = calendar.table.open_time
    due = open_time.after(calendar.covered(start), length, at_closing)
    for begins, ends in pauses:
        if due is None or begins >= due:
            break
        length += open_time.used_at(calendar.covered(ends)) - open_time.used_at(begins)
        due = open_time.after(start, length, at_closing)
    if due is None:
        raise calendar.not_published(calendar.published_to.year + 1)
    return due


def _working_days(start: int, rule: TimedRule, calendar: WorkingCalendar, pauses: Pauses) -> int:
    day, clock = divmod(calendar.table.clock.wall(start), DAY_US)
    if rule.ends is EndOfDays.SAME_CLOCK:
        at, clock = _taken_in(day, clock, calendar)
    else:
        at, clock = calendar.last_workday_at(day), DAY_US
    left = rule.limit.amount
    if not pauses:
        at, left = at + left, 0
    stood_still = _days_of(pauses, calendar)
    while left:
        at += 1
        left -= not _is_within(calendar.workday_at(at), stood_still)
    return calendar.table.clock.moment(calendar.workday_at(at) * DAY_US + clock)


def _taken_in(day: int, clock: int, calendar: WorkingCalendar) -> tuple[int, int]:
    """Where the workday stands on which a start counts as come, and at what time of that day.

    A start on a rest day keeps its clock; one after the day's intake comes the next workday.
    """
    at = calendar.first_workday_at(day)
    intake = calendar.intake
    if intake and clock >= intake.until * MINUTE_US:
        return at + 1, intake.then_from * MINUTE_US
    return at, clock


def _calendar_days(start: int, rule: TimedRule, calendar: WorkingCalendar, pauses: Pauses) -> int:
    day, clock = divmod(calendar.table.clock.wall(start), DAY_US)
    if rule.ends is not EndOfDays.SAME_CLOCK:
        clock = DAY_US
    left = rule.limit.amount
    if not pauses:
        day, left = day + left, 0
    stood_still = _days_of(pauses, calendar)
    while left:
        day += 1
        left -= not _is_within(day, stood_still)
    if rule.roll_over:
        day = calendar.workday_at(calendar.first_workday_at(day))
    return calendar.table.clock.moment(day * DAY_US + clock)


def _days_of(pauses: Pauses, calendar: WorkingCalendar) -> list[tuple[int, int]]:
    wall = calendar.table.clock.wall
    return [(wall(begins) // DAY_US, wall(ends) // DAY_US) for begins, ends in pauses]


def _is_within(day: int, stood_still: list[tuple[int, int]]) -> bool:
    """Whether a pause leaves the day out: never the day it begins on, but the one it ends on."""
    return any(first < day <= last for first, last in stood_still)
