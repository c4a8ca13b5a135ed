"""The three rates: the table of the domain notes (§5.1) and what is published, row by row; nothing valid is no rate."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.rate_rules import SHIPPED, Rate, Summary, Ties, load_rate_rules
from analysis.rates import Rates, Tally, in_order, rates_of, summary_of
from models.rule_files import RuleFileError

RULES = load_rate_rules()
FORMULA = RULES.formula


def full(valid: int, contacted: int, resolved: int, satisfied: int = 0, basically: int = 0) -> Tally:
    """Callbacks that were all asked everything."""
    return Tally(valid, contacted, valid, resolved, satisfied, basically)


def printed(tally: Tally) -> tuple[str, ...]:
    found = rates_of(tally, FORMULA).rounded(FORMULA)
    return tuple("n/a" if each is None else str(each) for each in (found.response, found.resolution, found.satisfaction, found.composite))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((100, 100, 95, 90, 5), ("100.00", "95.00", "94.50", "95.3")),
        ((80, 80, 72, 60, 12), ("100.00", "90.00", "88.50", "90.4")),
        ((200, 198, 180, 150, 40), ("99.00", "90.00", "93.00", "92.1")),
        ((7, 7, 5, 4, 2), ("100.00", "71.43", "82.86", "78.9")),
        ((3, 2, 1, 1, 1), ("66.67", "33.33", "63.33", "48.7")),
        ((1, 1, 0, 0, 0), ("100.00", "0.00", "0.00", "10.0")),
        ((0, 0, 0, 0, 0), ("n/a", "n/a", "n/a", "n/a")),
    ],
    ids=lambda row: str(row[0]),
)
def test_the_rates_are_those_of_the_table(counts: tuple[int, ...], expected: tuple[str, ...]) -> None:
    """Domain notes §5.1; the last row is 0 in the code they come from and "not applicable" here."""
    assert printed(full(*counts)) == expected


def test_eighty_orders_make_exactly_ninety_point_four() -> None:
    """0.1 + 0.4 × 0.885 + 0.5 × 0.9 = 0.904; in binary fractions it is 90.40000000000002."""
    assert rates_of(full(80, 80, 72, 60, 12), FORMULA).composite == Decimal("90.4")
    assert (0.1 * 1.0 + 0.4 * ((60 + 0.9 * 12) / 80) + 0.5 * (72 / 80)) * 100 != 90.4


def test_the_composite_of_thirds_and_sevenths_is_exact_before_it_is_rounded() -> None:
    """10 × 1/3 + 50 × 1/3 + 40 × 1/3 is 33.3…, and three thirds are a whole."""
    assert rates_of(full(3, 3, 3, 3), FORMULA).composite == 100
    assert rates_of(Tally(7, 7, 7, 7, 7), FORMULA).composite == 100


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(94, 94, "100.00"), (182, 246, "73.98"), (1301, 3134, "41.51"), (1833, 3134, "58.49"), (100138, 110394, "90.71")],
)
def test_published_percentages_come_out_as_published(part: int, whole: int, percent: str) -> None:
    """94 of 94 contacted and 182 of 246 (C-BUS); requests and consultations (W-2021); phone of all calls (W-2020)."""
    assert printed(Tally(whole, part))[0] == percent


def test_orders_assessed_on_response_only_have_no_other_rate() -> None:
    """All 94 assessed orders of C-BUS in the first quarter of 2026 were response-only."""
    assert printed(Tally(valid=94, contacted=94)) == ("100.00", "n/a", "n/a", "n/a")


def test_response_only_orders_do_not_thin_out_the_other_rates() -> None:
    """Ten in all, four of them response-only: three of the six others resolved are a half."""
    tally = Tally(valid=10, contacted=9, full=6, resolved=3, satisfied=3)
    assert printed(tally) == ("90.00", "50.00", "50.00", "54.0")


def test_whoever_was_not_told_who_called_is_not_blamed_for_not_calling() -> None:
    """Ten answers, six of callers who want secrecy: three of the four others were contacted."""
    tally = Tally(valid=10, contacted=3, full=10, resolved=8, satisfied=5, contact_not_asked=6)
    assert printed(tally) == ("75.00", "80.00", "50.00", "67.5")
    nobody = Tally(valid=6, full=6, resolved=6, satisfied=6, contact_not_asked=6)
    assert printed(nobody) == ("n/a", "100.00", "100.00", "n/a")
    with pytest.raises(ValueError, match="no such callbacks"):
        Tally(valid=6, contacted=1, contact_not_asked=6)


def test_pooled_and_mean_differ_and_the_rules_say_which_is_published() -> None:
    """A 90 of 100 and B 5 of 10: pooled 95 of 110, mean of 90 % and 50 %."""
    units = [full(100, 100, 90), full(10, 10, 5)]
    pooled = summary_of(units, RULES.model_copy(update={"summary": Summary.POOLED})).rounded(FORMULA)
    mean = summary_of(units, RULES.model_copy(update={"summary": Summary.MEAN})).rounded(FORMULA)
    assert (pooled.resolution, mean.resolution) == (Decimal("86.36"), Decimal("70.00"))
    assert RULES.summary is Summary.POOLED


@pytest.mark.parametrize("summary", Summary)
def test_a_unit_without_valid_callbacks_pulls_no_summary_down(summary: Summary) -> None:
    rules = RULES.model_copy(update={"summary": summary})
    assert summary_of([full(10, 10, 5), Tally()], rules).resolution == 50
    assert summary_of([Tally()], rules) == Rates(None, None, None, None)


def test_equal_composites_stand_by_volume_then_by_code_and_none_comes_last() -> None:
    units = {"B": full(10, 10, 10, 10), "A": full(10, 10, 10, 10), "BIG": full(20, 20, 20, 20), "NONE": Tally(), "LOW": full(1, 1, 0)}
    assert in_order(units, RULES) == ["BIG", "A", "B", "LOW", "NONE"]
    by_code = RULES.model_copy(update={"ties": Ties.CODE})
    assert in_order(units, by_code) == ["A", "B", "BIG", "LOW", "NONE"]


def test_a_tie_is_one_of_the_printed_figure() -> None:
    """10 + 50 + 40 × 0.751 is 90.04 and with 0.749 it is 89.96: both are printed 90.0, and the larger unit stands first."""
    units = {"A": full(1000, 1000, 1000, 751), "Z": full(2000, 2000, 2000, 1498)}
    assert [rates_of(each, FORMULA).composite for each in units.values()] == [Decimal("90.04"), Decimal("89.96")]
    assert in_order(units, RULES) == ["Z", "A"]


@pytest.mark.parametrize(
    "counts", [{"valid": 1, "contacted": 2}, {"valid": 1, "full": 2}, {"valid": 2, "full": 1, "satisfied": 1, "basically": 1}, {"valid": -1}]
)
def test_counts_that_cannot_be_are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"callbacks"):
        Tally(**counts)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.just(n), *[st.integers(0, n)] * 3, st.integers(0, n))))
def test_every_rate_lies_between_nothing_and_all(counts: tuple[int, int, int, int, int]) -> None:
    valid, contacted, resolved, satisfied, basically = counts
    found = rates_of(full(valid, contacted, resolved, min(satisfied, valid - basically), basically), FORMULA)
    for each in (found.response, found.resolution, found.satisfaction, found.composite):
        assert each is not None
        assert 0 <= each <= 100


def test_the_delivered_weights_are_ten_fifty_and_forty() -> None:
    """Domain notes §1.6."""
    assert FORMULA.weights == {Rate.RESPONSE: Decimal("0.1"), Rate.SATISFACTION: Decimal("0.4"), Rate.RESOLUTION: Decimal("0.5")}
    assert FORMULA.basically_counts == Decimal("0.9")


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("resolution: 0.5}", "resolution: 0.6}", r"rates.yaml:\d+:\d+: formula.weights: the weights add up to 1.1, not to 1"),
        ("basically_counts: 0.9", "basically_counts: 9", r"rates.yaml:5:3: formula.basically_counts: .*less than or equal to 1"),
        ("summary: pooled", "summary: median", r"rates.yaml:13:1: summary: .*'pooled' or 'mean'"),
        ("assessment_first_day: 19", "assessment_first_day: 31", r"windows.assessment_first_day: .*less than or equal to 28"),
        ('day_ends: "12:00"', "day_ends: 720", r"windows.day_ends: write the time of day in quotes"),
        ('day_ends: "12:00"', 'day_ends: "00:00"', r"windows.day_ends: 00:00 would leave the first day"),
        ("    guardian_suspect: true\n", "", r"exceptions.0: fits every order"),
        ("ties: volume", "ties: volume\nrank: true", r"rank: unknown key"),
    ],
    ids=lambda each: each[:30],
)  # fmt: skip
def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path, was: str, becomes: str, problem: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(was) == 1
    (tmp_path / "rates.yaml").write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(RuleFileError, match=problem):
        load_rate_rules(tmp_path)

