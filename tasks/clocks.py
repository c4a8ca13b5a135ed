"""The clocks of a case: which must run, when they are due, and what starts, moves or stops them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models import journal
from models.case import Case
from models.exchange import Assignment
from models.grades import SAFETY_GRADES
from models.journal import MACHINE
from models.record import Clock, Event
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT
from models.vocabulary import Ask, DecisionKind, EventKind, Recipient, Status, Target
from sla_rules.due import Due, due_at
from sla_rules.intervals import Interval
from sla_rules.schema import TargetRule
from tasks.case_task import case_task
from tasks.casebook import Verdict, editing, post, standing, store_decision, tell
from tasks.pauses import paused_intervals
from tasks.workplace import Workplace, workplace

ZONE = ZoneInfo("Asia/Shanghai")

BEFORE_DISPATCH = frozenset({Status.RECEIVED, Status.SCREENED, Status.REOPENED})
ONCE_FOR_LIFE = frozenset(
    {Target.DISPATCH, Target.MANDATORY_REPORT, Target.SUPERVISION, Target.SAFETY_KNOWN, Target.CLOSURE}
)
"""Targets whose clock belongs to the case and not to one round of work; a reopened case starts
them anew, a rework does not."""


@dataclass(frozen=True)
class Wanted:
    """A clock that should exist: for what, against which department, since when."""

    target: Target
    department: str
    started_at: datetime
    cycle: int


def counting_start(case: Case, taken_in_at: datetime) -> datetime:
    """From when the case's own clocks count: its receipt, or, for imported history, its taking-in.

    A message of ten years ago that is imported today must not be ten years late at once.
    """
    return taken_in_at if case.import_batch_id is not None else case.received_at


def clocks_wanted(
    case: Case, parts: list[Assignment], origin: datetime, alarm: datetime, since: datetime
) -> tuple[Wanted, ...]:
    """Every clock that should be running in the case's present state.

    Args:
        case: The case as it stands.
        parts: Its standing assignments.
        origin: Where the case's own clocks start (`counting_start`, or the reopening).
        alarm: Since when harm is suspected (`alarm_of`).
        since: When the case came into its present status.

    Returns:
        Wanted clocks, also those without a rule for the grade; nothing for a case that is over.
    """
    if not IS_OPEN[case.status] or case.status is Status.LINKED:
        return ()
    life = case.reopen_count + 1
    wanted = [Wanted(Target.SUPERVISION, "", alarm, life), Wanted(Target.SAFETY_KNOWN, "", alarm, life)]
    if case.mandatory_report:
        wanted.append(Wanted(Target.MANDATORY_REPORT, "", alarm, 1))
    if case.status in BEFORE_DISPATCH:
        wanted.append(Wanted(Target.DISPATCH, "", origin, life))
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


def _of_department(part: Assignment, cycle: int, feedback_from: datetime) -> list[Wanted]:
    acceptance = Wanted(Target.ACCEPTANCE, part.department, part.assigned_at, part.round)
    if not part.leads:
        return [acceptance, Wanted(Target.CO_HANDLER, part.department, part.assigned_at, part.round)]
    return [
        acceptance,
        Wanted(Target.FIRST_CONTACT, part.department, part.assigned_at, part.round),
        Wanted(Target.FEEDBACK, "", feedback_from, cycle),
    ]


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


def clocks_of(session: Session, case: Case) -> list[Clock]:
    """Every clock the case ever had, oldest first."""
    return list(session.exec(select(Clock).where(Clock.case_id == case.id).order_by(col(Clock.id))))


def missing_clocks(
    place: Workplace, session: Session, case: Case, parts: list[Assignment]
) -> list[Wanted]:
    """Wanted clocks with a rule that do not exist yet; `parts` are the standing assignments."""
    events = journal.entries_of(session, case.id)
    if not events:
        return []
    moves = [each for each in events if each.kind is EventKind.MOVED]
    since = moves[-1].at if moves else events[0].at
    reopened = [each.at for each in moves if each.facts.get("new") == Status.REOPENED]
    origin = reopened[-1] if reopened else counting_start(case, events[0].at)
    have = {(clock.target, clock.department, clock.cycle) for clock in clocks_of(session, case)}
    return [
        each
        for each in clocks_wanted(case, parts, origin, alarm_of(events, origin), since)
        if (each.target, each.department, each.cycle) not in have and _rule(place, case, each.target, each.department)
    ]


def _rule(place: Workplace, case: Case, target: Target, department: str) -> TargetRule | None:
    received_on = case.received_at.astimezone(ZONE).date()
    return place.rules.target_rule(case.grade, target, on=received_on, department=department or None)


def start_missing_clocks(place: Workplace, session: Session, case: Case, now: datetime) -> list[Clock]:
    """Start every clock that should run and does not yet, in the caller's transaction."""
    missing = missing_clocks(place, session, case, standing(session, case))
    starting = [_counted(place, case, each) for each in missing]
    # All at once: the database answers with their numbers in one go, which the decisions need.
    session.add_all(clock for clock, _ in starting)
    session.flush()
    for clock, due in starting:
        _record_start(place, session, case, clock, due, now)
    return [clock for clock, _ in starting]


