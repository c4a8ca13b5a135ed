"""Whoever holds the printed rates works out no answer that fewer than the limit have given."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np
from scipy.optimize import linprog

from analysis.public_rates import PublicRates, public_rates
from analysis.rate_rules import load_rate_rules
from analysis.rates import Tally, rates_of
from analysis.release import ALL
from analysis.suppression_rules import load_suppression

RULES, SMALL = load_rate_rules(), load_suppression()
UNITS = ("CIVIL", "CULTURE", "EDU", "HEALTH", "POLICE")
PARTS = ("missed", "told", "secret", "resolved", "unresolved", "satisfied", "basically", "not", "not_asked")
"""What a unit's callbacks are made of: contacted, not, not asked; resolved, not, not asked; satisfied, basically, not, not asked."""
SUMS = (
    ("missed", "told", "secret"),
    ("resolved", "unresolved", "not_asked"),
    ("satisfied", "basically", "not", "not_asked"),
)
HALF = 0.005 + 1e-9
"""Percentages have two decimals, half up."""


def a_month(dice: np.random.Generator) -> dict[str, Tally]:
    """Units from few to many callbacks, some with one unhappy caller."""
    found = {}
    for unit in UNITS:
        valid = int(dice.choice([4, 60, 120, 160, 300]))
        some = int(dice.choice([0, 0, 1, 6]))
        full = max(valid - some, 0)
        resolved = full - min(full, int(dice.choice([0, 0, 3, 7, 12, 30])))
        satisfied = int(dice.integers(0, resolved + 1))
        basically = int(dice.integers(0, resolved - satisfied + 1))
        secret = min(valid, int(dice.choice([0, 0, 3, 20])))
        told = valid - secret - min(valid - secret, int(dice.choice([0, 2, 9])))
        found[unit] = Tally(valid, told, full, resolved, satisfied, basically, contact_not_asked=secret)
    return found


def truth_of(tally: Tally) -> dict[str, int]:
    unhappy = tally.full - tally.satisfied - tally.basically
    return {
        "missed": tally.contact_asked - tally.contacted, "told": tally.contacted, "secret": tally.contact_not_asked, "resolved": tally.resolved, "unresolved": tally.full - tally.resolved,
        "satisfied": tally.satisfied, "basically": tally.basically, "not": unhappy, "not_asked": tally.valid - tally.full,
    }  # fmt: skip


class Reader:
    """Equations and bounds of what one month prints; the city is the sum of its units."""

    def __init__(self, printed: Mapping[str, PublicRates]) -> None:
        self.equal: list[np.ndarray] = []
        self.equals: list[float] = []
        self.below: list[np.ndarray] = []
        for unit, public in printed.items():
            first, *others = (self.row(unit, **dict.fromkeys(names, 1.0)) for names in SUMS)
            for other in others:
                self._is(first - other, 0.0)
            if public.valid is not None:
                self._is(first, public.valid)
            if public.response_only is not None:
                self._is(self.row(unit, not_asked=1.0), public.response_only)
            if public.contact_not_asked is not None:
                self._is(self.row(unit, secret=1.0), public.contact_not_asked)
            full = self.row(unit, resolved=1.0, unresolved=1.0)
            basically = float(RULES.formula.basically_counts)
            self._is_percent(public.rates.response, self.row(unit, told=1.0), self.row(unit, told=1.0, missed=1.0))
            self._is_percent(public.rates.resolution, self.row(unit, resolved=1.0), full)
            self._is_percent(
                public.rates.satisfaction, self.row(unit, satisfied=1.0, basically=basically), full
            )

    def row(self, unit: str, **weights: float) -> np.ndarray:
        found = np.zeros((len(UNITS), len(PARTS)))
        for name, weight in weights.items():
            found[:, PARTS.index(name)] = weight
        if unit != ALL:
            found[[at for at, each in enumerate(UNITS) if each != unit]] = 0.0
        return found.ravel()

    def _is(self, row: np.ndarray, value: float) -> None:
        self.equal.append(row)
        self.equals.append(float(value))

    def _is_percent(self, rate: Decimal | None, part: np.ndarray, whole: np.ndarray) -> None:
        """part / whole lies within the rounding: linear, since the rate is a number."""
        if rate is not None:
            self.below += [
                part - whole * (float(rate) + HALF) / 100,
                whole * (float(rate) - HALF) / 100 - part,
            ]

    def tells(self, row: np.ndarray) -> float:
        """How far apart the least and the most are that this sum can be."""
        ends = [
            linprog(
                sign * row, A_ub=np.array(self.below) if self.below else None, b_ub=np.zeros(len(self.below)) if self.below else None,
                A_eq=np.array(self.equal), b_eq=np.array(self.equals), bounds=(0, 1e4), method="highs",
            ).fun * sign
            for sign in (1.0, -1.0)
        ]  # fmt: skip
        return float(ends[1] - ends[0])


def small_of(month: Mapping[str, Tally]) -> Iterator[tuple[str, str]]:
    for unit in (*UNITS, ALL):
        truth = truth_of(sum(month.values(), Tally()) if unit == ALL else month[unit])
        yield from ((unit, name) for name, count in truth.items() if 0 < count < SMALL.limit)


def months() -> list[dict[str, Tally]]:
    dice = np.random.default_rng(3)
    return [a_month(dice) for _ in range(6)]


def test_no_answer_of_few_callers_follows_from_the_rates_of_any_month() -> None:
    found, shown = [], 0
    for month in months():
        printed = public_rates(month, RULES, SMALL)
        shown += sum(each.rates.resolution is not None for each in printed.values())
        reader = Reader(printed)
        small = list(small_of(month))
        assert small
        found += [
            (unit, name)
            for unit, name in small
            if reader.tells(reader.row(unit, **{name: 1.0})) < SMALL.width - 1e-6
        ]
    assert found == []
    assert shown > 4, "rates that are all blank would be safe as well"


def test_whoever_blanks_only_the_rates_of_units_with_small_counts_is_found_out() -> None:
    """The city's rates less those of the others tell."""
    assert [each for month in months() for each in told_by_the_naive(month)]


def told_by_the_naive(month: Mapping[str, Tally]) -> list[tuple[str, str]]:
    small = {unit for unit, _ in small_of(month)} - {ALL}
    naive = {
        unit: PublicRates(
            None if unit in small else tally.valid,
            rates_of(Tally() if unit in small else tally, RULES.formula).rounded(RULES.formula),
            frozenset(),
        )
        for unit, tally in {**month, ALL: sum(month.values(), Tally())}.items()
    }
    reader = Reader(naive)
    return [each for each in small_of(month) if reader.tells(reader.row(each[0], **{each[1]: 1.0})) < SMALL.width]
