"""Somebody who collects every published table and looks for small counts; shares no code with the defence.

He knows what any reader knows: counts are whole, not below nothing, and tables of the same days count the same
cases. For a count he cares for he asks a linear program how low and how high it can be.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, product
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

Published = Mapping[tuple[str, ...], int | None]
Aim = frozenset[int]


@dataclass(frozen=True)
class Paper:
    """A table as it was printed: what it crosses, its days, and its numbers with None for a blank."""

    dims: tuple[str, ...]
    start: date
    end: date
    numbers: Published


class Collector:
    """All papers on one desk."""

    def __init__(self, papers: Sequence[Paper], codes: Mapping[str, Sequence[str]]) -> None:
        self.papers, self.codes = list(papers), codes
        days = sorted({each.start for each in papers} | {each.end for each in papers})
        self.spans = list(pairwise(days))
        self.place: dict[Any, int] = {}
        for dims in sorted({each.dims for each in papers}):
            for span in self.spans:
                for cell in product(*(codes[each] for each in dims)):
                    self.place[dims, span, cell] = len(self.place)
        rows: list[dict[int, float]] = []
        known: list[float] = []
        for paper in self.papers:
            for key, value in paper.numbers.items():
                if value is not None:
                    rows.append(dict.fromkeys(self.aim(paper.dims, key, paper.start, paper.end), 1.0))
                    known.append(float(value))
        for one, other in pairwise(sorted({each.dims for each in papers})):
            for start, end in self.spans:
                row = dict.fromkeys(self.aim(one, ("*",) * len(one), start, end), 1.0)
                rows.append(row | dict.fromkeys(self.aim(other, ("*",) * len(other), start, end), -1.0))
                known.append(0.0)
        data = [(value, at, column) for at, row in enumerate(rows) for column, value in row.items()]
        values, ats, columns = zip(*data, strict=True) if data else ((), (), ())
        self.matrix = csr_array((np.array(values), (np.array(ats, int), np.array(columns, int))), shape=(len(rows), len(self.place)))
        self.known = np.array(known)

    def aim(self, dims: tuple[str, ...], key: tuple[str, ...], start: date, end: date) -> Aim:
        """The unknowns a count is made of."""
        return frozenset(
            column
            for (of, (begin, stop), cell), column in self.place.items()
            if of == dims and start <= begin and stop <= end and all(k in ("*", c) for k, c in zip(key, cell, strict=True))
        )

    def blanks(self) -> Iterator[Aim]:
        """What was not printed."""
        for paper in self.papers:
            for key, value in paper.numbers.items():
                if value is None:
                    yield self.aim(paper.dims, key, paper.start, paper.end)

    def differences(self) -> Iterator[Aim]:
        """What is left of a table's count without a shorter one's, or without all the shorter ones in it."""
        for long in self.papers:
            inside = [each for each in self.papers if each.dims == long.dims and long.start <= each.start and each.end <= long.end and each != long]
            for key in long.numbers:
                whole = self.aim(long.dims, key, long.start, long.end)
                parts = [self.aim(each.dims, key, each.start, each.end) for each in inside]
                yield from (whole - part for part in parts)
                yield whole.difference(*parts)

    def between(self, aim: Aim, room: float = 1e4) -> tuple[float, float]:
        """How low and how high the sum of these unknowns can be."""
        goal = np.zeros(len(self.place))
        goal[list(aim)] = 1.0
        ends = [
            linprog(sign * goal, A_eq=self.matrix, b_eq=self.known, bounds=(0, room), method="highs").fun * sign for sign in (1, -1)
        ]
        return ends[0], ends[1]

    def tells(self, aims: Iterable[Aim], width: int) -> Iterator[tuple[Aim, float, float]]:
        """The counts that are sure to less than the width."""
        for aim in aims:
            low, high = self.between(aim)
            if high - low < width - 1e-6:
                yield aim, low, high
