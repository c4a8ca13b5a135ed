"""Working days and hours: China's calendar, and the arithmetic on small calendars of our own."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from sla_rules.calendar import (
    CalendarNotPublishedError,
    CalendarWithoutOpenTimeError,
    ImpossibleDurationError,
    OpenHours,
    WorkingCalendar,
    with_plain_weekends,
)
from sla_rules.loader import load_rule_book

CHINA = load_rule_book().calendar
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)

# Start, its weekday, and the day reached after 1, 3, 5, 7, 10 and 15 working days.
WORKING_DAYS = [
    ("2025-09-26", "Fri", "2025-09-28 2025-09-30 2025-10-10 2025-10-13 2025-10-16 2025-10-23"),
    ("2025-09-30", "Tue", "2025-10-09 2025-10-11 2025-10-14 2025-10-16 2025-10-21 2025-10-28"),
    ("2025-10-01", "Wed", "2025-10-09 2025-10-11 2025-10-14 2025-10-16 2025-10-21 2025-10-28"),
    ("2025-12-31", "Wed", "2026-01-04 2026-01-06 2026-01-08 2026-01-12 2026-01-15 2026-01-22"),
    ("2026-02-13", "Fri", "2026-02-14 2026-02-25 2026-02-27 2026-03-02 2026-03-05 2026-03-12"),
    ("2026-02-14", "Sat", "2026-02-24 2026-02-26 2026-02-28 2026-03-03 2026-03-06 2026-03-13"),
    ("2026-04-30", "Thu", "2026-05-06 2026-05-08 2026-05-11 2026-05-13 2026-05-18 2026-05-25"),
    ("2026-05-29", "Fri", "2026-06-01 2026-06-03 2026-06-05 2026-06-09 2026-06-12 2026-06-22"),
    ("2026-09-30", "Wed", "2026-10-08 2026-10-10 2026-10-13 2026-10-15 2026-10-20 2026-10-27"),
]

# Start, calendar days, last day as it is, last day rolled over a rest day (Civil Code art. 203).
ROLLED = [
    ("2025-09-26", 7, "2025-10-03", "2025-10-09"),
    ("2025-09-30", 7, "2025-10-07", "2025-10-09"),
    ("2026-02-13", 7, "2026-02-20", "2026-02-24"),
    ("2026-02-14", 15, "2026-03-01", "2026-03-02"),
    ("2026-04-27", 7, "2026-05-04", "2026-05-06"),
    ("2026-09-24", 7, "2026-10-01", "2026-10-08"),
    ("2026-05-29", 7, "2026-06-05", "2026-06-05"),
    ("2026-09-30", 15, "2026-10-15", "2026-10-15"),
]


def at(written: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=zone)


def midnight_after(day: str) -> datetime:
    return at(day) + timedelta(days=1)


def office(zone: str = "UTC", **hours: tuple[tuple[int, int], ...]) -> WorkingCalendar:
    """2024 with the given hours by weekday, and no holiday."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    week = {
        days.index(day): tuple(OpenHours(opens * 60, closes * 60) for opens, closes in stretches)
        for day, stretches in hours.items()
    }
    return WorkingCalendar(
        id="office",
        zone=ZoneInfo(zone),
        week=week,
        make_up_hours=(OpenHours(540, 1020),),
        off=frozenset(),
        make_up=frozenset(),
        published_from=date(2024, 1, 1),
        published_to=date(2024, 12, 31),
    )


