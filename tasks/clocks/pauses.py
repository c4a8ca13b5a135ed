"""When the clocks of a case stood still: read from its journal, never kept as a counter."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.record import Event
from models.vocabulary import EventKind, Status
from sla_rules.intervals import Interval
from sla_rules.pause_rules import PauseReason, PausesFile

NOTHING = timedelta(0)


@dataclass(frozen=True)
class Pause:
    """One stretch of standing still, by the clock, already cut to what the rules allow.

    `latest` is when it ends by itself: at its review date, or before it when the cap of its reason
    or of all pauses is used up. A pause that `is_open` has not ended; its `end` is then the moment
    it was asked for, or `latest` if that has passed.
    """

    reason: str
    department: str
    start: datetime
    end: datetime
    latest: datetime
    is_open: bool

    @property
    def length(self) -> timedelta:
        """How long the clocks stood still because of it."""
        return self.end - self.start


def pauses_of(events: Iterable[Event], rules: PausesFile, now: datetime) -> tuple[Pause, ...]:
    """Every pause of one case, oldest first, none overlapping another.

    Args:
        events: The case's journal in the order of its sequence numbers, which decide what came
            first: two entries of one moment may be a stop, a pause and a start.
        rules: The caps in force for the case.
        now: Aware; a pause still open is counted up to here.

    Whatever the journal says, no pause is longer than the caps leave, nor does it outlast its
    review date because the desk was down that day.
    """
    found: list[Pause] = []
    for begun, ended_at in _written(events, rules):
        start = max(begun.at, found[-1].end) if found else begun.at
        reason = str(begun.facts.get("reason", ""))
        until = begun.facts.get("until")
        latest = start + left_for(found, rules, reason)
        if until is not None:
            latest = max(start, min(latest, datetime.fromisoformat(str(until))))
        end = max(start, min(ended_at or now, latest))
        department = str(begun.facts.get("department", ""))
        found.append(Pause(reason, department, start, end, latest, is_open=ended_at is None))
    return tuple(found)


def left_for(pauses: Sequence[Pause], rules: PausesFile, reason: str) -> timedelta:
    """How long a case with these pauses may still stand still for `reason`; never below zero.

    A reason that the rules no longer have is bounded by `total_cap` alone.
    """
    left = rules.total_cap.length - used(pauses)
    known = reason_of(rules, reason)
    if known is not None:
        left = min(left, known.cap.length - used(pauses, reason))
    return max(left, NOTHING)


def used(pauses: Iterable[Pause], reason: str | None = None) -> timedelta:
    """The length of all these pauses, or of those for one reason, together."""
    return sum((each.length for each in pauses if reason in (None, each.reason)), NOTHING)


def reason_of(rules: PausesFile, code: str) -> PauseReason | None:
    """The reason of that code; None if there is none."""
    return next((each for each in rules.reasons if each.code == code), None)


def paused_intervals(events: Iterable[Event], rules: PausesFile, now: datetime) -> tuple[Interval, ...]:
    """The half-open UTC intervals in which the clocks of a case stood still, in order."""
    return tuple(Interval(each.start, each.end) for each in pauses_of(events, rules, now) if each.length)


def ends_by(events: Iterable[Event], rules: PausesFile, now: datetime) -> datetime | None:
    """When the pause that is open now ends by itself; None if none is open."""
    pauses = pauses_of(events, rules, now)
    return pauses[-1].latest if pauses and pauses[-1].is_open else None


def who_pauses(
    journals: Iterable[Sequence[Event]], rules: PausesFile, now: datetime
) -> dict[tuple[str, str], timedelta]:
    """How long clocks stood still for each (department, reason), over the journals of many cases.

    The department is the one that led when the pause began; codes only.
    """
    total: dict[tuple[str, str], timedelta] = defaultdict(timedelta)
    for events in journals:
        for pause in pauses_of(events, rules, now):
            total[pause.department, pause.reason] += pause.length
    return dict(total)


def _written(events: Iterable[Event], rules: PausesFile) -> Iterator[tuple[Event, datetime | None]]:
    # A second PAUSED before the first has ended takes its place, so that none is counted twice.
    begun: Event | None = None
    for event in events:
        if begun is not None and _ends(begun, event, rules):
            yield begun, event.at
            begun = None
        if event.kind is EventKind.PAUSED:
            begun = event
    if begun is not None:
        yield begun, None


def _ends(begun: Event, event: Event, rules: PausesFile) -> bool:
    if event.kind is EventKind.MOVED:
        # A clock stands still in the statuses its reason lists and nowhere else.
        known = reason_of(rules, str(begun.facts.get("reason", "")))
        return event.facts.get("new") not in (known.statuses if known else (Status.HUNG_UP,))
    return event.kind in (EventKind.UNPAUSED, EventKind.PAUSED)
