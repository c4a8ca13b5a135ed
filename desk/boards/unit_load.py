"""What each unit has on its table: how many, how old, how late, and how it kept its time lately."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlmodel import Session, col

from analysis.grouping import seconds_between
from desk.boards.needs import WITH_DEPARTMENT, Moment, clocks_count, due_late, due_near, is_not_over, is_open
from models.case import Case
from models.clock_table import ClockEvent
from models.columns import UtcDateTime
from models.exchange import Assignment
from models.record import Clock
from models.vocabulary import Status, Target

LATELY = timedelta(days=30)
_DAY = 86_400


@dataclass(frozen=True)
class UnitLoad:
    """One unit's orders. `late` and `near` are cases, as the list filters them; ages are in days.

    `replied` of the last 30 days are orders answered for the first time or again, `in_time` how many of them
    before their joint clock ran out.
    """

    open: int = 0
    helps: int = 0
    late: int = 0
    near: int = 0
    disputed: int = 0
    rework: int = 0
    mean_age: float = 0.0
    median_age: float = 0.0
    replied: int = 0
    in_time: int = 0

    @property
    def share_in_time(self) -> float | None:
        """Between 0 and 1; None where nothing was answered lately."""
        return self.in_time / self.replied if self.replied else None


def unit_loads(session: Session, at: Moment) -> dict[str, UnitLoad]:
    """Every unit with anything to tell; over open orders and the last 30 days only, and counted where they lie."""
    parts = _parts()
    counts = dict(_counts(session, parts, at.now))
    medians = {unit: _days(age) for unit, age in session.execute(_medians(parts, at.now))}
    late, near = (_with_clock(session, which) for which in (due_late(at.now), due_near(at.now)))
    lately = _kept_time(session, at.now)
    found = {}
    for unit in {*counts, *lately}:
        replied, in_time = lately.get(unit, (0, 0))
        found[unit] = UnitLoad(
            **counts.get(unit, {}), median_age=medians.get(unit, 0.0), late=late.get(unit, 0), near=near.get(unit, 0),
            replied=replied, in_time=in_time,
        )  # fmt: skip
    return found


def _parts() -> Subquery:
    """Standing parts in open cases: of leads all, of helpers those that have not answered."""
    return (
        select(
            col(Assignment.department).label("unit"), col(Assignment.leads), col(Case.received_at), col(Case.status), col(Case.rework_count),
            and_(col(Assignment.leads), col(Case.status).in_(WITH_DEPARTMENT)).label("handles"),
        )
        .join(Assignment, col(Case.id) == col(Assignment.case_id))
        .where(is_open(), col(Assignment.withdrawn_at).is_(None), or_(col(Assignment.leads), col(Assignment.replied_at).is_(None)))
        .subquery()
    )  # fmt: skip


def _counts(session: Session, parts: Subquery, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    of = parts.c
    wanted = {
        "open": of.handles, "helps": ~of.leads, "disputed": and_(of.handles, of.status == Status.DISPUTED),
        "rework": and_(of.handles, of.rework_count > 0),
    }  # fmt: skip
    sums = [func.sum(case((each, 1), else_=0)) for each in wanted.values()]
    mean = func.avg(case((of.handles, seconds_between(of.received_at, literal(now, UtcDateTime)))))
    for unit, age, *found in session.execute(select(of.unit, mean, *sums).group_by(of.unit)):
        yield unit, {**dict(zip(wanted, found, strict=True)), "mean_age": _days(age)}


def _medians(parts: Subquery, now: datetime) -> Any:
    """The age in the middle of each unit's orders, or the mean of the two."""
    of = parts.c
    place = func.row_number().over(partition_by=of.unit, order_by=of.received_at).label("place")
    ranked = select(of.unit, of.received_at, place, func.count().over(partition_by=of.unit).label("all")).where(of.handles).subquery().c
    middle = (ranked.place * 2).in_((ranked["all"], ranked["all"] + 1, ranked["all"] + 2))
    return select(ranked.unit, func.avg(seconds_between(ranked.received_at, literal(now, UtcDateTime)))).where(middle).group_by(ranked.unit)


def _days(seconds: float | None) -> float:
    return float(seconds or 0) / _DAY


def _with_clock(session: Session, which: ColumnElement[bool]) -> dict[str, int]:
    """How many open cases with such a clock each unit leads, as the list finds them."""
    held = (col(Assignment.case_id) == col(Case.id), col(Assignment.leads), col(Assignment.withdrawn_at).is_(None))
    wanted = (
        select(col(Assignment.department), func.count(col(Case.number).distinct()))
        .select_from(Clock)
        .join(Case, col(Case.id) == col(Clock.case_id))
        .join(Assignment, and_(*held))
        .where(which, clocks_count(), is_not_over())
        .group_by(col(Assignment.department))
    )
    return {unit: count for unit, count in session.execute(wanted)}


def _kept_time(session: Session, now: datetime) -> dict[str, tuple[int, int]]:
    """How many answers each lead gave lately, and how many in time."""
    in_time = case((and_(col(Clock.stopped_at) <= col(Clock.due_at), col(Clock.breached_at).is_(None)), 1), else_=0)
    # The lead is looked up for each answer: joined, SQLite would begin with the assignments of all times.
    held = (col(Assignment.case_id) == col(Clock.case_id), col(Assignment.leads), col(Assignment.withdrawn_at).is_(None))
    lead = select(col(Assignment.department)).where(*held).limit(1).scalar_subquery().label("lead")
    answers = (
        select(lead, in_time.label("kept"))
        .where(
            # Written out: SQLite takes an index on some rows only where the question names the same rows.
            col(Clock.target) == literal_column(f"'{Target.FEEDBACK}'"),
            col(Clock.stop_reason) == literal_column(f"'{ClockEvent.REPLIED}'"),
            col(Clock.stopped_at) > now - LATELY,
        )
        .subquery()
    )
    # Grouped by what was looked up: PostgreSQL does not know the look-up itself again, for its values are bound anew.
    wanted = select(answers.c.lead, func.count(), func.sum(answers.c.kept)).group_by(answers.c.lead)
    return {unit: (replied, kept) for unit, replied, kept in session.execute(wanted) if unit}
