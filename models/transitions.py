"""Which status may follow which: one table, asked by everything that moves a case."""

from models.vocabulary import Status

S = Status

NEXT_STATUSES: dict[Status, frozenset[Status]] = {
    S.RECEIVED: frozenset({S.SCREENED}),
    S.SCREENED: frozenset({S.ANSWERED, S.CHANNEL_TOLD, S.LINKED, S.NEEDS_REVIEW, S.DISPATCHED}),
    S.NEEDS_REVIEW: frozenset({S.ANSWERED, S.CHANNEL_TOLD, S.LINKED, S.DISPATCHED}),
    S.ANSWERED: frozenset({S.CLOSED, S.REOPENED}),
    S.CHANNEL_TOLD: frozenset({S.CLOSED, S.REOPENED}),
    S.LINKED: frozenset({S.CLOSED, S.REOPENED}),
    S.DISPATCHED: frozenset(
        {S.ACCEPTED, S.IN_PROGRESS, S.DISPUTED, S.EXTENSION_ASKED, S.HUNG_UP, S.REPLIED}
    ),
    S.ACCEPTED: frozenset({S.DISPATCHED, S.IN_PROGRESS, S.DISPUTED, S.EXTENSION_ASKED, S.HUNG_UP, S.REPLIED}),
    S.IN_PROGRESS: frozenset({S.DISPATCHED, S.DISPUTED, S.EXTENSION_ASKED, S.HUNG_UP, S.REPLIED}),
    S.DISPUTED: frozenset({S.DISPATCHED, S.ACCEPTED, S.IN_PROGRESS, S.REWORK, S.REPLIED}),
    S.EXTENSION_ASKED: frozenset(
        {S.DISPATCHED, S.ACCEPTED, S.IN_PROGRESS, S.REWORK, S.DISPUTED, S.REPLIED}
    ),
    S.REPLIED: frozenset({S.CALLBACK, S.REWORK, S.CLOSED}),
    S.REWORK: frozenset(
        {S.DISPATCHED, S.ACCEPTED, S.IN_PROGRESS, S.DISPUTED, S.EXTENSION_ASKED, S.HUNG_UP, S.REPLIED}
    ),
    S.HUNG_UP: frozenset({S.IN_PROGRESS, S.REWORK, S.REPLIED}),
    S.CALLBACK: frozenset({S.CLOSED, S.REWORK, S.HUNG_UP}),
    S.CLOSED: frozenset({S.REOPENED, S.SEALED}),
    S.REOPENED: frozenset({S.NEEDS_REVIEW, S.ANSWERED, S.CHANNEL_TOLD, S.DISPATCHED}),
    S.SEALED: frozenset(),
}
"""Every status is a key. A reply is possible from every open status of a department, because a
reply that has arrived must never be turned away; DISPUTED keeps the duty holder and the clocks.
A person may transfer an order at work to another unit: that is a new dispatch."""

IS_OPEN: dict[Status, bool] = {
    status: status not in {S.CLOSED, S.SEALED} for status in Status
}

OPEN_STATUSES = [status for status, is_open in IS_OPEN.items() if is_open]

IS_WITH_DEPARTMENT: dict[Status, bool] = {
    status: status
    in {
        S.DISPATCHED,
        S.ACCEPTED,
        S.IN_PROGRESS,
        S.DISPUTED,
        S.EXTENSION_ASKED,
        S.REWORK,
        S.HUNG_UP,
    }
    for status in Status
}


class MoveNotAllowedError(ValueError):
    """A case cannot go from one status to another."""

    def __init__(self, current: Status, wanted: Status) -> None:
        self.current, self.wanted = current, wanted
        allowed = ", ".join(sorted(NEXT_STATUSES[current])) or "nothing"
        super().__init__(f"{current} cannot become {wanted}; it may become {allowed}")


def check_may_move(current: Status, wanted: Status) -> None:
    """Return if the move is in the table.

    Raises:
        MoveNotAllowedError: It is not.
    """
    if wanted not in NEXT_STATUSES[current]:
        raise MoveNotAllowedError(current, wanted)


def may_move(current: Status, wanted: Status) -> bool:
    """Whether the move is in the table."""
    return wanted in NEXT_STATUSES[current]


def mermaid() -> str:
    """The table as a Mermaid state diagram, for `docs/`."""
    lines = ["stateDiagram-v2", f"    [*] --> {Status.RECEIVED}"]
    for status in Status:
        lines += [f"    {status} --> {after}" for after in Status if after in NEXT_STATUSES[status]]
    return "\n".join([*lines, f"    {Status.SEALED} --> [*]", ""])
