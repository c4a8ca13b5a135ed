"""Somebody who keeps every report of a year and subtracts; shares no code with what blanks.

He knows what any reader knows: counts are whole and not below nothing, and tables of the same time count the same
cases. Each table's time is cut at the edges of tables like it, for no paper tells finer ones apart. For a count he cares
for he asks a linear program how low and how high it can be.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, pairwise, product

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

GLANCES = 16
"""So many programs look at all counts together before any is looked at alone."""
Key = tuple[str, ...]
Aim = tuple[tuple[str, ...], frozenset[int]]


@dataclass(frozen=True, eq=False)
class Paper:
    """A table as it was printed: what it crosses, its time, and its numbers with None for a blank."""

    dims: tuple[str, ...]
    start: datetime
    end: datetime
    numbers: Mapping[Key, int | None]


@dataclass(frozen=True)
class Balance:
    """Two ends of time between which what came less what ended is known; `ended` is the table of what ended."""

    ended: tuple[str, ...]
    start: datetime
    end: datetime
    more: int


class Keeper:
    """Everything that was printed, as equations. A code also stands for all that begin with it: S for S01 and S02."""

    def __init__(
        self,
        papers: Sequence[Paper],
        codes: Mapping[str, Sequence[str]],
        apart: Sequence[tuple[str, ...]] = (),
        balances: Sequence["Balance"] = (),
    ) -> None:
        """`apart` are tables of other things, which share no total; `balances` say what came less what ended."""
        self.papers, self.codes = list(papers), codes
        self.dims = sorted({each.dims for each in papers})
        self.edges = {
            dims: sorted({edge for each in papers if each.dims == dims for edge in (each.start, each.end)})
            for dims in self.dims
        }
        # What all tables share: the total of every time that any of them tells apart.
        self.edges[()] = sorted({edge for each in papers for edge in (each.start, each.end)})
        if () not in self.dims:
            self.dims.insert(0, ())
        self.cells = {dims: list(product(*(codes[each] for each in dims))) for dims in self.dims}
        self.begins: dict[tuple[str, ...], int] = {}
        size = 0
        for dims in self.dims:
            self.begins[dims] = size
            size += (len(self.edges[dims]) - 1) * len(self.cells[dims])
        self.size = size
        rows = [
            (self.columns(each.dims, key, each.start, each.end), None, value)
            for each in self.papers
            for key, value in each.numbers.items()
            if value is not None
        ]
        shared = [
            (self.columns(dims, ("*",) * len(dims), start, end), self.columns((), (), start, end), 0)
            for dims in self.dims if dims and dims not in apart for start, end in pairwise(self.edges[dims])
        ]  # fmt: skip
        for one, other in combinations([each for each in self.dims if each not in apart], 2):
            for name in set(one) & set(other):
                for (start, end), code in product(
                    set(pairwise(self.edges[one])) & set(pairwise(self.edges[other])), codes[name]
                ):
                    keys = [tuple(code if each == name else "*" for each in dims) for dims in (one, other)]
                    shared.append(
                        (self.columns(one, keys[0], start, end), self.columns(other, keys[1], start, end), 0)
                    )
        shared += [
            (
                self.columns((), (), each.start, each.end),
                self.columns(each.ended, ("*",), each.start, each.end),
                each.more,
            )
            for each in balances
        ]
        data: list[float] = []
        ats: list[int] = []
        columns: list[int] = []
        for at, (plus, minus, _) in enumerate([*rows, *shared]):
            for each, sign in ((plus, 1.0), (minus, -1.0)):
                found = sorted(each or ())
                data += [sign] * len(found)
                ats += [at] * len(found)
                columns += found
        self.matrix = csr_array(
            (np.array(data), (np.array(ats, int), np.array(columns, int))),
            shape=(len(rows) + len(shared), size),
        )
        self.known = np.array([float(value) for _, _, value in [*rows, *shared]])

    def columns(self, dims: tuple[str, ...], key: Key, start: datetime, end: datetime) -> frozenset[int]:
        """The unknowns a count is made of."""
        edges, cells = self.edges[dims], self.cells[dims]
        wanted = [
            at
            for at, cell in enumerate(cells)
            if all(c.startswith(k) or k == "*" for k, c in zip(key, cell, strict=True))
        ]
        first, last = edges.index(start), edges.index(end)
        return frozenset(
            self.begins[dims] + span * len(cells) + at for span in range(first, last) for at in wanted
        )

    def blanks(self) -> Iterator[Aim]:
        """What was not printed."""
        for paper in self.papers:
            for key, value in paper.numbers.items():
                if value is None:
                    yield paper.dims, self.columns(paper.dims, key, paper.start, paper.end)

    def differences(self) -> Iterator[Aim]:
        """What papers that overlap leave of each other, and what lies between any two neighbouring edges of totals."""
        for long in self.papers:
            others = [
                each
                for each in self.papers
                if each.dims == long.dims and each.start < long.end and long.start < each.end and each != long
            ]
            inside = [each for each in others if long.start <= each.start and each.end <= long.end]
            for key in long.numbers:
                whole = self.columns(long.dims, key, long.start, long.end)
                parts = {
                    each: self.columns(each.dims, key, each.start, each.end)
                    for each in others
                    if key in each.numbers
                }
                for part in parts.values():
                    yield from ((long.dims, each) for each in (whole - part, whole & part) if each)
                if rest := whole.difference(*(parts[each] for each in inside if each in parts)):
                    yield long.dims, rest
        for start, end in pairwise(self.edges[()]):
            yield (), self.columns((), (), start, end)

    def between(self, aim: Aim, room: float = 1e5) -> tuple[float, float]:
        """How low and how high the sum of these unknowns can be."""
        goal = np.zeros(self.size)
        goal[list(aim[1])] = 1.0
        ends = [
            linprog(sign * goal, A_eq=self.matrix, b_eq=self.known, bounds=(0, room), method="highs").fun
            * sign
            for sign in (1, -1)
        ]
        return ends[0], ends[1]

    def tells(self, aims: Iterable[Aim], width: int) -> Iterator[tuple[Aim, float, float]]:
        """The counts that are sure to less than the width.

        One solution shows many counts to be unsure at once, so that only what no glance has shown is looked at alone:
        what is proved is the same as by two programs for each.
        """
        aims = list(aims)
        if not aims:
            return
        sums = csr_array(
            (
                np.ones(sum(len(aim[1]) for aim in aims)),
                (
                    np.repeat(np.arange(len(aims)), [len(aim[1]) for aim in aims]),
                    np.array([column for aim in aims for column in sorted(aim[1])], int),
                ),
            ),
            shape=(len(aims), self.size),
        )
        low, high = np.full(len(aims), np.inf), np.full(len(aims), -np.inf)
        dice = np.random.default_rng(0)
        for glance in range(GLANCES):
            doubtful = high - low < width
            signs = np.ones(len(aims)) if glance < 2 else dice.choice([-1.0, 0.0, 1.0], len(aims))
            goal = sums.T @ (doubtful * signs * (-1.0 if glance % 2 else 1.0))
            found = linprog(goal, A_eq=self.matrix, b_eq=self.known, bounds=(0, 1e5), method="highs").x
            low, high = np.minimum(low, sums @ found), np.maximum(high, sums @ found)
            if not doubtful.any():
                return
        for at in np.flatnonzero(high - low < width):
            least, most = self.between(aims[at])
            if most - least < width - 1e-6:
                yield aims[at], least, most
