"""What each unit has on its table: how many, how old, how late, and how it kept its time lately."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select
from sqlmodel import Session, col

from desk.boards.needs import WITH_DEPARTMENT, Moment, clocks_count, due_late, due_near, is_open
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


@dataclass
class _Tally:
    """What is counted of one unit on the way through the open orders."""

    ages: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def unit_loads(session: Session, at: Moment) -> dict[str, UnitLoad]:
    """Every unit with anything to tell; four queries, over open orders and the last 30 days only."""
    tallies = defaultdict[str, _Tally](_Tally)
    late, near = _with_clock(session, due_late(at.now)), _with_clock(session, due_near(at.now))
    for number, unit, leads, received_at, with_unit, disputed, reworked in session.execute(_parts()):
        counts = tallies[unit].counts
        if not leads:
            counts["helps"] += 1
            continue
        counts["late"] += number in late
        counts["near"] += number in near
        if with_unit:
            tallies[unit].ages.append((at.now - received_at).total_seconds() / _DAY)
            counts["disputed"] += disputed
            counts["rework"] += reworked
    lately = _kept_time(session, at.now)
    return {unit: _load(tallies[unit], *lately.get(unit, (0, 0))) for unit in {*tallies, *lately}}


def _load(tally: _Tally, replied: int, in_time: int) -> UnitLoad:
    ages = tally.ages or [0.0]
    return UnitLoad(open=len(tally.ages), mean_age=fmean(ages), median_age=median(ages), replied=replied, in_time=in_time, **tally.counts)


def _parts() -> Any:
    """Standing parts in open cases: of leads all, of helpers those that have not answered."""
    # Few and plain columns: there may be thousands of rows, and each value that is more than a number costs time.
    return (
        select(
            col(Case.number), col(Assignment.department), col(Assignment.leads), col(Case.received_at), col(Case.status).in_(WITH_DEPARTMENT),
            col(Case.status) == Status.DISPUTED, col(Case.rework_count) > 0,
        )
        .join(Assignment, col(Case.id) == col(Assignment.case_id))
        .where(is_open(), col(Assignment.withdrawn_at).is_(None), or_(col(Assignment.leads), col(Assignment.replied_at).is_(None)))
    )  # fmt: skip


def _with_clock(session: Session, which: ColumnElement[bool]) -> frozenset[int]:
    """The numbers of the cases with such a clock, as the list finds them."""
    wanted = select(col(Case.number)).join(Clock, col(Clock.case_id) == col(Case.id)).where(which, clocks_count())
    return frozenset(number for number in session.execute(wanted).scalars() if number is not None)


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
