"""Which clocks must run in a case's present state, and since when: pure, asked after every step."""

from dataclasses import dataclass
from datetime import datetime

from models.case import Case
from models.exchange import Assignment
from models.grades import SAFETY_GRADES
from models.record import Event
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT
from models.vocabulary import NO_REQUEST, EventKind, Status, Target

BEFORE_DISPATCH = frozenset({Status.RECEIVED, Status.SCREENED})
"""A reopened case is with its department again at once: there is nothing to dispatch in time."""


@dataclass(frozen=True)
class Wanted:
    """A clock that should exist: for what, against which department, since when."""

    target: Target
    department: str
    started_at: datetime
    cycle: int


@dataclass(frozen=True)
class Signal:
    """Since when harm is suspected, and how often a person's all-clear was followed by a new alarm."""

    at: datetime
    again: int = 0


def counting_start(case: Case, taken_in_at: datetime) -> datetime:
    """From when the case's own clocks count: its receipt, or, for imported history, its taking-in.

    A message of ten years ago that is imported today must not be ten years late at once.
    """
    return taken_in_at if case.import_batch_id is not None else case.received_at


def clocks_wanted(
    case: Case, parts: list[Assignment], origin: datetime, signal: Signal, since: datetime
) -> tuple[Wanted, ...]:
    """Every clock that should be running in the case's present state.

    Args:
        case: The case as it stands.
        parts: Its standing assignments.
        origin: Where the case's own clocks start (`counting_start`, or the reopening).
        signal: The signal of harm that counts (`signal_of`).
        since: When the case came into its present status.

    Returns:
        Wanted clocks, also those without a rule for the grade; nothing for a case that is over.
    """
    if not IS_OPEN[case.status] or case.status is Status.LINKED:
        return ()
    life = case.reopen_count + 1
    alarm = life + signal.again
    wanted = [Wanted(each, "", signal.at, alarm) for each in (Target.SUPERVISION, Target.SAFETY_KNOWN)]
    if case.mandatory_report:
        wanted.append(Wanted(Target.MANDATORY_REPORT, "", signal.at, 1))
    if case.status in BEFORE_DISPATCH and not asks_for_nothing(case):
        wanted.append(Wanted(Target.DISPATCH, "", origin, 1))
    if case.status is Status.NEEDS_REVIEW:
        wanted.append(Wanted(Target.REVIEW, "", since, life))
    if case.status is Status.CALLBACK:
        wanted.append(Wanted(Target.CALLBACK, "", since, case.cycle))
    if parts:
        wanted.append(Wanted(Target.CLOSURE, "", origin, life))
    if IS_WITH_DEPARTMENT[case.status]:
        first_work = case.cycle == 1
        for part in parts:
            wanted += _of_department(part, case.cycle, origin if first_work else since)
    return tuple(wanted)


def asks_for_nothing(case: Case) -> bool:
    """Whether nobody asked for anything on the call, and no harm was heard in it: there is no order to send out in time."""
    return case.call_type in NO_REQUEST and not case.harm and case.grade not in SAFETY_GRADES


def _of_department(part: Assignment, cycle: int, feedback_from: datetime) -> list[Wanted]:
    acceptance = Wanted(Target.ACCEPTANCE, part.department, part.assigned_at, part.round)
    if not part.leads:
        return [acceptance, Wanted(Target.CO_HANDLER, part.department, part.assigned_at, part.round)]
    return [
        acceptance,
        Wanted(Target.FIRST_CONTACT, part.department, part.assigned_at, part.round),
        Wanted(Target.FEEDBACK, "", feedback_from, cycle),
    ]


def signal_of(events: list[Event], origin: datetime) -> Signal:
    """The signal of harm the safety clocks count from, and their number within the case.

    A person's all-clear ends those clocks for good; an alarm after it needs clocks of its own.
    """
    again, all_clear = 0, False
    for event in events:
        if event.kind is EventKind.GRADE_LOWERED and event.facts["old"] in SAFETY_GRADES:
            all_clear = event.facts["new"] not in SAFETY_GRADES
        elif all_clear and _turns_grave(event):
            again, all_clear = again + 1, False
    return Signal(alarm_of(events, origin), again)


def alarm_of(events: list[Event], origin: datetime) -> datetime:
    """The first signal of harm: the case's own origin, unless only later news raised it to U0 or U1.

    A month-old case that a second report turns into one of suspected harm is not a month late.
    """
    alarm, classified_at = origin, None
    for event in events:
        if event.kind is EventKind.CLASSIFIED:
            classified_at = event.at
        elif classified_at and event.at > classified_at and _turns_grave(event):
            alarm = max(alarm, event.at)
    return alarm


def _turns_grave(event: Event) -> bool:
    raised = event.kind is EventKind.GRADE_RAISED
    return raised and event.facts["new"] in SAFETY_GRADES and event.facts["old"] not in SAFETY_GRADES