def test_every_published_day_agrees_with_an_independent_calendar():
    days = [date(2018, 1, 1) + timedelta(days=count) for count in range(3287)]
    assert days[-1] == date(2026, 12, 31)
    assert [day for day in days if CHINA.is_workday(day) != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_has_248_workdays(year):
    days = (date(year, 1, 1) + timedelta(days=count) for count in range(365))
    assert sum(CHINA.is_workday(day) for day in days) == 248


@pytest.mark.parametrize(("start", "weekday", "reached"), WORKING_DAYS, ids=lambda part: part)
def test_working_days_skip_holidays_and_count_make_up_days(start, weekday, reached):
    noon = at(f"{start} 12:00")
    assert f"{noon:%a}" == weekday
    for days, last in zip((1, 3, 5, 7, 10, 15), reached.split(), strict=True):
        assert CHINA.add_working_days(noon, days) == midnight_after(last)


@pytest.mark.parametrize(("start", "days", "plain", "rolled"), ROLLED)
def test_calendar_days_roll_over_rest_days_only_when_asked(start, days, plain, rolled):
    noon = at(f"{start} 12:00")
    assert CHINA.add_calendar_days(noon, days) == midnight_after(plain)
    assert CHINA.add_calendar_days(noon, days, roll_over=True) == midnight_after(rolled)


def test_the_start_day_is_the_one_on_the_wall_in_the_calendars_zone():
    late_in_utc = datetime(2026, 6, 1, 16, 30, tzinfo=UTC)  # Tue 00:30 in Shanghai
    assert CHINA.add_calendar_days(late_in_utc, 1) == midnight_after("2026-06-03")


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-06-01 08:59:59", False),
        ("2026-06-01 09:00", True),
        ("2026-06-01 12:00", False),
        ("2026-06-01 13:00", True),
        ("2026-06-01 17:59:59", True),
        ("2026-06-01 18:00", False),
        ("2026-02-14 10:00", True),  # a Saturday worked for Spring Festival
        ("2026-02-16 10:00", False),  # a Monday of Spring Festival
    ],
)
def test_open_hours_are_half_open(instant, is_open):
    assert CHINA.is_open(at(instant)) is is_open


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-06-01 09:00", 8, "2026-06-01 18:00"),  # used up exactly at closing: due at closing
        ("2026-06-01 09:00", 3, "2026-06-01 12:00"),  # the lunch break closes too
        ("2026-06-01 11:30", 1, "2026-06-01 13:30"),
        ("2026-06-05 17:30", 1, "2026-06-08 09:30"),  # over a weekend
        ("2026-02-13 17:00", 2, "2026-02-14 10:00"),  # into a make-up Saturday
        ("2026-02-14 17:00", 2, "2026-02-24 10:00"),  # over Spring Festival
        ("2026-06-06 12:00", 0, "2026-06-08 09:00"),  # nothing to count: the next opening
        ("2026-06-05 17:30", 0, "2026-06-05 17:30"),
    ],
)
def test_working_hours_walk_over_closed_time(start, hours, due):
    assert CHINA.add_working_hours(at(start), hours * HOUR) == at(due)


@pytest.mark.parametrize(
    ("end", "hours", "since"),
    [
        ("2026-06-08 09:30", 1, "2026-06-05 17:30"),
        ("2026-06-01 18:00", 8, "2026-06-01 09:00"),  # used up exactly at opening: the opening
        ("2026-06-08 00:00", 0, "2026-06-05 18:00"),
        ("2026-02-24 10:00", 2, "2026-02-14 17:00"),
    ],
)
def test_working_hours_are_counted_backwards_as_well(end, hours, since):
    assert CHINA.subtract_working_hours(at(end), hours * HOUR) == at(since)


def test_adding_and_measuring_agree_with_a_count_of_every_minute():
    start = at("2026-09-18 11:17")
    for minutes in range(0, 4000, 397):
        end = CHINA.add_working_hours(start, timedelta(minutes=minutes))
        elapsed = int((end - start) / timedelta(minutes=1))
        counted = sum(CHINA.is_open(start + timedelta(minutes=each)) for each in range(elapsed))
        assert counted == minutes
        assert CHINA.working_time_between(start, end) == timedelta(minutes=minutes)


