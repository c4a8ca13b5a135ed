"""What a unit says of its proactive order by its link, and what a supervisor decides; each once, however often sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from analysis.proactive.rules import Named, ProactiveRules
from models.proactive import OrderAct, ProactiveOrder
from models.proactive_moves import IS_AT_WORK, IS_WITH_UNIT, OrderMoveError, OrderState, may_move
from models.vocabulary import Ask, Role
from tasks.news.inbox import Speaker
from tasks.proactive.behind import tells_who_reported
from tasks.proactive.book import edit_order, move, rules_of, tell, tell_supervisor, was_said, write
from tasks.proactive.closing import checked
from tasks.proactive.opening import give_to
from tasks.proactive.owner import Owner
from tasks.workplace import Workplace

MOST_TEXT = 20_000
OF_UNIT = (OrderAct.ACCEPTED, OrderAct.PLANNED, OrderAct.PROGRESS, OrderAct.RESULT_GIVEN, OrderAct.OBJECTED)
OF_SUPERVISOR = (
    OrderAct.BRIEFED, OrderAct.OWNER_NAMED, OrderAct.OBJECTION_DECIDED, OrderAct.SENT_BACK, OrderAct.CLOSED, OrderAct.WITHDRAWN,
)  # fmt: skip


class OrderRefusedError(ValueError):
    """What was said does not fit the order as it stands; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"refused: {code}")


