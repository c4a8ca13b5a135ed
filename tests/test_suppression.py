"""Nobody who reads all published tables finds a count under the limit; who hides only the small ones is found out."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.disclosure import Attack
from analysis.release import ALL, Counted, Counts, Number, Sheet
from analysis.suppression import CannotProtectError, Release, suppress, too_small
from analysis.suppression_rules import SHIPPED, Zeros, load_suppression
from models.rule_files import RuleFileError
from tests.differencing import Aim, Collector, Paper

RULES = load_suppression()
SHOWN_ZEROS = RULES.model_copy(update={"zeros": Zeros.SHOWN})
DIMS = ("family", "grade")
MONDAY = date(2026, 3, 2)


def counted(edges: Sequence[date], cells: Counts, dims: tuple[str, ...] = DIMS) -> Counted:
    """Codes A, B, … of what is crossed first, and U1, U2, … of the second."""
    names = ("ABCDEFG", tuple(f"U{each}" for each in range(1, 8)))
    codes = {each: tuple(names[at][: cells.shape[at + 1]]) for at, each in enumerate(dims)}
    return Counted(tuple(edges), codes, {dims: cells})


def one_table(*rows: Sequence[int]) -> tuple[Counted, list[Sheet]]:
    end = MONDAY + timedelta(days=7)
    return counted((MONDAY, end), np.array([rows])), [Sheet(DIMS, MONDAY, end)]


def found_by_attack(release: Release, extra: Iterable[int] | None = None) -> list[tuple[Aim, float, float]]:
    """Small counts that the collector is sure of; `extra` chooses among the differences, None takes all."""
    papers = [Paper(each.dims, each.start, each.end, release.shown(at)) for at, each in enumerate(release.sheets)]
    collector = Collector(papers, release.counted.codes)
    truth = {
        place: int(release.counted.cells[dims][(release.counted.edges.index(span[0]), *(release.counted.codes[d].index(c) for d, c in zip(dims, cell, strict=True)))])
        for (dims, span, cell), place in collector.place.items()
    }  # fmt: skip
    differences = sorted(set(collector.differences()), key=sorted)
    chosen = differences if extra is None else [differences[each % len(differences)] for each in extra]
    aims = {aim for aim in [*collector.blanks(), *chosen] if 0 < sum(truth[each] for each in aim) < RULES.limit}
    return list(collector.tells(sorted(aims, key=sorted), RULES.width))


def naive(counted: Counted, sheets: Sequence[Sheet]) -> Release:
    return Release(counted, tuple(sheets), too_small(counted, sheets, RULES))


def test_a_small_cell_is_blank_and_so_is_what_would_tell_it() -> None:
    """10 + 3 = 13 and 12 + 20: the 3 alone would follow from its row."""
    release = suppress(*one_table((10, 3), (12, 20)), RULES)
    shown = release.shown(0)
    assert shown["A", "U2"] is None
    assert sum(value is None for value in shown.values()) >= 4, "a lone blank, or two in one line, is told by sums"
    assert shown[ALL, ALL] == 45
    assert found_by_attack(release) == []


def test_hiding_only_the_small_cell_is_found_out() -> None:
    """The same table: 13 − 10 is 3, exactly."""
    found = found_by_attack(naive(*one_table((10, 3), (12, 20))))
    assert [(low, high) for _, low, high in found] == [(3, 3)]


def test_blanks_that_are_small_together_are_not_enough() -> None:
    """1 + 2 in a row leave each less than five to move in: a third one goes blank, or the sum."""
    table = one_table((1, 2, 30), (40, 50, 60), (40, 50, 60))
    assert found_by_attack(naive(*table)) != []
    release = suppress(*table, RULES)
    assert found_by_attack(release) == []
    row = release.shown(0)
    assert row["A", "U3"] is None or row["A", ALL] is None


def test_a_table_without_small_counts_is_published_whole() -> None:
    assert suppress(*one_table((5, 6), (7, 8)), RULES).hidden == frozenset()


def test_a_zero_is_blank_or_printed_as_the_rules_say() -> None:
    table = one_table((0, 60), (70, 80))
    assert suppress(*table, RULES).shown(0)["A", "U1"] is None
    assert suppress(*table, SHOWN_ZEROS).shown(0)["A", "U1"] == 0


def test_where_zeros_are_printed_a_blank_is_known_to_be_somebody() -> None:
    """Two blanks of 6 together: each is 1 to 5, which is narrower than five, so that more must go."""
    table = one_table((2, 4), (50, 60))
    release = suppress(*table, SHOWN_ZEROS)
    assert release.shown(0)["A", ALL] is None
    assert not list(Attack(*table, SHOWN_ZEROS).leaks(release.hidden))


def test_a_week_inside_a_month_tells_nothing_of_the_rest() -> None:
    """The month has 12, its first week 10: 2 in the other days, which no table shows."""
    edges = (MONDAY, MONDAY + timedelta(days=7), MONDAY + timedelta(days=31))
    cells = np.array([[10, 20], [2, 20]])
    facts = counted(edges, cells, ("family",))
    sheets = [Sheet(("family",), edges[0], edges[1]), Sheet(("family",), edges[0], edges[2])]
    assert too_small(facts, sheets, RULES) == frozenset(), "each table looks harmless"
    assert found_by_attack(naive(facts, sheets)) != []
    assert found_by_attack(suppress(facts, sheets, RULES)) == []


def test_successive_reports_since_january_tell_nothing_of_the_month_between() -> None:
    edges = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
    facts = counted(edges, np.array([[30, 40], [1, 40]]), ("family",))
    sheets = [Sheet(("family",), edges[0], edges[1]), Sheet(("family",), edges[0], edges[2])]
    assert found_by_attack(naive(facts, sheets)) != []
    assert found_by_attack(suppress(facts, sheets, RULES)) == []


def test_what_is_out_already_is_not_taken_back_but_answered_for() -> None:
    """January is published; the report since January must hold its own number back, not January's."""
    edges = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
    facts = counted(edges, np.array([[30, 40], [1, 40]]), ("family",))
    sheets = [Sheet(("family",), edges[0], edges[1]), Sheet(("family",), edges[0], edges[2])]
    release = suppress(facts, sheets, RULES, before=1)
    assert all(each.sheet == 1 for each in release.hidden)
    assert found_by_attack(release) == []


