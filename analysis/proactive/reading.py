"""The proactive orders that may be shown, as reports and pages read them."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session, col, or_, select

from analysis.windows import ZONE
from models.proactive import ProactiveOrder
from models.proactive_moves import IS_WITH_UNIT, OrderState


def published_orders(
    session: Session, first: date, last: date, now: datetime, department: str = ""
) -> tuple[Mapping[str, Any], ...]:
    """The orders that were at work on any of the days `first` to `last` (Beijing, both included), oldest first.

    Args:
        session: A session that may read.
        first: First day.
        last: Last day.
        now: Aware; what is late is told as of then.
        department: Only those of one unit; "" for all.

    Returns:
        Records: number, about (the number of the warning or issue), owner (a department, or ""), state, opened
        (date), due (moment of the next step) or None, closed (date) or None, late. An order that was withdrawn
        is left out: it should never have been.
    """
    starts, ends = (datetime.combine(each, time(), ZONE) for each in (first, last + timedelta(days=1)))
    wanted = (
        select(ProactiveOrder)
        .where(
            col(ProactiveOrder.opened_at) < ends,
            or_(col(ProactiveOrder.closed_at).is_(None), col(ProactiveOrder.closed_at) >= starts),
            col(ProactiveOrder.state) != OrderState.WITHDRAWN,
        )
        .order_by(col(ProactiveOrder.id))
    )
    if department:
        wanted = wanted.where(ProactiveOrder.owner == department)
    return tuple(record_of(each, now) for each in session.exec(wanted))


def record_of(order: ProactiveOrder, now: datetime) -> dict[str, Any]:
    """What may be told of one order."""
    return {
        "number": order.label,
        "about": order.about,
        "owner": order.owner,
        "state": order.state.value,
        "opened": _day(order.opened_at),
        "due": order.due_at.isoformat() if order.due_at else None,
        "closed": _day(order.closed_at) if order.closed_at else None,
        "late": is_late(order, now),
    }


def is_late(order: ProactiveOrder, now: datetime) -> bool:
    """Whether the unit has let its next step pass; what waits for a supervisor is not the unit's lateness."""
    return IS_WITH_UNIT[order.state] and order.due_at is not None and order.due_at < now


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d}"
