"""What is usual of many series at once, learned step by step: level, weekday, period of the school year, spread."""

from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, nbdtrik

from analysis.early_warning.settings import SchoolYear, UsualSettings

Numbers = npt.NDArray[np.float64]
_LEAST_EXPECTED = 1e-3
_LEAST_DISPERSION = 1e-4
_BORROWED = 10
"""Spread is told less surely from few requests than a level is, so so many times as much is borrowed."""


class Usual:
    """Expected counts of `series` series, by day or by week.

    A count is expected to be level x weekday x period, and to vary like a negative binomial: by chance and
    by `dispersion` times the square of what is expected. An outbreak teaches no more than a high quantile, so
    it does not become usual while it lasts.
    """

    def __init__(self, series: int, school_year: SchoolYear, settings: UsualSettings, step_days: int = 1) -> None:
        """Nothing seen yet; `step_days` is 1 or 7, and weeks have no weekday."""
        self._year, self._settings, self._step = school_year, settings, step_days
        self._period_at = {name: at for at, name in enumerate(school_year.periods)}
        self._keep = 0.5 ** (step_days / settings.level_half_life_days)
        self._keep_season = 0.5 ** (step_days / settings.season_half_life_days)
        self._counts, self._exposure = np.zeros(series), np.full(series, 1e-9)
        weekdays = 7 if step_days == 1 else 1
        self._by_weekday = np.full((2, weekdays, series), settings.needed_before_factor)
        self._by_period = np.full((2, len(school_year.periods), series), settings.needed_before_factor)
        self._spread = np.zeros((2, series))

    def expected(self, day: date) -> Numbers:
        """What is usual on a day, or in the week that begins on it; never quite zero."""
        usual: Numbers = self.level * self._weekday(day) * self._period(day)
        return np.maximum(usual, _LEAST_EXPECTED)

    @property
    def level(self) -> Numbers:
        """Without weekday and period."""
        found: Numbers = self._counts / self._exposure
        return found

    @property
    def dispersion(self) -> Numbers:
        """How much more than chance the counts vary; a series of few requests borrows from all of them."""
        weight = self._settings.needed_before_factor
        all_over, all_under = self._spread.sum(axis=1)
        common = max(all_over + weight * self._settings.dispersion_before, 0) / (all_under + weight)
        own: Numbers = (self._spread[0] + _BORROWED * weight * common) / (self._spread[1] + _BORROWED * weight)
        least: Numbers = np.maximum(own, _LEAST_DISPERSION)
        return least

    def see(self, day: date, counts: Numbers) -> None:
        """Learn from a day's counts, one of each series; days come in order."""
        expected = self.expected(day)
        if self._exposure.max() > 1:
            most = quantile(self._settings.learn_up_to, expected, self.dispersion)
            counts = np.minimum(counts, np.maximum(most, 1))
            self._spread *= self._keep_season
            self._spread += np.vstack(((counts - expected) ** 2 - expected, expected**2))
        self._learn_factors(day, counts)
        factor = self._weekday(day) * self._period(day)
        self._counts = self._counts * self._keep + counts
        self._exposure = self._exposure * self._keep + factor

    def _learn_factors(self, day: date, counts: Numbers) -> None:
        if self._exposure.max() < 14 / self._step:
            return
        period, weekday = self._period_at[self._year.period_of(day)], self._weekday_at(day)
        level, own_weekday, own_period = self.level, self._weekday(day), self._period(day)
        for table, at, rest in ((self._by_weekday, weekday, own_period), (self._by_period, period, own_weekday)):
            prior = self._settings.needed_before_factor
            table[:, at] = prior + (table[:, at] - prior) * self._keep_season
            table[0, at] += counts
            table[1, at] += level * rest

    def _weekday_at(self, day: date) -> int:
        return day.weekday() if self._step == 1 else 0

    def _weekday(self, day: date) -> Numbers:
        at = self._weekday_at(day)
        own: Numbers = self._by_weekday[0, at] / self._by_weekday[1, at]
        return own if self._step == 1 else np.ones_like(own)

    def _period(self, day: date) -> Numbers:
        at = self._period_at[self._year.period_of(day)]
        own: Numbers = self._by_period[0, at] / self._by_period[1, at]
        return own


def quantile(share: float, expected: Numbers, dispersion: Numbers) -> Numbers:
    """The count that is not exceeded with this probability."""
    size = 1 / dispersion
    chance = size / (size + expected)
    # The inverse is exact only up to rounding: one count less is taken where it is enough already.
    up: Numbers = np.ceil(nbdtrik(share, size, chance))
    less = np.maximum(up - 1, 0)
    found: Numbers = np.where(betainc(size, less + 1, chance) >= share, less, up)
    return found


def chance_of_as_many(counts: Numbers, expected: Numbers, dispersion: Numbers) -> Numbers:
    """The probability of as many or more, if nothing but what is usual is at work."""
    size = 1 / dispersion
    counts = np.asarray(counts, dtype=np.float64)
    at_least_one: Numbers = betainc(np.maximum(counts, 1), size, expected / (size + expected))
    found: Numbers = np.where(counts < 1, 1.0, at_least_one)
    return found
