"""Whether clocks were kept: per department, target and grade, counted inside the case database."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlmodel import Session, col

from analysis.grouping import is_in
from analysis.windows import Window
from models.case import Case
from models.clock_table import CLOCK_TABLE, Against, ClockEvent
from models.exchange import Assignment
from models.record import Clock
from models.vocabulary import Grade, Target

DESK = "DESK"
"""Stands in place of a department where the time is the desk's own."""

TAKEN_AWAY = frozenset({ClockEvent.LINKED, ClockEvent.GRADE, ClockEvent.WITHDRAWN})
"""What ends a clock without anybody having done what it waited for."""
ENDED_BY_CLOSING = (Target.CLOSURE, Target.DISPATCH)
"""What closing fulfils: a request that was answered, or is not the desk's, needs nobody to be sent it."""
DESKS_OWN = tuple(target for target, row in CLOCK_TABLE.items() if row.against is Against.DESK)
MAY_PAUSE = tuple(target for target, row in CLOCK_TABLE.items() if row.may_pause)


class ClockKey(NamedTuple):
    """Whose time, for what, in a case how urgent."""

    department: str
    target: Target
    grade: Grade


@dataclass(frozen=True)
class Compliance:
    """Clocks that fell due in a window.

    `met` did in time what was waited for, `missed` too late or not before the case ended; `late` still run and
    are past due; `running` have time left or stand still. `taken_away` ended in time because the order left or
    the rules stopped asking. `provisional` are due on days no calendar is published for: they are in none of the others.
    """

    met: int = 0
    missed: int = 0
    late: int = 0
    running: int = 0
    taken_away: int = 0
    provisional: int = 0

    def __add__(self, other: "Compliance") -> "Compliance":
        return Compliance(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def judged(self) -> int:
        """The denominator: what has been kept or not."""
        return self.met + self.missed + self.late

    @property
    def share(self) -> Decimal | None:
        """Met in percent, not rounded; None where nothing is judged yet."""
        return Decimal(self.met) * 100 / self.judged if self.judged else None


def compliance(session: Session, window: Window, now: datetime) -> Mapping[ClockKey, Compliance]:
    """Clocks due in the window, by the unit whose time they are.

    A joint clock is the lead's that held the case when the clock stopped, or holds it now; the desk's own
    clocks stand under `DESK`, and a joint one of nobody under "".

    Args:
        session: A session that may read.
        window: Which clocks, by when they are due.
        now: Aware; what is past due at this moment is late.
    """
    clocks = (
        select(_department().label("department"), col(Clock.target).label("target"), col(Clock.grade).label("grade"), _state(now).label("state"))
        .select_from(Clock)
        .outerjoin(Assignment, _holds_it(now))
        .where(is_in(col(Clock.due_at), window))
        .subquery()
    )
    groups = list(clocks.c)
    found: dict[ClockKey, Compliance] = {}
    for unit, target, grade, state, count in session.execute(select(*groups, func.count()).group_by(*groups)):
        key = ClockKey(unit, Target(target), Grade(grade))
        found[key] = found.get(key, Compliance()) + Compliance(**{state: count})
    return found


def _department() -> ColumnElement[str]:
    return case(
        (col(Clock.department) != "", col(Clock.department)),
        (col(Clock.target).in_(DESKS_OWN), literal(DESK)),
        else_=func.coalesce(col(Assignment.department), ""),
    )


def _holds_it(now: datetime) -> ColumnElement[bool]:
    stopped = col(Clock.stopped_at)
    # Until now of a running clock; a stopped one's moment belongs to whoever held it then.
    began = or_(stopped.is_(None), col(Assignment.assigned_at) <= stopped)
    gone = col(Assignment.withdrawn_at)
    still = or_(gone.is_(None), case((stopped.is_(None), gone > now), else_=gone > stopped))
    is_joint = and_(col(Clock.department) == "", col(Clock.target).not_in(DESKS_OWN))
    return and_(is_joint, col(Assignment.case_id) == col(Clock.case_id), col(Assignment.leads), began, still)


def _state(now: datetime) -> ColumnElement[str]:
    stopped, due = col(Clock.stopped_at), col(Clock.due_at)
    was_late = or_(col(Clock.breached_at).is_not(None), stopped > due)
    closed_only = and_(col(Clock.stop_reason) == ClockEvent.CLOSED, col(Clock.target).not_in(ENDED_BY_CLOSING))
    # A list of the few, not a join with all cases, which takes as long as the rest together.
    hung_up = select(col(Case.id)).where(col(Case.hung_up_until).is_not(None))
    stands_still = and_(col(Clock.target).in_(MAY_PAUSE), col(Clock.case_id).in_(hung_up))
    return case(
        (col(Clock.provisional), "provisional"),
        (and_(stopped.is_not(None), was_late), "missed"),
        (and_(stopped.is_not(None), col(Clock.stop_reason).in_(TAKEN_AWAY)), "taken_away"),
        (and_(stopped.is_not(None), closed_only), "missed"),
        (stopped.is_not(None), "met"),
        (stands_still, "running"),
        (or_(col(Clock.breached_at).is_not(None), due < now), "late"),
        else_="running",
    )
