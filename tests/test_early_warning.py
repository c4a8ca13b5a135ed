"""Early warning: what is usual, what is a rise, which venue stands out, and how wide a forecast must be."""

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from pydantic import ValidationError
from scipy.stats import poisson

from analysis.early_warning.forecast import SHARES, Forecaster
from analysis.early_warning.series import Occurrence, daily
from analysis.early_warning.settings import (
    SchoolYear,
    YearlyPeriod,
    delivered_school_year,
    delivered_settings,
)
from analysis.early_warning.sudden_rise import Rise, rises
from analysis.early_warning.usual import Usual, chance_of_as_many, quantile
from analysis.early_warning.venues import Mention, venue_warnings
from benchmarks.outbreaks import LEARNING_DAYS, delays, false_alarms, quiet_years

YEAR = delivered_school_year()
SETTINGS = delivered_settings()
MONDAY = date(2024, 1, 1)
ONE = np.array([1.0])


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2026, 9, 1), "enrolment"), (date(2026, 8, 31), "summer_holidays"), (date(2026, 6, 7), "exams"),
        (date(2026, 6, 11), "term"), (date(2026, 2, 20), "winter_holidays"), (date(2026, 2, 21), "term"),
    ],
)  # fmt: skip
def test_a_day_lies_in_the_period_of_the_school_year(day: date, period: str) -> None:
    """Both sides of the edges, by the delivered approximations."""
    assert YEAR.period_of(day) == period


def test_the_dates_of_a_notice_go_before_those_of_every_year() -> None:
    """Winter holidays move with the Spring Festival."""
    notice = {"period": "winter_holidays", "from": "2027-02-21", "to": "2027-02-28", "source": "a notice"}
    dated = SchoolYear.model_validate({**YEAR.model_dump(by_alias=True), "dated": [notice]})
    assert (dated.period_of(date(2027, 2, 28)), dated.period_of(date(2026, 2, 28))) == ("winter_holidays", "term")


def test_every_period_names_its_source_and_unsure_ones_say_so() -> None:
    """[P] is a proposal or an approximation."""
    assert [each for each in YEAR.every_year if not each.source.startswith("[P]")] == []


def test_a_period_across_the_new_year_is_refused() -> None:
    """It would hold no day at all."""
    with pytest.raises(ValidationError, match="crosses the new year"):
        YearlyPeriod.model_validate({"period": "x", "from": "12-20", "to": "01-10", "source": "[P]"})


def settled(counts: list[int], first: date = MONDAY) -> Usual:
    """What is usual after these days."""
    usual = Usual(1, YEAR, SETTINGS.usual)
    for at, count in enumerate(counts):
        usual.see(first + timedelta(days=at), np.array([float(count)]))
    return usual


def test_the_usual_follows_the_weekday() -> None:
    """Eight on working days and none at weekends, a year long."""
    usual = settled([8 if (MONDAY + timedelta(days=at)).weekday() < 5 else 0 for at in range(364)])
    friday, saturday = MONDAY + timedelta(days=368), MONDAY + timedelta(days=369)
    assert usual.expected(friday)[0] > 7
    assert usual.expected(saturday)[0] < 1


def test_the_usual_knows_last_years_summer() -> None:
    """Half as many in the holidays: the first day of the next ones is expected to be lower than the day before."""
    days = [MONDAY + timedelta(days=at) for at in range(540)]
    usual = settled([5 if YEAR.period_of(day) == "summer_holidays" else 10 for day in days])
    tuesday, wednesday = date(2025, 7, 1), date(2025, 7, 9)
    assert usual.expected(wednesday)[0] < 0.75 * usual.expected(tuesday)[0]


def test_an_outbreak_does_not_become_usual_while_it_lasts() -> None:
    """Two weeks of twenty where two are usual leave the level below four."""
    before, during = [2] * 300, [20] * 14
    assert settled(before + during).level[0] < 4 < np.mean(during)


