"""Sealing: when an order that is over has been kept long enough its words go; codes, times and the journal stay."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.journal import MACHINE
from models.proactive import OrderAct, ProactiveOrder, ProactiveText
from sla_rules.retention_rules import Retention
from tasks.proactive.behind import cases_behind
from tasks.proactive.book import edit_order, write
from tasks.words.retention import AT_ONCE, digest_of, is_held
from tasks.workplace import Workplace


def orders_due_for_sealing(
    session: Session, rules: Retention, now: datetime, limit: int = AT_ONCE
) -> list[int]:
    """Orders that are over, have words, and whose time has passed, oldest first; not while a case behind one is held."""
    if rules.orders is None:
        return []
    wanted = (
        select(ProactiveOrder)
        .where(
            col(ProactiveOrder.closed_at) <= now - rules.orders.seal_after.length,
            col(ProactiveOrder.wrapped_key).is_not(None),
        )
        .order_by(col(ProactiveOrder.closed_at), col(ProactiveOrder.id))
    )
    found = [each.id for each in session.exec(wanted) if each.id is not None and not _is_held(session, each)]
    return found[:limit]


def seal_order(place: Workplace, rules: Retention, order_id: int, now: datetime) -> bool:
    """Destroy the words of one order if its time is still over; False if something keeps them.

    The key goes, and the sealed bytes with it. An order that is opened again gets a key of its own for what is said then.
    """

    def act(session: Session, order: ProactiveOrder) -> bool:
        if not _is_due(session, rules, order, now):
            return False
        write(place, session, order, OrderAct.SEALED, now, MACHINE, rules=digest_of(rules))
        order.wrapped_key = None
        session.execute(delete(ProactiveText).where(col(ProactiveText.order_id) == order.id))
        return True

    return edit_order(place, order_id, act)


def _is_due(session: Session, rules: Retention, order: ProactiveOrder, now: datetime) -> bool:
    if rules.orders is None or order.closed_at is None or order.wrapped_key is None:
        return False
    return order.closed_at + rules.orders.seal_after.length <= now and not _is_held(session, order)


def _is_held(session: Session, order: ProactiveOrder) -> bool:
    return any(is_held(session, each.id) for each in cases_behind(session, order))
