"""Working hours against two who know nothing of our arithmetic: a walk over every minute, and pandas."""

import random
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import pandas as pd
import pytest

from sla_rules.calendar import WorkingCalendar
from sla_rules.open_time import Boundary
from tests.offices import china, hours, office

MINUTE = timedelta(minutes=1)
MINUTES_WALKED = 16 * 1440

# Each with the midnight (UTC) that the walk begins at: before a change of the clocks, before a
# holiday week. Whole hours, as an opening inside a gap is settled by a peer's vector (BIZ-19).
PLACES: dict[str, tuple[WorkingCalendar, datetime]] = {
    "New York loses an hour": (
        office({"mon-fri": "09:00-12:00 13:00-17:30", "sat": "22:00-24:00", "sun": "00:00-02:00 03:00-05:00"},
               "America/New_York"),
        datetime(2024, 3, 4, tzinfo=UTC),
    ),
    "New York wins an hour": (
        office({"mon-sat": "08:00-20:00", "sun": "00:00-01:00 02:00-09:00"}, "America/New_York"),
        datetime(2024, 10, 28, tzinfo=UTC),
    ),
    "Berlin, always open": (
        office({"mon-sun": "00:00-24:00"}, "Europe/Berlin", off=frozenset({date(2024, 4, 1)})),
        datetime(2024, 3, 25, tzinfo=UTC),
    ),
    "Berlin wins an hour": (
        office({"mon-fri": "08:00-13:00 14:00-18:00", "sun": "01:00-04:00"}, "Europe/Berlin"),
        datetime(2024, 10, 21, tzinfo=UTC),
    ),
    "Sao Paulo begins a day at one": (
        office({"mon-sun": "00:00-06:00 12:00-24:00"}, "America/Sao_Paulo",
               first=date(2015, 1, 1), last=date(2016, 12, 31)),
        datetime(2015, 10, 12, tzinfo=UTC),
    ),
    "an office with breaks and dated hours": (
        office({"mon-fri": "08:00-12:00 12:30-18:00"}, "Asia/Kolkata",
               dated_hours={date(2024, 6, 5): hours("10:00-11:00"), date(2024, 6, 8): hours("06:00-24:00")},
               breaks={date(2024, 6, 6): hours("09:00-10:15 11:45-13:00"), date(2024, 6, 8): hours("12:00-12:20")}),
        datetime(2024, 6, 3, tzinfo=UTC),
    ),
    "China at Spring Festival": (china(), datetime(2026, 2, 9, tzinfo=UTC)),
    "China at National Day": (china(), datetime(2026, 9, 26, tzinfo=UTC)),
}  # fmt: skip


@lru_cache
def minutes_open(place: str) -> tuple[bool, ...]:
    """For each minute of the walk whether the clock on the wall shows open hours."""
    calendar, begin = PLACES[place]
    return tuple(_shows_open_hours(calendar, begin + count * MINUTE) for count in range(MINUTES_WALKED))


def _shows_open_hours(calendar: WorkingCalendar, moment: datetime) -> bool:
    wall = moment.astimezone(calendar.zone)
    day, minute = wall.date(), wall.hour * 60 + wall.minute
    if day in calendar.off:
        return False
    if day in calendar.dated_hours:
        of_day = calendar.dated_hours[day]
    elif day in calendar.make_up:
        of_day = calendar.make_up_hours
    else:
        of_day = calendar.week.get(day.weekday(), ())
    on_break = any(each.opens <= minute < each.closes for each in calendar.breaks.get(day, ()))
    return not on_break and any(each.opens <= minute < each.closes for each in of_day)


def walk_on(is_open: tuple[bool, ...], start: int, length: int, reading: Boundary) -> int:
    """The minute at which `length` open ones have passed since minute `start`."""
    at = start
    while length:
        length -= is_open[at]
        at += 1
    while reading is Boundary.NEXT_OPENING and not is_open[at]:
        at += 1
    return at


def walk_back(is_open: tuple[bool, ...], end: int, length: int, reading: Boundary) -> int:
    """The minute since which `length` open ones have passed at minute `end`."""
    at = end
    while length:
        at -= 1
        length -= is_open[at]
    while reading is Boundary.NEXT_OPENING and not is_open[at - 1]:
        at -= 1
    return at


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reading", Boundary)
def test_adding_and_subtracting_agree_with_a_walk_over_every_minute(place, reading):
    calendar, begin = PLACES[place]
    is_open = minutes_open(place)
    chance = random.Random(f"{place} {reading}")
    compared = 0
    for _ in range(150):
        start = chance.randrange(1440, MINUTES_WALKED // 3)
        # Whole hours land on closings and openings more often than not.
        length = chance.choice((60 * chance.randrange(1, 24), chance.randrange(1, 1500)))
        if sum(is_open[start:]) <= length:
            continue
        due = begin + walk_on(is_open, start, length, reading) * MINUTE
        assert calendar.add_working_hours(begin + start * MINUTE, length * MINUTE, reading) == due, start

        end = MINUTES_WALKED - start
        if sum(is_open[1440:end]) > length:
            since = begin + walk_back(is_open, end, length, reading) * MINUTE
            found = calendar.subtract_working_hours(begin + end * MINUTE, length * MINUTE, reading)
            assert found == since, end
            compared += 1
    assert compared > 50


@pytest.mark.parametrize("place", PLACES)
def test_measuring_and_asking_agree_with_a_walk_over_every_minute(place):
    calendar, begin = PLACES[place]
    is_open = minutes_open(place)
    chance = random.Random(place)
    for _ in range(150):
        start, end = sorted(chance.choices(range(MINUTES_WALKED), k=2))
        used = sum(is_open[start:end])
        assert calendar.working_time_between(begin + start * MINUTE, begin + end * MINUTE) == used * MINUTE
        stretches = calendar.open_between(begin + start * MINUTE, begin + end * MINUTE)
        assert sum((each.end - each.start for each in stretches), timedelta()) == used * MINUTE
        assert calendar.is_open(begin + start * MINUTE) is is_open[start]


OFF = frozenset(date(2024, month, day) for month, day in ((1, 1), (5, 1), (5, 2), (5, 3), (10, 1), (12, 25)))


def test_adding_agrees_with_pandas_in_its_reading_of_a_closing():
    desk = office({"mon-fri": "09:00-12:00 13:00-18:00"}, off=OFF, last=date(2025, 12, 31))
    chance = random.Random(4)
    at_closing = 0
    for _ in range(500):
        start = datetime(2024, 1, 1, tzinfo=UTC) + chance.randrange(500_000) * MINUTE
        # Half the starts on the hour, so that many budgets end at a closing.
        start = start.replace(minute=0) if chance.random() < 0.5 else start
        length = chance.randrange(1, 60)
        theirs = pd.Timestamp(start.replace(tzinfo=None)) + pd.offsets.CustomBusinessHour(
            n=length, start=["09:00", "13:00"], end=["12:00", "18:00"], holidays=sorted(OFF)
        )
        ours = desk.add_working_hours(start, length * 60 * MINUTE, Boundary.NEXT_OPENING)
        assert ours == theirs.to_pydatetime().replace(tzinfo=UTC), (start, length)
        at_closing += ours != desk.add_working_hours(start, length * 60 * MINUTE, Boundary.CLOSING)
    assert at_closing > 30
