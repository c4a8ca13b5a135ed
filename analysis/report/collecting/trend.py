"""Days and weeks in a row, and what the next weeks may bring: all from totals that are told."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from analysis.early_warning.forecast import SHARES, Forecast, Forecaster
from analysis.early_warning.settings import delivered_school_year, delivered_settings
from analysis.report.asking import Asking
from analysis.report.collecting.totals import totals
from analysis.report.facts import Figure, Row, Table, Unit
from analysis.report.part import CITY, Maker, Part, Parts, table
from analysis.report.period import Period, days_of, weeks_until
from analysis.report.settings import Query

LOW, HIGH = SHARES.index(0.1), SHARES.index(0.9)
NAME = "received.total"


def trend_days(asking: Asking) -> Parts:
    """The days of the time, each as its daily report has it: from noon to noon."""
    days = days_of(asking.period, asking.rules.rates.windows)
    return {CITY: Part(tables={"received.by_day": _table(asking, Query.TREND_DAYS, "day", days)})}


def trend_weeks(asking: Asking) -> Parts:
    """The last weeks that are over."""
    return {
        CITY: Part(tables={"received.by_week": _table(asking, Query.TREND_WEEKS, "monday", _weeks(asking))})
    }


def forecast(asking: Asking) -> Parts:
    """The weeks to come, learned from the weeks that are told and nothing else, so that it tells no more than they do."""
    make, settings = Maker(Query.FORECAST.value), asking.rules.settings
    told = _unbroken(_totals(asking, _weeks(asking)))
    if len(told) < settings.forecast_needs:
        none = make.none(Unit.CASES)
        return {CITY: Part({"forecast.next": none, "forecast.low": none, "forecast.high": none}, {})}
    oracle = Forecaster(1, delivered_school_year(), delivered_settings().usual, settings.forecast_weeks)
    for monday, count in told:
        oracle.see(monday, np.array([float(count)]))
    weeks = [_figures(make, each) for each in oracle.forecast(told[-1][0])]
    rows = tuple(
        Row((f"{told[-1][0] + timedelta(days=7 * (place + 1))}",), each) for place, each in enumerate(weeks)
    )
    expected = {"forecast.by_week": Table(("monday",), ("expected", "low", "high"), rows)}
    return {
        CITY: Part(
            dict(zip(("forecast.next", "forecast.low", "forecast.high"), weeks[0], strict=True)), expected
        )
    }


def _figures(make: Maker, step: Forecast) -> tuple[Figure, ...]:
    values = (step.mean[0], step.quantiles[LOW][0], step.quantiles[HIGH][0])
    return tuple(
        make.shown(Decimal(float(each)).quantize(Decimal(1), rounding=ROUND_HALF_UP), Unit.CASES)
        for each in values
    )


def _unbroken(weeks: Iterable[tuple[date, Figure]]) -> list[tuple[date, int]]:
    """The last weeks without a blank between them."""
    found: list[tuple[date, int]] = []
    for monday, figure in weeks:
        found = [*found, (monday, int(figure.value))] if figure.value is not None else []
    return found


def _weeks(asking: Asking) -> list[Period]:
    return weeks_until(asking.period, asking.rules.settings.trend_weeks, asking.rules.rates.windows)


def _totals(asking: Asking, periods: list[Period]) -> list[tuple[date, Figure]]:
    found = totals(asking, Query.RECEIVED, periods)
    return [(each.first, found[each][CITY].figures[NAME]) for each in periods]


def _table(asking: Asking, query: Query, key: str, periods: list[Period]) -> Table:
    make = Maker(query.value)
    told = _totals(asking, periods)
    return table(
        key,
        ("cases",),
        {
            f"{first}": (make.maybe(None if each.value is None else int(each.value), Unit.CASES),)
            for first, each in told
        },
    )
