"""All facts of one report: numbers told before as they were, the others counted now, and records."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from analysis.report.asking import Asking
from analysis.report.collecting import QUERIES
from analysis.report.collecting.records import READERS
from analysis.report.facts import Facts, Figure, Row, Scope, Sources, State, Table, Unit
from analysis.report.part import Maker, Part, Parts
from analysis.report.settings import Query

FROM_TOLD = frozenset({Query.TREND_DAYS, Query.TREND_WEEKS, Query.FORECAST})
"""Only put together from what is remembered already."""
KEEP_THEMSELVES = frozenset({Query.RECEIVED, Query.CLOSED})
BESIDE_BEFORE: dict[Query, tuple[str, ...]] = {
    Query.RECEIVED: ("received.total",),
    Query.BREAKDOWN: ("received.total",),
    Query.RATES: (
        "rates.valid",
        "rates.response",
        "rates.resolution",
        "rates.satisfaction",
        "rates.composite",
    ),
}
"""Figures that are held beside those of the period before."""
BEFORE_NAMES = {"received.total": "received.before"}
TABLES_BESIDE_BEFORE = ("received.by_family", "received.by_grade")
RECORDS = {
    "issues": Query.ISSUES,
    "warnings": Query.WARNINGS,
    "orders": Query.ORDERS,
    "candidates": Query.CANDIDATES,
}


def facts_of(asking: Asking, department: str, sources: Sources) -> Facts:
    """The facts of the asked period, of one unit or of the whole city."""
    holds = asking.rules.settings.cadences[asking.period.cadence].holds
    asked = [each for each in QUERIES if each in holds]
    part, earlier = Part(), Part()
    for query in asked:
        part += parts_of(asking, query).get(department, Part())
    for query in asked:
        if query in BESIDE_BEFORE:
            earlier += _only(parts_of(asking.before, query).get(department, Part()), BESIDE_BEFORE[query])
    records = {
        name: READERS[query](asking, department)
        for name, query in RECORDS.items()
        if query in holds and query in READERS
    }
    figures = {
        **part.figures,
        **_before(earlier),
        **_growth(part, earlier),
        **_per_day(asking, part),
        **_counts(records),
    }
    tables = {name: _beside(each, earlier.tables.get(name)) for name, each in part.tables.items()}
    scope = Scope(asking.period.cadence, asking.period.first, asking.period.last, department)
    return Facts(scope, sources, figures, tables, **records)


def parts_of(asking: Asking, query: Query) -> Parts:
    """What was told, else what is told now and remembered from now on."""
    if (told := asking.memory.parts(query, asking.period)) is not None:
        return told
    found = QUERIES[query](asking)
    if query in FROM_TOLD or query in KEEP_THEMSELVES:
        return found
    return asking.memory.keep(query, asking.period, found, False, asking.now)


def _only(part: Part, names: tuple[str, ...]) -> Part:
    figures = {name: part.figures[name] for name in names if name in part.figures}
    return Part(figures, {name: part.tables[name] for name in TABLES_BESIDE_BEFORE if name in part.tables})


def _before(earlier: Part) -> dict[str, Figure]:
    return {BEFORE_NAMES.get(name, f"{name}.before"): each for name, each in earlier.figures.items()}


def _growth(part: Part, earlier: Part) -> dict[str, Figure]:
    """Percent more than before, from two numbers that are both told."""
    name = "received.total"
    if name not in part.figures or name not in earlier.figures:
        return {}
    now, before = part.figures[name], earlier.figures[name]
    make = Maker(now.query)
    if now.value is None or before.value is None:
        return {"received.growth": make.blank(Unit.PERCENT)}
    return {"received.growth": make.percent(now.value - before.value, before.value)}


def _per_day(asking: Asking, part: Part) -> dict[str, Figure]:
    total = part.figures.get("received.total")
    if total is None:
        return {}
    days = (asking.period.last - asking.period.first).days + 1
    value = None if total.value is None else (total.value / days).quantize(Decimal("0.1"))
    return {"received.per_day": replace(total, value=value)}


def _counts(records: Mapping[str, tuple[Mapping[str, object], ...]]) -> dict[str, Figure]:
    """How many records there are; they are published one by one, so that their number is no secret."""
    found: dict[str, Figure] = {}
    for name, each in records.items():
        if name == "orders":
            make = Maker(Query.ORDERS.value)
            states = {
                "open": [one for one in each if one["state"] != "closed"],
                "closed": [one for one in each if one["state"] == "closed"],
            }
            states["late"] = [one for one in each if one.get("late")]
            found |= {
                f"orders.{state}": make.shown(len(those), Unit.ORDERS) for state, those in states.items()
            }
        else:
            found[f"{name}.total"] = Maker(RECORDS[name].value).shown(len(each), Unit.MATTERS)
    return found


def _beside(now: Table, earlier: Table | None) -> Table:
    """The same with what was counted in the period before, as the second column."""
    if earlier is None:
        return now
    before = {row.key: row.figures[0] for row in earlier.rows}
    rows = tuple(
        Row(row.key, (row.figures[0], _or_none(before.get(row.key), row.figures[0]), *row.figures[1:]))
        for row in now.rows
    )
    return Table(now.key, (now.columns[0], "before", *now.columns[1:]), rows)


def _or_none(figure: Figure | None, like: Figure) -> Figure:
    return figure or replace(like, value=None, state=State.NOT_APPLICABLE)


def blanks_of(facts: Facts) -> Iterator[str]:
    """The names of what is held back: of figures, and of tables with row and column."""
    for name, figure in facts.figures.items():
        if figure.state is State.BLANK:
            yield name
    for name, each in facts.tables.items():
        for row in each.rows:
            yield from (
                f"{name}[{','.join(row.key)}].{column}"
                for column, figure in zip(each.columns, row.figures, strict=True)
                if figure.state is State.BLANK
            )
