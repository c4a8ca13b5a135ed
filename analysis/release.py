"""What is published together: tables of counts over periods, all cut from one finest count."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.suppression_rules import check_no_circle

ALL = "*"
"""Stands for the sum over everything in a key."""
Dims: TypeAlias = tuple[str, ...]
Key: TypeAlias = tuple[str, ...]
Counts: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sheet:
    """One table: what is crossed, from a first day up to and without another one."""

    dims: Dims
    start: date
    end: date


class Number(NamedTuple):
    """One count of one sheet, by the sheet's place in the release; sums have `ALL` in their key."""

    sheet: int
    key: Key


@dataclass(frozen=True)
class Counted:
    """The finest counts that published ones are sums of.

    `edges` are days in order; between two neighbours lies a span. `codes` lists every code of a dimension,
    also those nobody asked about, for a missing row would tell that. `cells` has, for each set of crossed
    dimensions, an array of spans × codes × codes (or spans × codes, or spans alone).
    """

    edges: tuple[date, ...]
    codes: Mapping[str, tuple[str, ...]]
    cells: Mapping[Dims, Counts]

    def __post_init__(self) -> None:
        check_no_circle(tuple(self.cells))
        for dims, cells in self.cells.items():
            expected = (len(self.edges) - 1, *(len(self.codes[each]) for each in dims))
            if cells.shape != expected or cells.min(initial=0) < 0:
                raise ValueError(f"{dims}: counts of shape {cells.shape}, not {expected}, or below nothing")

    @property
    def spans(self) -> int:
        """How many spans of time are told apart."""
        return len(self.edges) - 1

    def flat(self, dims: Dims) -> Floats:
        """Spans × cells."""
        return self.cells[dims].reshape(self.spans, -1).astype(float)

    def keys(self, dims: Dims) -> list[Key]:
        """Every cell and every sum of a table, in order."""
        return list(product(*((*self.codes[each], ALL) for each in dims)))

    def inner(self, dims: Dims) -> list[Key]:
        """Every cell of a table, in the order of `flat`."""
        return list(product(*(self.codes[each] for each in dims)))

    def sums(self, dims: Dims) -> Floats:
        """Cells × keys: 1 where a cell is part of a key's count."""
        inner = self.inner(dims)
        rows = [[float(all(part in (ALL, code) for part, code in zip(key, cell, strict=True))) for key in self.keys(dims)] for cell in inner]
        return np.array(rows).reshape(len(inner), -1)

    def during(self, sheet: Sheet) -> npt.NDArray[np.bool_]:
        """Which spans a sheet covers.

        Raises:
            ValueError: The sheet begins or ends inside a span.
        """
        if sheet.start not in self.edges or sheet.end not in self.edges or sheet.start >= sheet.end:
            raise ValueError(f"{sheet}: does not begin and end on an edge")
        starts = self.edges[:-1]
        return np.array([sheet.start <= each < sheet.end for each in starts])

    def values(self, sheet: Sheet) -> Mapping[Key, int]:
        """Every count and sum of a sheet."""
        found: Any = self.during(sheet).astype(float) @ self.flat(sheet.dims) @ self.sums(sheet.dims)
        return {key: round(value) for key, value in zip(self.keys(sheet.dims), found, strict=True)}


def numbers_of(counted: Counted, sheets: Sequence[Sheet]) -> Iterator[tuple[Number, int]]:
    """Every number of a release with its value, in order."""
    for place, sheet in enumerate(sheets):
        for key, value in counted.values(sheet).items():
            yield Number(place, key), value
