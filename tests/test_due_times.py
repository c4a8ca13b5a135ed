"""Due times in every kind of time, with pauses, past the published calendar, and their sentences."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.vocabulary import KindOfTime, Target
from sla_rules.due import due_at
from sla_rules.grade_rules import TargetRule
from sla_rules.intervals import Interval, united
from sla_rules.limits import parse_limit
from sla_rules.loader import load_rule_book

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
