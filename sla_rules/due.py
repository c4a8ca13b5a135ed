"""When something is due, and the sentence that says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from models.vocabulary import KindOfTime
from sla_rules.calendar import (
    ONE_DAY,
    CalendarNotPublishedError,
    WorkingCalendar,
    with_plain_weekends,
)
from sla_rules.intervals import Interval, united
from sla_rules.reasons import Counted, reason_en, reason_zh
from sla_rules.written import TimedRule

FARTHEST_YEARS = 60
"""The longest limit is 9,999 days; working days take half as long again."""


@dataclass(frozen=True)
class Due:
    """A due time (UTC); what happens at that very moment is still in time.

    `provisional` says that holidays nobody has published could still move it.
    """

    at: datetime
    provisional: bool
    reason_en: str
    reason_zh: str


def due_at(
    start: datetime, rule: TimedRule, calendar: WorkingCalendar, paused: Sequence[Interval] = ()
) -> Due:
    """When a clock that began at `start` runs out.

    Args:
        start: Aware.
        rule: A target's rule, an extension or any other limit with its kind of time.
        calendar: Its zone decides what a day is, its hours what working time is.
        paused: When the clock stood still, in any order; overlaps count once and whatever lies
            before `start` not at all. A pause that still lasts has no due time: ask once it ends.

    Returns:
        In natural and working time the due time moves by what the pauses used of that time. In
        days, those after the one a pause begins on, up to the one it ends on, are not counted:
        the same exclusion of the first day that the law makes for limits (L-CC 201). Working time
        outside the published calendar is counted with plain weekends and marked provisional.
    """
    if start.tzinfo is None:
        raise ValueError("an instant must be aware")
    pauses = united(paused, start)
    at, provisional = when_published(calendar, start, lambda known: _count(start, rule, known, pauses))
    counted = Counted(start, at, rule, calendar, _within(pauses, at), provisional)
    return Due(at, provisional, reason_en(counted), reason_zh(counted))


def when_published(
    calendar: WorkingCalendar, around: datetime, count: Callable[[WorkingCalendar], datetime]
) -> tuple[datetime, bool]:
    """What `count` makes of the calendar, and whether that needed years nobody has published."""
    try:
        return count(calendar), False
    except CalendarNotPublishedError:
        pass
    # How far an unpublished calendar must reach is not known before counting; a year more than
    # needed changes no answer, so a short reach is tried before a long one.
    for years in (2, 10):
        try:
            return count(with_plain_weekends(calendar, around.year - years, around.year + years)), True
        except CalendarNotPublishedError:
            continue
    return count(with_plain_weekends(calendar, around.year - 10, around.year + FARTHEST_YEARS)), True


def _count(
    start: datetime, rule: TimedRule, calendar: WorkingCalendar, pauses: tuple[Interval, ...]
) -> datetime:
    match rule.time:
        case KindOfTime.NATURAL:
            return _natural(start, rule.limit.length, pauses)
        case KindOfTime.WORKING_HOURS:
            return _working_hours(start, rule.limit.length, calendar, pauses)
        case KindOfTime.WORKING_DAYS:
            return _days(start, rule.limit.amount, calendar, pauses, calendar.is_workday)
        case KindOfTime.CALENDAR_DAYS:
            due = _days(start, rule.limit.amount, calendar, pauses, lambda day: True)
            return _rolled(due, calendar) if rule.roll_over else due


def _natural(start: datetime, length: timedelta, pauses: tuple[Interval, ...]) -> datetime:
    due = start.astimezone(UTC) + length
    for pause in pauses:
        if pause.start >= due:
            break
        due += pause.end - pause.start
    return due


def _working_hours(
    start: datetime, length: timedelta, calendar: WorkingCalendar, pauses: tuple[Interval, ...]
) -> datetime:
    due = calendar.add_working_hours(start, length)
    for pause in pauses:
        if pause.start >= due:
            break
        length += calendar.working_time_between(pause.start, pause.end)
        due = calendar.add_working_hours(start, length)
    return due


def _days(
    start: datetime,
    days: int,
    calendar: WorkingCalendar,
    pauses: tuple[Interval, ...],
    counts: Callable[[date], bool],
) -> datetime:
    stood_still = [(calendar.local_day(pause.start), calendar.local_day(pause.end)) for pause in pauses]
    day = calendar.local_day(start)
    while days:
        day += ONE_DAY
        if counts(day) and not any(first < day <= last for first, last in stood_still):
            days -= 1
    return calendar.end_of(day)


def _rolled(due: datetime, calendar: WorkingCalendar) -> datetime:
    last = calendar.local_day(due - ONE_DAY / 2)
    return calendar.end_of(calendar.workday_from(last))


def _within(pauses: tuple[Interval, ...], at: datetime) -> tuple[Interval, ...]:
    return tuple(pause for pause in pauses if pause.start < at)
