"""What one query gives: figures and tables of the whole city, and of each unit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

from analysis.report.facts import Figure, Row, State, Table, Unit, part_from_json, part_to_json

CITY = ""
"""Stands for the whole city where parts are told apart by unit."""


@dataclass(frozen=True)
class Part:
    """Figures and tables by name."""

    figures: Mapping[str, Figure] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)

    def __add__(self, other: "Part") -> "Part":
        return Part({**self.figures, **other.figures}, {**self.tables, **other.tables})


Parts: TypeAlias = dict[str, Part]
"""By unit; the whole city's under `CITY`."""


def parts_to_json(parts: Mapping[str, Part]) -> dict[str, Any]:
    """JSON-able values."""
    return {unit: part_to_json(part.figures, part.tables) for unit, part in parts.items()}


def parts_from_json(read: Mapping[str, Any]) -> Parts:
    """What `parts_to_json` gave."""
    return {unit: Part(*part_from_json(each)) for unit, each in read.items()}


@dataclass(frozen=True)
class Maker:
    """Makes figures of one query, so that each carries its name."""

    query: str

    def shown(self, value: int | Decimal, unit: Unit) -> Figure:
        """A number that may be told."""
        return Figure(Decimal(value), unit, self.query)

    def maybe(self, value: int | Decimal | None, unit: Unit) -> Figure:
        """A number, or a blank for None."""
        return self.blank(unit) if value is None else self.shown(value, unit)

    def blank(self, unit: Unit) -> Figure:
        """A number held back."""
        return Figure(None, unit, self.query, State.BLANK)

    def none(self, unit: Unit) -> Figure:
        """Nothing to count it from."""
        return Figure(None, unit, self.query, State.NOT_APPLICABLE)

    def share(self, part: Figure, whole: Figure, places: int = 1) -> Figure:
        """Percent, from two shown numbers only."""
        if part.value is None or whole.value is None:
            return self.blank(Unit.PERCENT)
        return self.percent(part.value, whole.value, places)

    def percent(self, part: int | Decimal, whole: int | Decimal, places: int = 1) -> Figure:
        """Percent rounded half up; of nothing there is none."""
        if whole == 0:
            return self.none(Unit.PERCENT)
        exact = Decimal(part) * 100 / Decimal(whole)
        return self.shown(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP), Unit.PERCENT)


def table(key: str, columns: Iterable[str], rows: Mapping[str, Iterable[Figure]]) -> Table:
    """A table with one code a row."""
    return Table(
        (key,), tuple(columns), tuple(Row((code,), tuple(figures)) for code, figures in rows.items())
    )
