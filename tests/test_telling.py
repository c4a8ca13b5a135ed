"""Which totals of overlapping times may be told, so that none less another one is small."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from analysis.rate_rules import load_rate_rules
from analysis.report.facts import Cadence
from analysis.report.period import before, days_of, last_over, leaves_room, period, weeks_until
from analysis.report.settings import SHIPPED, load_report_settings
from analysis.report.telling import tellable
from models.rule_files import RuleFileError

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WINDOWS = load_rate_rules().windows


def at(day: int) -> datetime:
    return MONDAY + timedelta(days=day)


def counting(*per_day: int):  # type: ignore[no-untyped-def]
    """So many on each day from Monday on."""

    def between(start: datetime, end: datetime) -> int:
        first, last = ((each - MONDAY).days for each in (start, end))
        return sum(per_day[max(first, 0) : max(last, 0)])

    return between


def test_a_week_of_a_month_that_leaves_three_is_not_told_after_the_month() -> None:
    """Nine days with 10 each and 3 in all on the last two: the month is out, the week would tell the 3."""
    between = counting(10, 10, 10, 10, 10, 10, 10, 2, 1)
    assert tellable([(at(0), at(7))], [(at(0), at(9))], between, 5) == [False]


def test_a_week_of_a_month_that_leaves_five_or_nobody_is_told() -> None:
    assert tellable([(at(0), at(7))], [(at(0), at(9))], counting(*[10] * 7, 2, 3), 5) == [True]
    assert tellable([(at(0), at(7))], [(at(0), at(9))], counting(*[10] * 7, 0, 0), 5) == [True]


def test_what_comes_first_takes_precedence() -> None:
    between = counting(*[10] * 7, 2, 1)
    assert tellable([(at(0), at(9)), (at(0), at(7))], [], between, 5) == [True, False]
    assert tellable([(at(0), at(7)), (at(0), at(9))], [], between, 5) == [True, False]


def test_a_small_total_is_not_told_and_stands_in_nobodys_way() -> None:
    assert tellable([(at(0), at(1)), (at(0), at(9))], [], counting(3, *[10] * 8), 5) == [False, True]


def test_the_overlap_of_two_times_is_looked_at_too() -> None:
    """Days 0 to 6 and 5 to 11 share one day with 4."""
    assert tellable([(at(5), at(11))], [(at(0), at(6))], counting(*[10] * 5, 4, *[10] * 5), 5) == [False]


def test_a_long_chain_of_weeks_and_months_is_no_way_round() -> None:
    """Weeks from Monday on, "months" of 31 days from the same Monday: what is left after four weeks is three days with 4."""
    between = counting(*[10] * 28, 1, 1, 2, *[10] * 40)
    weeks = [(at(7 * each), at(7 * each + 7)) for each in range(4)]
    assert tellable([(at(0), at(31))], weeks, between, 5) == [False]


def test_days_end_at_noon_weeks_on_monday_months_on_the_first() -> None:
    day = period(Cadence.DAILY, date(2026, 3, 4), WINDOWS)
    assert day.ends == (datetime(2026, 3, 3, 4, tzinfo=UTC), datetime(2026, 3, 4, 4, tzinfo=UTC))
    week = period(Cadence.WEEKLY, date(2026, 3, 4), WINDOWS)
    assert (week.first, week.last) == (date(2026, 3, 2), date(2026, 3, 8))
    assert before(week, WINDOWS).first == date(2026, 2, 23)
    month = period(Cadence.MONTHLY, date(2026, 3, 4), WINDOWS)
    assert (month.first, month.last, len(days_of(month, WINDOWS))) == (date(2026, 3, 1), date(2026, 3, 31), 31)
    assert [each.first for each in weeks_until(month, 2, WINDOWS)] == [date(2026, 3, 16), date(2026, 3, 23)]


def test_the_last_one_that_is_over_is_found_to_the_second() -> None:
    noon = datetime(2026, 3, 4, 4, tzinfo=UTC)
    assert last_over(Cadence.DAILY, noon, WINDOWS).last == date(2026, 3, 4)
    assert last_over(Cadence.DAILY, noon - timedelta(seconds=1), WINDOWS).last == date(2026, 3, 3)
    assert last_over(Cadence.MONTHLY, datetime(2026, 3, 31, 16, tzinfo=UTC), WINDOWS).first == date(2026, 3, 1)


def test_a_day_beside_monday_needs_more_cases_than_one_in_the_middle_of_the_week() -> None:
    """Half a day is between Sunday noon and Monday, two and a half between Wednesday noon and it."""
    sunday, thursday = (period(Cadence.DAILY, date(2026, 3, each), WINDOWS) for each in (8, 12))
    assert not leaves_room(sunday, 39, 20)
    assert leaves_room(sunday, 40, 20)
    assert leaves_room(thursday, 10, 20)


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("holds: [received, closed, standing, trend_days", "holds: [received, rates, closed, standing, trend_days", "rates may be told of months only"),
        ("step_seconds: 60", "step_seconds: 1", "step_seconds: .*greater than or equal to 60"),
        ("  daily:\n", "  hourly:\n", "cadences"),
        ("spare: 20", "spare: 20\nsecret: 1", "secret: "),
    ],
)  # fmt: skip
def test_no_settings_publish_what_overlapping_times_would_tell(tmp_path: Path, was: str, becomes: str, problem: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(was) == 1
    (tmp_path / "report.yaml").write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(RuleFileError, match=problem):
        load_report_settings(tmp_path)
