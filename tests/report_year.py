"""A made-up year of cases, some sorts much rarer than others, and every report of it made in the order of their days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import insert
from sqlmodel import Session

from analysis.rate_rules import load_rate_rules
from analysis.report.asking import Asking
from analysis.report.collecting.whole import facts_of
from analysis.report.facts import Cadence, Facts, Sources
from analysis.report.period import Period, period
from analysis.report.remembering import Memory, store
from analysis.report.rules import ReportRules, report_rules
from analysis.report.settings import Query, load_report_settings
from analysis.suppression_rules import load_suppression
from models.case import Case
from models.exchange import Assignment
from models.vocabulary import Grade, Status

KINDS, UNITS, DISTRICTS = (
    ("F01", "F02", "N01", "N02", "S01", "S02"),
    ("CIVIL", "EDU", "POLICE"),
    ("D1", "D2", "D3"),
)
BEGINS = datetime(2025, 12, 31, 16, tzinfo=UTC)
"""Midnight of 1 January 2026 in Beijing."""
NOW = datetime(2027, 2, 1, tzinfo=UTC)
SOURCES = Sources(NOW, "test", "r", "c", "k", "q", "s", {})
COUNTED = (
    Query.RECEIVED,
    Query.CLOSED,
    Query.STANDING,
    Query.BREAKDOWN,
    Query.KINDS,
    Query.RETURNS,
    Query.TREND_WEEKS,
    Query.TREND_DAYS,
)


def rules_of_the_year() -> ReportRules:
    """The delivered settings over few kinds and units."""
    return report_rules(load_report_settings(), load_rate_rules(), load_suppression(), KINDS, UNITS)


def fill_year(session: Session, seed: int, per_day: float, days: int = 365) -> None:
    """Cases by day and night, each with its kind, grade, district and most with a lead; most end within a month."""
    dice = np.random.default_rng(seed)
    count = int(dice.poisson(per_day * days))
    shares = {
        name: dice.dirichlet(np.full(len(codes), 0.4))
        for name, codes in (("kind", KINDS), ("district", DISTRICTS), ("unit", UNITS))
    }
    grades = [each.value for each in Grade]
    cases: list[dict[str, Any]] = []
    leads: list[dict[str, Any]] = []
    for number in range(count):
        day, hour = int(dice.integers(days)), float(dice.triangular(0, 14, 24))
        at = BEGINS + timedelta(days=day, hours=min(hour, 23.99))
        ended = at + timedelta(days=float(dice.exponential(9)))
        case_id = UUID(int=number + 1)
        cases.append({
            "id": case_id, "source": "test", "received_at": at, "kind": KINDS[dice.choice(len(KINDS), p=shares["kind"])],
            "district": DISTRICTS[dice.choice(len(DISTRICTS), p=shares["district"])], "harm": bool(dice.random() < 0.03),
            "grade": grades[min(int(dice.geometric(0.55)) - 1, len(grades) - 1)], "status": Status.CLOSED, "wrapped_key": b"k",
            "closed_at": ended if dice.random() < 0.95 else None, "rework_count": int(dice.random() < 0.05),
        })  # fmt: skip
        if dice.random() < 0.9:
            unit = UNITS[dice.choice(len(UNITS), p=shares["unit"])]
            leads.append(
                {
                    "case_id": case_id,
                    "department": unit,
                    "leads": True,
                    "assigned_at": at,
                    "replied_at": at,
                    "token": f"t{number}",
                }
            )
    for table, rows in ((Case, cases), (Assignment, leads)):
        for start in range(0, len(rows), 2000):
            session.execute(insert(table), rows[start : start + 2000])
    session.flush()


def periods_of_the_year(rules: ReportRules, days: int = 365) -> list[Period]:
    """Every day, week and month that is over by the end, in the order in which reports of them can be made."""
    windows = rules.rates.windows
    found = {
        period(cadence, date(2026, 1, 1) + timedelta(days=each), windows)
        for cadence in Cadence
        for each in range(days)
    }
    last = BEGINS + timedelta(days=days)
    return sorted(
        (each for each in found if each.window.end <= last), key=lambda each: (each.window.end, each.cadence)
    )


def report_all(
    session: Session, rules: ReportRules, periods: list[Period], queries: tuple[Query, ...] = COUNTED
) -> Iterator[tuple[Period, Facts]]:
    """Make every report, city-wide and of each unit, and remember as the desk does."""
    holds = {
        cadence: each.model_copy(update={"holds": tuple(q for q in each.holds if q in queries)})
        for cadence, each in rules.settings.cadences.items()
    }
    only = report_rules(
        rules.settings.model_copy(update={"cadences": holds}),
        rules.rates,
        rules.small,
        rules.kinds,
        rules.departments,
    )
    memory = Memory(session)
    for each in periods:
        # A unit's days and weeks hold no counts.
        for unit in ("", *(rules.departments if each.cadence is Cadence.MONTHLY else ())):
            facts = facts_of(
                Asking(session, memory, only, each, each.window.end + timedelta(hours=1)), unit, SOURCES
            )
            store(session, memory)
            yield each, facts