def _counted(place: Workplace, case: Case, wanted: Wanted) -> tuple[Clock, Due]:
    rule = _rule(place, case, wanted.target, wanted.department)
    assert rule is not None
    due = due_at(wanted.started_at, rule, place.rules.calendar)
    clock = Clock(
        case_id=case.id,
        target=wanted.target,
        department=wanted.department,
        cycle=wanted.cycle,
        grade=case.grade,
        started_at=wanted.started_at,
        due_at=due.at,
        provisional=due.provisional,
        rule_id=rule.id,
        rule_hash=place.rules.digest,
        calendar_hash=place.rules.calendar_digest,
        reason_zh=due.reason_zh,
        reason_en=due.reason_en,
    )
    return clock, due


def _record_start(
    place: Workplace, session: Session, case: Case, clock: Clock, due: Due, now: datetime
) -> None:
    journal.write(
        session, case, EventKind.CLOCK_STARTED, now, MACHINE,
        target=clock.target, department=clock.department, cycle=clock.cycle, due=due.at.isoformat(),
    )  # fmt: skip
    store_decision(place, session, case, f"clock:{clock.id}", _verdict(due, clock), now)
    _warn_of_calendar_end(place, session, case, due, now)


def _verdict(due: Due, clock: Clock) -> Verdict:
    return Verdict(
        DecisionKind.CLOCK,
        str(clock.target),
        clock.rule_id,
        due.reason_zh,
        due.reason_en,
        {"due": due.at.isoformat(), "department": clock.department, "provisional": due.provisional},
    )


def _warn_of_calendar_end(
    place: Workplace, session: Session, case: Case, due: Due, now: datetime
) -> None:
    if due.provisional:
        # Once for each calendar and not for each case: it is the calendar somebody must mend.
        dedupe = f"calendar-ends:{place.rules.calendar_digest}"
        post(place, session, case, Recipient.RULES_SUPERVISOR, Ask.CALENDAR_ENDS, dedupe, now, due.at)


def stop_clocks(
    session: Session,
    case: Case,
    targets: set[Target],
    at: datetime,
    reason: str,
    *,
    department: str | None = None,
    actor: str = MACHINE,
) -> None:
    """Stop the running clocks of these targets (of one department, if named); stopped ones stay."""
    for clock in clocks_of(session, case):
        fits = clock.target in targets and (department is None or clock.department == department)
        if not fits or clock.stopped_at is not None:
            continue
        clock.stopped_at = max(at, clock.started_at)
        clock.stop_reason = reason
        if clock.stopped_at > clock.due_at and clock.breached_at is None:
            clock.breached_at = clock.due_at
        journal.write(
            session, case, EventKind.CLOCK_STOPPED, at, actor,
            target=clock.target, department=clock.department, reason=reason, met=clock.breached_at is None,
        )  # fmt: skip


def stop_all_clocks(session: Session, case: Case, at: datetime, reason: str) -> None:
    """Freeze every clock: what is over is neither late nor in time any more than it was."""
    stop_clocks(session, case, set(Target), at, reason)


def refit_clocks(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """Count every running clock again from its start, for the grade, pauses and extensions of now.

    What was already used stays used. A clock the new grade does not know is stopped.
    """
    pauses = paused_intervals(journal.entries_of(session, case.id), now)
    for clock in clocks_of(session, case):
        if clock.stopped_at is None:
            _refit(place, session, case, clock, pauses, now)


def _refit(
    place: Workplace, session: Session, case: Case, clock: Clock, pauses: tuple[Interval, ...], now: datetime
) -> None:
    rule = _rule(place, case, clock.target, clock.department)
    if rule is None:
        stop_clocks(session, case, {clock.target}, now, "grade", department=clock.department)
        return
    due = due_at(clock.started_at, rule, place.rules.calendar, pauses if rule.pausable else ())
    clock.grade, clock.rule_id = case.grade, rule.id
    clock.rule_hash, clock.calendar_hash = place.rules.digest, place.rules.calendar_digest
    moved = due.at + timedelta(seconds=clock.extension_seconds)
    if moved == clock.due_at:
        return
    clock.due_at, clock.provisional = moved, due.provisional
    clock.reason_zh, clock.reason_en = due.reason_zh, due.reason_en
    journal.write(
        session, case, EventKind.CLOCK_MOVED, now, MACHINE,
        target=clock.target, department=clock.department, due=moved.isoformat(),
    )  # fmt: skip


def extend_clocks(
    place: Workplace, session: Session, case: Case, targets: set[Target], by: timedelta, now: datetime
) -> None:
    """Grant more time on the running clocks of these targets."""
    for clock in clocks_of(session, case):
        if clock.stopped_at is None and clock.target in targets:
            clock.extension_seconds += int(by.total_seconds())
    refit_clocks(place, session, case, now)


@case_task
def start_clocks(case_id: UUID, now: datetime) -> None:
    """Start every clock the case's present state asks for, and tell each department its own."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        start_missing_clocks(place, session, case, now)
        _tell_departments(place, session, case, now)


def untold(parts: list[Assignment]) -> list[Assignment]:
    """Standing assignments whose department has not been told yet."""
    return [part for part in parts if part.told_at is None]


def _tell_departments(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    due = {(clock.target, clock.department): clock.due_at for clock in clocks_of(session, case)}
    for part in untold(standing(session, case)):
        target = Target.FEEDBACK if part.leads else Target.CO_HANDLER
        answer_by = due.get((target, "" if part.leads else part.department))
        tell(place, session, case, part.department, part.ask, f"order:{part.round}", now, answer_by)
        part.told_at = now
