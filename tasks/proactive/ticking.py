"""What the passing of time does to proactive orders: reminders, escalations, and the day of evaluation; each once."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from models.journal import MACHINE
from models.proactive import OrderAct, ProactiveLevel, ProactiveOrder
from models.proactive_moves import IS_AT_WORK, IS_WITH_UNIT, OrderState
from models.vocabulary import Ask
from tasks.proactive.book import edit_order, rules_of, tell, tell_supervisor, write
from tasks.proactive.clock import step_key
from tasks.proactive.closing import rise_is_over
from tasks.workplace import Workplace

REMINDER, ESCALATION, EVALUATION = 1, 2, 3
"""The levels of a step; with order, cycle and step they are the key why none is told twice."""


@dataclass(frozen=True)
class Told:
    """What was told of one order, or of several."""

    reminded: int = 0
    escalated: int = 0
    evaluated: int = 0

    def __add__(self, other: "Told") -> "Told":
        return Told(
            self.reminded + other.reminded, self.escalated + other.escalated, self.evaluated + other.evaluated
        )


def due_orders(session: Session, now: datetime) -> list[tuple[int, str]]:
    """Id and number of the orders at work with a moment that has come, oldest first; those told of already may be among them."""
    at_work = [state for state, works in IS_AT_WORK.items() if works]
    wanted = (
        select(ProactiveOrder)
        .where(col(ProactiveOrder.state).in_(at_work))
        .where(
            or_(
                col(ProactiveOrder.remind_at) <= now,
                col(ProactiveOrder.due_at) <= now,
                col(ProactiveOrder.evaluate_at) <= now,
            )
        )
        .order_by(col(ProactiveOrder.id))
    )
    return [(each.id, each.label) for each in session.exec(wanted) if each.id is not None]


def tick(place: Workplace, order_id: int, now: datetime) -> Told:
    """Tell what the clock of one order says now; repeating tells nothing."""

    def act(session: Session, order: ProactiveOrder) -> Told:
        if not IS_AT_WORK[order.state]:
            return Told()
        if order.state is OrderState.RESULT_GIVEN:
            return _evaluate(place, session, order, now) + _escalate(place, session, order, now)
        # A reminder that comes with the escalation would say of what is over that it is near.
        late = _escalate(place, session, order, now)
        return late if late.escalated else late + _remind(place, session, order, now)

    return edit_order(place, order_id, act)


def _remind(place: Workplace, session: Session, order: ProactiveOrder, now: datetime) -> Told:
    is_time = order.remind_at is not None and order.due_at is not None and order.remind_at <= now < order.due_at
    if not is_time or not order.owner or not _first_time(session, order, REMINDER, now):
        return Told()
    write(place, session, order, OrderAct.REMINDED, now, MACHINE, step=step_key(order))
    tell(place, session, order, order.owner, Ask.REMINDER, _key(order, REMINDER), now, order.due_at)
    return Told(reminded=1)


def _escalate(place: Workplace, session: Session, order: ProactiveOrder, now: datetime) -> Told:
    """What is due at a moment is in time at that moment."""
    if order.due_at is None or now <= order.due_at or not _first_time(session, order, ESCALATION, now):
        return Told()
    write(place, session, order, OrderAct.ESCALATED, now, MACHINE, step=step_key(order))
    key = _key(order, ESCALATION)
    if IS_WITH_UNIT[order.state] and order.owner:
        tell(place, session, order, order.owner, Ask.OVERDUE, key, now, order.due_at)
    tell_supervisor(place, session, order, Ask.SUPERVISE, key, now, order.due_at)
    return Told(escalated=1)


def _evaluate(place: Workplace, session: Session, order: ProactiveOrder, now: datetime) -> Told:
    """The day on which it can be told whether the measures helped: a supervisor is asked to decide on the closing."""
    if order.evaluate_at is None or now < order.evaluate_at or not _first_time(session, order, EVALUATION, now):
        return Told()
    is_over = rise_is_over(session, order, rules_of(place), now)
    write(place, session, order, OrderAct.EVALUATION_DUE, now, MACHINE, rise_over=is_over)
    tell_supervisor(place, session, order, Ask.DECIDE_CLOSING, _key(order, EVALUATION), now, order.due_at)
    return Told(evaluated=1)


def _first_time(session: Session, order: ProactiveOrder, level: int, now: datetime) -> bool:
    step = step_key(order)
    wanted = select(ProactiveLevel.id).where(
        ProactiveLevel.order_id == order.id, ProactiveLevel.cycle == order.cycle, ProactiveLevel.step == step,
        ProactiveLevel.level == level,
    )  # fmt: skip
    if session.exec(wanted).first() is not None:
        return False
    assert order.id is not None and order.due_at is not None
    session.add(
        ProactiveLevel(order_id=order.id, cycle=order.cycle, step=step, level=level, due_at=order.due_at, at=now)
    )
    return True


def _key(order: ProactiveOrder, level: int) -> str:
    return f"level:{order.cycle}:{step_key(order)}:{level}"
