"""When the clocks of a case stood still: read from its journal, never kept as a counter."""

from collections.abc import Sequence
from datetime import datetime

from models.record import Event
from models.vocabulary import EventKind
from sla_rules.intervals import Interval


def paused_intervals(events: Sequence[Event], now: datetime) -> tuple[Interval, ...]:
    """The half-open UTC intervals in which the case was hung up; one still open ends at `now`."""
    found: list[Interval] = []
    since: datetime | None = None
    for event in events:
        if event.kind is EventKind.PAUSED and since is None:
            since = event.at
        elif event.kind is EventKind.UNPAUSED and since is not None:
            found.append(Interval(since, event.at))
            since = None
    if since is not None and now > since:
        found.append(Interval(since, now))
    return tuple(each for each in found if each.end > each.start)