def test_what_leaked_already_cannot_be_protected_any_more() -> None:
    facts, sheets = one_table((10, 3), (12, 20))
    with pytest.raises(CannotProtectError, match="published already"):
        suppress(facts, sheets, RULES, before=1, hidden_before=too_small(facts, sheets, RULES))


def test_two_tables_of_the_same_days_are_held_against_each_other() -> None:
    """Both add up to the same total: blank in one, it may be told by the other."""
    end = MONDAY + timedelta(days=7)
    codes = {"family": ("A", "B"), "grade": ("U1", "U2"), "department": ("EDU", "CIVIL")}
    cells = {DIMS: np.array([[[10, 3], [12, 20]]]), ("department",): np.array([[2, 43]])}
    facts = Counted((MONDAY, end), codes, cells)
    release = suppress(facts, [Sheet(DIMS, MONDAY, end), Sheet(("department",), MONDAY, end)], RULES)
    assert found_by_attack(release) == []
    assert release.shown(1)["EDU",] is None


def test_the_same_counts_always_give_the_same_blanks() -> None:
    table = one_table((1, 2, 30), (4, 50, 6), (40, 0, 60))
    assert suppress(*table, RULES).hidden == suppress(*table, RULES).hidden


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(2, 4), st.integers(2, 4), st.data())
def test_no_random_table_gives_a_small_count_away(rows: int, columns: int, data: st.DataObject) -> None:
    values = st.lists(st.integers(0, 12), min_size=columns, max_size=columns)
    table = one_table(*data.draw(st.lists(values, min_size=rows, max_size=rows)))
    assert found_by_attack(suppress(*table, RULES)) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.integers(0, 15), min_size=4, max_size=4), min_size=3, max_size=3))
def test_no_random_run_of_overlapping_tables_gives_a_small_count_away(spans: list[list[int]]) -> None:
    """Two periods that overlap, and one over all; two families, two grades."""
    edges = tuple(MONDAY + timedelta(days=7 * each) for each in range(4))
    facts = counted(edges, np.array(spans).reshape(3, 2, 2))
    sheets = [Sheet(DIMS, edges[0], edges[2]), Sheet(DIMS, edges[1], edges[3]), Sheet(DIMS, edges[0], edges[3])]
    assert found_by_attack(suppress(facts, sheets, RULES)) == []


