"""When something is due, and the sentence that says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, datetime
from functools import cached_property
from typing import TypeVar

from sla_rules.calendar import (
    CalendarNotPublishedError,
    WorkingCalendar,
    instant_of,
    moment_of,
    with_plain_weekends,
)
from sla_rules.counting import count
from sla_rules.intervals import Interval, united
from sla_rules.reasons import Counted, reason_en, reason_zh
from sla_rules.written import TimedRule

FARTHEST_YEARS = 60
"""The longest limit is 9,999 days; working days take half as long again."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Due:
    """A due time (UTC); what happens at that very moment is still in time.

    `provisional` says that holidays nobody has published could still move it. Two are equal if
    these two are. The sentences are written when first read.
    """

    at: datetime
    provisional: bool
    counted: Counted = field(compare=False, repr=False)

    @cached_property
    def reason_en(self) -> str:
        """Why it is due then, in English."""
        return reason_en(self.counted)

    @cached_property
    def reason_zh(self) -> str:
        """Why it is due then, in Chinese."""
        return reason_zh(self.counted)


def due_at(
    start: datetime, rule: TimedRule, calendar: WorkingCalendar, paused: Sequence[Interval] = ()
) -> Due:
    """When a clock that began at `start` runs out, with the reason; counted by `due_time`."""
    at, provisional = due_time(start, rule, calendar, paused)
    moved_it = tuple(pause for pause in united(paused, start) if pause.start < at) if paused else ()
    return Due(at, provisional, Counted(start, at, rule, calendar, moved_it, provisional))


def due_time(
    start: datetime, rule: TimedRule, calendar: WorkingCalendar, paused: Sequence[Interval] = ()
) -> tuple[datetime, bool]:
    """When a clock that began at `start` runs out (UTC), and whether that is provisional.

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
    begun = moment_of(start)
    if not paused:
        try:
            return instant_of(count(begun, rule, calendar)), False
        except CalendarNotPublishedError:
            pass
    pauses = tuple((moment_of(each.start), moment_of(each.end)) for each in united(paused, start))
    due, provisional = when_published(calendar, start, lambda known: count(begun, rule, known, pauses))
    return instant_of(due), provisional


def when_published(
    calendar: WorkingCalendar, around: datetime, counting: Callable[[WorkingCalendar], Answer]
) -> tuple[Answer, bool]:
    """What `counting` makes of the calendar, and whether that needed years nobody has published."""
    try:
        return counting(calendar), False
    except CalendarNotPublishedError:
        pass
    try:
        return counting(stretched(calendar, around.year, 10)), True
    except CalendarNotPublishedError:
        return counting(stretched(calendar, around.year, FARTHEST_YEARS)), True


def stretched(calendar: WorkingCalendar, year: int, reach: int) -> WorkingCalendar:
    """The calendar with plain weekends for at least `reach` years before and after `year`.

    How far a count goes is not known before counting, and a year more than needed changes no
    answer. Whole decades let the starts of many years share one calendar.
    """
    first, last = (year - reach) // 10 * 10, (year + reach) // 10 * 10 + 9
    return with_plain_weekends(calendar, max(first, MINYEAR), min(last, MAXYEAR - 1))