class Said(BaseModel):
    """One thing said of an order. Which fields it needs says its act; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    act: OrderAct
    text: str = Field(default="", max_length=MOST_TEXT)
    measures: tuple[str, ...] = ()
    reason: str = Field(default="", max_length=40)
    upheld: bool | None = None
    owner: str = Field(default="", max_length=20)


_LEADS_TO: dict[OrderAct, OrderState] = {
    OrderAct.ACCEPTED: OrderState.ACCEPTED,
    OrderAct.PLANNED: OrderState.PLANNED,
    OrderAct.RESULT_GIVEN: OrderState.RESULT_GIVEN,
    OrderAct.OBJECTED: OrderState.OBJECTED,
    OrderAct.SENT_BACK: OrderState.SENT_BACK,
    OrderAct.CLOSED: OrderState.CLOSED,
    OrderAct.WITHDRAWN: OrderState.WITHDRAWN,
    OrderAct.OWNER_NAMED: OrderState.OPENED,
}


def fits_now(order: ProactiveOrder, acts: tuple[OrderAct, ...]) -> tuple[OrderAct, ...]:
    """Which of these acts the order, as it stands, can take."""
    return tuple(each for each in acts if _fits(order, each))


def _fits(order: ProactiveOrder, act: OrderAct) -> bool:
    if act is OrderAct.OBJECTION_DECIDED:
        return order.state is OrderState.OBJECTED
    if act is OrderAct.BRIEFED:
        return IS_AT_WORK[order.state] and bool(order.owner)
    if act is OrderAct.PROGRESS:
        return IS_WITH_UNIT[order.state] and bool(order.owner)
    if act is OrderAct.OWNER_NAMED and order.state is OrderState.OPENED:
        return True
    return may_move(order.state, _LEADS_TO[act])


def say(place: Workplace, order_id: int, said: Said, speaker: Speaker, once: str, now: datetime) -> bool:
    """Write one thing down, durable when this returns; False if it had been said before under this `once`.

    Raises:
        OrderNotFoundError: There is no such order.
        OrderRefusedError: It does not fit, or this speaker may not say it; nothing is stored.
    """
    rules = rules_of(place)

    def act(session: Session, order: ProactiveOrder) -> bool:
        _check_speaker(order, said.act, speaker)
        if was_said(session, order, once):
            return False
        if not _fits(order, said.act):
            raise OrderRefusedError("does_not_fit")
        try:
            _ACTS[said.act](_Act(place, rules, session, order, said, speaker.actor, once, now))
        except OrderMoveError:
            raise OrderRefusedError("does_not_fit") from None
        return True

    return edit_order(place, order_id, act)


def _check_speaker(order: ProactiveOrder, act: OrderAct, speaker: Speaker) -> None:
    if act in OF_UNIT:
        own = {speaker.department, *speaker.stands_for} - {None}
        if not order.owner or order.owner not in own or speaker.department in order.kept_from:
            raise OrderRefusedError("not_yours")
    elif speaker.role is not Role.SUPERVISOR:
        raise OrderRefusedError("supervisors_only")


@dataclass(frozen=True)
class _Act:
    """One thing said, with all that writing it down needs."""

    place: Workplace
    rules: ProactiveRules
    session: Session
    order: ProactiveOrder
    said: Said
    actor: str
    once: str
    now: datetime

    def move(self, wanted: OrderState, **facts: Any) -> None:
        move(
            self.place, self.rules, self.session, self.order, wanted, self.said.act, self.now, self.actor,
            text=self.said.text, once=self.once, **facts,
        )  # fmt: skip

    def write(self, **facts: Any) -> None:
        write(
            self.place, self.session, self.order, self.said.act, self.now, self.actor, text=self.said.text, once=self.once,
            **facts,
        )  # fmt: skip

    def tell_unit(self, ask: Ask, key: str) -> None:
        if self.order.owner:
            tell(self.place, self.session, self.order, self.order.owner, ask, self._key(key), self.now, self.order.due_at)

    def tell_supervisor(self, ask: Ask, key: str) -> None:
        tell_supervisor(self.place, self.session, self.order, ask, self._key(key), self.now, self.order.due_at)

    def give_to(self, unit: str) -> None:
        known = self.place.catalogue.departments.get(unit)
        if known is None or not known.may_lead:
            raise OrderRefusedError("unknown_unit")
        if unit in self.order.kept_from:
            raise OrderRefusedError("conflict_of_interest")
        if unit == self.order.owner:
            raise OrderRefusedError("same_unit")
        self.write(**({} if self.said.upheld is None else {"upheld": self.said.upheld}), owner=unit)
        give_to(self.place, self.rules, self.session, self.order, Owner(unit, "named", ()), self.now, self.actor)

    def _key(self, key: str) -> str:
        return f"{key}:{self.order.cycle}:{self.order.step_seq}"


# The unit.


def _accept(act: _Act) -> None:
    act.move(OrderState.ACCEPTED)


def _plan(act: _Act) -> None:
    _need(act.said.text, "text_missing")
    act.move(OrderState.PLANNED)


def _progress(act: _Act) -> None:
    _need(act.said.text, "text_missing")
    act.write()


def _result(act: _Act) -> None:
    _need(act.said.text, "text_missing")
    _need(act.said.measures, "measures_missing")
    for each in act.said.measures:
        _check_listed(each, act.rules.measures)
    order = act.order
    order.measures = sorted({*order.measures, *act.said.measures})
    order.result_at, order.evaluate_at = act.now, act.now + act.rules.evaluate_after.length
    act.move(
        OrderState.RESULT_GIVEN, measures=sorted(act.said.measures), evaluate_at=order.evaluate_at.isoformat()
    )


def _object(act: _Act) -> None:
    _check_listed(act.said.reason, act.rules.objections)
    _need(act.said.text, "text_missing")
    act.order.objected_from = act.order.state
    act.move(OrderState.OBJECTED, reason=act.said.reason)
    act.tell_supervisor(Ask.DECIDE_OBJECTION, "objection")


# The supervisor.


def _brief(act: _Act) -> None:
    """Tell the unit in words which place is meant: the machine knows no name, and gives none away."""
    _need(act.said.text, "text_missing")
    if tells_who_reported(act.place, act.session, act.order, act.said.text):
        raise OrderRefusedError("tells_reporter")
    act.write()
    act.tell_unit(Ask.READ_BRIEF, "briefed")


def _decide_objection(act: _Act) -> None:
    if act.said.upheld is None:
        raise OrderRefusedError("decision_missing")
    if act.said.upheld:
        act.give_to(act.said.owner)
        return
    back = act.order.objected_from or OrderState.OPENED
    act.order.objected_from = None
    act.move(back, upheld=False)
    act.tell_unit(Ask.OBJECTION_DECIDED, "objection-decided")


def _name_owner(act: _Act) -> None:
    act.give_to(act.said.owner)


def _send_back(act: _Act) -> None:
    _check_listed(act.said.reason, act.rules.sent_back)
    act.order.result_at = act.order.evaluate_at = None
    act.move(OrderState.SENT_BACK, reason=act.said.reason)
    act.tell_unit(Ask.REWORK, "redo")


def _close(act: _Act) -> None:
    closing = act.rules.closing(act.said.reason)
    if closing is None:
        raise OrderRefusedError("unknown_code")
    holds = checked(act.session, act.order, act.rules, act.now)
    if lacking := holds.lacks(closing.checks):
        raise OrderRefusedError(lacking[0].value)
    act.order.closed_at, act.order.close_reason = act.now, act.said.reason
    act.move(
        OrderState.CLOSED, reason=act.said.reason, rise_over=holds.rise_over, checks=[each.value for each in closing.checks]
    )


def _withdraw(act: _Act) -> None:
    _check_listed(act.said.reason, act.rules.withdrawals)
    act.order.closed_at, act.order.close_reason = act.now, act.said.reason
    act.move(OrderState.WITHDRAWN, reason=act.said.reason)
    act.tell_unit(Ask.ORDER_WITHDRAWN, "withdrawn")


_ACTS: dict[OrderAct, Callable[[_Act], None]] = {
    OrderAct.ACCEPTED: _accept,
    OrderAct.PLANNED: _plan,
    OrderAct.PROGRESS: _progress,
    OrderAct.RESULT_GIVEN: _result,
    OrderAct.OBJECTED: _object,
    OrderAct.OBJECTION_DECIDED: _decide_objection,
    OrderAct.BRIEFED: _brief,
    OrderAct.OWNER_NAMED: _name_owner,
    OrderAct.SENT_BACK: _send_back,
    OrderAct.CLOSED: _close,
    OrderAct.WITHDRAWN: _withdraw,
}


def _need(value: object, code: str) -> None:
    if not value:
        raise OrderRefusedError(code)


def _check_listed(code: str, listed: tuple[Named, ...]) -> None:
    if code not in {each.code for each in listed}:
        raise OrderRefusedError("unknown_code")
