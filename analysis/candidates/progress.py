"""How far a topic is: a small vocabulary and its legal moves."""

from models.topics import Progress

NAMES: dict[Progress, tuple[str, str]] = {
    Progress.PROPOSED: ("候选", "proposed"),
    Progress.CHOSEN: ("立题", "chosen"),
    Progress.PLANNED: ("方案已定", "planned"),
    Progress.UNDER_WAY: ("推进中", "under way"),
    Progress.EVALUATED: ("评估", "being evaluated"),
    Progress.DONE: ("销账", "done"),
    Progress.DROPPED: ("不予立题", "dropped"),
}
"""Chinese and English."""

NEXT: dict[Progress, frozenset[Progress]] = {
    Progress.PROPOSED: frozenset({Progress.CHOSEN, Progress.DROPPED}),
    Progress.CHOSEN: frozenset({Progress.PLANNED, Progress.DROPPED}),
    Progress.PLANNED: frozenset({Progress.UNDER_WAY, Progress.DROPPED}),
    Progress.UNDER_WAY: frozenset({Progress.EVALUATED}),
    Progress.EVALUATED: frozenset({Progress.DONE, Progress.UNDER_WAY}),
    Progress.DONE: frozenset(),
    Progress.DROPPED: frozenset({Progress.PROPOSED}),
}
"""An evaluation that finds the problem still there sends the topic back; what was dropped may be proposed again."""


class ProgressError(ValueError):
    """A topic may not move there from where it is."""


def check_may_move(now: Progress, then: Progress) -> None:
    """Nothing, if the move is legal.

    Raises:
        ProgressError: With the moves that are.
    """
    if then not in NEXT[now]:
        legal = ", ".join(sorted(NEXT[now])) or "nowhere"
        raise ProgressError(f"a topic that is {now} cannot become {then}; it can go to: {legal}")