def test_without_overdispersion_the_chance_is_poissons() -> None:
    """At the limit, against scipy's Poisson."""
    assert math.isclose(chance_of_as_many(8 * ONE, 3 * ONE, 1e-4 * ONE)[0], poisson.sf(7, 3), rel_tol=0.01)


def test_more_dispersion_makes_the_same_count_less_strange() -> None:
    """And the quantiles wider."""
    assert chance_of_as_many(8 * ONE, 3 * ONE, ONE)[0] > chance_of_as_many(8 * ONE, 3 * ONE, 0.1 * ONE)[0]
    assert quantile(0.975, 3 * ONE, ONE)[0] > quantile(0.975, 3 * ONE, 0.1 * ONE)[0]


def alarms(counts: npt.NDArray[np.int64]) -> list[Rise]:
    """Of these series."""
    return list(rises([f"s{at}" for at in range(len(counts))], MONDAY, counts, YEAR, SETTINGS))


def steady(series: int, days: int) -> npt.NDArray[np.int64]:
    """One a day on average."""
    return np.random.default_rng(3).poisson(1, (series, days))


def test_a_burst_on_one_day_is_told_that_evening_of_its_series_only() -> None:
    """Twelve where one is usual."""
    counts = steady(20, 200)
    counts[7, 150] += 12
    (found,) = [each for each in alarms(counts) if each.series == "s7"]
    assert (found.on, found.days, found.came >= 12) == (MONDAY + timedelta(days=150), 1, True)


def test_a_slow_rise_is_told_by_its_week() -> None:
    """Four a day more, none of which is strange by itself among twenty series."""
    counts = steady(20, 200)
    counts[7, 150:164] += 4
    found = [each for each in alarms(counts) if each.series == "s7" and each.on >= MONDAY + timedelta(days=150)]
    assert found
    assert found[0].days == 7


def test_a_series_is_quiet_for_a_week_after_its_alarm() -> None:
    """The same outbreak is one alarm a week, not one a day."""
    counts = steady(20, 200)
    counts[7, 150:160] += 15
    days = [each.on for each in alarms(counts) if each.series == "s7"]
    assert all((later - earlier).days > SETTINGS.sudden_rise.quiet_days for earlier, later in pairwise(days))


def test_nothing_is_told_while_a_series_is_new_or_its_count_is_tiny() -> None:
    """Two of something that never came before are no rise yet."""
    counts = np.zeros((3, 120), dtype=np.int64)
    counts[0, 20] = 30
    counts[1, 100] = SETTINGS.sudden_rise.fewest - 1
    assert alarms(counts) == []


def test_false_alarms_stay_within_the_allowed_rate() -> None:
    """Days with any alarm in four made-up years in which nothing happened, twice the allowance for chance."""
    measured = false_alarms(30, 4, YEAR, SETTINGS, seed=11)
    assert measured["days_with_any_a_year"] <= 2 * measured["allowed_a_year"]


def test_a_clear_outbreak_is_found_within_days() -> None:
    """Five a day more for two weeks where one in five days is usual: nine of ten, within two days."""
    found = [each for each in delays(60, (5,), 14, YEAR, SETTINGS, seed=12) if each["usual_a_day"] == 0.2]
    assert [each["found"] >= 0.9 and each["median_delay_days"] <= 2 for each in found] == [True]


def test_made_up_years_are_the_same_for_the_same_seed() -> None:
    """And cover a year of learning."""
    one, other = (quiet_years(5, 1, YEAR, 0.1, seed=4)[0] for _ in range(2))
    assert (one == other).all()
    assert one.shape == (5, LEARNING_DAYS + 365)


