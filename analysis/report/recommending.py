"""Which rules of `recommendations.yaml` hold for the facts of a report, and by which numbers.

A number that is held back, missing or not applicable holds for nothing: no rule fires from a blank.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from analysis.early_warning.settings import SchoolYear
from analysis.report.facts import Cadence, Facts, Unit
from analysis.report.paths import cell_path, figure_at, record_path, records_of
from analysis.report.recommendation_rules import Condition, Rule

_FARTHEST = {Cadence.DAILY: 0, Cadence.WEEKLY: 14, Cadence.MONTHLY: 120}
"""How many days ahead a report of its cadence looks: a brief that said the same every day for a month would not be read."""


@dataclass(frozen=True)
class Evidence:
    """One condition and what made it hold; `path` is that of the number, `against` that of what it was held against."""

    condition: Condition
    path: str
    value: Decimal | None
    against: str
    threshold: Decimal | None


@dataclass(frozen=True)
class Subject:
    """A row or a record that all conditions on its sort hold for; `code` names the row, `number` the record."""

    evidence: tuple[Evidence, ...]
    dimension: str = ""
    code: str = ""
    record: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Fired:
    """A rule that holds: what is so once, what is so of each subject, and the season it is about with its first day."""

    rule: Rule
    evidence: tuple[Evidence, ...]
    subjects: tuple[Subject, ...] = ()
    season: str = ""
    begins: date | None = None


def fired_rules(
    rules: Sequence[Rule], facts: Facts, school_year: SchoolYear, limit: int
) -> tuple[Fired, ...]:
    """Those that hold, in the order of the file; in a unit's report only what is addressed to it.

    Args:
        rules: Of `recommendations.yaml`.
        facts: Of the report.
        school_year: Whose periods may lie ahead.
        limit: A difference of two counts below it is told by no rule: it would be a small count itself.
    """
    found = (_fired(rule, facts, school_year, limit) for rule in rules)
    return tuple(each for each in found if each and _is_addressed(each, facts.scope.department))


def _is_addressed(fired: Fired, unit: str) -> bool:
    return not unit or fired.rule.to in (unit, "LEADS", "OWNER")


def _fired(rule: Rule, facts: Facts, school_year: SchoolYear, limit: int) -> Fired | None:
    plain = [
        (at, each)
        for at, each in enumerate(rule.when)
        if not each.season and not each.record and each.row != "any"
    ]
    evidence = [_number(rule, at, each, _paths(each, each.row), facts, limit) for at, each in plain]
    held = [each for each in evidence if each]
    if len(held) < len(plain):
        return None
    season, begins = "", None
    for each in rule.when:
        if each.season:
            season, begins = _season_ahead(each, facts, school_year)
            if not season:
                return None
    of_many = [(at, each) for at, each in enumerate(rule.when) if each.record or each.row == "any"]
    subjects = _subjects(rule, of_many, facts, limit) if of_many else ()
    if of_many and not subjects:
        return None
    return Fired(rule, tuple(held), subjects, season, begins)


def _season_ahead(condition: Condition, facts: Facts, school_year: SchoolYear) -> tuple[str, date | None]:
    """The first of the named periods that begins after the report's last day, within so many days."""
    last = facts.scope.last
    here = school_year.period_of(last)
    for ahead in range(1, min(condition.within_days or 0, _FARTHEST[facts.scope.cadence]) + 1):
        period = school_year.period_of(last + timedelta(days=ahead))
        if period != here and period in condition.season:
            return period, last + timedelta(days=ahead)
    return "", None


def _subjects(
    rule: Rule, conditions: Sequence[tuple[int, Condition]], facts: Facts, limit: int
) -> tuple[Subject, ...]:
    first = conditions[0][1]
    found: list[Subject] = []
    if first.record:
        for record in _own(records_of(facts, first.record), facts.scope.department, first.record):
            every = [_of_record(rule, at, each, record) for at, each in conditions]
            evidence = tuple(each for each in every if each)
            if len(evidence) == len(every):
                found.append(Subject(evidence, record=record))
        return tuple(found)
    table = facts.tables.get(first.table or "")
    for row in table.rows if table else ():
        numbers = [_number(rule, at, each, _paths(each, row.key), facts, limit) for at, each in conditions]
        evidence = tuple(each for each in numbers if each)
        if table and len(evidence) == len(numbers):
            found.append(Subject(evidence, table.key[0], row.key[0]))
    return tuple(found)


def _own(records: Sequence[Mapping[str, Any]], unit: str, sort: str) -> list[Mapping[str, Any]]:
    """In a unit's report only what the unit is responsible for; a warning names no unit."""
    return [each for each in records if not unit or (sort != "warning" and each.get("owner") == unit)]


def _paths(condition: Condition, row: Any) -> tuple[str, str]:
    """Of the number that is looked at, and of the one it is set against; the latter may be empty."""
    other = condition.minus or condition.over or ""
    if condition.table and isinstance(row, tuple):
        first = cell_path(condition.table, row, condition.column or "")
        return first, cell_path(condition.table, row, other) if other else ""
    return condition.figure or "", other


def _number(
    rule: Rule, at: int, condition: Condition, paths: tuple[str, str], facts: Facts, limit: int
) -> Evidence | None:
    path, other = paths
    value = _value(facts, path)
    if value is None:
        return None
    if other:
        second = _value(facts, other)
        if second is None or (condition.over and second == 0):
            return None
        value = value - second if condition.minus else (value - second) / second * 100
        if condition.minus and 0 < abs(value) < limit and _is_count(facts, path):
            return None
        path = f"{path} - {other}" if condition.minus else f"{path} / {other}"
    against, threshold = f"rule/{rule.id}/{at}", condition.threshold
    if condition.than:
        against, threshold = condition.than, _value(facts, condition.than)
    if condition.compare is None or threshold is None or not condition.compare.holds(value, threshold):
        return None
    return Evidence(condition, path, value, against, threshold)


def _is_count(facts: Facts, path: str) -> bool:
    found = figure_at(facts, path)
    return found is not None and found.unit not in (Unit.PERCENT, Unit.POINTS, Unit.SECONDS)


def _value(facts: Facts, path: str) -> Decimal | None:
    found = figure_at(facts, path)
    return found.value if found else None


def _of_record(rule: Rule, at: int, condition: Condition, record: Mapping[str, Any]) -> Evidence | None:
    field = condition.field or ""
    path = record_path(condition.record or "", str(record.get("number", "")), field)
    told = record.get(field)
    if condition.equals:
        return Evidence(condition, path, None, "", None) if told in condition.equals else None
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    value = Decimal(str(told))
    if (
        condition.compare is None
        or condition.threshold is None
        or not condition.compare.holds(value, condition.threshold)
    ):
        return None
    return Evidence(condition, path, value, f"rule/{rule.id}/{at}", condition.threshold)
