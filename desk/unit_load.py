"""What each unit has on its table: how many, how old, how late, and how it kept its time lately."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, median

from sqlalchemy import ColumnElement, and_, case, func, literal_column
from sqlmodel import Session, col, select

from desk.needs import WITH_DEPARTMENT, Moment, Need, is_open, needing
from models.case import Case
from models.clock_table import ClockEvent
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
    """Every unit with anything to tell; a fixed number of queries, over open orders and the last 30 days only."""
    ages, disputed, rework = defaultdict[str, list[float]](list), defaultdict[str, int](int), defaultdict[str, int](int)
    for unit, received_at, status, times in session.exec(
        select(Assignment.department, Case.received_at, Case.status, Case.rework_count)
        .join(Case, col(Case.id) == col(Assignment.case_id))
        .where(_leads(), col(Case.status).in_(WITH_DEPARTMENT))
    ):
        ages[unit].append((at.now - received_at).total_seconds() / _DAY)
        disputed[unit] += status is Status.DISPUTED
        rework[unit] += times > 0
    late, near, helps = (_by_unit(session, which) for which in _counted(at))
    lately = _kept_time(session, at.now)
    units = {*ages, *late, *near, *helps, *lately}
    return {
        unit: UnitLoad(
            open=len(ages[unit]), helps=helps.get(unit, 0), late=late.get(unit, 0), near=near.get(unit, 0), disputed=disputed[unit],
            rework=rework[unit], mean_age=mean(ages[unit] or [0.0]), median_age=median(ages[unit] or [0.0]),
            replied=lately.get(unit, (0, 0))[0], in_time=lately.get(unit, (0, 0))[1],
        )
        for unit in units
    }  # fmt: skip


def _leads() -> ColumnElement[bool]:
    return and_(col(Assignment.leads), col(Assignment.withdrawn_at).is_(None))


def _counted(at: Moment) -> tuple[ColumnElement[bool], ...]:
    asked_for_help = and_(
        col(Assignment.leads).is_(False), col(Assignment.withdrawn_at).is_(None), col(Assignment.replied_at).is_(None), is_open()
    )
    return and_(_leads(), needing(Need.LATE, at)), and_(_leads(), needing(Need.NEAR, at)), asked_for_help


def _by_unit(session: Session, which: ColumnElement[bool]) -> dict[str, int]:
    wanted = select(Assignment.department, func.count()).join(Case, col(Case.id) == col(Assignment.case_id)).where(which)
    return dict(session.exec(wanted.group_by(Assignment.department)).all())


def _kept_time(session: Session, now: datetime) -> dict[str, tuple[int, int]]:
    """How many answers each lead gave lately, and how many in time."""
    in_time = case((and_(col(Clock.stopped_at) <= col(Clock.due_at), col(Clock.breached_at).is_(None)), 1), else_=0)
    wanted = (
        select(Assignment.department, func.count(), func.sum(in_time))
        .join(Clock, col(Clock.case_id) == col(Assignment.case_id))
        .where(
            _leads(),
            # Written out: SQLite takes an index on some rows only where the question names the same rows.
            col(Clock.target) == literal_column(f"'{Target.FEEDBACK}'"),
            col(Clock.stop_reason) == literal_column(f"'{ClockEvent.REPLIED}'"),
            col(Clock.stopped_at) > now - LATELY,
        )
        .group_by(Assignment.department)
    )
    return {unit: (replied, kept) for unit, replied, kept in session.exec(wanted)}
