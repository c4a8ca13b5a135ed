"""Next weeks with intervals, whose width is learned from how far off earlier forecasts were."""

from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analysis.early_warning.settings import SchoolYear, UsualSettings
from analysis.early_warning.usual import Numbers, Usual, quantile

SHARES = (0.025, 0.1, 0.5, 0.9, 0.975)
"""The ends of the 95 % and the 80 % interval, and the middle."""
_FORGET = 0.98


@dataclass(frozen=True)
class Forecast:
    """Of one step ahead: means and, for each of `SHARES`, quantiles of all series."""

    begins: date
    mean: Numbers
    quantiles: Numbers


class Forecaster:
    """Forecasts of `ahead` steps, by day or by week, of many series at once.

    Every forecast is remembered until its day comes; its error then widens or narrows the forecasts of the
    same number of steps ahead.
    """

    def __init__(
        self, series: int, school_year: SchoolYear, settings: UsualSettings, ahead: int, step_days: int = 7
    ) -> None:
        """Nothing seen yet."""
        self._usual = Usual(series, school_year, settings, step_days)
        self._step, self._ahead = timedelta(days=step_days), ahead
        self._given: deque[list[Numbers]] = deque(maxlen=ahead)
        before = settings.needed_before_factor
        self._spread = np.stack(
            (np.full((ahead, series), before * settings.dispersion_before), np.full((ahead, series), before))
        )

    def see(self, day: date, counts: Numbers) -> None:
        """Learn from the step that begins on `day`; steps come in order."""
        for back, given in enumerate(self._given):
            expected = given[back]
            self._spread[:, back] *= _FORGET
            self._spread[0, back] += (counts - expected) ** 2 - expected
            self._spread[1, back] += expected**2
        self._usual.see(day, counts)
        self._given.appendleft([self._usual.expected(day + self._step * (step + 1)) for step in range(self._ahead)])

    def forecast(self, last: date) -> list[Forecast]:
        """The steps after the one that began on `last`, which must have been seen."""
        found = []
        for step, mean in enumerate(self._given[0]):
            dispersion = np.maximum(self._spread[0, step] / self._spread[1, step], 1e-4)
            quantiles = np.stack([quantile(share, mean, dispersion) for share in SHARES])
            found.append(Forecast(last + self._step * (step + 1), mean, quantiles))
        return found
