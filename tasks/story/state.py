"""How a case's clocks stand at a moment, and the tags its flow run carries for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from models.case import Case
from models.clock_table import ClockEvent
from models.exchange import Assignment
from models.grades import NEVER_PAUSED
from models.record import Clock
from models.vocabulary import Status, Target

WARNING_SHARE = 0.25
"""The last quarter of a clock is shown as a warning. For the eye only: who is told, and when,
stands in the rule (`warn_before_percent`)."""


class ClockState(StrEnum):
    """How one clock stands: running in three shades, or stopped: kept, missed, or no longer asked of anybody before it was either."""

    OK = "ok"
    WARNING = "warning"
    LATE = "late"
    MET = "met"
    MISSED = "missed"
    VOID = "void"


class SlaState(StrEnum):
    """How a whole case stands: the worst of its clocks."""

    OK = "ok"
    WARNING = "warning"
    BREACHED = "breached"


SLA_OF: dict[ClockState, SlaState] = {
    ClockState.OK: SlaState.OK,
    ClockState.WARNING: SlaState.WARNING,
    ClockState.LATE: SlaState.BREACHED,
    ClockState.MET: SlaState.OK,
    ClockState.MISSED: SlaState.BREACHED,
    ClockState.VOID: SlaState.OK,
}
_NO_LONGER_ASKED = frozenset({ClockEvent.GRADE, ClockEvent.WITHDRAWN, ClockEvent.LINKED, ClockEvent.CLOSED})
"""What ends a clock without anybody having done what it measures; for the clock of the closing, closing is that."""


def clock_state(clock: Clock, now: datetime, *, paused: bool = False) -> ClockState:
    """How one clock stands at `now`.

    Args:
        clock: The clock; being exactly at its due time is still in time.
        now: Aware time.
        paused: Whether it stands still at `now`; its due time then moves on later, so that only
            a breach already recorded makes it late.
    """
    if clock.stopped_at is not None:
        in_time = clock.breached_at is None and clock.stopped_at <= clock.due_at
        if in_time and clock.stop_reason in _NO_LONGER_ASKED and not (clock.target is Target.CLOSURE and clock.stop_reason == ClockEvent.CLOSED):
            return ClockState.VOID
        return ClockState.MET if in_time else ClockState.MISSED
    if clock.breached_at is not None:
        return ClockState.LATE
    if paused:
        return ClockState.OK
    if now > clock.due_at:
        return ClockState.LATE
    left, whole = clock.due_at - now, clock.due_at - clock.started_at
    return ClockState.WARNING if left <= whole * WARNING_SHARE else ClockState.OK


def sla_state(clocks: Iterable[Clock], now: datetime, *, paused: bool = False) -> SlaState:
    """The worst of the clocks; a case without any is ok, and a missed target stays a breach."""
    found = {SLA_OF[clock_state(clock, now, paused=paused)] for clock in clocks}
    return next((each for each in (SlaState.BREACHED, SlaState.WARNING) if each in found), SlaState.OK)


def is_graded(status: Status, kind: str | None) -> bool:
    """Whether the grade of a case was found: until the machine has looked at it, it holds nothing but a beginning."""
    return kind is not None or status not in {Status.RECEIVED, Status.SCREENED}


def stands_still(case: Case) -> bool:
    """Whether the case is hung up and of a grade whose clocks may be paused at all."""
    return case.status is Status.HUNG_UP and case.grade not in NEVER_PAUSED


def tags_of(
    case: Case, clocks: Sequence[Clock], now: datetime, assignments: Iterable[Assignment]
) -> list[str]:
    """The tags of the case's flow run, sorted: codes that an administrator filters by.

    Args:
        case: The case.
        clocks: All its clocks.
        now: Aware time of this activation.
        assignments: All its assignments; withdrawn ones give no tag.
    """
    standing = {each.department for each in assignments if each.withdrawn_at is None}
    tags = {f"dept:{department}" for department in standing}
    tags |= {
        f"status:{case.status.lower().replace('_', '-')}",
        f"grade:{case.grade}",
        f"sla:{sla_state(clocks, now, paused=stands_still(case))}",
    }
    if case.kind:
        tags.add(f"kind:{case.kind}")
    if case.flag:
        tags.add(f"flag:{case.flag}")
    return sorted(tags)
