"""How many requests came in and how many ended, over days, weeks and months that overlap."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col

from analysis.grouping import Moment
from analysis.report.asking import Asking
from analysis.report.collecting.counting import Between
from analysis.report.facts import Cadence, Figure, Unit
from analysis.report.part import CITY, Maker, Part, Parts
from analysis.report.period import Period, leaves_room
from analysis.report.remembering import edges_of
from analysis.report.settings import Query
from analysis.report.telling import Edges, tellable
from models.case import Case
from models.reports import ReportedNumbers

CLOSED_AT: Any = Case.closed_at
"""Never, for an open case."""
TOTALS: dict[Query, tuple[str, Moment]] = {
    Query.RECEIVED: ("received.total", col(Case.received_at)),
    Query.CLOSED: ("closed.total", col(CLOSED_AT)),
}
"""The figure of each, and the moment that it counts."""
COARSE_FIRST = (Cadence.MONTHLY, Cadence.WEEKLY, Cadence.DAILY)


def received(asking: Asking) -> Parts:
    """Requests by the time of receipt."""
    return totals(asking, Query.RECEIVED, [asking.period])[asking.period]


def closed(asking: Asking) -> Parts:
    """Cases by the time of their last closing."""
    return totals(asking, Query.CLOSED, [asking.period])[asking.period]


def total_of(asking: Asking, query: Query) -> Figure:
    """The total of the asked period, as it was told."""
    return totals(asking, query, [asking.period])[asking.period][CITY].figures[TOTALS[query][0]]


def totals(asking: Asking, query: Query, periods: Sequence[Period]) -> dict[Period, Parts]:
    """The totals of several periods: as they were told before, else counted now and told where they may be."""
    memory = asking.memory
    new = sorted((each for each in periods if memory.row(query, each) is None), key=_precedence)
    if new:
        _tell(asking, query, new)
    return {each: found for each in periods if (found := memory.parts(query, each)) is not None}


def _tell(asking: Asking, query: Query, new: Sequence[Period]) -> None:
    name, at = TOTALS[query]
    rules, make = asking.rules, Maker(query.value)
    told = rows_near([each.ends for each in new], asking.memory.told(query))
    near = edges_of(told)
    between = Between(
        asking.session, at, [edge for edges in [*near, *(each.ends for each in new)] for edge in edges]
    )
    roomy = [each for each in new if leaves_room(each, between(*each.ends), rules.settings.spare)]
    may = dict(zip(roomy, tellable([each.ends for each in roomy], near, between, rules.limit), strict=True))
    moved = _moved(told, name, between)
    for each in new:
        is_told = may.get(each, False) and not _touches(each.ends, moved)
        figure = make.shown(between(*each.ends), Unit.CASES) if is_told else make.blank(Unit.CASES)
        asking.memory.keep(query, each, {CITY: Part({name: figure})}, is_told, asking.now)


def rows_near(new: Sequence[Edges], told: Sequence[ReportedNumbers]) -> list[ReportedNumbers]:
    """Of what was told, the times that lie or reach between the edges next to the new ones."""
    edges = {edge for each in edges_of(told) for edge in each}
    first, last = min(each[0] for each in new), max(each[1] for each in new)
    low = max((each for each in edges if each < first), default=first)
    high = min((each for each in edges if each > last), default=last)
    return [each for each in told if each.starts_at <= high and each.ends_at >= low]


def _moved(told: Sequence[ReportedNumbers], name: str, between: Between) -> list[Edges]:
    """Times whose total is another one now than was told: no new one may be held against it."""
    return [
        (each.starts_at, each.ends_at)
        for each in told
        if between(each.starts_at, each.ends_at) != int(each.numbers[CITY]["figures"][name]["value"])
    ]


def _touches(edges: Edges, others: Sequence[Edges]) -> bool:
    return any(one < edges[1] and edges[0] < other for one, other in others)


def _precedence(each: Period) -> tuple[int, datetime]:
    return COARSE_FIRST.index(each.cadence), each.window.start
