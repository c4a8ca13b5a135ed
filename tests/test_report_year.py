"""A year of daily, weekly and monthly reports, city-wide and of every unit, gives no count under the limit away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from analysis.open_data import ASKED, open_data
from analysis.report.asking import Asking
from analysis.report.collecting.whole import parts_of
from analysis.report.facts import Cadence, Facts, Figure, Table
from analysis.report.period import Period
from analysis.report.remembering import Memory
from analysis.report.rules import ReportRules
from models.case import Case
from models.exchange import Assignment
from models.vocabulary import Grade
from tests.figure_desk import empty_database
from tests.reading_reports import Aim, Balance, Keeper, Paper
from tests.report_year import (
    DISTRICTS,
    KINDS,
    NOW,
    UNITS,
    fill_year,
    periods_of_the_year,
    report_all,
    rules_of_the_year,
)

LIMIT = 5
FAMILY_GRADE, UNIT_FAMILY, DISTRICT, KIND, HARM = (
    ("family", "grade"),
    ("unit", "family"),
    ("district",),
    ("kind",),
    ("harm",),
)
ENDED = ("ended",)
CODES: dict[str, tuple[str, ...]] = {
    "family": ("F", "N", "S", "none"), "grade": (*(each.value for each in Grade), "none"), "unit": (*UNITS, "none"),
    "district": (*DISTRICTS, "none"), "kind": (*KINDS,), "harm": ("yes", "no"), "ended": ("all",),
}  # fmt: skip


@dataclass
class Year:
    """What was printed, in order, the cases behind it, and the rows of the open data of its months."""

    printed: list[tuple[Period, Facts]]
    cases: list[dict[str, Any]]
    open_rows: tuple[tuple[str, ...], ...] = ()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """About sixteen cases a day."""
    database = empty_database(f"sqlite:///{tmp_path_factory.mktemp('year') / 'cases.db'}")
    rules = rules_of_the_year()
    connection = database.engine.connect().execution_options(whistle_writes=True)
    with connection, connection.begin(), Session(bind=connection, expire_on_commit=False) as session:
        fill_year(session, seed=20, per_day=16)
        printed = list(report_all(session, rules, periods_of_the_year(rules)))
        open_rows = open_data_of(session, rules, {each for each, _ in printed})
        lead = func.coalesce(col(Assignment.department), "none")
        wanted = select(
            col(Case.received_at),
            col(Case.closed_at),
            col(Case.kind),
            col(Case.grade),
            col(Case.district),
            col(Case.harm),
            lead,
        )
        rows = session.execute(
            wanted.select_from(Case).outerjoin(Assignment, col(Assignment.case_id) == col(Case.id))
        ).all()
    database.close()
    names = ("at", "ended", "kind", "grade", "district", "harm", "unit")
    cases = [dict(zip(names, row, strict=True)) for row in rows]
    yield Year(
        printed,
        [{**each, "family": each["kind"][0], "harm": "yes" if each["harm"] else "no"} for each in cases],
        open_rows,
    )


def open_data_of(session: Session, rules: ReportRules, periods: set[Period]) -> tuple[tuple[str, ...], ...]:
    """The file over the whole year, as the command makes it of what the desk remembers."""
    memory = Memory(session)
    months = [each for each in periods if each.cadence is Cadence.MONTHLY]
    told = {
        each: {query: parts_of(Asking(session, memory, rules, each, NOW), query) for query in ASKED}
        for each in months
    }
    assert not memory.new, "nothing of it is counted again"
    return open_data(told, rules.small).rows


def test_no_report_of_the_year_tells_a_count_under_the_limit(year: Year) -> None:
    shown = [value for paper in papers_of(year) for value in paper.numbers.values() if value is not None]
    assert min(shown) >= LIMIT
    assert len(shown) > 500, "a year that says nothing would be safe as well"


def test_whoever_keeps_the_year_and_the_open_data_and_subtracts_finds_no_count_under_the_limit(
    year: Year,
) -> None:
    """Every count that is small in truth and was left blank, or lies between what was told."""
    papers = [*papers_of(year), *open_papers(year)]
    keeper = Keeper(papers, CODES, apart=[ENDED], balances=balances_of(year))
    small = small_ones(keeper, year, [*keeper.blanks(), *keeper.differences()])
    assert len(small) > 100
    assert list(keeper.tells(small, LIMIT)) == []


def open_papers(year: Year) -> list[Paper]:
    """Each month of the open data beside the papers."""
    ends = {f"{period.first}": period.ends for period, _ in year.printed if period.cadence is Cadence.MONTHLY}
    numbers: dict[str, dict[tuple[str, ...], int | None]] = {}
    for first, _, family, grade, cases in year.open_rows:
        numbers.setdefault(first, {})[family, grade] = int(cases) if cases else None
    assert sum(value is not None for each in numbers.values() for value in each.values()) > 100
    return [Paper(FAMILY_GRADE, *ends[first], each) for first, each in numbers.items()]


def papers_of(year: Year) -> list[Paper]:
    """Every number of every report, once."""
    found = [paper for period, facts in year.printed for paper in _papers(period, facts)]
    units = {}
    for period, facts in year.printed:
        if facts.scope.department:
            units[period, facts.scope.department] = facts
    months = dict.fromkeys(period for period, _ in units)
    return [
        *found,
        *(_units(period, {unit: units[period, unit] for unit in UNITS}, year) for period in months),
    ]


def _papers(period: Period, facts: Facts) -> Iterator[Paper]:
    if facts.scope.department:
        return
    start, end = period.ends
    yield Paper((), start, end, {(): whole(facts.figures["received.total"])})
    yield Paper(ENDED, start, end, {("*",): whole(facts.figures["closed.total"])})
    if period.cadence is not Cadence.MONTHLY:
        return
    tables = facts.tables
    families, grades = column(tables["received.by_family"]), column(tables["received.by_grade"])
    cells = {row.key: whole(row.figures[0]) for row in tables["received.family_by_grade"].rows}
    sums = {(family, "*"): value for (family,), value in families.items()} | {
        ("*", grade): value for (grade,), value in grades.items()
    }
    yield Paper(FAMILY_GRADE, start, end, cells | sums)
    yield Paper(DISTRICT, start, end, column(tables["received.by_district"]))
    kinds = {key: value for key, value in column(tables["received.by_kind"]).items()}
    yield Paper(
        KIND,
        start,
        end,
        kinds | {(family,): value for (family,), value in families.items() if family != "none"},
    )
    yield Paper(HARM, start, end, {("yes",): whole(facts.figures["received.harm"])})


def _units(period: Period, reports: dict[str, Facts], year: Year) -> Paper:
    city = next(facts for each, facts in year.printed if each == period and not facts.scope.department)
    numbers: dict[tuple[str, ...], int | None] = {
        (*key, "*"): value for key, value in column(city.tables["received.by_department"]).items()
    }
    for unit, facts in reports.items():
        assert whole(facts.figures["received.total"]) == numbers[unit, "*"], (
            "the unit and the city say the same"
        )
        numbers |= {(unit, *key): value for key, value in column(facts.tables["received.by_family"]).items()}
    return Paper(UNIT_FAMILY, *period.ends, numbers)


def balances_of(year: Year) -> list[Balance]:
    """What two open numbers less each other say."""
    told = [
        (period.window.end, whole(facts.figures["open.end"]))
        for period, facts in year.printed
        if not facts.scope.department
    ]
    known = sorted({(end, value) for end, value in told if value is not None})
    return [Balance(ENDED, one, other, after - before) for (one, before), (other, after) in pairwise(known)]


def column(table: Table) -> dict[tuple[str, ...], int | None]:
    return {row.key: whole(row.figures[0]) for row in table.rows}


def whole(figure: Figure) -> int | None:
    return None if figure.value is None else int(figure.value)


def small_ones(keeper: Keeper, year: Year, aims: Sequence[Aim]) -> list[Aim]:
    """Those of the counts that are small in truth."""
    truth = truth_of(keeper, year)
    return [aim for aim in dict.fromkeys(aims) if 0 < sum(truth[list(aim[1])]) < LIMIT]


def truth_of(keeper: Keeper, year: Year) -> "np.ndarray[Any, Any]":
    found = np.zeros(keeper.size)
    for dims in keeper.dims:
        edges, places = keeper.edges[dims], {cell: at for at, cell in enumerate(keeper.cells[dims])}
        stamps = np.array([each.timestamp() for each in edges])
        for case in year.cases:
            at: datetime | None = case["ended"] if dims == ENDED else case["at"]
            span = int(np.searchsorted(stamps, at.timestamp(), side="right")) - 1 if at else -1
            if 0 <= span < len(edges) - 1:
                cell = ("all",) if dims == ENDED else tuple(str(case[each]) for each in dims)
                found[keeper.begins[dims] + span * len(places) + places[cell]] += 1
    return found


def naive_papers(year: Year) -> list[Paper]:
    """The same reports if only small counts were blank."""
    bare = papers_of(year)
    keeper = Keeper(
        [Paper(each.dims, each.start, each.end, dict.fromkeys(each.numbers)) for each in bare],
        CODES,
        apart=[ENDED],
    )
    truth = truth_of(keeper, year)
    found = []
    for paper in bare:
        counts = {
            key: int(sum(truth[list(keeper.columns(paper.dims, key, paper.start, paper.end))]))
            for key in paper.numbers
        }
        found.append(
            Paper(
                paper.dims,
                paper.start,
                paper.end,
                {key: value if value >= LIMIT else None for key, value in counts.items()},
            )
        )
    return found


def test_whoever_blanks_only_small_counts_is_found_out(year: Year) -> None:
    """January to March are enough."""
    until = sorted({paper.end for paper in papers_of(year)})[110]
    papers = [each for each in naive_papers(year) if each.end <= until]
    keeper = Keeper(papers, CODES, apart=[ENDED])
    small = small_ones(keeper, year, [*keeper.blanks(), *keeper.differences()])
    assert next(keeper.tells(small, LIMIT), None) is not None
