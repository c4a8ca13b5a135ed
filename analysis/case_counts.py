"""How many requests came in, counted inside the case database as finely as tables over several periods need."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from analysis.grouping import Dimension, Periods, columns_of, is_in, leads_now, named
from analysis.release import Counted, Counts, Dims, Sheet
from analysis.windows import ZONE, Window
from models.case import Case
from models.exchange import Assignment

NONE = "none"
"""Stands for a case without the code, such as one that no district was named in."""


def edges_of(sheets: Iterable[Sheet]) -> tuple[date, ...]:
    """The days at which the sheets begin or end, in order."""
    sheets = list(sheets)
    return tuple(sorted({each.start for each in sheets} | {each.end for each in sheets}))


def case_counts(session: Session, edges: Sequence[date], tables: Sequence[Dims], codes: Mapping[str, Sequence[str]]) -> Counted:
    """Requests by the day of receipt, between every two neighbouring days, for each table.

    Args:
        session: A session that may read.
        edges: Days in order; a span runs from one's midnight in Beijing to the next one's.
        tables: What is crossed in each table: names of `Dimension`.
        codes: Every code that could appear, per dimension; others, and none, are counted under "none".
    """
    spans = Periods(tuple(Window(_midnight(start), _midnight(end)) for start, end in pairwise(edges)))
    known = {name: (*sorted(set(each) - {NONE}), NONE) for name, each in codes.items()}
    cells = {dims: _cells(session, spans, dims, known) for dims in dict.fromkeys(tables)}
    return Counted(tuple(edges), known, cells)


def _cells(session: Session, spans: Periods, dims: Dims, codes: Mapping[str, Sequence[str]]) -> Counts:
    found = np.zeros((len(spans.windows), *(len(codes[each]) for each in dims)), dtype=np.int64)
    at = {f"{each.start.astimezone(ZONE):%Y-%m-%d}": place for place, each in enumerate(spans.windows)}
    places = [{code: place for place, code in enumerate(codes[each])} for each in dims]
    by = [Dimension(each) for each in dims]
    keys = named(columns_of((spans, *by), col(Case.received_at)))
    wanted = select(*keys).select_from(Case)
    if Dimension.DEPARTMENT in by:
        wanted = wanted.outerjoin(Assignment, leads_now())
    each = wanted.where(is_in(col(Case.received_at), spans.whole)).subquery()
    groups = list(each.c)
    for span, *key, count in session.execute(select(*groups, func.count()).where(groups[0].is_not(None)).group_by(*groups)):
        cell = tuple(place.get(code, place[NONE]) for code, place in zip(key, places, strict=True))
        found[(at[span], *cell)] += count
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)

