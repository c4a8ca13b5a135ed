"""A proactive order opens, or what is open hears of one more warning, or what was closed opens again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from analysis.proactive.rules import ISSUE, ProactiveRules
from models.case import Case
from models.early_warnings import EarlyWarning
from models.exchange import Notice
from models.journal import MACHINE
from models.key_change import hold_key
from models.proactive import OrderAbout, OrderAct, ProactiveOrder
from models.proactive_moves import OrderState, check_may_move
from models.vocabulary import Ask, NoticeState
from tasks.dispatch.absences import deputies_at
from tasks.proactive.book import move, rules_of, tell, tell_supervisor, was_said, write
from tasks.proactive.clock import set_clock
from tasks.proactive.owner import Owner, concern_of, decide_owner
from tasks.workplace import Workplace

VENUE = "venue:"
"""What the series of a venue begins with."""


@dataclass(frozen=True)
class Trouble:
    """What an order is about: by series it is the same trouble; `number` names the warning or issue."""

    about: OrderAbout
    number: str
    series: str
    sort: str
    kind: str = ""
    district: str = ""
    sort_of_place: str = ""


def trouble_of(warning: EarlyWarning) -> Trouble:
    """The trouble that a warning tells of."""
    return Trouble(
        OrderAbout.WARNING, warning.label, warning.series, warning.sort.value, warning.kind, warning.district,
        warning.sort_of_place,
    )  # fmt: skip


def trouble_of_issue(number: str, kind: str, district: str) -> Trouble:
    """The trouble that a common issue is."""
    return Trouble(OrderAbout.ISSUE, number, f"issue:{number}", ISSUE, kind, district)


def order_for(
    place: Workplace, session: Session, trouble: Trouble, cases: Sequence[Case], now: datetime, actor: str = MACHINE
) -> ProactiveOrder:
    """The order that answers this trouble, in the caller's transaction; asking twice changes nothing.

    One of the series that is at work hears of it; one that was closed lately opens again, in a new cycle;
    else a new one opens. In all three the owner is looked at anew: a unit that these requests are about never
    has it, whoever had it before.

    Args:
        place: The desk.
        session: A writing session.
        trouble: What it is about.
        cases: The requests behind it, for owner and conflicts.
        now: Aware.
        actor: Who asked for it.
    """
    rules = rules_of(place)
    owner = decide_owner(concern_of(cases, trouble.kind), place.catalogue, deputies_at(session, now))
    order = _newest_of(session, trouble.series)
    if order is None or not _is_same(order, rules, now):
        return _new(place, rules, session, trouble, owner, now, actor)
    once = f"about:{trouble.number}"
    if was_said(session, order, once):
        return order
    if order.state is OrderState.CLOSED:
        _reopen(place, rules, session, order, owner, trouble, once, now, actor)
    else:
        write(place, session, order, OrderAct.WARNED_AGAIN, now, actor, once=once, about=trouble.number)
        _keep_out(place, rules, session, order, owner, now)
    return order


def _newest_of(session: Session, series: str) -> ProactiveOrder | None:
    wanted = select(ProactiveOrder).where(ProactiveOrder.series == series).order_by(col(ProactiveOrder.id).desc())
    return session.exec(wanted).first()


def _is_same(order: ProactiveOrder, rules: ProactiveRules, now: datetime) -> bool:
    if order.state is OrderState.WITHDRAWN:
        return False
    return order.closed_at is None or now - order.closed_at <= timedelta(days=rules.same_trouble_days)


def _new(
    place: Workplace, rules: ProactiveRules, session: Session, trouble: Trouble, owner: Owner, now: datetime, actor: str
) -> ProactiveOrder:
    order = ProactiveOrder(
        about_sort=trouble.about, about=trouble.number, series=trouble.series, sort=trouble.sort, kind=trouble.kind,
        district=trouble.district, sort_of_place=trouble.sort_of_place, grade=rules.pace_of(trouble.sort).grade,
        owner=owner.unit, owner_reason=owner.reason, kept_from=list(owner.kept_from), opened_at=now, begun_at=now,
    )  # fmt: skip
    hold_key(session, place.vault)
    order.wrapped_key = place.vault.new_case_key(order.uid)
    session.add(order)
    session.flush()
    write(
        place, session, order, OrderAct.OPENED, now, actor, once=f"about:{trouble.number}", about=trouble.number,
        owner=owner.unit, reason=owner.reason,
    )  # fmt: skip
    order.step_seq = order.journal_length
    set_clock(place, rules, order, now)
    ask_owner(place, session, order, now)
    return order


def ask_owner(place: Workplace, session: Session, order: ProactiveOrder, now: datetime) -> None:
    """Ask the unit to take it; without one, the duty supervisor to name one."""
    if order.owner:
        tell(place, session, order, order.owner, Ask.ACCEPT_ORDER, f"open:{order.cycle}", now, order.due_at)
        if order.series.startswith(VENUE):
            # Which place it is stands in the requests only, and a person says it in words that name no reporter.
            tell_supervisor(place, session, order, Ask.WRITE_BRIEF, f"brief:{order.cycle}", now, order.due_at)
    else:
        tell_supervisor(place, session, order, Ask.NAME_UNIT, f"name:{order.cycle}", now, order.due_at)


def _reopen(
    place: Workplace, rules: ProactiveRules, session: Session, order: ProactiveOrder, owner: Owner, trouble: Trouble,
    once: str, now: datetime, actor: str,
) -> None:  # fmt: skip
    begin_cycle(order, owner, now)
    order.closed_at = order.close_reason = None
    if order.wrapped_key is None:
        # Its words were sealed for good; what is said from now on is not sealed with a key that is gone.
        hold_key(session, place.vault)
        order.wrapped_key = place.vault.new_case_key(order.uid)
    move(
        place, rules, session, order, OrderState.REOPENED, OrderAct.REOPENED, now, actor, once=once, about=trouble.number,
        cycle=order.cycle, owner=owner.unit, reason=owner.reason,
    )  # fmt: skip
    ask_owner(place, session, order, now)


def begin_cycle(order: ProactiveOrder, owner: Owner, now: datetime) -> None:
    """A new round with this owner: its steps are counted anew, and a link of another unit leads nowhere any more."""
    if owner.unit != order.owner:
        order.token = secrets.token_urlsafe(16)
    # A new list: the database notices only that. Whoever was kept away once stays away.
    order.kept_from = sorted({*order.kept_from, *owner.kept_from})
    order.owner, order.owner_reason = owner.unit, owner.reason
    order.cycle, order.begun_at = order.cycle + 1, now
    order.measures, order.result_at, order.evaluate_at, order.objected_from = [], None, None, None


def _keep_out(
    place: Workplace, rules: ProactiveRules, session: Session, order: ProactiveOrder, owner: Owner, now: datetime
) -> None:
    """The owner is among those the new requests are about: it is out from now on, and another unit is asked."""
    kept = sorted({*order.kept_from, *owner.kept_from})
    if order.owner not in kept:
        order.kept_from = kept
        return
    give_to(place, rules, session, order, owner, now, MACHINE)


def give_to(
    place: Workplace, rules: ProactiveRules, session: Session, order: ProactiveOrder, owner: Owner, now: datetime, actor: str
) -> None:
    """Hand the order over to another unit, which begins anew; the former one's link leads nowhere any more.

    Raises:
        OrderMoveError: The order is over.
    """
    former = order.owner
    if order.state is not OrderState.OPENED:
        check_may_move(order.state, OrderState.OPENED)
    begin_cycle(order, owner, now)
    write(
        place, session, order, OrderAct.OWNER_NAMED, now, actor, owner=owner.unit, reason=owner.reason, former=former,
        cycle=order.cycle,
    )  # fmt: skip
    order.state, order.step_seq = OrderState.OPENED, order.journal_length
    set_clock(place, rules, order, now)
    _recall_alerts(session, order)
    ask_owner(place, session, order, now)


def _recall_alerts(session: Session, order: ProactiveOrder) -> None:
    """What waits in the outbox for a unit that is out, such as a reminder held back over night, is not sent."""
    waiting = select(Notice).where(Notice.case_label == order.label, Notice.state == NoticeState.WAITING)
    for notice in session.exec(waiting):
        if notice.recipient in order.kept_from:
            notice.state = NoticeState.SUPERSEDED
            session.add(notice)
