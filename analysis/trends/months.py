"""The numbers of months as reports told them, found again by what a reader chose."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from analysis.report.facts import Cadence, Figure, State, Unit, figure_from_json
from analysis.report.part import CITY
from analysis.report.settings import Query
from analysis.trends.choice import By, Choice
from models.reports import ReportedNumbers

_QUERIES = (Query.RECEIVED, Query.BREAKDOWN)
_TOTAL = "received.total"
_TABLES: Mapping[frozenset[By], str] = {
    frozenset({By.FAMILY}): "received.by_family",
    frozenset({By.GRADE}): "received.by_grade",
    frozenset({By.DISTRICT}): "received.by_district",
    frozenset({By.DEPARTMENT}): "received.by_department",
    frozenset({By.FAMILY, By.GRADE}): "received.family_by_grade",
}
"""Of the whole city; what a unit had of a family stands in its own part."""
_NOTHING = Figure(None, Unit.CASES, Query.BREAKDOWN.value, State.NOT_APPLICABLE)


@dataclass(frozen=True)
class Month:
    """What was told of one month, as it is kept: `total` and `parts` by unit are as reports wrote them."""

    first: date
    total: Mapping[str, Any]
    parts: Mapping[str, Any]

    def number(self, choice: Choice) -> Figure:
        """How many requests; not applicable where nothing was released, or nothing is known by that code."""
        if not choice.is_held:
            return _NOTHING
        if not choice.of:
            return figure_from_json(self.total[CITY]["figures"][_TOTAL])
        if choice.of == {By.FAMILY, By.DEPARTMENT}:
            return self._cell(choice.department, "received.by_family", (choice.family,))
        key = tuple(choice[each] for each in By if choice[each])
        return self._cell(CITY, _TABLES[choice.of], key)

    def spread(self, choice: Choice, by: By) -> list[tuple[str, Figure]]:
        """The same told apart by one thing more, in the order of the codes; empty where it was not released."""
        if by not in choice.told_apart_by:
            return []
        return [(code, self.number(choice.but(by, code))) for code in self.codes(by)]

    def codes(self, by: By) -> list[str]:
        """Every code that the month's tables know."""
        table = self.parts.get(CITY, {}).get("tables", {}).get(_TABLES[frozenset({by})])
        return [row["key"][0] for row in table["rows"]] if table else []

    def _cell(self, part: str, table: str, key: tuple[str, ...]) -> Figure:
        rows = self.parts.get(part, {}).get("tables", {}).get(table, {}).get("rows", ())
        found = next((row["figures"][0] for row in rows if tuple(row["key"]) == key), None)
        return figure_from_json(found) if found else _NOTHING


def months_told(session: Session, most: int) -> list[Month]:
    """The newest months of which reports tell more than the total, in order."""
    wanted = (
        select(ReportedNumbers)
        .where(
            col(ReportedNumbers.query).in_([each.value for each in _QUERIES]),
            ReportedNumbers.cadence == Cadence.MONTHLY.value,
        )
        .order_by(col(ReportedNumbers.first).desc())
        .limit(most * len(_QUERIES))
    )
    return sorted(_joined(session.exec(wanted).all()), key=lambda each: each.first)


def _joined(rows: Sequence[ReportedNumbers]) -> Iterator[Month]:
    by_name = {(each.first, each.query): each.numbers for each in rows}
    for (first, query), numbers in by_name.items():
        total = by_name.get((first, Query.RECEIVED.value))
        if query == Query.BREAKDOWN.value and total is not None:
            yield Month(first, total, numbers)
