"""The numbers of months as reports told them, found again by what a reader chose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from analysis.report.facts import Cadence, Figure, State, Unit, figure_from_json
from analysis.report.part import CITY
from analysis.report.settings import Query
from analysis.trends.choice import By, Choice
from models.reports import Report, ReportedNumbers

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
    """What was told of one month, as it is kept: `total` and `parts` by unit are as reports wrote them.

    `issued` are the units that have a report of their own: what only such a report tells is shown only then.
    """

    first: date
    issued: frozenset[str]
    total: Mapping[str, Any]
    parts: Mapping[str, Any]

    def number(self, choice: Choice) -> Figure:
        """How many requests; not applicable where nothing was released, or nothing is known by that code."""
        if not choice.is_held:
            return _NOTHING
        if not choice.of:
            return figure_from_json(self.total[CITY]["figures"][_TOTAL])
        if choice.of == {By.FAMILY, By.DEPARTMENT}:
            if choice.department not in self.issued:
                return _NOTHING
            return self._cell(choice.department, "received.by_family", (choice.family,))
        key = tuple(choice[each] for each in By if choice[each])
        return self._cell(CITY, _TABLES[choice.of], key)

    def spread(self, choice: Choice, by: By) -> list[tuple[str, Figure]]:
        """The same told apart by one thing more, in the order of the codes; empty where it was not released."""
        if by not in choice.told_apart_by:
            return []
        every = ((code, self.number(choice.but(by, code))) for code in self.codes(by))
        return [(code, figure) for code, figure in every if figure.state is not State.NOT_APPLICABLE]

    def codes(self, by: By) -> list[str]:
        """Every code that the month's tables know."""
        table = self.parts.get(CITY, {}).get("tables", {}).get(_TABLES[frozenset({by})])
        return [row["key"][0] for row in table["rows"]] if table else []

    def _cell(self, part: str, table: str, key: tuple[str, ...]) -> Figure:
        rows = self.parts.get(part, {}).get("tables", {}).get(table, {}).get("rows", ())
        found = next((row["figures"][0] for row in rows if tuple(row["key"]) == key), None)
        return figure_from_json(found) if found else _NOTHING


def months_told(session: Session, most: int) -> list[Month]:
    """The newest months that have a report of the whole city, in order."""
    issued = _issued(session, most)
    wanted = select(ReportedNumbers).where(
        col(ReportedNumbers.query).in_([each.value for each in _QUERIES]),
        ReportedNumbers.cadence == Cadence.MONTHLY.value,
        col(ReportedNumbers.first).in_(issued),
    )
    by_name = {(each.first, each.query): each.numbers for each in session.exec(wanted)}
    total, parts = (each.value for each in _QUERIES)
    return [
        Month(first, units, by_name[first, total], by_name[first, parts])
        for first, units in sorted(issued.items())
        if (first, total) in by_name and (first, parts) in by_name
    ]


def _issued(session: Session, most: int) -> dict[date, frozenset[str]]:
    """The units that have a report of each of the newest months; a month before the first report is no such month."""
    city = (
        select(col(Report.first))
        .where(Report.cadence == Cadence.MONTHLY.value, Report.department == CITY)
        .distinct()
        .order_by(col(Report.first).desc())
        .limit(most)
    )
    firsts = session.exec(city).all()
    wanted = select(col(Report.first), col(Report.department)).where(
        Report.cadence == Cadence.MONTHLY.value, col(Report.first).in_(firsts)
    )
    units: dict[date, set[str]] = {first: set() for first in firsts}
    for first, unit in session.exec(wanted):
        units[first].add(unit)
    return {first: frozenset(each - {CITY}) for first, each in units.items()}
