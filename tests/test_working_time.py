"""Working hours: which hours a day has, both readings of a closing, daylight saving, and guards."""

from datetime import UTC, date, timedelta

import pytest

from sla_rules.calendar import (
    CalendarNotPublishedError,
    CalendarWithoutOpenTimeError,
    ImpossibleDurationError,
    OpenHours,
)
from sla_rules.intervals import Interval
from sla_rules.open_time import AT_CLOSING, Boundary
from sla_rules.paused_hours import add_with_pauses, between_with_pauses, subtract_with_pauses
from tests.offices import china, hours, local, office

CHINA = china()
HOUR = timedelta(hours=1)
FEB_14 = date(2024, 2, 14)  # a Wednesday
FEB_17 = date(2024, 2, 17)  # a Saturday


def test_dated_hours_beat_the_week_and_a_make_up_workday():
    desk = office(
        {"mon-fri": "09:00-17:00"},
        make_up=frozenset({FEB_17}),
        dated_hours={FEB_14: hours("09:00-12:00"), FEB_17: hours("10:00-14:00")},
    )
    assert desk.hours_on(FEB_14) == (OpenHours(540, 720),)
    assert desk.hours_on(FEB_17) == (OpenHours(600, 840),)
    # 14 February closes at noon: of two hours from 11:00, one is left for the next morning.
    assert desk.add_working_hours(local("2024-02-14 11:00", desk), 2 * HOUR) == local(
        "2024-02-15 10:00", desk
    )


def test_an_off_day_beats_dated_hours_and_the_week():
    desk = office(
        {"mon-fri": "09:00-17:00"}, off=frozenset({FEB_14}), dated_hours={FEB_14: hours("09:00-12:00")}
    )
    assert desk.hours_on(FEB_14) == ()
    assert not desk.is_workday(FEB_14)


def test_a_make_up_workday_beats_the_weekend():
    desk = office({"mon-fri": "09:00-17:00"}, make_up=frozenset({FEB_17}), make_up_hours="10:00-16:00")
    assert desk.hours_on(FEB_17) == (OpenHours(600, 960),)


def test_a_day_without_dated_hours_is_closed():
    desk = office({"mon-fri": "09:00-17:00"}, dated_hours={FEB_14: ()})
    assert not desk.is_workday(FEB_14)


@pytest.mark.parametrize(
    ("breaks", "left"),
    [
        ("10:00-11:30", "09:00-10:00 11:30-12:00 13:00-17:00"),
        ("11:30-13:30", "09:00-11:30 13:30-17:00"),  # over the edge of both
        ("08:00-09:00", "09:00-12:00 13:00-17:00"),  # outside
        ("10:00-10:30 10:15-11:00", "09:00-10:00 11:00-12:00 13:00-17:00"),  # overlapping each other
        ("09:00-12:00", "13:00-17:00"),  # the whole morning
        ("00:00-24:00", ""),  # the whole day: no workday any more
    ],
)
def test_breaks_are_taken_out_of_the_hours_of_their_day(breaks, left):
    desk = office({"mon-fri": "09:00-12:00 13:00-17:00"}, breaks={FEB_14: hours(breaks)})
    assert desk.hours_on(FEB_14) == hours(left)
    assert desk.is_workday(FEB_14) is bool(left)


def test_breaks_are_taken_out_of_dated_and_make_up_hours_too():
    desk = office(
        {"mon-fri": "09:00-17:00"},
        make_up=frozenset({FEB_17}),
        dated_hours={FEB_14: hours("08:00-12:00")},
        breaks={FEB_14: hours("09:00-10:00"), FEB_17: hours("12:00-13:00")},
    )
    assert desk.hours_on(FEB_14) == hours("08:00-09:00 10:00-12:00")
    assert desk.hours_on(FEB_17) == hours("09:00-12:00 13:00-17:00")


def test_midnight_closes_nothing_between_two_days_that_are_open_around_it():
    desk = office({"mon": "08:00-24:00", "tue": "00:00-06:00"})
    night = local("2024-06-03 23:00", desk)  # Mon
    for reading in Boundary:
        assert desk.add_working_hours(night, HOUR, reading) == local("2024-06-04 00:00", desk)
    assert desk.is_open(local("2024-06-04 00:00", desk))
    assert desk.add_working_hours(night, 7 * HOUR) == local("2024-06-04 06:00", desk)


