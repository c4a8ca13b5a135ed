"""Made-up years with and without outbreaks: how often the alarm is false, and how late it is right."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.early_warning.settings import SchoolYear, WarningSettings
from analysis.early_warning.sudden_rise import rises

FIRST = date(2023, 1, 2)
LEARNING_DAYS = 365
WEEKDAYS = np.array([1.2, 1.1, 1.0, 1.0, 1.1, 0.8, 0.8])
PERIODS = {"exams": 1.4, "winter_holidays": 0.7, "summer_holidays": 0.8, "enrolment": 1.6, "term": 1.0}
LEVELS = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)


def quiet_years(
    series: int, years: int, school_year: SchoolYear, dispersion: float, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Counts of series in which nothing happens but seasons and chance, and their levels."""
    draw = np.random.default_rng(seed)
    days = [FIRST + timedelta(days=at) for at in range(LEARNING_DAYS + 365 * years)]
    levels = np.resize(np.array(LEVELS), series)
    season = np.array([WEEKDAYS[day.weekday()] * PERIODS[school_year.period_of(day)] for day in days])
    expected = levels[:, None] * season[None, :]
    shaken = expected * draw.gamma(1 / dispersion, dispersion, expected.shape)
    return draw.poisson(shaken), levels


def false_alarms(series: int, years: int, school_year: SchoolYear, settings: WarningSettings, seed: int) -> dict[str, Any]:
    """Alarms in years in which nothing happened, after a year of learning."""
    counts, _ = quiet_years(series, years, school_year, 0.1, seed)
    found = list(rises([str(at) for at in range(series)], FIRST, counts, school_year, settings))
    after = [each for each in found if each.on >= FIRST + timedelta(days=LEARNING_DAYS)]
    return {
        "series": series,
        "years": years,
        "false_alarms_a_year": round(len(after) / years, 2),
        "days_with_any_a_year": round(len({each.on for each in after}) / years, 2),
        "allowed_a_year": round(365 * settings.sudden_rise.false_discovery, 2),
    }


def delays(
    series: int, extra: Sequence[int], lasting: int, school_year: SchoolYear, settings: WarningSettings, seed: int
) -> list[dict[str, Any]]:
    """Outbreaks of so many more requests a day on every level: how many are found while they last, and when."""
    counts, levels = quiet_years(series, 1, school_year, 0.1, seed)
    draw = np.random.default_rng(seed + 1)
    found = []
    for more in extra:
        with_outbreaks, starts = counts.copy(), draw.integers(LEARNING_DAYS, counts.shape[1] - lasting, series)
        for row, start in enumerate(starts):
            with_outbreaks[row, start : start + lasting] += draw.poisson(more, lasting)
        alarms = list(rises([str(at) for at in range(series)], FIRST, with_outbreaks, school_year, settings))
        for level in LEVELS:
            late = [_delay(alarms, row, int(starts[row]), lasting) for row in np.flatnonzero(levels == level).tolist()]
            seen = [each for each in late if each is not None]
            found.append({
                "usual_a_day": level,
                "more_a_day": more,
                "days": lasting,
                "found": round(len(seen) / len(late), 2),
                "median_delay_days": float(np.median(seen)) if seen else None,
            })
    return found


def _delay(alarms: Sequence[Any], row: int, start: int, lasting: int) -> int | None:
    """Days from the first day of the outbreak to the first alarm; 0 is the same evening."""
    own = [(each.on - FIRST).days - start for each in alarms if each.series == str(row)]
    return min((each for each in own if 0 <= each < lasting), default=None)
