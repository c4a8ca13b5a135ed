"""What somebody can work out who holds every published number: the attack that a release must withstand.

The published numbers are equations over the finest counts, which are whole and not below nothing. For each small
count, published as a blank or only derivable (a week of a month, one total less another one), a linear program
finds how low and how high it can be. What stays narrower than the width is a leak.

Counts the defender knows are used to be quick, never to be lenient: a solution that is far enough from the truth
proves that a count is safe, and one that proves a leak needs the program's own optimum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

from analysis.release import ALL, Counted, Dims, Floats, Key, Number, Sheet, numbers_of
from analysis.suppression_rules import SuppressionRules, Zeros

TOLERANCE = 1e-6
GLANCES = 6
"""So many programs look at all doubtful counts together at first, before each is looked at alone."""


@dataclass(frozen=True)
class Leak:
    """A small count that can be told within the width, and the published numbers that pin it down."""

    dims: Dims
    key: Key
    spans: tuple[int, ...]
    lowest: int
    highest: int
    pinned_by: tuple[Number, ...]


class Attack:
    """Everything that can be worked out of a release while more and more of it is hidden.

    Hiding a number only ever adds to what is possible: what was proved safe once stays safe.
    """

    def __init__(self, counted: Counted, sheets: Sequence[Sheet], rules: SuppressionRules) -> None:
        self.counted, self.sheets, self.rules = counted, tuple(sheets), rules
        self.values = dict(numbers_of(counted, sheets))
        self.tables = {dims: _Table.of(counted, dims, sheets) for dims in sorted({each.dims for each in sheets})}
        self._places: dict[Dims, slice] = {}
        begin = 0
        for dims, table in self.tables.items():
            self._places[dims] = slice(begin, begin + table.truth.size)
            begin += table.truth.size
        self._size = begin
        self._highest_sensible = 10.0 * rules.width + max((float(each.truth.sum()) for each in self.tables.values()), default=0.0)
        self._dice = np.random.default_rng(0)
        self._glances = GLANCES

    def leaks(self, hidden: frozenset[Number]) -> Iterator[Leak]:
        """Every small count that can be told within the width while these numbers are blank.

        Whoever blanks more may ask again and need not wait for the end: what was safe is not looked at twice.
        """
        program = _Program(self, hidden)
        self._glance(program)
        self._glances = 1
        for table in self.tables.values():
            for place in table.doubtful(self.rules):
                if table.highest[place] - table.lowest[place] < self.rules.width and (leak := self._look(program, table, place)):
                    yield leak

    def _glance(self, program: "_Program") -> None:
        """One solution shows many counts to be uncertain at once."""
        for glance in range(self._glances):
            goal, any_doubt = np.zeros(self._size), False
            for dims, table in self.tables.items():
                doubtful = table.doubt(self.rules)
                any_doubt = any_doubt or bool(doubtful.any())
                weights = doubtful * (self._dice.choice([-1.0, 0.0, 1.0], doubtful.shape) if glance or self._glances == 1 else 1.0)
                goal[self._places[dims]] = (table.masks.T @ weights @ table.sums.T).ravel()
            if not any_doubt:
                return
            self._learn(program.best(goal).solution)

    def _look(self, program: "_Program", table: "_Table", place: tuple[int, int]) -> Leak | None:
        goal = np.zeros(self._size)
        goal[self._places[table.dims]] = np.outer(table.masks[place[0]], table.sums[:, place[1]]).ravel()
        pinned_by: set[Number] = set()
        for sign in (1.0, -1.0):
            found = program.best(sign * goal)
            pinned_by |= found.pinned_by
            self._learn(found.solution)
            if not found.is_whole:
                self._learn(program.best_whole(sign * goal))
            if table.highest[place] - table.lowest[place] >= self.rules.width:
                return None
        spans = tuple(int(each) for each in np.flatnonzero(table.masks[place[0]]))
        low, high = (round(each[place]) for each in (table.lowest, table.highest))
        return Leak(table.dims, table.keys[place[1]], spans, low, high, tuple(sorted(pinned_by)))

    def _learn(self, solution: Floats | None) -> None:
        # Half a case is no case: only whole solutions prove anything.
        if solution is None or np.abs(solution - solution.round()).max(initial=0) > TOLERANCE:
            return
        for dims, table in self.tables.items():
            table.learn(solution[self._places[dims]].round())

    @cached_property
    def rows(self) -> dict[Number, int]:
        """Where each number stands in `every`."""
        return {number: place for place, number in enumerate(self.values)}

    @cached_property
    def every(self) -> csr_array:
        """Each published number, shown or blank, as a sum of unknowns."""
        return _matrix([[(self._of_number(each), 1.0)] for each in self.values], self._size)

    @cached_property
    def same_cases(self) -> csr_array:
        """Two tables of the same days count the same cases: what they share adds up alike in every span."""
        found = []
        for one, other in combinations(self.tables.values(), 2):
            shared = tuple(each for each in one.dims if each in other.dims)
            for span in np.eye(self.counted.spans):
                for code in self.counted.keys(shared):
                    wanted = dict(zip(shared, code, strict=True))
                    found.append([(self._shared(each, span, wanted), sign) for each, sign in ((one, 1.0), (other, -1.0))])
        return _matrix(found, self._size)

    def _of_number(self, number: Number) -> npt.NDArray[np.intp]:
        sheet = self.sheets[number.sheet]
        table = self.tables[sheet.dims]
        return self.columns(sheet.dims, self.counted.during(sheet), table.sums[:, table.keys.index(number.key)])

    def _shared(self, table: "_Table", span: Floats, wanted: dict[str, str]) -> npt.NDArray[np.intp]:
        key = tuple(wanted.get(each, ALL) for each in table.dims)
        return self.columns(table.dims, span, table.sums[:, table.keys.index(key)])

    def columns(self, dims: Dims, spans: npt.NDArray[Any], cells: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
        """The unknowns that a count is the sum of."""
        table = np.outer(spans, cells).ravel()
        found: npt.NDArray[np.intp] = np.flatnonzero(table) + self._places[dims].start
        return found


@dataclass
class _Table:
    """The counts that could be asked about one crossing: in each distinguishable time, every cell and sum.

    `lowest` and `highest` are what solutions have shown to be possible so far; at first that is the truth alone.
    """

    dims: Dims
    keys: list[Key]
    truth: Floats
    sums: Floats
    masks: Floats
    asked: Floats
    lowest: Floats
    highest: Floats

    @classmethod
    def of(cls, counted: Counted, dims: Dims, sheets: Sequence[Sheet]) -> "_Table":
        masks = _times([counted.during(each) for each in sheets if each.dims == dims])
        truth, sums = counted.flat(dims), counted.sums(dims)
        asked = masks @ truth @ sums
        return cls(dims, counted.keys(dims), truth, sums, masks, asked, asked.copy(), asked.copy())

    def doubt(self, rules: SuppressionRules) -> npt.NDArray[np.bool_]:
        """The small counts that no solution has shown to be uncertain enough yet."""
        is_small = (self.asked > 0) & (self.asked < rules.limit)
        found: npt.NDArray[np.bool_] = is_small & (self.highest - self.lowest < rules.width)
        return found

    def doubtful(self, rules: SuppressionRules) -> list[tuple[int, int]]:
        """Their places."""
        return [(int(time), int(key)) for time, key in np.argwhere(self.doubt(rules))]

    def learn(self, solution: Floats) -> None:
        """Take in another way the counts could be."""
        possible = self.masks @ solution.reshape(self.truth.shape) @ self.sums
        np.minimum(self.lowest, possible, out=self.lowest)
        np.maximum(self.highest, possible, out=self.highest)


def _times(periods: Sequence[npt.NDArray[np.bool_]]) -> Floats:
    """Every time that published periods tell apart: each, what two share, one without another, one without all inside."""
    found = {each.tobytes(): each for each in periods}
    for one, other in combinations(list(found.values()), 2):
        for each in (one & other, one & ~other, other & ~one):
            found.setdefault(each.tobytes(), each)
    for one in periods:
        inside = [other for other in periods if not (other & ~one).any() and (one & ~other).any()]
        rest = one & ~np.any(inside, axis=0) if inside else one
        found.setdefault(rest.tobytes(), rest)
    ordered = sorted((each for each in found.values() if each.any()), key=lambda each: each.tobytes())
    return np.array(ordered, dtype=float)


@dataclass(frozen=True)
class _Best:
    solution: Floats | None
    pinned_by: frozenset[Number]

    @property
    def is_whole(self) -> bool:
        return self.solution is not None and float(np.abs(self.solution - self.solution.round()).max(initial=0)) <= TOLERANCE


class _Program:
    """The equations of what is shown."""

    def __init__(self, attack: Attack, hidden: frozenset[Number]) -> None:
        self._attack = attack
        self._shown = [each for each in attack.values if each not in hidden]
        rows = [attack.rows[each] for each in self._shown]
        self._equations = vstack([attack.every[rows], attack.same_cases], format="csr")
        self._known = np.zeros(self._equations.shape[0])
        self._known[: len(rows)] = [float(attack.values[each]) for each in self._shown]
        # Where zeros are printed, a blank is somebody.
        says_somebody = attack.rules.zeros is Zeros.SHOWN and hidden
        self._at_least_one = -attack.every[[attack.rows[each] for each in sorted(hidden)]] if says_somebody else None

    def best(self, goal: Floats) -> _Best:
        """The solution in which `goal` is greatest, and the published numbers that keep it from being greater."""
        least = self._at_least_one
        found = linprog(
            -goal, A_eq=self._equations, b_eq=self._known, A_ub=least, b_ub=None if least is None else -np.ones(least.shape[0]),
            bounds=(0, self._attack._highest_sensible), method="highs",
        )  # fmt: skip
        if found.x is None:
            return _Best(None, frozenset())
        binding = np.flatnonzero(np.abs(found.eqlin.marginals[: len(self._shown)]) > TOLERANCE)
        return _Best(found.x, frozenset(self._shown[each] for each in binding))

    def best_whole(self, goal: Floats) -> Floats | None:
        """The same over whole numbers only, where the program above ended between them."""
        constraints = [LinearConstraint(self._equations, self._known, self._known)]
        if (least := self._at_least_one) is not None:
            constraints.append(LinearConstraint(least, -np.inf, -np.ones(least.shape[0])))
        bounds = (np.zeros(len(goal)), np.full(len(goal), self._attack._highest_sensible))
        found = milp(-goal, constraints=constraints, integrality=np.ones(len(goal)), bounds=bounds)
        return None if found.x is None else np.asarray(found.x).round()


def _matrix(rows: list[list[tuple[npt.NDArray[np.intp], float]]], size: int) -> csr_array:
    values, columns, ends = [], [], [0]
    for row in rows:
        for places, sign in row:
            columns.append(places)
            values.append(np.full(len(places), sign))
        ends.append(ends[-1] + sum(len(places) for places, _ in row))
    parts = (np.concatenate(values), np.concatenate(columns), np.array(ends)) if rows else (np.zeros(0), np.zeros(0, int), np.array([0]))
    return csr_array(parts, shape=(len(rows), size))
