"""Requests of the last weeks as the newest report has them, what was usual, and what it expects to come.

What was usual is worked out from the weeks that are told and nothing else, so that it tells no more than they do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlmodel import Session, col, select

from analysis.early_warning.forecast import SHARES, Forecaster
from analysis.early_warning.settings import delivered_school_year, delivered_settings
from analysis.report.facts import Cadence, Figure, Table, tables_in
from analysis.report.part import CITY
from models.reports import Report

LOW, HIGH = SHARES.index(0.1), SHARES.index(0.9)
LEARNED = 8
"""So many told weeks in a row before anything is called usual, as with forecasts."""
_WEEKS, _AHEAD = "received.by_week", "forecast.by_week"


@dataclass(frozen=True)
class Week:
    """One week: the count as it was told, and between which numbers four of five would have been expected."""

    monday: date
    cases: Figure
    usual: tuple[float, float] | None


@dataclass(frozen=True)
class Coming:
    """A week to come, as the report foretells it."""

    monday: date
    expected: Figure
    low: Figure
    high: Figure


@dataclass(frozen=True)
class Weeks:
    """In order; `until` is the last day of the report they stand in."""

    past: tuple[Week, ...]
    coming: tuple[Coming, ...]
    until: date


def weeks_told(session: Session) -> Weeks | None:
    """From the newest report of the whole city that holds weeks; None before there is one."""
    wanted = (
        select(col(Report.facts), col(Report.last))
        .where(
            Report.department == CITY, col(Report.cadence).in_([Cadence.WEEKLY.value, Cadence.MONTHLY.value])
        )
        .order_by(col(Report.last).desc(), Report.cadence, col(Report.revision).desc())
        .limit(1)
    )
    newest = session.exec(wanted).first()
    if newest is None:
        return None
    tables = tables_in(newest[0], (_WEEKS, _AHEAD))
    past = tuple(_past(tables[_WEEKS])) if _WEEKS in tables else ()
    coming = (
        tuple(Coming(date.fromisoformat(row.key[0]), *row.figures) for row in tables[_AHEAD].rows)
        if _AHEAD in tables
        else ()
    )
    return Weeks(past, coming, newest[1]) if past else None


def _past(table: Table) -> list[Week]:
    counts = [(date.fromisoformat(row.key[0]), row.figures[0]) for row in table.rows]
    usual = usual_of([(monday, None if each.value is None else int(each.value)) for monday, each in counts])
    return [Week(monday, each, was) for (monday, each), was in zip(counts, usual, strict=True)]


def usual_of(weeks: Sequence[tuple[date, int | None]]) -> list[tuple[float, float] | None]:
    """For each week the 80 % interval that was expected before it came; None while too little was told.

    Args:
        weeks: In order, without gaps; after a week held back learning begins anew.
    """
    return list(_expected(weeks))


def _expected(weeks: Sequence[tuple[date, int | None]]) -> Iterator[tuple[float, float] | None]:
    oracle, seen = _oracle(), 0
    last: date | None = None
    for monday, count in weeks:
        if last is None or seen < LEARNED:
            yield None
        else:
            step = oracle.forecast(last)[0]
            yield float(step.quantiles[LOW][0]), float(step.quantiles[HIGH][0])
        if count is None:
            oracle, seen, last = _oracle(), 0, None
            continue
        oracle.see(monday, np.array([float(count)]))
        seen, last = seen + 1, monday


def _oracle() -> Forecaster:
    return Forecaster(1, delivered_school_year(), delivered_settings().usual, ahead=1)
