"""Where a proactive order stands, and which state may follow which: one table, asked by everything that moves one."""

from enum import StrEnum


class OrderState(StrEnum):
    """Where a proactive order stands."""

    OPENED = "opened"
    ACCEPTED = "accepted"
    PLANNED = "planned"
    OBJECTED = "objected"
    RESULT_GIVEN = "result_given"
    SENT_BACK = "sent_back"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


S = OrderState

NEXT_STATES: dict[OrderState, frozenset[OrderState]] = {
    S.OPENED: frozenset({S.ACCEPTED, S.OBJECTED, S.RESULT_GIVEN, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.OPENED, S.PLANNED, S.OBJECTED, S.RESULT_GIVEN, S.WITHDRAWN}),
    S.PLANNED: frozenset({S.OPENED, S.RESULT_GIVEN, S.WITHDRAWN}),
    S.OBJECTED: frozenset({S.OPENED, S.ACCEPTED, S.REOPENED, S.WITHDRAWN}),
    S.RESULT_GIVEN: frozenset({S.OPENED, S.SENT_BACK, S.CLOSED}),
    S.SENT_BACK: frozenset({S.OPENED, S.RESULT_GIVEN, S.WITHDRAWN}),
    S.CLOSED: frozenset({S.REOPENED}),
    S.REOPENED: frozenset({S.OPENED, S.ACCEPTED, S.OBJECTED, S.RESULT_GIVEN, S.WITHDRAWN}),
    S.WITHDRAWN: frozenset(),
}
"""Every state is a key. A result that has arrived is never turned away; whoever has promised a plan can object no
more. An objection goes back to where it came from. Whenever another unit takes an order, it is opened anew. An order
that was opened by mistake is withdrawn by a person; after that a new rise opens a new one."""

IS_AT_WORK: dict[OrderState, bool] = {state: state not in {S.CLOSED, S.WITHDRAWN} for state in OrderState}
IS_WITH_UNIT: dict[OrderState, bool] = {
    state: state in {S.OPENED, S.ACCEPTED, S.PLANNED, S.SENT_BACK, S.REOPENED} for state in OrderState
}
"""Whether the unit is the one who must act next."""


class OrderMoveError(ValueError):
    """An order cannot go from one state to another."""

    def __init__(self, current: OrderState, wanted: OrderState) -> None:
        self.current, self.wanted = current, wanted
        allowed = ", ".join(sorted(NEXT_STATES[current])) or "nothing"
        super().__init__(f"{current} cannot become {wanted}; it may become {allowed}")


def may_move(current: OrderState, wanted: OrderState) -> bool:
    """Whether the move is in the table."""
    return wanted in NEXT_STATES[current]


def check_may_move(current: OrderState, wanted: OrderState) -> None:
    """Return if the move is in the table.

    Raises:
        OrderMoveError: It is not.
    """
    if not may_move(current, wanted):
        raise OrderMoveError(current, wanted)


def mermaid() -> str:
    """The table as a Mermaid state diagram, for `docs/`."""
    lines = ["stateDiagram-v2", f"    [*] --> {S.OPENED}"]
    for state in OrderState:
        lines += [f"    {state} --> {after}" for after in OrderState if after in NEXT_STATES[state]]
    ends = [f"    {state} --> [*]" for state in OrderState if not IS_AT_WORK[state]]
    return "\n".join([*lines, *ends, ""])
