"""Where a number of a report comes from, as one short text: its path.

`received.total` is a figure, `received.by_family/F/cases` a cell of a table (parts of a key joined by `,`),
`issue/I2026W09-03/matters` a field of a record, `rates.resolution - rates.resolution.before` a difference of two of
them, `scope/first` a day of the scope, `constant/limit` a documented constant, `rule/late/0` a threshold of a rule.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, unquote

from analysis.report.facts import Facts, Figure, Row

RECORDS = ("issue", "warning", "candidate", "order")


def cell_path(table: str, key: Sequence[str], column: str) -> str:
    """Of one cell."""
    return f"{table}/{key_path(key)}/{column}"


def key_path(key: Sequence[str]) -> str:
    """A row's key; a comma or slash inside one of its parts is quoted."""
    return ",".join(quote(each, safe=":.-") for each in key)


def record_path(sort: str, number: str, field: str) -> str:
    """Of one field of a record."""
    return f"{sort}/{quote(number, safe=':.-')}/{field}"


def figure_at(facts: Facts, path: str) -> Figure | None:
    """The figure or cell with this path; None if the facts have none."""
    if "/" not in path:
        return facts.figures.get(path)
    name, key, column = path.split("/", 2)
    row = row_of(facts, name, tuple(unquote(each) for each in key.split(",")))
    if row is None or column not in facts.tables[name].columns:
        return None
    return row.figures[facts.tables[name].columns.index(column)]


def row_of(facts: Facts, table: str, key: tuple[str, ...]) -> Row | None:
    """The row of a table that is about this key."""
    found = facts.tables.get(table)
    return next((each for each in found.rows if each.key == key), None) if found else None


def records_of(facts: Facts, sort: str) -> tuple[Any, ...]:
    """The records of one sort, in their order."""
    return {
        "issue": facts.issues,
        "warning": facts.warnings,
        "candidate": facts.candidates,
        "order": facts.orders,
    }[sort]


def parts_of(path: str) -> Iterator[str]:
    """The paths that a difference is made of, or the one itself."""
    yield from path.split(" - ")
