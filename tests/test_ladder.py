"""When the rungs of a ladder fire, and that after a long sleep only the highest one does."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.vocabulary import Ask, Grade, Recipient, Target
from sla_rules.due import due_at
from sla_rules.firing import parse_firing
from sla_rules.grade_rules import TargetRule
from sla_rules.ladder import Moment, missed, moments
from sla_rules.ladder_rules import Repeat, Rung
from sla_rules.loader import load_rule_book

BOOK = load_rule_book()
SHANGHAI = ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


def rung(level: int, when: str) -> Rung:
    return Rung.model_validate(
        {
            "level": level,
            "at": when,
            "tell": ["HANDLER"],
            "ask": "reminder",
            "name": {"zh": "某级", "en": "some level"},
        }
    )


def rule(time: str, limit: str) -> TargetRule:
    return TargetRule.model_validate(
        {"id": "tried", "target": Target.FEEDBACK, "time": time, "limit": limit, "source": "test"}
    )


USUAL = tuple(
    rung(level, when)
    for level, when in enumerate(("warning", "due", "10 % after due", "50 % after due"), start=1)
)


def moments_of(grade: Grade, target: Target, start: datetime) -> tuple[Moment, ...]:
    tried = BOOK.target_rule(grade, target, on=start.date())
    assert tried is not None
    due = due_at(start, tried, BOOK.calendar)
    return moments(start, due.at, tried, BOOK.ladder_for(grade, target), BOOK.calendar)


@pytest.mark.parametrize("grade", [Grade.U0, Grade.U1])
def test_a_child_in_danger_reaches_the_duty_supervisor_after_15_30_and_60_minutes(grade):
    start = at("2026-02-15 23:30")  # Spring Festival, at night
    found = moments_of(grade, Target.SUPERVISION, start)
    assert [(each.at - start) / timedelta(minutes=1) for each in found] == [15, 30, 60]
    assert all(each.rung.tell == (Recipient.DUTY_SUPERVISOR,) for each in found)


@pytest.mark.parametrize("target", [Target.SAFETY_KNOWN, Target.MANDATORY_REPORT])
@pytest.mark.parametrize("grade", [Grade.U0, Grade.U1])
def test_a_breach_of_a_safety_clock_reaches_the_duty_supervisor(grade, target):
    start = at("2026-06-01 10:00")
    overdue = moments_of(grade, target, start)[1]
    assert Recipient.DUTY_SUPERVISOR in overdue.rung.tell


def test_a_department_is_reminded_then_its_chief_told_then_supervised_then_raised():
    found = moments_of(Grade.U3, Target.FEEDBACK, at("2026-06-01 10:00"))
    # 7 days end Monday 24:00; a quarter of them is 42 hours, a tenth 16 h 48 min, a half 84 hours.
    assert [(each.rung.ask, each.at) for each in found] == [
        (Ask.REMINDER, at("2026-06-07 06:00")),
        (Ask.OVERDUE, at("2026-06-09 00:00:01")),
        (Ask.SUPERVISE, at("2026-06-09 16:48")),
        (Ask.RAISE_LEVEL, at("2026-06-12 12:00")),
    ]
    assert found[0].rung.tell == ("HANDLER",)
    assert set(found[1].rung.tell) == {Recipient.DEPARTMENT_CHIEF, Recipient.DESK}
    assert Recipient.DISTRICT_LEADER in found[3].rung.tell


def test_a_working_clock_warns_backwards_in_working_time():
    monday = at("2026-06-08 09:30")
    found = moments(at("2026-06-05 14:30"), monday, rule("working_hours", "4 h"), USUAL, BOOK.calendar)
    assert [each.at for each in found] == [
        at("2026-06-05 17:30"),
        monday + SECOND,
        at("2026-06-08 09:54"),
        at("2026-06-08 11:30"),
    ]


def test_a_working_days_clock_warns_by_the_open_hours_of_its_days():
    # Four days of eight hours end Friday 24:00; a quarter is eight open hours: all of Friday.
    found = moments(
        at("2026-06-01 10:00"), at("2026-06-06 00:00"), rule("working_days", "4 d"), USUAL, BOOK.calendar
    )
    assert [each.at for each in found] == [
        at("2026-06-05 09:00"),
        at("2026-06-06 00:00:01"),
        at("2026-06-08 13:12"),
        at("2026-06-09 18:00"),
    ]


WARNED_AND_CHASED = tuple(
    rung(level, when)
    for level, when in enumerate(
        ("50 % before due", "1 h before due", "due", "30 min after due", "2 h after due"), start=1
    )
)


def test_lengths_around_due_are_open_hours_for_a_working_clock():
    # 4 working hours from Friday 14:30 end Monday 09:30; half of them is two, and lunch is 12:00-13:30.
    found = moments(
        at("2026-06-05 14:30"), at("2026-06-08 09:30"), rule("working_hours", "4 h"), WARNED_AND_CHASED, BOOK.calendar
    )
    due = at("2026-06-08 09:30")
    assert found[0].at == BOOK.calendar.subtract_working_hours(due, timedelta(hours=2))
    assert [each.at for each in found[1:]] == [
        at("2026-06-05 17:30"),
        due + SECOND,
        at("2026-06-08 10:00"),
        at("2026-06-08 11:30"),
    ]


def test_lengths_around_due_run_through_the_night_for_a_natural_clock():
    start, due = at("2026-06-05 17:00"), at("2026-06-05 21:00")
    found = moments(start, due, rule("natural", "4 h"), WARNED_AND_CHASED, BOOK.calendar)
    assert [each.at for each in found] == [
        at("2026-06-05 19:00"),
        at("2026-06-05 20:00"),
        due + SECOND,
        at("2026-06-05 21:30"),
        at("2026-06-05 23:00"),
    ]


def test_days_around_due_are_days_of_the_clocks_own_kind():
    rungs = (rung(1, "1 d before due"), rung(2, "1 d after due"))
    start, due = at("2026-06-01 10:00"), at("2026-06-09 00:00")
    calendar_days = moments(start, due, rule("calendar_days", "7 d"), rungs, BOOK.calendar)
    assert [each.at for each in calendar_days] == [at("2026-06-08 00:00"), at("2026-06-10 00:00")]
    # Four working days end Friday 24:00: all of Friday before it, all of Monday after it.
    due = at("2026-06-06 00:00")
    working_days = moments(start, due, rule("working_days", "4 d"), rungs, BOOK.calendar)
    assert [each.at for each in working_days] == [at("2026-06-05 09:00"), at("2026-06-08 18:00")]


@pytest.mark.parametrize(
    "written",
    ["warning", "50 % before due", "2 h before due", "due", "10 % after due", "30 min after due", "15 min after start"],
)
def test_a_moment_reads_as_it_was_written(written):
    assert str(parse_firing(written)) == written
    assert parse_firing(f" {written} ".replace(" ", "  ") if " " in written else written) == parse_firing(written)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("0 % after due", "write due"),
        ("100 % before due", "not after the start"),
        ("10 min before start", "before the start"),
        ("10 % after start", "not a limit"),
        ("2 weeks before due", "not a limit"),
        ("0 h before due", "more than zero"),
        ("soon", "is no moment"),
        (15, "is no moment"),
        (None, "is no moment"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_with_the_reason(written, why):
    with pytest.raises(ValueError, match=why):
        parse_firing(written)


def test_repeats_wait_longer_each_time_up_to_the_longest():
    repeat = Repeat.model_validate({"every": "10 min", "back_off": 2, "longest": "1 h", "at_most": 6})
    told, waits = at("2026-06-05 23:00"), []
    for repeats in range(6):
        again = repeat.next_after(told, repeats, BOOK.calendar)
        assert again is not None
        waits.append((again - told) / timedelta(minutes=1))
        told = again
    assert waits == [10, 20, 40, 60, 60, 60]
    assert repeat.next_after(told, 6, BOOK.calendar) is None


def test_repeats_in_working_hours_say_nothing_at_night():
    repeat = Repeat.model_validate({"every": "4 h", "at_most": 9, "time": "working_hours"})
    assert repeat.next_after(at("2026-06-05 17:00"), 0, BOOK.calendar) == at("2026-06-08 12:00")


def test_a_repeat_without_a_longest_wait_never_overflows():
    repeat = Repeat.model_validate({"every": "23 h", "back_off": 10, "at_most": 100})
    assert repeat.next_after(at("2026-06-05 17:00"), 99, BOOK.calendar) is not None


def test_a_rung_past_the_published_calendar_is_marked_provisional():
    found = moments(
        at("2026-12-28 10:00"), at("2027-01-01 00:00"), rule("working_days", "3 d"), USUAL, BOOK.calendar
    )
    assert [each.provisional for each in found] == [False, False, True, True]


def test_a_warning_never_lies_before_the_start():
    start = at("2026-06-01 10:00")
    found = moments(start, start + SECOND, rule("natural", "4 h"), USUAL[:1], BOOK.calendar)
    assert found[0].at == start


def test_an_answer_at_exactly_the_due_time_wakes_nobody():
    start, due = at("2026-06-01 10:00"), at("2026-06-01 14:00")
    found = moments(start, due, rule("natural", "4 h"), USUAL, BOOK.calendar)
    assert missed(found, {1}, due) == (None, ())
    late, _ = missed(found, {1}, due + SECOND)
    assert late is not None
    assert late.level == 2


def test_after_a_long_sleep_only_the_highest_level_fires():
    start, due = at("2026-06-01 10:00"), at("2026-06-01 14:00")
    found = moments(start, due, rule("natural", "4 h"), USUAL, BOOK.calendar)
    fire, superseded = missed(found, set(), at("2026-06-03 00:00"))
    assert fire is not None
    assert fire.level == 4
    assert [each.level for each in superseded] == [1, 2, 3]


def test_what_has_fired_or_been_superseded_never_fires_again():
    start, due = at("2026-06-01 10:00"), at("2026-06-01 14:00")
    found = moments(start, due, rule("natural", "4 h"), USUAL, BOOK.calendar)
    told: list[int] = []
    settled: set[int] = set()
    for minutes in range(0, 600, 7):
        fire, superseded = missed(found, settled, start + timedelta(minutes=minutes))
        if fire is not None:
            told.append(fire.level)
            settled |= {fire.level, *(each.level for each in superseded)}
    assert told == [1, 2, 3, 4]


def test_a_lower_level_that_comes_due_again_after_a_higher_one_is_only_superseded():
    # An extension moved the due time after level 4 had fired: nothing starts from below again.
    start, due = at("2026-06-01 10:00"), at("2026-06-01 14:00")
    found = moments(start, due, rule("natural", "4 h"), USUAL, BOOK.calendar)
    fire, superseded = missed(found, {4}, at("2026-06-01 14:00:01"))
    assert fire is None
    assert [each.level for each in superseded] == [1, 2]


def test_nothing_fires_before_its_moment():
    start, due = at("2026-06-01 10:00"), at("2026-06-01 14:00")
    found = moments(start, due, rule("natural", "4 h"), USUAL, BOOK.calendar)
    assert missed(found, set(), at("2026-06-01 12:59:59")) == (None, ())
    assert missed(found, set(), at("2026-06-01 13:00"))[0] is not None
