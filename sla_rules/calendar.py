"""Working days and working hours, exact, and never guessed past what is published.

Instants are aware and come back in UTC; days and hours are those of the calendar's zone. An off
day beats everything; dated hours beat a make-up workday (调休), which beats the week; breaks are
taken out of whatever hours a day has. Open hours are half-open: at 18:00 a desk that works to
18:00 is closed. What is due when a budget ends exactly then is said once, by `AT_CLOSING`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from sla_rules.calendar_errors import (
    CalendarNotPublishedError,
    CalendarWithoutOpenTimeError,
    ImpossibleDurationError,
)
from sla_rules.day_table import DayTable, day_of, number_of
from sla_rules.intervals import Interval
from sla_rules.open_hours import Holiday, Intake, OpenHours, without_breaks
from sla_rules.open_time import AT_CLOSING, Boundary
from sla_rules.wall_clock import DAY_US

__all__ = [
    "EPOCH",
    "MICROSECOND",
    "ONE_DAY",
    "CalendarNotPublishedError",
    "CalendarWithoutOpenTimeError",
    "Holiday",
    "ImpossibleDurationError",
    "Intake",
    "OpenHours",
    "WorkingCalendar",
    "instant_of",
    "moment_of",
    "with_plain_weekends",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class WorkingCalendar:
    """When an office works.

    `week` has the open hours by weekday (Monday is 0; a missing day is a rest day), in order and
    without overlap; `make_up_hours` are those of a make-up workday, `dated_hours` those of single
    days. Both published days are included. `off` and `make_up` have no day in common.

    Raises:
        CalendarWithoutOpenTimeError: No day of the published span has open hours.
    """

    id: str
    zone: ZoneInfo
    week: Mapping[int, tuple[OpenHours, ...]]
    make_up_hours: tuple[OpenHours, ...]
    off: frozenset[date]
    make_up: frozenset[date]
    published_from: date
    published_to: date
    holidays: tuple[Holiday, ...] = ()
    dated_hours: Mapping[date, tuple[OpenHours, ...]] = field(default_factory=dict)
    breaks: Mapping[date, tuple[OpenHours, ...]] = field(default_factory=dict)
    intake: Intake | None = None

    def __post_init__(self) -> None:
        both = self.off & self.make_up
        if both:
            raise ValueError(f"calendar {self.id}: {min(both)} is both off and a make-up workday")
        days = range(number_of(self.published_from), number_of(self.published_to) + 1)
        if not any(self.hours_on(day_of(number)) for number in days):
            raise CalendarWithoutOpenTimeError(f"calendar {self.id} has no open time")

    def hours_on(self, day: date) -> tuple[OpenHours, ...]:
        """The open hours of `day`, breaks taken out; none on a rest day. Any day may be asked."""
        if day in self.off:
            return ()
        hours = self.dated_hours.get(day)
        if hours is None:
            hours = self.make_up_hours if day in self.make_up else self.week.get(day.weekday(), ())
        return without_breaks(hours, self.breaks[day]) if day in self.breaks else hours

    def is_workday(self, day: date) -> bool:
        """Whether the office opens on `day`.

        Raises:
            CalendarNotPublishedError: The day lies outside the published span.
        """
        if not self.published_from <= day <= self.published_to:
            raise self.not_published(day.year)
        return bool(self.hours_on(day))

    def workday_after(self, day: date, days: int) -> date:
        """The `days`-th workday after `day`, which itself is never counted.

        Raises:
            ImpossibleDurationError: `days` is below one.
            CalendarNotPublishedError: The count leaves the published span.
        """
        if days < 1:
            raise ImpossibleDurationError("at least one working day must be counted")
        return day_of(self.workday_at(self.last_workday_at(number_of(day)) + days))

    def workday_from(self, day: date) -> date:
        """`day` itself if the office works on it, else the next day that it does."""
        return day_of(self.workday_at(self.first_workday_at(number_of(day))))

    def local_day(self, instant: datetime) -> date:
        """The date on the office's wall at `instant`."""
        if instant.tzinfo is None:
            raise ValueError("an instant must be aware")
        return instant.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """24:00 of `day` in the calendar's zone."""
        return instant_of(self.table.clock.moment((number_of(day) + 1) * DAY_US))

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """24:00 of the `days`-th workday after the day of `start`, which is not counted."""
        return self.end_of(self.workday_after(self.local_day(start), days))

    def add_calendar_days(self, start: datetime, days: int, *, roll_over: bool = False) -> datetime:
        """24:00 of the `days`-th day after the day of `start`, which is not counted.

        Args:
            start: Aware.
            days: One or more.
            roll_over: Move a last day that is a rest day to the next workday; only this
                consults the published holidays.

        Source: Civil Code art. 201-203 (L-CC).
        """
        if days < 1:
            raise ImpossibleDurationError("at least one day must be counted")
        last = self.local_day(start) + timedelta(days=days)
        return self.end_of(self.workday_from(last) if roll_over else last)

    def is_open(self, instant: datetime) -> bool:
        """Whether the office works at `instant`; not at the moment it closes."""
        return self.table.open_time.is_open(self.covered(moment_of(instant)))

    def add_working_hours(
        self, start: datetime, length: timedelta, at_closing: Boundary = AT_CLOSING
    ) -> datetime:
        """When `length` of open time has passed since `start`.

        No length lands on `start`, or on the next opening if the office is closed then.

        Raises:
            ImpossibleDurationError: `length` is negative.
            CalendarNotPublishedError: The count starts or ends outside the published span.
        """
        moment = self.covered(moment_of(start))
        due = self.table.open_time.after(moment, _microseconds(length), at_closing)
        if due is None:
            raise self.not_published(self.published_to.year + 1)
        return instant_of(due)

    def subtract_working_hours(
        self, end: datetime, length: timedelta, at_closing: Boundary = AT_CLOSING
    ) -> datetime:
        """Since when `length` of open time has passed at `end`; raises like adding."""
        moment = self.covered(moment_of(end))
        since = self.table.open_time.before(moment, _microseconds(length), at_closing)
        if since is None:
            raise self.not_published(self.published_from.year - 1)
        return instant_of(since)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """The open time from `start` to `end`.

        Raises:
            ImpossibleDurationError: `end` comes before `start`.
            CalendarNotPublishedError: One of them lies outside the published span.
        """
        first, last = self._from_to(start, end)
        return (self.table.open_time.used_at(last) - self.table.open_time.used_at(first)) * MICROSECOND

    def open_between(self, start: datetime, end: datetime) -> tuple[Interval, ...]:
        """The stretches (UTC) in which the office works from `start` to `end`; raises like measuring."""
        stretches = self.table.open_time.between(*self._from_to(start, end))
        return tuple(Interval(instant_of(opens), instant_of(closes)) for opens, closes in stretches)

    def working_time_of_last_days(self, end: datetime, days: int) -> timedelta:
        """The open time, whole, of the last `days` workdays that begin before `end`."""
        last = bisect_right(self.table.workdays, number_of(self.local_day(end - MICROSECOND)))
        if end > self.end_of(self.published_to):
            raise self.not_published(self.local_day(end).year)
        if last < days:
            raise self.not_published(self.published_from.year - 1)
        counted = (
            hours for day in self.table.workdays[last - days : last] for hours in self.hours_on(day_of(day))
        )
        return timedelta(minutes=sum(hours.closes - hours.opens for hours in counted))

    # What due times are counted with: days by number, moments in microseconds (see day_table.py).

    @cached_property
    def table(self) -> DayTable:
        """Worked out when first asked: loading the rules does not wait for it."""
        return DayTable(self.zone, self.published_from, self.published_to, self.hours_on)

    def covered(self, moment: int) -> int:
        """`moment`, if it lies in the published span.

        Raises:
            CalendarNotPublishedError: It does not.
        """
        table = self.table
        if not table.begins <= moment <= table.ends:
            raise self.not_published(day_of(table.clock.wall(moment) // DAY_US).year)
        return moment

    def last_workday_at(self, day: int) -> int:
        """Where in the table the last workday not after `day` stands; -1 before the first.

        The day itself need not be published, as it is not counted; the one after it must be.
        """
        if day < self.table.first - 1:
            raise self.not_published(day_of(day).year)
        return bisect_right(self.table.workdays, day) - 1

    def first_workday_at(self, day: int) -> int:
        """Where in the table the first workday not before `day` stands, perhaps past its end."""
        if not self.table.first <= day <= self.table.last:
            raise self.not_published(day_of(day).year)
        return bisect_left(self.table.workdays, day)

    def workday_at(self, at: int) -> int:
        """The workday at that place of the table; raises past its end."""
        workdays = self.table.workdays
        if at >= len(workdays):
            raise self.not_published(self.published_to.year + 1)
        return workdays[at]

    def not_published(self, year: int) -> CalendarNotPublishedError:
        """To be raised for a day of `year`."""
        return CalendarNotPublishedError(self.id, self.published_from, self.published_to, year)

    def _from_to(self, start: datetime, end: datetime) -> tuple[int, int]:
        if end < start:
            raise ImpossibleDurationError("the end comes before the start")
        return self.covered(moment_of(start)), self.covered(moment_of(end))


@lru_cache(maxsize=32)
def with_plain_weekends(calendar: WorkingCalendar, first_year: int, last_year: int) -> WorkingCalendar:
    """The calendar stretched over whole years whose holidays nobody has published.

    Days outside the published span follow the weekly hours alone. Whoever asks it must say so:
    what it answers there is provisional.
    """
    return replace(
        calendar,
        published_from=min(calendar.published_from, date(first_year, 1, 1)),
        published_to=max(calendar.published_to, date(last_year, 12, 31)),
    )


def moment_of(instant: datetime) -> int:
    """Microseconds from 1970 to an aware instant."""
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")
    return (instant - EPOCH) // MICROSECOND


def instant_of(moment: int) -> datetime:
    """The instant (UTC) so many microseconds after 1970."""
    return EPOCH + moment * MICROSECOND


def _microseconds(length: timedelta) -> int:
    if length < timedelta():
        raise ImpossibleDurationError("a negative length cannot be counted")
    return length // MICROSECOND
