"""Sudden rises among many series, with a known rate of false alarms.

Each day the last day and the last seven days of every series are held against what is usual; the smaller of
both chances is doubled, since there were two. Over all series of a day the alarms are chosen by Benjamini and
Hochberg's procedure: among many days' alarms at most the share `false_discovery` is false on average, and on
a day on which nothing has risen anywhere there is any alarm with at most that probability.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from analysis.early_warning.settings import SchoolYear, WarningSettings
from analysis.early_warning.usual import Numbers, Usual, chance_of_as_many

_LONG = 7


@dataclass(frozen=True)
class Rise:
    """One alarm: `came` requests in `days` days where `expected` are usual, and how likely that is by chance."""

    on: date
    series: str
    days: int
    came: int
    expected: float
    chance: float


def rises(
    names: Sequence[str],
    first: date,
    counts: npt.NDArray[np.int64],
    school_year: SchoolYear,
    settings: WarningSettings,
) -> Iterator[Rise]:
    """The alarms of each day in order; each day is judged by what was known before it.

    Args:
        names: Of the series.
        first: The day of the first column.
        counts: One row a series, one column a day, no day left out.
        school_year: Periods.
        settings: Rates and limits.
    """
    rule = settings.sudden_rise
    usual = Usual(len(names), school_year, settings.usual)
    expected = np.zeros(counts.shape)
    quiet_until = np.zeros(len(names), dtype=np.int64)
    for at in range(counts.shape[1]):
        day = first + timedelta(days=at)
        expected[:, at] = usual.expected(day)
        if at >= rule.warm_up_days:
            chances, days = _chances(counts, expected, at, usual.dispersion, rule.fewest)
            chances = np.where(at < quiet_until, 1.0, chances)
            for series in _discovered(chances, rule.false_discovery):
                quiet_until[series] = at + 1 + rule.quiet_days
                yield _rise(day, names[series], int(days[series]), counts[series], expected[series], at, chances[series])
        # What may be the beginning of a rise is not learned from before it has been judged.
        if (learned := at - rule.guard_days) >= 0:
            usual.see(first + timedelta(days=learned), counts[:, learned].astype(np.float64))


def _chances(
    counts: npt.NDArray[np.int64], expected: Numbers, at: int, dispersion: Numbers, fewest: int
) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """The doubled smaller chance of each series, and of how many days it is."""
    found = []
    for days in (1, _LONG):
        came = counts[:, at + 1 - days : at + 1].sum(axis=1)
        usually = expected[:, at + 1 - days : at + 1]
        # Days of one week vary partly together; half-way between independent and one single draw.
        together = dispersion * (1 + (usually**2).sum(axis=1) / usually.sum(axis=1) ** 2) / 2
        chance = chance_of_as_many(came.astype(np.float64), usually.sum(axis=1), together)
        found.append(np.where(came >= fewest, chance, 1.0))
    both = np.stack(found)
    return np.minimum(1.0, 2 * both.min(axis=0)), np.where(both[0] <= both[1], 1, _LONG)


def _discovered(chances: Numbers, share: float) -> list[int]:
    """Benjamini and Hochberg: the greatest number of smallest chances that keeps the share of false ones."""
    order = np.argsort(chances, kind="stable")
    limits = share * (np.arange(len(order)) + 1) / len(order)
    below = np.flatnonzero(chances[order] <= limits)
    found: list[int] = order[: below[-1] + 1].tolist() if len(below) else []
    return found


def _rise(
    day: date, name: str, days: int, counts: npt.NDArray[np.int64], expected: Numbers, at: int, chance: float
) -> Rise:
    came, usually = int(counts[at + 1 - days : at + 1].sum()), float(expected[at + 1 - days : at + 1].sum())
    return Rise(day, name, days, came, round(usually, 2), float(f"{chance:.2g}"))
