"""How the proactive orders stand: for the list, for one page, and for the table in Prefect."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from analysis.proactive.reading import is_late
from models.early_warnings import EarlyWarning
from models.proactive import OrderAct, ProactiveEvent, ProactiveOrder, ProactiveText, entries_of
from models.proactive_moves import IS_AT_WORK, OrderState
from tasks.proactive.book import TEXT
from tasks.workplace import Workplace


def standing_table(session: Session, now: datetime) -> list[dict[str, Any]]:
    """By unit and state, with how many are late; orders that are over are left out."""
    orders = orders_at_work(session)
    counted = Counter((each.owner, each.state.value) for each in orders)
    late = Counter((each.owner, each.state.value) for each in orders if is_late(each, now))
    return [
        {"unit": unit or "–", "state": state, "orders": count, "late": late[unit, state]}
        for (unit, state), count in sorted(counted.items())
    ]


def orders_at_work(session: Session) -> list[ProactiveOrder]:
    """Every order that is not over, soonest due first."""
    states = [state for state, works in IS_AT_WORK.items() if works]
    wanted = select(ProactiveOrder).where(col(ProactiveOrder.state).in_(states))
    return sorted(session.exec(wanted), key=lambda each: (each.due_at is None, each.due_at, each.id))


def orders_listed(session: Session, state: OrderState | None = None, owner: str = "", most: int = 200) -> list[ProactiveOrder]:
    """Orders of any state, newest first."""
    wanted = select(ProactiveOrder)
    if state is not None:
        wanted = wanted.where(ProactiveOrder.state == state)
    if owner:
        wanted = wanted.where(ProactiveOrder.owner == owner)
    return list(session.exec(wanted.order_by(col(ProactiveOrder.id).desc()).limit(most)))


@dataclass(frozen=True)
class Told:
    """One entry of an order's journal with its words, if there were any for this reader: never log or pass it on."""

    entry: ProactiveEvent
    text: str


def told_of(place: Workplace, session: Session, order: ProactiveOrder, only_by: str | None = None) -> Sequence[Told]:
    """The journal of one order, oldest first, with the words opened.

    Args:
        place: For the vault.
        session: A session that may read.
        order: Whose.
        only_by: The actor whose words are opened; other entries come without words. None opens all.
    """
    assert order.id is not None
    sealed = {each.seq: each.text_ct for each in session.exec(select(ProactiveText).where(ProactiveText.order_id == order.id))}
    return [
        Told(each, _open(place, order, sealed.get(each.seq)) if only_by in (None, each.actor) else "")
        for each in entries_of(session, order.id)
    ]


def brief_of(place: Workplace, session: Session, order: ProactiveOrder) -> str:
    """What the desk told the unit that has the order now, newest last; empty while nothing was said."""
    assert order.id is not None
    told = told_of(place, session, order)
    begun = max((at for at, each in enumerate(told) if each.entry.act is OrderAct.OWNER_NAMED), default=0)
    return "\n\n".join(each.text for each in told[begun:] if each.entry.act is OrderAct.BRIEFED and each.text)


def _open(place: Workplace, order: ProactiveOrder, sealed: bytes | None) -> str:
    if sealed is None or order.wrapped_key is None:
        return ""
    return place.vault.open(order.uid, order.wrapped_key, TEXT, sealed)


def warnings_of(session: Session, order: ProactiveOrder) -> list[EarlyWarning]:
    """The warnings that the order answers, newest first."""
    wanted = select(EarlyWarning).where(EarlyWarning.order_id == order.id)
    return list(session.exec(wanted.order_by(col(EarlyWarning.id).desc())))
