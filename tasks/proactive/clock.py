"""The clock of a proactive order: which step runs, until when, and when somebody is reminded."""

from dataclasses import dataclass
from datetime import datetime

from analysis.proactive.rules import ProactiveRules, Step, StepRule
from models.proactive import ProactiveOrder
from models.proactive_moves import OrderState
from sla_rules.calendar import WorkingCalendar
from sla_rules.due import due_time
from sla_rules.written import TimedRule
from tasks.workplace import Workplace

STEP_OF: dict[OrderState, Step | None] = {
    OrderState.OPENED: Step.ACCEPT,
    OrderState.REOPENED: Step.ACCEPT,
    OrderState.ACCEPTED: Step.PLAN,
    OrderState.PLANNED: Step.RESULT,
    OrderState.SENT_BACK: Step.REDO,
    OrderState.OBJECTED: Step.DECIDE_OBJECTION,
    OrderState.RESULT_GIVEN: Step.DECIDE_CLOSING,
    OrderState.CLOSED: None,
    OrderState.WITHDRAWN: None,
}
"""What an order in each state waits for. Every state is a key."""
OF_CYCLE = frozenset({Step.ACCEPT, Step.PLAN, Step.RESULT})
"""Counted from the beginning of the cycle, and told of once in it; the others from when they began."""


@dataclass(frozen=True)
class Running:
    """One step's clock; `remind_at` is None where nobody is reminded."""

    due_at: datetime
    remind_at: datetime | None


def running(
    step: Step, sort: str, begun_at: datetime, entered_at: datetime, rules: ProactiveRules, calendar: WorkingCalendar
) -> Running:
    """When a step is due, and when the one who must take it is reminded.

    Args:
        step: Which.
        sort: Of the warning, or `issue`: decides the pace.
        begun_at: When the cycle began.
        entered_at: When the step began; for the decision on closing, when it can be told whether it helped.
        rules: Limits.
        calendar: Working time; unpublished years count with plain weekends.
    """
    rule, start = _rule(step, sort, rules), begun_at if step in OF_CYCLE else entered_at
    due, _ = due_time(start, rule, calendar)
    if not isinstance(rule, StepRule) or rule.remind is None:
        return Running(due, None)
    remind, _ = due_time(start, rule.model_copy(update={"limit": rule.remind}), calendar)
    return Running(due, remind)


def _rule(step: Step, sort: str, rules: ProactiveRules) -> TimedRule:
    steps = rules.pace_of(sort).steps
    return {
        Step.ACCEPT: steps.accept,
        Step.PLAN: steps.plan,
        Step.RESULT: steps.result,
        Step.REDO: rules.redo,
        Step.DECIDE_OBJECTION: rules.decide_objection,
        Step.DECIDE_CLOSING: rules.decide_closing,
    }[step]


def set_clock(place: Workplace, rules: ProactiveRules, order: ProactiveOrder, entered_at: datetime) -> None:
    """Let the clock of the order's state run; what was reminded of before is not again."""
    step = STEP_OF[order.state]
    if step is None:
        order.due_at = order.remind_at = None
        return
    found = running(step, order.sort, order.begun_at, entered_at, rules, place.live_rules().calendar)
    order.due_at, order.remind_at = found.due_at, found.remind_at


def step_key(order: ProactiveOrder) -> str:
    """What names the running step within its cycle, in the table of what was told."""
    step = STEP_OF[order.state]
    assert step is not None
    return step.value if step in OF_CYCLE else f"{step.value}:{order.step_seq}"