def test_an_hour_lost_or_won_by_daylight_saving_is_counted_as_it_passed():
    new_york = office("America/New_York", sat=((0, 24),), sun=((0, 24),))
    eastern = new_york.zone
    spring = [at("2024-03-10 00:00", eastern), at("2024-03-11 00:00", eastern)]
    autumn = [at("2024-11-03 00:00", eastern), at("2024-11-04 00:00", eastern)]
    assert new_york.working_time_between(spring[0], spring[1]) == 23 * HOUR
    assert new_york.working_time_between(autumn[0], autumn[1]) == 25 * HOUR


def test_days_open_around_midnight_join_without_a_gap():
    always = office(mon=((0, 24),), tue=((0, 24),))
    monday = at("2024-06-03 20:00", always.zone)
    assert always.add_working_hours(monday, 10 * HOUR) == at("2024-06-04 06:00", always.zone)


def test_past_the_published_calendar_working_time_is_refused_with_what_to_do():
    with pytest.raises(CalendarNotPublishedError, match=r"2027.*add the notice.*published_to") as refusal:
        CHINA.add_working_days(at("2026-12-30 10:00"), 5)
    assert refusal.value.year == 2027
    with pytest.raises(CalendarNotPublishedError, match="2027"):
        CHINA.add_working_hours(at("2026-12-31 17:00"), 2 * HOUR)
    with pytest.raises(CalendarNotPublishedError, match="2027"):
        CHINA.is_workday(date(2027, 1, 1))
    with pytest.raises(CalendarNotPublishedError, match="2017"):
        CHINA.is_open(at("2017-12-29 10:00"))
    with pytest.raises(CalendarNotPublishedError, match="2017"):
        CHINA.add_working_days(at("2017-12-29 10:00"), 1)


def test_the_last_published_hour_still_counts():
    assert CHINA.add_working_hours(at("2026-12-31 17:00"), HOUR) == at("2026-12-31 18:00")
    assert CHINA.add_working_days(at("2026-12-30 10:00"), 1) == at("2027-01-01 00:00")


def test_calendar_days_need_no_published_holidays_unless_they_roll():
    new_year = at("2026-12-30 10:00")
    assert CHINA.add_calendar_days(new_year, 7) == midnight_after("2027-01-06")
    with pytest.raises(CalendarNotPublishedError):
        CHINA.add_calendar_days(new_year, 7, roll_over=True)


def test_a_stretched_calendar_has_plain_weekends_outside_and_holidays_inside():
    stretched = with_plain_weekends(CHINA, 2016, 2028)
    assert stretched.is_workday(date(2027, 1, 1))  # a Friday nobody has declared off yet
    assert not stretched.is_workday(date(2027, 1, 2))
    assert not stretched.is_workday(date(2026, 10, 1))


def test_a_calendar_that_never_opens_is_refused():
    with pytest.raises(CalendarWithoutOpenTimeError):
        office(mon=())


def test_a_day_cannot_be_off_and_worked():
    with pytest.raises(ValueError, match="2024-05-01 is both off and a make-up workday"):
        WorkingCalendar(
            id="torn",
            zone=SHANGHAI,
            week={0: (OpenHours(540, 1020),)},
            make_up_hours=(OpenHours(540, 1020),),
            off=frozenset({date(2024, 5, 1)}),
            make_up=frozenset({date(2024, 5, 1)}),
            published_from=date(2024, 1, 1),
            published_to=date(2024, 12, 31),
        )


def test_what_cannot_be_counted_is_refused():
    noon = at("2026-06-01 12:00")
    with pytest.raises(ImpossibleDurationError):
        CHINA.add_working_hours(noon, -HOUR)
    with pytest.raises(ImpossibleDurationError):
        CHINA.subtract_working_hours(noon, -HOUR)
    with pytest.raises(ImpossibleDurationError):
        CHINA.working_time_between(noon, noon - HOUR)
    with pytest.raises(ImpossibleDurationError):
        CHINA.add_working_days(noon, 0)
    with pytest.raises(ImpossibleDurationError):
        CHINA.add_calendar_days(noon, -1)
    with pytest.raises(ValueError, match="aware"):
        CHINA.is_open(noon.replace(tzinfo=None))
