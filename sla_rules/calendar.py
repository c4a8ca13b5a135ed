"""Working days and working hours, exact, and never guessed past what is published.

Instants are aware and come back in UTC; days and hours are those of the calendar's zone. An
off day beats everything; a make-up workday (调休) beats the weekend. Open hours are half-open:
at 18:00 a desk that works to 18:00 is closed. A budget used up exactly at closing is due *at*
closing (whoever is told "by 18:00" understands that), not at the next opening; counting
backwards mirrors it and lands on the opening.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from sla_rules.open_time import OpenTime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)


class ImpossibleDurationError(ValueError):
    """A negative length, no day to count, or an end before its start; nothing is swapped silently."""


class CalendarWithoutOpenTimeError(ValueError):
    """A calendar that never opens, so that nothing counted in working time would ever be due."""


class CalendarNotPublishedError(ValueError):
    """Working time was asked of a year that the calendar does not cover."""

    def __init__(self, calendar: "WorkingCalendar", year: int) -> None:
        self.year = year
        super().__init__(
            f"calendar {calendar.id}: {year} is not covered (only {calendar.published_from} to"
            f" {calendar.published_to}); add the notice with the holidays and make-up workdays of"
            f" {year} to the calendar file and move published_from or published_to"
        )


@dataclass(frozen=True)
class OpenHours:
    """Minutes after local midnight, `[opens, closes)`; 1440 is 24:00."""

    opens: int
    closes: int


@dataclass(frozen=True)
class Holiday:
    """One holiday of one year's notice: its names and the days off it gives."""

    zh: str
    en: str
    off: frozenset[date]


