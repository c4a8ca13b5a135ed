"""How many came or ended between moments, counted in one pass inside the case database."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlmodel import Session

from analysis.grouping import Moment


class Between:
    """Counts between any two of some moments."""

    def __init__(self, session: Session, at: Moment, moments: Sequence[datetime]) -> None:
        """`at` is when each of what is counted happened, NULL for never."""
        self._place = {each: place for place, each in enumerate(sorted(set(moments)))}
        self._until = [0, *accumulate(_per_span(session, at, list(self._place)))]

    def __call__(self, start: datetime, end: datetime) -> int:
        """From one up to and without another."""
        return self._until[self._place[end]] - self._until[self._place[start]]


def _per_span(session: Session, at: Moment, moments: list[datetime]) -> list[int]:
    if len(moments) < 2:
        return []
    each = select(_span(at, moments, 0).label("span")).where(at >= moments[0], at < moments[-1]).subquery()
    counted: dict[Any, int] = {
        span: count
        for span, count in session.execute(select(each.c.span, func.count()).group_by(each.c.span))
    }
    return [counted.get(place, 0) for place in range(len(moments) - 1)]


def _span(at: Moment, moments: list[datetime], first: int) -> ColumnElement[Any]:
    """In which span a moment lies; halved again and again."""
    if len(moments) == 2:
        return literal(first)
    middle = len(moments) // 2
    return case(
        (at < moments[middle], _span(at, moments[: middle + 1], first)),
        else_=_span(at, moments[middle:], first + middle),
    )