# About one whole-hour budget in ten ends exactly at closing, so both readings are held here.
@pytest.mark.parametrize(
    ("start", "length", "at_closing", "next_opening"),
    [
        ("2026-06-05 17:00", 1, "2026-06-05 18:00", "2026-06-08 09:00"),  # Fri, over the weekend
        ("2026-06-01 11:00", 1, "2026-06-01 12:00", "2026-06-01 13:00"),  # the lunch break
        ("2026-02-14 17:00", 1, "2026-02-14 18:00", "2026-02-24 09:00"),  # over Spring Festival
        ("2026-06-01 09:00", 8, "2026-06-01 18:00", "2026-06-02 09:00"),
        ("2026-06-01 16:30", 1, "2026-06-01 17:30", "2026-06-01 17:30"),  # not at closing: no difference
        ("2026-06-06 12:00", 0, "2026-06-08 09:00", "2026-06-08 09:00"),  # Sat: begin counting at opening
        ("2026-06-05 18:00", 0, "2026-06-08 09:00", "2026-06-08 09:00"),  # no budget is not one used up
    ],
)
def test_a_budget_used_up_at_closing_has_two_readings(start, length, at_closing, next_opening):
    begun = local(start, CHINA)
    assert CHINA.add_working_hours(begun, length * HOUR, Boundary.CLOSING) == local(at_closing, CHINA)
    assert CHINA.add_working_hours(begun, length * HOUR, Boundary.NEXT_OPENING) == local(next_opening, CHINA)


@pytest.mark.parametrize(
    ("end", "length", "opening", "last_closing"),
    [
        ("2026-06-08 10:00", 1, "2026-06-08 09:00", "2026-06-05 18:00"),
        ("2026-06-01 14:00", 1, "2026-06-01 13:00", "2026-06-01 12:00"),
        ("2026-06-01 14:30", 1, "2026-06-01 13:30", "2026-06-01 13:30"),
        ("2026-06-07 12:00", 0, "2026-06-05 18:00", "2026-06-05 18:00"),
    ],
)
def test_counting_backwards_mirrors_both_readings(end, length, opening, last_closing):
    until = local(end, CHINA)
    assert CHINA.subtract_working_hours(until, length * HOUR, Boundary.CLOSING) == local(opening, CHINA)
    found = CHINA.subtract_working_hours(until, length * HOUR, Boundary.NEXT_OPENING)
    assert found == local(last_closing, CHINA)


def test_what_is_due_at_closing_is_due_then_and_not_at_the_next_opening():
    assert AT_CLOSING is Boundary.CLOSING
    friday = local("2026-06-05 17:00", CHINA)
    assert CHINA.add_working_hours(friday, HOUR) == CHINA.add_working_hours(friday, HOUR, AT_CLOSING)


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("02:00-03:00", 0),  # exactly the hour that 10 March 2024 does not have
        ("02:15-02:45", 0),  # within it
        ("01:30-02:30", 30),  # closes in it: the half that was there
        ("02:30-03:15", 0),  # opens in it: moved by the hour, past its own end
        ("02:30-04:00", 30),  # opens at 03:30 by the clock that is there
        ("02:00-04:00", 60),
        ("01:00-03:00", 60),
        ("00:00-24:00", 23 * 60),
    ],
)
def test_hours_that_daylight_saving_swallows_count_nothing(written, minutes):
    new_york = office({"sun": written}, "America/New_York")
    spring = local("2024-03-10 00:00", new_york)
    assert new_york.working_time_between(spring, local("2024-03-11 00:00", new_york)) == minutes * HOUR / 60


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("00:00-24:00", 25 * 60),
        ("01:30-03:00", 150),  # opens when 01:30 comes first
        ("00:00-01:30", 90),  # closes when 01:30 comes first
        ("01:00-02:00", 120),
        ("02:00-03:00", 60),
    ],
)
def test_an_hour_that_comes_twice_is_meant_the_first_time(written, minutes):
    new_york = office({"sun": written}, "America/New_York")
    autumn = local("2024-11-03 00:00", new_york)
    assert new_york.working_time_between(autumn, local("2024-11-04 00:00", new_york)) == minutes * HOUR / 60