def test_intervals_hold_as_much_as_they_say_once_errors_are_known() -> None:
    """Weekly counts with much spread: 80 and 95 in a hundred, within six."""
    draw = np.random.default_rng(8)
    counts = draw.poisson(40 * draw.gamma(5, 0.2, (30, 160))).astype(np.float64)
    teller = Forecaster(30, YEAR, SETTINGS.usual, ahead=4)
    held: dict[int, list[bool]] = {80: [], 95: []}
    for at in range(156):
        day = MONDAY + timedelta(weeks=at)
        teller.see(day, counts[:, at])
        if at < 60:
            continue
        for step, each in enumerate(teller.forecast(day), start=1):
            if at + step < 160:
                actual = counts[:, at + step]
                held[80] += list((each.quantiles[1] <= actual) & (actual <= each.quantiles[3]))
                held[95] += list((each.quantiles[0] <= actual) & (actual <= each.quantiles[4]))
    assert abs(np.mean(held[80]) - 0.80) < 0.06
    assert abs(np.mean(held[95]) - 0.95) < 0.06


def test_quantiles_of_a_forecast_never_cross_and_begin_a_week_later() -> None:
    """In the order of their shares."""
    teller = Forecaster(2, YEAR, SETTINGS.usual, ahead=2)
    teller.see(MONDAY, np.array([3.0, 0.0]))
    first, second = teller.forecast(MONDAY)
    assert (first.begins, second.begins) == (MONDAY + timedelta(weeks=1), MONDAY + timedelta(weeks=2))
    assert len(first.quantiles) == len(SHARES)
    assert (np.diff(first.quantiles, axis=0) >= 0).all()


NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def mention(after_days: float, reporter: str = "", kind: str = "S04", matter: str = "") -> Mention:
    """About one venue."""
    return Mention(NOON + timedelta(days=after_days), "v1", kind, reporter, matter or f"{after_days}")


@pytest.mark.parametrize(
    ("mentions", "rules"),
    [
        ([mention(0, "a"), mention(1, "b"), mention(13.9, "c")], ["several_reporters"]),
        ([mention(0, "a"), mention(1, "b"), mention(14, "c")], []),
        ([mention(0, "a"), mention(1, "a"), mention(2, "a")], []),
        ([mention(0), mention(1), mention(2)], []),
        ([mention(0, kind="S04"), mention(1, kind="S03"), mention(27.9, kind="S04")], ["several_kinds"]),
        ([mention(0, kind="S04"), mention(1, kind="S03"), mention(28, kind="S04")], []),
        ([mention(0, kind="S04", matter="m"), mention(1, kind="S03", matter="m"), mention(2, kind="C05", matter="m")], []),
        ([mention(0, "a"), mention(1, "b"), mention(2, "c"), mention(3, "d")], ["several_reporters"]),
    ],
    ids=[
        "three people within a fortnight", "the first is too long ago", "one person three times", "nobody known",
        "two kinds in three matters", "the first matter is too long ago", "one matter of three kinds", "told once",
    ],
)  # fmt: skip
def test_a_venue_stands_out_by_rules_a_person_can_recount(mentions: list[Mention], rules: list[str]) -> None:
    """Both sides of each limit."""
    assert [each.rule for each in venue_warnings(mentions, SETTINGS.venue)] == rules


def test_days_are_the_offices_and_silent_calls_count_as_that_only() -> None:
    """00:30 in Beijing on Tuesday is Monday 16:30 UTC."""
    told = [
        Occurrence(datetime(2026, 3, 2, 16, 30, tzinfo=UTC), kind="S01", district="D1", venue="v1"),
        Occurrence(datetime(2026, 3, 2, 15, 30, tzinfo=UTC), kind="S01", district="D1"),
        Occurrence(datetime(2026, 3, 2, 15, 30, tzinfo=UTC), kind="X05", is_silent=True),
        Occurrence(datetime(2026, 3, 9, 15, 30, tzinfo=UTC), kind="S01", district="D1"),
    ]
    found = daily(told, date(2026, 3, 2), date(2026, 3, 4))
    assert dict(zip(found.names, found.counts.tolist(), strict=True)) == {
        "kind:S01@D1": [1, 1, 0], "silent": [1, 0, 0], "venue:v1": [0, 1, 0],
    }  # fmt: skip
