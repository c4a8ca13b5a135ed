"""Where the marks of a time axis stand, so that each can be read."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sla_rules.calendar import ONE_DAY

_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)
_DAYS = (1, 2, 7, 14)
STEPS_IN_MINUTES = (*(days * 1440 for days in (14, 7, 2, 1)), 720, 360, 180, 60, 30, 15, 5)
"""Steps of an axis that is not even, the roundest first."""
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


def ticks(start: datetime, end: datetime, zone: ZoneInfo, most: int) -> tuple[tuple[datetime, ...], bool]:
    """Round moments (UTC) of the zone's clock between `start` and `end`, at most `most` of them.

    Returns:
        The moments, and whether they are times of day and not whole days.
    """
    span = (end - start) / most
    for minutes in _MINUTES:
        if span <= timedelta(minutes=minutes):
            return _within(_times(start, end, zone, minutes), start, end), True
    for days in _DAYS:
        if span <= days * ONE_DAY:
            return _within(_days(start, end, zone, days), start, end), False
    months = next((each for each in _MONTHS if span <= each * timedelta(days=30)), _MONTHS[-1])
    return _within(_firsts(start, end, zone, months), start, end), False


def round_moments(start: datetime, end: datetime, zone: ZoneInfo, minutes: int) -> tuple[datetime, ...]:
    """Moments (UTC) of the zone's clock between two, a step of `STEPS_IN_MINUTES` apart."""
    found = _days(start, end, zone, minutes // 1440) if minutes >= 1440 else _times(start, end, zone, minutes)
    return _within(found, start, end)


def _within(moments: Iterator[datetime], start: datetime, end: datetime) -> tuple[datetime, ...]:
    return tuple(each for each in moments if start <= each <= end)


def _times(start: datetime, end: datetime, zone: ZoneInfo, minutes: int) -> Iterator[datetime]:
    for day in _each_day(start, end, zone, 1):
        for minute in range(0, 1440, minutes):
            yield _at(day, zone, time(*divmod(minute, 60)))


def _days(start: datetime, end: datetime, zone: ZoneInfo, days: int) -> Iterator[datetime]:
    for day in _each_day(start, end, zone, days):
        yield _at(day, zone)


def _firsts(start: datetime, end: datetime, zone: ZoneInfo, months: int) -> Iterator[datetime]:
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    begins, ends = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    for number in range(begins - begins % months, ends + 1, months):
        yield _at(date(number // 12, number % 12 + 1, 1), zone)


def _each_day(start: datetime, end: datetime, zone: ZoneInfo, days: int) -> Iterator[date]:
    day = start.astimezone(zone).date()
    # Weeks are marked on their Monday.
    day -= timedelta(days=day.weekday()) if days % 7 == 0 else timedelta()
    while day <= end.astimezone(zone).date():
        yield day
        day += days * ONE_DAY


def _at(day: date, zone: ZoneInfo, clock: time = time()) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