@dataclass(frozen=True, eq=False)
class WorkingCalendar:
    """When an office works.

    `week` has the open hours by weekday (Monday is 0; a missing day is a rest day), in order and
    without overlap; `make_up_hours` are those of a make-up workday. Both published days are
    included. `off` and `make_up` have no day in common.

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

    def __post_init__(self) -> None:
        both = self.off & self.make_up
        if both:
            raise ValueError(f"calendar {self.id}: {min(both)} is both off and a make-up workday")
        if not any(self._hours(day) for day in self._published_days()):
            raise CalendarWithoutOpenTimeError(f"calendar {self.id} has no open time")

    def is_workday(self, day: date) -> bool:
        """Whether the office opens on `day`.

        Raises:
            CalendarNotPublishedError: The day lies outside the published span.
        """
        if not self.published_from <= day <= self.published_to:
            raise CalendarNotPublishedError(self, day.year)
        return bool(self._hours(day))

    def workday_after(self, day: date, days: int) -> date:
        """The `days`-th workday after `day`, which itself is never counted.

        Raises:
            ImpossibleDurationError: `days` is below one.
            CalendarNotPublishedError: The count leaves the published span.
        """
        if days < 1:
            raise ImpossibleDurationError("at least one working day must be counted")
        if day < self.published_from:
            raise CalendarNotPublishedError(self, day.year)
        index = bisect_right(self._workdays, day) + days - 1
        if index >= len(self._workdays):
            raise CalendarNotPublishedError(self, max(self.published_to.year + 1, day.year))
        return self._workdays[index]

    def workday_from(self, day: date) -> date:
        """`day` itself if the office works on it, else the next day that it does."""
        return day if self.is_workday(day) else self.workday_after(day, 1)

    def local_day(self, instant: datetime) -> date:
        """The date on the office's wall at `instant`."""
        if instant.tzinfo is None:
            raise ValueError("an instant must be aware")
        return instant.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """24:00 of `day` in the calendar's zone."""
        return datetime.combine(day + ONE_DAY, time(), self.zone).astimezone(UTC)

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
        return self._open_time.is_open(self._covered(instant))

    def add_working_hours(self, start: datetime, length: timedelta) -> datetime:
        """When `length` of open time has passed since `start`.

        No length lands on `start`, or on the next opening if the office is closed then.

        Raises:
            ImpossibleDurationError: `length` is negative.
            CalendarNotPublishedError: The count starts or ends outside the published span.
        """
        moment = self._open_time.after(self._covered(start), _microseconds(length))
        if moment is None:
            raise CalendarNotPublishedError(self, self.published_to.year + 1)
        return _instant(moment)

    def subtract_working_hours(self, end: datetime, length: timedelta) -> datetime:
        """Since when `length` of open time has passed at `end`; raises like adding."""
        moment = self._open_time.before(self._covered(end), _microseconds(length))
        if moment is None:
            raise CalendarNotPublishedError(self, self.published_from.year - 1)
        return _instant(moment)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """The open time from `start` to `end`.

        Raises:
            ImpossibleDurationError: `end` comes before `start`.
            CalendarNotPublishedError: One of them lies outside the published span.
        """
        if end < start:
            raise ImpossibleDurationError("the end comes before the start")
        used = self._open_time.used_at(self._covered(end)) - self._open_time.used_at(self._covered(start))
        return used * MICROSECOND

    def working_time_of_last_days(self, end: datetime, days: int) -> timedelta:
        """The open time, whole, of the last `days` workdays that begin before `end`."""
        last = bisect_left(self._workdays, self.local_day(end - MICROSECOND) + ONE_DAY)
        if end > self.end_of(self.published_to):
            raise CalendarNotPublishedError(self, self.local_day(end).year)
        if last < days:
            raise CalendarNotPublishedError(self, self.published_from.year - 1)
        counted = (hours for day in self._workdays[last - days : last] for hours in self._hours(day))
        return timedelta(minutes=sum(hours.closes - hours.opens for hours in counted))

    def _covered(self, instant: datetime) -> int:
        if instant.tzinfo is None:
            raise ValueError("an instant must be aware")
        moment = (instant - EPOCH) // MICROSECOND
        if not self._span[0] <= moment <= self._span[1]:
            raise CalendarNotPublishedError(self, self.local_day(instant).year)
        return moment

    def _hours(self, day: date) -> tuple[OpenHours, ...]:
        if day in self.off:
            return ()
        if day in self.make_up:
            return self.make_up_hours
        return self.week.get(day.weekday(), ())

    def _published_days(self) -> Iterator[date]:
        day = self.published_from
        while day <= self.published_to:
            yield day
            day += ONE_DAY

    # Worked out once, when first asked: loading the rules does not wait for it.

    @cached_property
    def _workdays(self) -> list[date]:
        return [day for day in self._published_days() if self._hours(day)]

    @cached_property
    def _span(self) -> tuple[int, int]:
        """The first published midnight and 24:00 of the last published day, in microseconds."""
        first = self.end_of(self.published_from - ONE_DAY)
        return (first - EPOCH) // MICROSECOND, (self.end_of(self.published_to) - EPOCH) // MICROSECOND

    @cached_property
    def _open_time(self) -> OpenTime:
        stretches = (
            (self._wall(day, hours.opens), self._wall(day, hours.closes))
            for day in self._workdays
            for hours in self._hours(day)
        )
        # Daylight saving can swallow a stretch whole; then nothing is left of it to count.
        return OpenTime([(opens, closes) for opens, closes in stretches if opens < closes])

    def _wall(self, day: date, minutes: int) -> int:
        days, rest = divmod(minutes, 1440)
        wall = datetime.combine(day + days * ONE_DAY, time(*divmod(rest, 60)), self.zone)
        return (wall - EPOCH) // MICROSECOND


@lru_cache(maxsize=8)
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


def _microseconds(length: timedelta) -> int:
    if length < timedelta():
        raise ImpossibleDurationError("a negative length cannot be counted")
    return length // MICROSECOND


def _instant(moment: int) -> datetime:
    return EPOCH + moment * MICROSECOND
