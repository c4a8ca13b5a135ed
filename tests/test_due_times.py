"""Due times in every kind of time, with pauses, past the published calendar, and their sentences."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.vocabulary import KindOfTime, Target
from sla_rules.calendar import Intake, WorkingCalendar
from sla_rules.due import due_at, due_time
from sla_rules.grade_rules import TargetRule
from sla_rules.intervals import Interval, united
from sla_rules.limits import parse_limit
from sla_rules.loader import load_rule_book
from tests.offices import local, office

CALENDAR = load_rule_book().calendar
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


def rule(time: str, limit: str, **more: object) -> TargetRule:
    return TargetRule.model_validate(
        {"id": "tried", "target": Target.FEEDBACK, "time": time, "limit": limit, "source": "test", **more}
    )


def pause(start: str, end: str) -> Interval:
    return Interval(at(start), at(end))


@pytest.mark.parametrize(
    ("time", "limit", "start", "due"),
    [
        # An hour on a holiday night is an hour (domain rule: U1 dispatch).
        ("natural", "1 h", "2026-02-15 23:30", "2026-02-16 00:30"),
        ("natural", "15 min", "2026-06-01 10:00", "2026-06-01 10:15"),
        ("calendar_days", "7 d", "2026-02-13 10:00", "2026-02-21 00:00"),
        ("calendar_days", "15 d", "2026-02-14 10:00", "2026-03-02 00:00"),
        ("working_days", "3 d", "2026-02-13 10:00", "2026-02-26 00:00"),
        ("working_hours", "4 h", "2026-06-05 16:00", "2026-06-08 11:00"),
    ],
)
def test_each_kind_of_time_counts_its_own_way(time, limit, start, due):
    found = due_at(at(start), rule(time, limit), CALENDAR)
    assert (found.at, found.provisional) == (at(due), False)
    assert found.at.tzinfo is UTC


def test_a_rolling_limit_skips_a_rest_day_at_its_end():
    rolling = rule("calendar_days", "7 d", roll_over=True)
    assert due_at(at("2026-02-13 10:00"), rolling, CALENDAR).at == at("2026-02-25 00:00")


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([pause("2026-06-01 11:00", "2026-06-01 12:00")], "2026-06-01 15:00"),
        # Overlapping pauses count once.
        ([pause("2026-06-01 11:00", "2026-06-01 13:00"), pause("2026-06-01 12:00", "2026-06-01 13:30")],
         "2026-06-01 16:30"),
        # What lies before the start does not count.
        ([pause("2026-06-01 08:00", "2026-06-01 10:30")], "2026-06-01 14:30"),
        # A pause begun at the due moment comes too late.
        ([pause("2026-06-01 14:00", "2026-06-01 15:00")], "2026-06-01 14:00"),
        # The first pause moves the due time past the beginning of the second.
        ([pause("2026-06-01 14:30", "2026-06-01 15:30"), pause("2026-06-01 13:00", "2026-06-01 14:00")],
         "2026-06-01 16:00"),
    ],
)  # fmt: skip
def test_pauses_move_a_natural_due_time_by_what_they_lasted(pauses, due):
    assert due_at(at("2026-06-01 10:00"), rule("natural", "4 h"), CALENDAR, pauses).at == at(due)


def test_pauses_use_working_time_of_a_working_clock():
    # Friday 16:00 to Monday 10:00 holds three open hours, whatever the weekend lasts.
    weekend = [pause("2026-06-05 16:00", "2026-06-08 10:00")]
    found = due_at(at("2026-06-05 15:00"), rule("working_hours", "2 h"), CALENDAR, weekend)
    assert found.at == at("2026-06-08 11:00")


def test_a_pause_in_closed_time_moves_no_working_clock():
    night = [pause("2026-06-01 19:00", "2026-06-02 08:00")]
    found = due_at(at("2026-06-01 17:00"), rule("working_hours", "2 h"), CALENDAR, night)
    assert found.at == at("2026-06-02 10:00")


@pytest.mark.parametrize(
    ("time", "limit", "pauses", "due"),
    [
        # Begun and ended on one day: no day is left out.
        ("calendar_days", "7 d", [pause("2026-06-03 09:00", "2026-06-03 17:00")], "2026-06-09 00:00"),
        # Wednesday to Saturday: Thursday, Friday and Saturday are left out.
        ("calendar_days", "7 d", [pause("2026-06-03 10:00", "2026-06-06 10:00")], "2026-06-12 00:00"),
        # Of the same three only two are workdays.
        ("working_days", "5 d", [pause("2026-06-03 10:00", "2026-06-06 10:00")], "2026-06-11 00:00"),
    ],
)
def test_pauses_leave_whole_days_out_but_never_the_first(time, limit, pauses, due):
    assert due_at(at("2026-06-01 10:00"), rule(time, limit), CALENDAR, pauses).at == at(due)


@pytest.mark.parametrize(
    ("time", "limit", "start", "due"),
    [
        # 2027-01-01 is a Friday: with plain weekends it counts.
        ("working_days", "5 d", "2026-12-31 10:00", "2027-01-08 00:00"),
        ("working_hours", "9 h", "2026-12-31 18:00", "2027-01-04 10:00"),
    ],
)
def test_working_time_past_the_published_calendar_is_provisional_and_says_so(time, limit, start, due):
    found = due_at(at(start), rule(time, limit), CALENDAR)
    assert (found.at, found.provisional) == (at(due), True)
    assert "PROVISIONAL" in found.reason_en
    assert "2026-12-31" in found.reason_en
    assert "暂定" in found.reason_zh


@pytest.mark.parametrize(("time", "limit"), [("natural", "240 h"), ("calendar_days", "30 d")])
def test_other_time_needs_no_published_holidays(time, limit):
    found = due_at(at("2026-12-30 10:00"), rule(time, limit), CALENDAR)
    assert not found.provisional


def test_rolling_past_the_published_calendar_is_provisional():
    rolling = rule("calendar_days", "7 d", roll_over=True)
    found = due_at(at("2026-12-26 10:00"), rolling, CALENDAR)  # 2027-01-02 is a Saturday
    assert (found.at, found.provisional) == (at("2027-01-05 00:00"), True)


def test_a_message_from_before_the_calendar_is_provisional_too():
    found = due_at(at("2012-03-02 10:00"), rule("working_days", "1 d"), CALENDAR)  # a Friday
    assert (found.at, found.provisional) == (at("2012-03-06 00:00"), True)


def test_the_longest_working_limit_still_comes_to_an_end():
    found = due_at(at("2026-06-01 10:00"), rule("working_days", "9999 d"), CALENDAR)
    assert found.provisional
    assert found.at.year == 2064


@pytest.mark.parametrize(
    ("limit", "start", "due"),
    [
        ("7 d", "2026-02-13 10:15", "2026-02-20 10:15"),  # into Spring Festival: rest days count
        ("1 d", "2026-06-01 00:00", "2026-06-02 00:00"),
        ("365 d", "2025-06-01 23:59:59.5", "2026-06-01 23:59:59.5"),
    ],
)
def test_calendar_days_can_end_at_the_time_of_day_they_began_at(limit, start, due):
    keeping = rule("calendar_days", limit, ends="same_clock")
    assert due_time(at(start), keeping, CALENDAR) == (at(due), False)


def test_a_last_day_that_is_a_rest_day_rolls_over_with_its_time_of_day():
    rolling = rule("calendar_days", "7 d", ends="same_clock", roll_over=True)
    assert due_time(at("2026-02-13 10:15"), rolling, CALENDAR) == (at("2026-02-24 10:15"), False)


@pytest.mark.parametrize(
    ("limit", "start", "due"),
    [
        ("1 d", "2026-06-01 10:15", "2026-06-02 10:15"),
        ("1 d", "2026-06-05 19:30", "2026-06-08 19:30"),  # Fri: the weekend is not counted
        ("1 d", "2026-06-06 10:15", "2026-06-09 10:15"),  # Sat counts as come on Monday
        ("1 d", "2026-02-13 10:15", "2026-02-14 10:15"),  # into a make-up Saturday
        ("1 d", "2026-02-14 10:15", "2026-02-24 10:15"),  # from it, over Spring Festival
        ("1 d", "2026-02-17 10:15", "2026-02-25 10:15"),  # within Spring Festival: come on the 24th
    ],
)
def test_working_days_can_end_at_the_time_of_day_they_began_at(limit, start, due):
    keeping = rule("working_days", limit, ends="same_clock")
    assert due_time(at(start), keeping, CALENDAR) == (at(due), False)


def boston() -> WorkingCalendar:
    """Weekdays only, and what comes at 17:00 or later comes at 08:30 of the next one."""
    return office({"mon-fri": "08:00-17:00"}, "America/New_York", intake=Intake(17 * 60, 8 * 60 + 30))


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2024-06-03 16:59:59", "2024-06-05 16:59:59"),  # Mon
        ("2024-06-03 17:00", "2024-06-06 08:30"),  # too late for Monday: Tuesday 08:30
        ("2024-06-07 18:00", "2024-06-12 08:30"),  # Fri: Monday 08:30
        ("2024-06-08 10:00", "2024-06-12 10:00"),  # Sat: Monday 10:00
        ("2024-06-08 20:00", "2024-06-13 08:30"),  # Sat: Monday 20:00, so Tuesday 08:30
        ("2024-06-03 02:00", "2024-06-05 02:00"),  # before opening is not too late
        ("2024-03-07 02:30", "2024-03-11 02:30"),  # over a change of the clocks the wall decides
        ("2024-11-01 10:00", "2024-11-05 10:00"),
    ],
)
def test_what_comes_after_intake_counts_as_come_the_next_workday(start, due):
    calendar = boston()
    keeping = rule("working_days", "2 d", ends="same_clock")
    assert due_time(local(start, calendar), keeping, calendar) == (local(due, calendar), False)


def test_intake_touches_no_limit_that_ends_with_the_day():
    calendar = boston()
    evening = local("2024-06-03 20:00", calendar)
    due, _ = due_time(evening, rule("working_days", "1 d"), calendar)
    assert due == local("2024-06-05 00:00", calendar)


def test_a_kept_time_of_day_that_daylight_saving_leaves_out_is_moved_and_one_that_comes_twice_is_the_first():
    calendar = boston()
    keeping = rule("calendar_days", "1 d", ends="same_clock")
    spring, _ = due_time(local("2024-03-09 02:30", calendar), keeping, calendar)
    assert spring == local("2024-03-10 03:30", calendar)
    autumn, _ = due_time(local("2024-11-02 01:30", calendar), keeping, calendar)
    assert autumn == datetime(2024, 11, 3, 5, 30, tzinfo=UTC)


def test_pauses_leave_days_out_of_a_limit_that_keeps_its_time_of_day():
    days = [pause("2026-06-03 10:00", "2026-06-06 10:00")]  # Thu, Fri and Sat are left out
    for kind, due in (("calendar_days", "2026-06-11 10:15"), ("working_days", "2026-06-10 10:15")):
        keeping = rule(kind, "7 d" if kind == "calendar_days" else "5 d", ends="same_clock")
        assert due_time(at("2026-06-01 10:15"), keeping, CALENDAR, days)[0] == at(due)


def test_a_start_on_an_unpublished_day_is_provisional_if_its_kind_of_day_matters():
    keeping = rule("working_days", "1 d", ends="same_clock")
    eve = at("2017-12-31 10:00")  # a Sunday, as far as anybody knows
    assert due_time(eve, keeping, CALENDAR) == (at("2018-01-03 10:00"), True)
    # Not counted itself, it need not be published where days end at 24:00: 1 January is off.
    assert due_time(eve, rule("working_days", "1 d"), CALENDAR) == (at("2018-01-03 00:00"), False)


@pytest.mark.parametrize("kind", KindOfTime)
def test_the_fast_way_and_the_one_with_sentences_agree(kind):
    limits = {"natural": "26 h", "working_hours": "26 h", "working_days": "4 d", "calendar_days": "4 d"}
    tried = rule(kind, limits[kind])
    pauses = [pause("2026-09-24 11:00", "2026-09-28 10:00")]
    for hour in range(0, 24 * 20, 7):
        start = at("2026-09-18 00:00") + timedelta(hours=hour)
        for paused in ((), pauses):
            found = due_at(start, tried, CALENDAR, paused)
            assert (found.at, found.provisional) == due_time(start, tried, CALENDAR, paused)


def test_two_due_times_are_equal_whatever_their_sentences():
    tried = rule("natural", "1 h")
    first = due_at(at("2026-06-01 10:00"), tried, CALENDAR)
    paused = [pause("2026-06-01 10:00", "2026-06-01 10:10")]
    same = due_at(at("2026-06-01 09:50"), tried, CALENDAR, paused)
    assert first == same
    assert hash(first) == hash(same)
    assert first.reason_en != same.reason_en


def test_the_sentence_names_start_limit_kind_and_what_was_left_out():
    found = due_at(at("2026-02-13 10:00"), rule("working_days", "3 d"), CALENDAR)
    assert found.reason_en == (
        "Due 2026-02-25 24:00: 3 working days from 2026-02-13 10:00; the first day not counted;"
        " not counted: 2026-02-15 to 2026-02-23 (Spring Festival); counted as workday: 2026-02-14."
    )
    assert found.reason_zh == (
        "2026-02-25 24:00到期：自2026-02-13 10:00起3个工作日；开始当日不计入；"
        "不计2026-02-15至2026-02-23（春节）；2026-02-14调休上班，计入。"
    )


def test_the_sentence_names_pauses_that_counted_and_no_other():
    pauses = [
        pause("2026-06-01 11:00", "2026-06-01 12:30"),
        pause("2026-06-09 11:00", "2026-06-09 12:30"),
    ]
    found = due_at(at("2026-06-01 10:00"), rule("natural", "4 h"), CALENDAR, pauses)
    assert found.reason_en == (
        "Due 2026-06-01 15:30: 4 hours from 2026-06-01 10:00; by the clock, nights and holidays"
        " included; paused 1 × (1 h 30 min in all)."
    )
    assert found.reason_zh == (
        "2026-06-01 15:30到期：自2026-06-01 10:00起4小时；按自然时间连续计算，含夜间和节假日；"
        "暂停1次，共1小时30分钟。"
    )


def test_every_kind_of_time_has_a_sentence_in_both_languages():
    written = {"natural": "1 h", "working_hours": "1 h", "working_days": "1 d", "calendar_days": "1 d"}
    reasons = [due_at(at("2026-06-01 10:00"), rule(kind, written[kind]), CALENDAR) for kind in KindOfTime]
    assert len({each.reason_en for each in reasons}) == len({each.reason_zh for each in reasons}) == 4


def test_an_interval_is_aware_and_never_swapped():
    with pytest.raises(ValueError, match="before it starts"):
        pause("2026-06-02 10:00", "2026-06-01 10:00")
    with pytest.raises(ValueError, match="aware"):
        Interval(at("2026-06-01 10:00").replace(tzinfo=None), at("2026-06-01 10:00"))


def test_uniting_joins_touching_pauses_and_drops_empty_ones():
    noon, hour = at("2026-06-01 12:00"), timedelta(hours=1)
    pauses = [
        Interval(noon + hour, noon + 2 * hour),
        Interval(noon, noon + hour),
        Interval(noon + 5 * hour, noon + 5 * hour),
    ]
    assert united(pauses, noon) == (Interval(noon, noon + 2 * hour),)


def test_a_naive_start_is_refused():
    with pytest.raises(ValueError, match="aware"):
        due_at(at("2026-06-01 10:00").replace(tzinfo=None), rule("natural", "1 h"), CALENDAR)


@pytest.mark.parametrize("written", ["15", "15 minutes", "-1 h", "1.5 h", "0 h", "h", 15, "15 m", None])
def test_a_limit_that_cannot_be_read_is_refused(written):
    with pytest.raises(ValueError, match=r"15 min, 2 h or 7 d|more than zero"):
        parse_limit(written)
