"""From findings to tasks: one unit, one rule, one clock, one alert, and closed when all is right.

An officer gets one task for all records of a rule, not one for each: records found later join the
open task and its clock. What concerns a case that the department must be kept from goes to the
duty supervisor instead.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select, update
from sqlmodel import Session, col

from data_checks.rule_files import HouseRules, Rule, load_house_rules
from models.case import Case
from models.checks import DataFinding, ReconciliationTask
from models.record import Decision
from models.vocabulary import Ask, DecisionKind, Recipient, Severity, Status
from sla_rules.calendar_errors import CalendarNotPublishedError
from tasks.house.notices import tell_house
from tasks.workplace import Workplace


@dataclass(frozen=True)
class Settled:
    """What was done about findings: tasks opened, joined by more records, closed, and told as overdue."""

    opened: int = 0
    closed: int = 0
    overdue: int = 0
    woken: int = 0


def settle_findings(place: Workplace, now: datetime) -> Settled:
    """Give every finding its task, close tasks that are done, tell of late ones; repeating changes nothing."""
    with place.database.writing() as session:
        opened = _open_tasks(place, session, now)
        closed = _close_tasks(session, now)
        overdue = _tell_overdue(place, session, now)
        woken = _wake_blocked_cases(session, now)
    return Settled(opened, closed, overdue, woken)


def _open_tasks(place: Workplace, session: Session, now: datetime) -> int:
    opened = 0
    for rule_id, department, kept in _untasked(session):
        rule = house_rules().rules.get(rule_id)
        unit = _unit_for(rule, department, kept=kept) if rule else Recipient.ADMINISTRATOR
        task = _open_task(session, rule_id, department, unit)
        if task is None:
            task, opened = _new_task(place, session, rule_id, rule, department, unit, now), opened + 1
        session.execute(
            update(DataFinding)
            .where(*_waiting(rule_id, department), _is_kept(department) if kept else ~_is_kept(department))
            .values(task_id=task.id)
            .execution_options(synchronize_session=False)
        )
    return opened


def _untasked(session: Session) -> list[tuple[str, str, bool]]:
    """Rule, department and whether it must not hear of the case, for findings that have no task yet."""
    open_ones = select(col(DataFinding.rule), col(DataFinding.department)).where(
        col(DataFinding.task_id).is_(None),
        col(DataFinding.cleared_at).is_(None),
        col(DataFinding.severity) != Severity.NOTE,
    )
    groups = sorted({(rule, department) for rule, department in session.execute(open_ones.distinct())})
    found = []
    for rule, department in groups:
        for kept in (False, True):
            which = _is_kept(department) if kept else ~_is_kept(department)
            wanted = select(col(DataFinding.id)).where(*_waiting(rule, department), which).limit(1)
            if session.execute(wanted).first() is not None:
                found.append((rule, department, kept))
    return found


def _waiting(rule: str, department: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(DataFinding.rule) == rule,
        col(DataFinding.department) == department,
        col(DataFinding.task_id).is_(None),
        col(DataFinding.cleared_at).is_(None),
    )


def _is_kept(department: str) -> ColumnElement[bool]:
    kept = cast(col(Case.kept_from), String).like(f'%"{department}"%')
    return exists().where(and_(col(Case.id) == col(DataFinding.case_id), kept))


def _unit_for(rule: Rule, department: str, *, kept: bool) -> str:
    if kept:
        return Recipient.DUTY_SUPERVISOR
    if rule.who == "department":
        return department or Recipient.ADMINISTRATOR
    return Recipient(rule.who)


def _open_task(session: Session, rule: str, department: str, unit: str) -> ReconciliationTask | None:
    wanted = select(ReconciliationTask).where(
        col(ReconciliationTask.rule) == rule,
        col(ReconciliationTask.department) == department,
        col(ReconciliationTask.unit) == unit,
        col(ReconciliationTask.closed_at).is_(None),
    )
    return session.execute(wanted).scalar_one_or_none()


def _new_task(
    place: Workplace, session: Session, rule_id: str, rule: Rule | None, department: str, unit: str, now: datetime
) -> ReconciliationTask:
    hours = rule.within_working_hours if rule else 8
    task = ReconciliationTask(
        rule=rule_id,
        severity=rule.severity if rule else Severity.TASK,
        unit=unit,
        department=department,
        opened_at=now,
        due_at=due_of(place, hours, now),
    )
    session.add(task)
    session.flush()
    page = f"q/{task.token}"
    tell_house(
        place, session, unit, Ask.RECONCILE, task.label, f"reconcile:{task.id}", now, due_at=task.due_at, page=page
    )
    return task


def due_of(place: Workplace, working_hours: int, now: datetime) -> datetime:
    """When so many hours of the desk's working time have passed; past the published calendar, plain days of 8 hours."""
    try:
        return place.live_rules().calendar.add_working_hours(now, timedelta(hours=working_hours))
    except CalendarNotPublishedError:
        return now + timedelta(days=-(-working_hours // 8))


def _close_tasks(session: Session, now: datetime) -> int:
    still = exists().where(
        col(DataFinding.task_id) == col(ReconciliationTask.id), col(DataFinding.cleared_at).is_(None)
    )
    done = session.execute(
        update(ReconciliationTask)
        .where(col(ReconciliationTask.closed_at).is_(None), ~still)
        .values(closed_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def _tell_overdue(place: Workplace, session: Session, now: datetime) -> int:
    late = select(ReconciliationTask).where(
        col(ReconciliationTask.closed_at).is_(None),
        col(ReconciliationTask.overdue_told_at).is_(None),
        col(ReconciliationTask.due_at) <= now,
    )
    told = 0
    for task in session.execute(late).scalars():
        task.overdue_told_at = now
        for recipient in sorted({task.unit, Recipient.DUTY_SUPERVISOR.value}):
            dedupe = f"reconcile:{task.id}:overdue:{recipient}"
            tell_house(
                place, session, recipient, Ask.RECONCILE_OVERDUE, task.label, dedupe, now,
                due_at=task.due_at, page=f"q/{task.token}",
            )  # fmt: skip
        told += 1
    return told


def _wake_blocked_cases(session: Session, now: datetime) -> int:
    """Let every case look again that waits for its records; one that still disagrees goes on waiting."""
    newest = (
        select(func.max(col(Decision.id)))
        .where(col(Decision.kind) == DecisionKind.CLOSURE, col(Decision.case_id) == col(Case.id))
        .correlate(Case)
        .scalar_subquery()
    )
    waits = exists().where(
        col(Decision.id) == newest, cast(col(Decision.facts), String).like('%"records"%')
    )
    just_cleared = exists().where(
        col(DataFinding.case_id) == col(Case.id),
        col(DataFinding.severity) == Severity.BLOCK,
        col(DataFinding.cleared_at) > now - timedelta(hours=1),
    )
    woken = session.execute(
        update(Case)
        .where(col(Case.status).in_([Status.REPLIED, Status.CALLBACK]), or_(waits, just_cleared))
        .values(wake_at=now, news_count=Case.news_count + 1)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(woken, "rowcount", 0))


@cache
def house_rules() -> HouseRules:
    """The rules of the records that came with this release."""
    return load_house_rules()
