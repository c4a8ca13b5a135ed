"""Over which time the rates are counted: both sides of every edge, with the weekday or the date in the row."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from analysis.rate_rules import AssessmentRule, load_rate_rules
from analysis.windows import (
    ZONE,
    Natural,
    Window,
    assessment,
    daily,
    month_before,
    natural,
    natural_before,
    naturals,
    whole_assessment,
)  # fmt: skip

RULES = load_rate_rules().windows
AS_THE_DISTRICT = RULES.model_copy(update={"assessment_rule": AssessmentRule.LAST_MONTH})


def local(written: str) -> datetime:
    return datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def shown(window: Window) -> tuple[str, str]:
    start, end = (f"{each.astimezone(ZONE):%Y-%m-%d %H:%M}" for each in (window.start, window.end))
    return start, end


def test_the_daily_report_runs_from_noon_to_noon() -> None:
    """Domain notes §5.3."""
    window = daily(date(2025, 5, 2), RULES)
    assert shown(window) == ("2025-05-01 12:00", "2025-05-02 12:00")
    minute = timedelta(minutes=1)
    assert local("2025-05-01 12:00") in window
    assert local("2025-05-01 12:00") - minute not in window
    assert local("2025-05-02 12:00") - minute in window
    assert local("2025-05-02 12:00") not in window


@pytest.mark.parametrize(("day", "first"), [("2025-10-26", "2025-09-19"), ("2026-01-10", "2025-12-19"), ("2025-10-18", "2025-09-19")])
def test_the_districts_assessment_starts_on_last_months_nineteenth(day: str, first: str) -> None:
    """Domain notes §5.3, as its code does it also after the 18th."""
    assert shown(assessment(date.fromisoformat(day), AS_THE_DISTRICT)) == (f"{first} 00:00", f"{day} 12:00")


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2025-10-18", "2025-09-19", "2025-10-18"), ("2025-10-19", "2025-10-19", "2025-11-18"),
        ("2025-10-26", "2025-10-19", "2025-11-18"), ("2026-01-10", "2025-12-19", "2026-01-18"),
        ("2025-12-31", "2025-12-19", "2026-01-18"), ("2028-02-29", "2028-02-19", "2028-03-18"),
    ],
)  # fmt: skip
def test_the_period_containing_a_day_never_overlaps_the_next(day: str, first: str, last: str) -> None:
    """The 18th is a period's last day and the 19th the next one's first."""
    window = whole_assessment(date.fromisoformat(day), RULES)
    after = date.fromisoformat(last) + timedelta(days=1)
    assert shown(window) == (f"{first} 00:00", f"{after} 00:00")
    assert shown(assessment(date.fromisoformat(day), RULES)) == (f"{first} 00:00", f"{day} 12:00")


def test_every_day_of_four_years_is_in_exactly_one_period() -> None:
    first = date(2024, 1, 1)
    windows = [whole_assessment(first + timedelta(days=each), RULES) for each in range(1461)]
    for each, window in enumerate(windows):
        assert datetime.combine(first + timedelta(days=each), datetime.min.time(), ZONE) in window
    distinct = sorted(set(windows))
    assert all(one.end == other.start for one, other in pairwise(distinct))


def test_the_comparison_of_the_end_of_march_ends_with_february() -> None:
    """Domain notes §5.3: 2025-03-31 against a period that ends on 2025-02-28."""
    window = month_before(assessment(date(2025, 3, 31), AS_THE_DISTRICT))
    assert shown(window) == ("2025-01-19 00:00", "2025-02-28 12:00")
    leap = month_before(assessment(date(2028, 3, 30), AS_THE_DISTRICT))
    assert shown(leap)[1] == "2028-02-29 12:00"


def test_the_period_before_a_whole_one_is_the_whole_one_before() -> None:
    assert month_before(whole_assessment(date(2025, 3, 31), RULES)) == whole_assessment(date(2025, 3, 1), RULES)


@pytest.mark.parametrize(
    ("period", "day", "first", "after"),
    [
        (Natural.DAY, "Sun 2026-03-01", "2026-03-01", "2026-03-02"),
        (Natural.WEEK, "Sun 2026-03-01", "2026-02-23", "2026-03-02"), (Natural.WEEK, "Mon 2026-03-02", "2026-03-02", "2026-03-09"),
        (Natural.WEEK, "Thu 2026-01-01", "2025-12-29", "2026-01-05"),
        (Natural.MONTH, "Sat 2026-02-28", "2026-02-01", "2026-03-01"), (Natural.MONTH, "Thu 2026-12-31", "2026-12-01", "2027-01-01"),
        (Natural.QUARTER, "Tue 2026-03-31", "2026-01-01", "2026-04-01"), (Natural.QUARTER, "Thu 2026-10-01", "2026-10-01", "2027-01-01"),
        (Natural.YEAR, "Thu 2026-12-31", "2026-01-01", "2027-01-01"),
    ],
)  # fmt: skip
def test_natural_periods_run_from_midnight_to_midnight_in_beijing(period: Natural, day: str, first: str, after: str) -> None:
    weekday, written = day.split()
    asked = date.fromisoformat(written)
    assert f"{asked:%a}" == weekday
    window = natural(asked, period)
    assert shown(window) == (f"{first} 00:00", f"{after} 00:00")
    assert natural_before(window, period).end == window.start


def test_a_year_has_its_twelve_months_and_the_weeks_that_touch_it() -> None:
    """2026 begins on a Thursday and ends on one: 53 weeks have a day in it."""
    year = date(2026, 1, 1), date(2026, 12, 31)
    assert len(naturals(*year, Natural.MONTH)) == 12
    assert len(naturals(*year, Natural.WEEK)) == 53
    assert len(naturals(date(2026, 5, 3), date(2026, 5, 3), Natural.QUARTER)) == 1


def test_a_moment_without_a_zone_makes_no_window() -> None:
    with pytest.raises(ValueError, match="no span"):
        Window(datetime(2026, 1, 1), datetime(2026, 1, 2))
    with pytest.raises(ValueError, match="no span"):
        Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
