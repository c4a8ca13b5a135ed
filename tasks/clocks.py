"""The clocks of a case: which must run, when they are due, and what starts, moves or stops them."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models import journal
from models.case import Case
from models.exchange import Assignment
from models.journal import MACHINE
from models.record import Clock
from models.vocabulary import Ask, DecisionKind, EventKind, Recipient, Status, Target
from sla_rules.due import Due, due_at
from sla_rules.grade_rules import TargetRule
from sla_rules.intervals import Interval
from tasks.case_task import case_task
from tasks.casebook import Verdict, editing, post, standing, store_decision, tell
from tasks.clock_plan import Wanted, alarm_of, clocks_wanted, counting_start
from tasks.pauses import paused_intervals
from tasks.workplace import Workplace, workplace

ZONE = ZoneInfo("Asia/Shanghai")

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
        if (each.target, each.department, each.cycle) not in have and _rule(place, case, each, parts)
    ]


def _rule(
    place: Workplace, case: Case, wanted: Wanted | Clock, parts: list[Assignment]
) -> TargetRule | None:
    """The rule of the case's grade, kind and nature; a joint clock is the lead department's."""
    lead = next((part.department for part in parts if part.leads), None)
    return place.rules_for(case).target_rule(
        case.grade,
        wanted.target,
        on=case.received_at.astimezone(ZONE).date(),
        kind=case.kind,
        department=wanted.department or lead,
        nature=case.nature,
    )


def start_missing_clocks(place: Workplace, session: Session, case: Case, now: datetime) -> list[Clock]:
    """Start every clock that should run and does not yet, in the caller's transaction."""
    parts = standing(session, case)
    starting = [
        _counted(place, case, each, parts) for each in missing_clocks(place, session, case, parts)
    ]
    # All at once: the database answers with their numbers in one go, which the decisions need.
    session.add_all(clock for clock, _ in starting)
    session.flush()
    for clock, due in starting:
        _record_start(place, session, case, clock, due, now)
    return [clock for clock, _ in starting]


def _counted(
    place: Workplace, case: Case, wanted: Wanted, parts: list[Assignment]
) -> tuple[Clock, Due]:
    rule = _rule(place, case, wanted, parts)
    assert rule is not None
    due = due_at(wanted.started_at, rule, place.rules_for(case).calendar)
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
        rule_hash=place.rules_for(case).digest,
        calendar_hash=place.rules_for(case).calendar_digest,
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
        dedupe = f"calendar-ends:{place.rules_for(case).calendar_digest}"
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
    rule = _rule(place, case, clock, standing(session, case))
    if rule is None:
        stop_clocks(session, case, {clock.target}, now, "grade", department=clock.department)
        return
    due = due_at(clock.started_at, rule, place.rules_for(case).calendar, pauses if rule.pausable else ())
    clock.grade, clock.rule_id = case.grade, rule.id
    clock.rule_hash, clock.calendar_hash = place.rules_for(case).digest, place.rules_for(case).calendar_digest
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


def outdated_clocks(place: Workplace, session: Session, case: Case) -> list[Clock]:
    """Running clocks that were counted by other rules than those the case goes by now."""
    book = place.rules_for(case)
    now_by = (book.digest, book.calendar_digest)
    return [
        clock
        for clock in clocks_of(session, case)
        if clock.stopped_at is None and (clock.rule_hash, clock.calendar_hash) != now_by
    ]


@case_task
def follow_new_rules(case_id: UUID, now: datetime) -> None:
    """Count the running clocks again by the rule set the case goes by since it was promoted.

    Clocks that have stopped keep what they were; levels that fired never fire again, because the
    clocks, and with them the ledger of what fired, stay the same.
    """
    place = workplace()
    with editing(place, case_id) as (session, case):
        if not outdated_clocks(place, session, case):
            return
        journal.write(
            session, case, EventKind.RULES_CHANGED, now, MACHINE,
            version=case.rules_version, rules=place.rules_for(case).digest,
        )  # fmt: skip
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
