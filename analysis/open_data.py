"""Counts for everybody: month × family of kinds × grade, as reports tell them, with everything blank that could tell a small count."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.release import ALL
from analysis.report.facts import Figure, Table
from analysis.report.part import CITY, Part, Parts
from analysis.report.period import Period
from analysis.report.settings import Query
from analysis.suppression_rules import SuppressionRules

HEADS = ("from", "to", "family", "grade", "cases")
ASKED = (Query.RECEIVED, Query.BREAKDOWN)
"""The queries whose numbers are written."""
METHOD = (
    "Requests by the day of receipt (Asia/Shanghai), the first letter of their kind and their grade, each month as it was first "
    "told in a report or a file of this sort; numbers once told are told the same ever after. * is the sum over all. A blank is a "
    "count under the limit, or one that would let such a count be worked out from other numbers, also those of the desk's "
    "reports; a linear program over all of them leaves every such count uncertain over at least `width`."
)


@dataclass(frozen=True)
class OpenData:
    """What is written: rows under `HEADS`, and what a reader must know of them as JSON-able values."""

    rows: tuple[tuple[str, ...], ...]
    about: Mapping[str, Any]


def open_data(months: Mapping[Period, Mapping[Query, Parts]], rules: SuppressionRules) -> OpenData:
    """Every month, whole, in order.

    No sum over several months: who wants one adds up what is shown, and what is not shown may not be added up.

    Args:
        months: The numbers of `ASKED` of each.
        rules: The limit and the width.
    """
    rows = tuple(row for month in sorted(months) for row in _rows(month, months[month]))
    return OpenData(rows, _about(sorted(months), rows, rules))


def _rows(month: Period, told: Mapping[Query, Parts]) -> Iterator[tuple[str, ...]]:
    days = (f"{month.first}", f"{month.last}")
    part: Part = told[Query.BREAKDOWN][CITY]
    tables = part.tables
    for row in tables["received.family_by_grade"].rows:
        yield (*days, *row.key, _text(row.figures[0]))
    for (family,), figure in _column(tables["received.by_family"]):
        yield (*days, family, ALL, _text(figure))
    for (grade,), figure in _column(tables["received.by_grade"]):
        yield (*days, ALL, grade, _text(figure))
    yield (*days, ALL, ALL, _text(told[Query.RECEIVED][CITY].figures["received.total"]))


def _column(table: Table) -> Iterator[tuple[tuple[str, ...], Figure]]:
    at = table.columns.index("cases")
    return ((row.key, row.figures[at]) for row in table.rows)


def _text(figure: Figure) -> str:
    return "" if figure.value is None else str(int(figure.value))


def _about(
    months: Sequence[Period], rows: Sequence[tuple[str, ...]], rules: SuppressionRules
) -> dict[str, Any]:
    return {
        "from": f"{months[0].first}",
        "to": f"{months[-1].last}",
        "time_zone": "Asia/Shanghai",
        "columns": list(HEADS),
        "sum": ALL,
        "limit": rules.limit,
        "width": rules.width,
        "zeros": rules.zeros.value,
        "numbers": len(rows),
        "blank": sum(row[-1] == "" for row in rows),
        "method": METHOD,
    }
