"""What a case can need of somebody, each as one condition for a query: for the duty board and for the list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from models.assigning import Objection
from models.case import Case
from models.exchange import Assignment, Notice
from models.following import FollowUp
from models.grades import NEVER_PAUSED
from models.record import Clock
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT, OPEN_STATUSES
from models.vocabulary import FollowUpState, Grade, NoticeState, Status
from tasks.dispatch.objections import TRANSFERABLE
from tasks.settling import APPROVAL
from tasks.words.summaries import is_unwritten

NEAR = timedelta(hours=4)
REVIEW_NEAR = timedelta(days=2)
STUCK_AFTER = timedelta(minutes=10)
"""As `whistle doctor` has it: due, or its lease over, for so long and not taken up."""
OFTEN = 2
"""From this many times on, sending an order back is a pattern that a supervisor looks at."""
WITH_DEPARTMENT = tuple(status for status in Status if IS_WITH_DEPARTMENT[status])


class Need(StrEnum):
    """Why somebody should look at a case, other than the status it is in."""

    DANGER = "danger"
    LATE = "late"
    NEAR = "near"
    APPROVAL = "approval"
    TRANSFER = "transfer"
    FOLLOW_UP = "follow_up"
    UNWRITTEN = "unwritten"
    FLAGGED = "flagged"
    UNDELIVERED = "undelivered"
    STUCK = "stuck"
    REVIEW_NEAR = "review_near"
    SENT_BACK = "sent_back"


@dataclass(frozen=True)
class Moment:
    """The desk's time, for what is due, and the real time, for leases; a rehearsal's desk runs fast."""

    now: datetime
    wall_now: datetime


def needing(need: Need, at: Moment) -> ColumnElement[bool]:
    """The cases with this need, as a condition for a query over cases."""
    return _CONDITIONS[need](at)


def is_open() -> ColumnElement[bool]:
    """Cases that are not over."""
    return col(Case.status).in_(OPEN_STATUSES)


def is_not_over() -> ColumnElement[bool]:
    """The same cases as `is_open`, for a query that begins with something rarer: no index answers it, so none leads it astray."""
    return col(Case.status).not_in([status for status in Status if not IS_OPEN[status]])


def clocks_count() -> ColumnElement[bool]:
    """Cases whose clocks do not stand still, as `stands_still` says of one case."""
    return or_(col(Case.status) != Status.HUNG_UP, col(Case.grade).in_(NEVER_PAUSED))


def due_late(now: datetime) -> ColumnElement[bool]:
    """Running clocks that are over."""
    return and_(col(Clock.stopped_at).is_(None), col(Clock.due_at) <= now)


def due_near(now: datetime) -> ColumnElement[bool]:
    """Running clocks that are over soon."""
    return and_(col(Clock.stopped_at).is_(None), col(Clock.due_at) > now, col(Clock.due_at) <= now + NEAR)


def _with_clock(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(is_open(), clocks_count(), col(Case.id).in_(select(Clock.case_id).where(which)))


def waits_for_approval() -> ColumnElement[bool]:
    """Everything that closing asks for is there, and a supervisor has to agree: nobody's call any more."""
    return and_(col(Case.status).in_([Status.REPLIED, Status.CALLBACK]), col(Case.waiting_for).contains(APPROVAL))


def _transfer_asked() -> ColumnElement[bool]:
    """Suspected harm is not returned, so the order stays at work while a person decides on its transfer."""
    lead = and_(
        col(Assignment.case_id) == col(Objection.case_id), col(Assignment.round) == col(Objection.round), col(Assignment.leads),
        col(Assignment.withdrawn_at).is_(None), col(Assignment.replied_at).is_(None),
    )  # fmt: skip
    asked = select(Objection.case_id).join(Assignment, lead).where(col(Objection.is_transfer), col(Objection.decided_at).is_(None))
    return and_(col(Case.status).in_(TRANSFERABLE), col(Case.id).in_(asked))


def _to_look_at() -> ColumnElement[bool]:
    asked = select(FollowUp.case_id).where(FollowUp.state == FollowUpState.ASKED)
    # Said the other way round, so that nobody walks through all closed cases for the few that were asked about.
    return and_(col(Case.id).in_(asked), col(Case.status).not_in([each for each in Status if each is not Status.CLOSED]))


def _undelivered() -> ColumnElement[bool]:
    dead = select(Notice.case_id).where(Notice.state == NoticeState.DEAD, col(Notice.case_id).is_not(None))
    return col(Case.id).in_(dead)


def is_forgotten() -> ColumnElement[bool]:
    """Cases that nothing will ever wake."""
    return and_(col(Case.wake_at).is_(None), col(Case.lease_until).is_(None))


def is_left_lying(at: Moment) -> ColumnElement[bool]:
    """Cases due for long that no worker has taken up."""
    free = or_(col(Case.lease_until).is_(None), col(Case.lease_until) <= at.wall_now)
    return and_(col(Case.wake_at) <= at.now - STUCK_AFTER, free)


def is_abandoned(at: Moment) -> ColumnElement[bool]:
    """Cases whose worker died long ago, and no other one has taken over."""
    return col(Case.lease_until) <= at.wall_now - STUCK_AFTER


def is_failing() -> ColumnElement[bool]:
    """Cases whose last activation went wrong."""
    return col(Case.failures) > 0


_CONDITIONS: dict[Need, Callable[[Moment], ColumnElement[bool]]] = {
    Need.DANGER: lambda at: and_(is_open(), col(Case.grade).in_([Grade.U0, Grade.U1])),
    Need.LATE: lambda at: _with_clock(due_late(at.now)),
    Need.NEAR: lambda at: _with_clock(due_near(at.now)),
    Need.APPROVAL: lambda at: waits_for_approval(),
    Need.TRANSFER: lambda at: _transfer_asked(),
    Need.FOLLOW_UP: lambda at: _to_look_at(),
    Need.UNWRITTEN: lambda at: and_(is_open(), col(Case.status).in_(WITH_DEPARTMENT), is_unwritten()),
    Need.FLAGGED: lambda at: col(Case.flag).is_not(None),
    Need.UNDELIVERED: lambda at: _undelivered(),
    Need.STUCK: lambda at: and_(is_open(), or_(is_forgotten(), is_left_lying(at), is_abandoned(at), is_failing())),
    Need.REVIEW_NEAR: lambda at: and_(col(Case.status) == Status.HUNG_UP, col(Case.hung_up_until) <= at.now + REVIEW_NEAR),
    Need.SENT_BACK: lambda at: and_(is_open(), col(Case.rework_count) >= OFTEN),
}
"""Every need is a key."""
