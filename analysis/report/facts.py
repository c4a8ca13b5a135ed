"""What a report says in figures, apart from any language: each with the query it came from.

Only what may be published is in here: a blank was blanked before. That is why facts may be stored, hashed and shown.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Cadence(StrEnum):
    """How often a report of its sort appears."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Unit(StrEnum):
    """What a figure counts or measures."""

    CASES = "cases"
    MATTERS = "matters"
    ORDERS = "orders"
    CALLBACKS = "callbacks"
    CLOCKS = "clocks"
    PERCENT = "percent"
    POINTS = "points"
    SECONDS = "seconds"


class State(StrEnum):
    """Whether a figure can be read."""

    SHOWN = "shown"
    BLANK = "blank"
    """Held back, because it or what follows from it would be a small count."""
    NOT_APPLICABLE = "not_applicable"
    """There is nothing to count it from; never 0."""


@dataclass(frozen=True)
class Figure:
    """One number of a report; `value` is None unless it is shown, `query` names what gave it."""

    value: Decimal | None
    unit: Unit
    query: str
    state: State = State.SHOWN

    def __post_init__(self) -> None:
        if (self.value is None) is (self.state is State.SHOWN):
            raise ValueError(f"{self.query}: a figure that is {self.state.value} cannot be {self.value}")


@dataclass(frozen=True)
class Row:
    """One row: the codes or days that it is about, and a figure per column."""

    key: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Table:
    """Rows under columns; `columns` and the parts of a row's key are codes that words are found for later."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.key) != len(self.key) or len(row.figures) != len(self.columns):
                raise ValueError(f"row {row.key} does not fit the columns {self.columns}")


@dataclass(frozen=True)
class Scope:
    """What a report is about: first and last day (both included, Beijing), and a unit, or "" for the whole city."""

    cadence: Cadence
    first: date
    last: date
    department: str = ""


@dataclass(frozen=True)
class Sources:
    """What a report was made from, so that it can be made again; `made_at` is aware."""

    made_at: datetime
    code_version: str
    rule_set: str
    catalogue: str
    calendar: str
    rate_rules: str
    suppression_rules: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Facts:
    """Everything a report says: single figures and tables by name, and notes as codes with the figures they are about.

    `issues`, `warnings`, `candidates` and `orders` are JSON-able records that have passed their own rules of publishing.
    """

    scope: Scope
    sources: Sources
    figures: Mapping[str, Figure]
    tables: Mapping[str, Table]
    issues: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[Mapping[str, Any], ...] = ()
    candidates: tuple[Mapping[str, Any], ...] = ()
    orders: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> str:
        """One canonical text: the same facts always give the same."""
        return json.dumps(_plain(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """SHA-256 of everything but when and by what code it was made: the hash of the data's snapshot."""
        data = {name: each for name, each in _plain(self).items() if name != "sources"}
        return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def facts_from_json(text: str) -> Facts:
    """What `to_json` wrote.

    Raises:
        ValueError: It is not such a text.
    """
    try:
        read = json.loads(text)
        scope, sources = read["scope"], read["sources"]
        return Facts(
            scope=Scope(
                Cadence(scope["cadence"]),
                date.fromisoformat(scope["first"]),
                date.fromisoformat(scope["last"]),
                scope["department"],
            ),
            sources=Sources(**{**sources, "made_at": datetime.fromisoformat(sources["made_at"])}),
            figures={name: _figure(each) for name, each in read["figures"].items()},
            tables={name: _table(each) for name, each in read["tables"].items()},
            **{name: tuple(read[name]) for name in ("issues", "warnings", "candidates", "orders")},
        )
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError(f"not the facts of a report: {type(error).__name__}") from None


def part_to_json(figures: Mapping[str, Figure], tables: Mapping[str, Table]) -> dict[str, Any]:
    """Figures and tables as JSON-able values."""
    return {"figures": _plain(figures), "tables": _plain(tables)}


def part_from_json(read: Mapping[str, Any]) -> tuple[dict[str, Figure], dict[str, Table]]:
    """What `part_to_json` gave."""
    figures = {name: _figure(each) for name, each in read["figures"].items()}
    return figures, {name: _table(each) for name, each in read["tables"].items()}


def figure_from_json(read: Mapping[str, Any]) -> Figure:
    """One figure of what `part_to_json` gave."""
    return _figure(read)


def tables_in(text: str, names: Iterable[str]) -> dict[str, Table]:
    """Some tables of what `to_json` wrote, without reading all the others; those it does not hold are left out."""
    read = json.loads(text)["tables"]
    return {name: _table(read[name]) for name in names if name in read}


def _figure(read: Mapping[str, Any]) -> Figure:
    value = None if read["value"] is None else Decimal(read["value"])
    return Figure(value, Unit(read["unit"]), read["query"], State(read["state"]))


def _table(read: Mapping[str, Any]) -> Table:
    rows = (Row(tuple(each["key"]), tuple(_figure(one) for one in each["figures"])) for each in read["rows"])
    return Table(tuple(read["key"]), tuple(read["columns"]), tuple(rows))


def _plain(value: Any) -> Any:
    """The same as JSON knows it."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