def a_year(seed: int, per_day: float, families: int, grades: int, months: int = 12) -> tuple[Counted, list[Sheet]]:
    """Made-up cases, some kinds much rarer than others; weekly, monthly, and since January, in the order of publishing."""
    dice = np.random.default_rng(seed)
    firsts = [date(2026, 1, 1), *(date(2026 + month // 12, month % 12 + 1, 1) for month in range(1, months + 1))]
    weeks = [(day, day + timedelta(days=7)) for day in (date(2026, 1, 5) + timedelta(days=7 * each) for each in range(52))]
    periods = [*pairwise(firsts), *((firsts[0], each) for each in firsts[2:]), *(each for each in weeks if each[1] <= firsts[-1])]
    sheets = [Sheet(DIMS, *each) for each in sorted(periods, key=lambda each: (each[1], each[0]))]
    edges = tuple(sorted({each.start for each in sheets} | {each.end for each in sheets}))
    days = np.array([(after - before).days for before, after in pairwise(edges)])
    shares = dice.dirichlet(np.full(families * grades, 0.6)).reshape(families, grades)
    return counted(edges, dice.poisson(per_day * days[:, None, None] * shares)), sheets


def test_a_year_of_weekly_monthly_and_cumulative_reports_gives_no_small_count_away() -> None:
    """Every blank is attacked, and three hundred of the differences; only-small blanks are found out at once."""
    facts, sheets = a_year(seed=11, per_day=4.0, families=3, grades=2)
    chosen = [int(each) for each in np.random.default_rng(5).integers(0, 1_000_000, 300)]
    release = suppress(facts, sheets, RULES)
    assert found_by_attack(release, chosen) == []
    values = [release.shown(at).values() for at in range(len(sheets))]
    printed = sum(value is not None for each in values for value in each)
    assert printed > len(sheets), "a release that says nothing would be safe as well"
    few = sheets[:6]
    assert found_by_attack(naive(facts_until(facts, few), few)) != []


def facts_until(facts: Counted, sheets: Sequence[Sheet]) -> Counted:
    """The same counts cut at the edges of fewer sheets."""
    edges = tuple(sorted({each.start for each in sheets} | {each.end for each in sheets}))
    places = [facts.edges.index(each) for each in edges]
    cells = {dims: np.array([each[a:b].sum(axis=0) for a, b in pairwise(places)]) for dims, each in facts.cells.items()}
    return Counted(edges, facts.codes, cells)


def test_reports_published_one_after_the_other_give_no_small_count_away() -> None:
    """A quarter, report by report: none knows what comes after it, none takes back what came before."""
    facts, sheets = a_year(seed=3, per_day=5.0, families=2, grades=2, months=3)
    hidden: frozenset[Number] = frozenset()
    for count in range(1, len(sheets) + 1):
        so_far = sheets[:count]
        release = suppress(facts_until(facts, so_far), so_far, RULES, before=count - 1, hidden_before=hidden)
        assert {each for each in release.hidden if each.sheet < count - 1} == hidden
        hidden = release.hidden
    assert found_by_attack(release) == []


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("limit: 5", "limit: 2", r"suppression.yaml:3:1: limit: .*greater than or equal to 3"),
        ("width: 5", "width: 4", r"suppression.yaml:\d+:\d+: .*width 4 would let a reader be sure"),
        ("- [department]", "- [department, street]", r"tables.1.1: street tells children apart"),
        ("- [department]", "- [district, age, kind]", r"tables.1.1: age tells children apart"),
        ("- [department]", "- [district, grade, kind]", r"tables: district × grade × kind: at most two may be crossed"),
        ("- [department]", "- [kind]", r"tables: kinds add up to families"),
        ("- [department]", "- [grade, grade]", r"tables: grade is crossed with itself"),
        ("- [department]", "- [family, department]\n  - [department, grade]", r"tables: .*closes a circle"),
    ],
)  # fmt: skip
def test_no_file_may_publish_more_than_is_safe(tmp_path: Path, was: str, becomes: str, problem: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(was) == 1
    (tmp_path / "suppression.yaml").write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(RuleFileError, match=problem):
        load_suppression(tmp_path)
