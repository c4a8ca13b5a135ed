"""How long it took: until a child was recorded safe, until a caller was first contacted; median and 90th percentile.

A percentile is by the nearest rank: the shortest time that at least so many of a hundred cases kept. It is one
that happened, never one between two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlmodel import Session, col

from analysis.grouping import (
    By,
    Dimension,
    Key,
    columns_of,
    in_words,
    is_in,
    leads_now,
    named,
    seconds_between,
)
from analysis.windows import Window
from models.case import Case
from models.exchange import Assignment, Inbox
from models.grades import SAFETY_GRADES
from models.vocabulary import NewsKind, Safety


@dataclass(frozen=True)
class Durations:
    """How many it took how long, and how many are not there yet; None where there are none."""

    done: int
    waiting: int
    median: timedelta | None
    ninetieth: timedelta | None


def times_to_safe(session: Session, window: Window, by: Sequence[By] = ()) -> Mapping[Key, Durations]:
    """From receipt to the first record that the child is safe, of cases received in the window that concern a child's safety.

    Those are cases with suspected harm or of grade U0 or U1. One whose child is not safe now, or not any more,
    waits, whatever was recorded before.
    """
    safe = (
        select(col(Inbox.case_id).label("case_id"), func.min(col(Inbox.received_at)).label("at"))
        .where(
            col(Inbox.kind) == in_words(NewsKind.SAFETY_RECORDED), col(Inbox.read_at).is_not(None), col(Inbox.refused).is_(None),
            Inbox.codes["safety"].as_string() == Safety.SAFE.value,
        )
        .group_by(col(Inbox.case_id))
        .subquery()
    )  # fmt: skip
    is_safe = and_(col(Case.safety) == Safety.SAFE, safe.c.at.is_not(None))
    took = case((is_safe, seconds_between(col(Case.received_at), safe.c.at)))
    keys = named(columns_of(by, col(Case.received_at)))
    wanted = select(*keys, took.label("took")).select_from(Case).outerjoin(safe, safe.c.case_id == col(Case.id))
    if Dimension.DEPARTMENT in by:
        wanted = wanted.outerjoin(Assignment, leads_now())
    concerned = or_(col(Case.harm), col(Case.grade).in_(SAFETY_GRADES))
    return _measured(session, wanted.where(is_in(col(Case.received_at), window), concerned), len(keys))


def first_contact_times(session: Session, window: Window, by: Sequence[By] = ()) -> Mapping[Key, Durations]:
    """From being given the order to speaking to the caller, of leads that were given one in the window.

    A lead that lost the order before it spoke to anybody is left out.
    """
    assigned, contacted = col(Assignment.assigned_at), col(Assignment.contacted_at)
    took = case((contacted.is_not(None), seconds_between(assigned, contacted)))
    keys = named(columns_of(by, assigned))
    wanted = select(*keys, took.label("took")).select_from(Assignment).join(Case, col(Case.id) == col(Assignment.case_id))
    counts = or_(contacted.is_not(None), col(Assignment.withdrawn_at).is_(None))
    return _measured(session, wanted.where(col(Assignment.leads), is_in(assigned, window), counts), len(keys))


def _measured(session: Session, cases: Select[Any], width: int) -> Mapping[Key, Durations]:
    each = cases.subquery()
    names = list(each.c)[: width]
    done = func.count(each.c.took).over(partition_by=names or None)
    # NULLs, which are the waiting, must stand behind on both databases.
    place = func.row_number().over(partition_by=names or None, order_by=(each.c.took.is_(None), each.c.took))
    ranked = select(*names, each.c.took, done.label("done"), place.label("place")).subquery()
    codes = list(ranked.c)[: width]
    wanted = select(
        *codes, func.max(ranked.c.done), func.count(),
        func.max(_at_rank(ranked, 50)), func.max(_at_rank(ranked, 90)),
    ).group_by(*codes)  # fmt: skip
    found: dict[Key, Durations] = {}
    for row in session.execute(wanted):
        count, total, median, ninetieth = row[width :]
        if total:
            key = tuple(str(code) for code in row[: width])
            found[key] = Durations(count, total - count, _length(median), _length(ninetieth))
    return found


def _at_rank(ranked: Any, percent: int) -> ColumnElement[Any]:
    """The time at the nearest rank: the first place that has `percent` of a hundred at or before it."""
    place, done = ranked.c.place, ranked.c.done
    return case((and_(place * 100 >= done * percent, (place - 1) * 100 < done * percent), ranked.c.took))


def _length(seconds: Any) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=int(seconds))
