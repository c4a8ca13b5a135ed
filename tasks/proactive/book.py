"""Writing in a proactive order: moves, words and alerts, always inside one transaction of the caller."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, select

from analysis.proactive.rules import ProactiveRules, load_proactive
from models.database import tried_again
from models.journal import MACHINE
from models.proactive import OrderAct, ProactiveEvent, ProactiveOrder, ProactiveText, note
from models.proactive_moves import OrderState, check_may_move
from models.vocabulary import Ask, Recipient
from tasks.dispatch.absences import deputies_at, standing_in_for
from tasks.house.notices import tell_house
from tasks.proactive.clock import set_clock
from tasks.workplace import Workplace

T = TypeVar("T")
TEXT = "proactive.text"


class OrderNotFoundError(LookupError):
    """There is no such order, or not for this reader: the two are not told apart."""


def rules_of(place: Workplace) -> ProactiveRules:
    """The rules in force at this desk.

    Raises:
        RuleFileError: The desk's own file cannot be used.
    """
    return load_proactive(place.settings.home)


def edit_order(place: Workplace, order_id: int, act: Callable[[Session, ProactiveOrder], T]) -> T:
    """One transaction on one order; who comes second begins again with what the first has made of it.

    Raises:
        OrderNotFoundError: There is none.
        StaleDataError: Others were faster every time; nothing has been stored.
    """

    def attempt() -> T:
        with place.database.writing() as session:
            return act(session, order_of(session, order_id))

    return tried_again(attempt)


def order_of(session: Session, order_id: int) -> ProactiveOrder:
    """The order with this id.

    Raises:
        OrderNotFoundError: There is none.
    """
    order = session.get(ProactiveOrder, order_id)
    if order is None:
        raise OrderNotFoundError(f"no order {order_id}")
    return order


def find_order(session: Session, label: str) -> ProactiveOrder:
    """The order with this number, such as `P-000012`.

    Raises:
        OrderNotFoundError: There is none.
    """
    digits = label.removeprefix("P-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise OrderNotFoundError(f"{label!r} is not the number of an order; write for example P-000012")
    order = session.get(ProactiveOrder, int(digits))
    if order is None:
        raise OrderNotFoundError(f"no order {label}")
    return order


def was_said(session: Session, order: ProactiveOrder, once: str) -> bool:
    """Whether the act that `once` names is in the journal already."""
    wanted = select(ProactiveEvent.id).where(ProactiveEvent.order_id == order.id, ProactiveEvent.once == once)
    return session.exec(wanted).first() is not None


def move(
    place: Workplace, rules: ProactiveRules, session: Session, order: ProactiveOrder, wanted: OrderState, act: OrderAct,
    at: datetime, actor: str = MACHINE, *, text: str = "", once: str | None = None, **facts: Any,
) -> None:  # fmt: skip
    """Change the state by the table of moves, journal it, and let the next step's clock run.

    Raises:
        OrderMoveError: The table does not have this move.
    """
    check_may_move(order.state, wanted)
    write(place, session, order, act, at, actor, text=text, once=once, old=order.state.value, new=wanted.value, **facts)
    order.state, order.step_seq = wanted, order.journal_length
    set_clock(place, rules, order, order.evaluate_at or at if wanted is OrderState.RESULT_GIVEN else at)


def write(
    place: Workplace, session: Session, order: ProactiveOrder, act: OrderAct, at: datetime, actor: str, *, text: str = "",
    once: str | None = None, **facts: Any,
) -> None:  # fmt: skip
    """Append to the journal; the words, if any, beside it, sealed with the order's own key."""
    entry = note(session, order, act, at, actor, once=once, **facts)
    if text:
        sealed = place.vault.seal(order.uid, order.wrapped_key, TEXT, text)
        session.add(ProactiveText(order_id=entry.order_id, seq=entry.seq, text_ct=sealed))


def tell(
    place: Workplace, session: Session, order: ProactiveOrder, recipient: str, ask: Ask, key: str, at: datetime,
    due_at: datetime | None = None,
) -> None:  # fmt: skip
    """One alert, once for each order, key and recipient: number, grade, what is asked, until when, link.

    Who is kept from the order is never told anything. While a unit is away, its deputy hears of it too.
    """
    told = [recipient]
    if recipient in place.catalogue.departments:
        told.append(standing_in_for(recipient, deputies_at(session, at)))
    for each in dict.fromkeys(told):
        if each in order.kept_from:
            continue
        is_unit = each in place.catalogue.departments
        tell_house(
            place, session, each, ask, order.label, f"proactive:{order.id}:{key}:{each}", at, due_at=due_at,
            page=f"p/{order.token}" if is_unit else f"proactive/{order.label}", grade=order.grade,
        )  # fmt: skip


def tell_supervisor(
    place: Workplace, session: Session, order: ProactiveOrder, ask: Ask, key: str, at: datetime, due_at: datetime | None = None
) -> None:
    """The same to whoever has the duty."""
    tell(place, session, order, Recipient.DUTY_SUPERVISOR, ask, key, at, due_at)