def test_a_stretch_after_one_that_closes_in_the_gap_is_counted_once():
    new_york = office({"sun": "01:30-02:30 03:00-04:00"}, "America/New_York")
    spring = local("2024-03-10 00:00", new_york)
    assert new_york.working_time_between(spring, local("2024-03-11 00:00", new_york)) == 1.5 * HOUR


def test_open_stretches_are_cut_at_both_ends():
    found = CHINA.open_between(local("2026-02-14 17:00", CHINA), local("2026-02-24 12:30", CHINA))
    assert found == (
        Interval(local("2026-02-14 17:00", CHINA), local("2026-02-14 18:00", CHINA)),
        Interval(local("2026-02-24 09:00", CHINA), local("2026-02-24 12:00", CHINA)),
    )
    assert all(each.start.tzinfo is UTC for each in found)
    noon = local("2026-02-24 12:00", CHINA)
    assert CHINA.open_between(noon, noon + HOUR) == ()


PAUSES = (
    Interval(local("2026-06-05 17:30", CHINA), local("2026-06-08 09:30", CHINA)),  # an open hour in all
    Interval(local("2026-06-05 17:45", CHINA), local("2026-06-08 09:15", CHINA)),  # within the first
)


def test_a_pause_takes_away_the_open_time_it_covers_once():
    friday, monday = local("2026-06-05 17:00", CHINA), local("2026-06-08 12:00", CHINA)
    assert between_with_pauses(CHINA, friday, monday, PAUSES) == 3 * HOUR
    assert add_with_pauses(CHINA, friday, 3 * HOUR, PAUSES) == monday
    assert subtract_with_pauses(CHINA, monday, 3 * HOUR, PAUSES) == friday


def test_a_pause_beyond_the_ends_is_cut_off():
    wide = (Interval(local("2026-06-05 00:00", CHINA), local("2026-06-09 00:00", CHINA)),)
    friday, monday = local("2026-06-05 17:00", CHINA), local("2026-06-08 12:00", CHINA)
    assert between_with_pauses(CHINA, friday, monday, wide) == timedelta()
    # Paused until Tuesday 00:00, an hour from Friday 17:00 is over on Tuesday at 10:00.
    assert add_with_pauses(CHINA, friday, HOUR, wide) == local("2026-06-09 10:00", CHINA)


def test_what_cannot_be_counted_raises_and_nothing_is_swapped():
    noon = local("2026-06-01 12:00", CHINA)
    for impossible in (
        lambda: CHINA.add_working_hours(noon, -HOUR),
        lambda: CHINA.subtract_working_hours(noon, -HOUR),
        lambda: CHINA.working_time_between(noon, noon - HOUR),
        lambda: CHINA.open_between(noon, noon - HOUR),
        lambda: between_with_pauses(CHINA, noon, noon - HOUR),
        lambda: add_with_pauses(CHINA, noon, -HOUR),
        lambda: subtract_with_pauses(CHINA, noon, -HOUR),
    ):
        with pytest.raises(ImpossibleDurationError):
            impossible()


def test_both_readings_raise_where_the_calendar_ends():
    last, first = local("2026-12-31 17:00", CHINA), local("2018-01-02 10:00", CHINA)
    assert CHINA.add_working_hours(last, HOUR) == local("2026-12-31 18:00", CHINA)
    with pytest.raises(CalendarNotPublishedError, match="2027"):
        CHINA.add_working_hours(last, HOUR, Boundary.NEXT_OPENING)
    assert CHINA.subtract_working_hours(first, HOUR) == local("2018-01-02 09:00", CHINA)
    with pytest.raises(CalendarNotPublishedError, match="2017"):
        CHINA.subtract_working_hours(first, HOUR, Boundary.NEXT_OPENING)
    with pytest.raises(CalendarNotPublishedError, match="2027"):
        CHINA.open_between(last, local("2027-01-02 00:00", CHINA))


def test_breaks_and_days_off_that_leave_no_open_time_are_refused():
    day = date(2024, 6, 3)
    with pytest.raises(CalendarWithoutOpenTimeError):
        office({"mon": "09:00-17:00"}, first=day, last=day, breaks={day: hours("09:00-17:00")})
    with pytest.raises(CalendarWithoutOpenTimeError):
        office({"mon": "09:00-17:00"}, first=day, last=day, off=frozenset({day}))
