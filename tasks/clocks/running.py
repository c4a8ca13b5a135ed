"""The clocks of a case that run: what stops them, and what makes them count again from their start."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from models import journal
from models.case import Case
from models.clock_table import CLOCK_TABLE, EXTENDABLE, JOINT, ClockEvent, going_on_after, stopped_by
from models.journal import MACHINE
from models.record import Clock
from models.vocabulary import EventKind, Target
from tasks.case_task import case_task
from tasks.casebook import editing
from tasks.clocks.counting import CountingCase, counting, grade_of, keep_count
from tasks.clocks.joint_clock import running_joint
from tasks.clocks.pauses import ends_by
from tasks.clocks.time_used import record_time_used
from tasks.tally import count_breach
from tasks.workplace import Workplace, workplace


class ClockNotExtendableError(ValueError):
    """More time was granted on a clock that nobody may extend."""


def clocks_of(session: Session, case: Case) -> list[Clock]:
    """Every clock the case ever had, oldest first."""
    return list(session.exec(select(Clock).where(Clock.case_id == case.id).order_by(col(Clock.id))))


def stop_clocks(
    place: Workplace,
    session: Session,
    case: Case,
    event: ClockEvent,
    at: datetime,
    *,
    department: str | None = None,
    actor: str = MACHINE,
) -> None:
    """Stop the running clocks that this event stops, by the table of clocks; stopped ones stay.

    Args:
        place: The desk.
        session: The caller's transaction.
        case: The case.
        event: What happened.
        at: When it happened, which may be before the desk read of it.
        department: Whose doing it was: other departments' own clocks run on.
        actor: As in the journal.
    """
    running = [each for each in clocks_of(session, case) if each.stopped_at is None]
    stopping = [
        each
        for each in running
        if each.target in stopped_by(event) and (department is None or each.department in ("", department))
    ]
    if stopping and case.hung_up_until is not None:
        # What stood still until now must not be late because the pause has not ended yet.
        known = counting(place, session, case, at)
        for clock in stopping:
            _refit(place, session, known, clock, at, running_joint(running))
    for clock in stopping:
        if clock.stopped_at is None:
            _stop(place, session, case, clock, event, at, actor)


def _stop(
    place: Workplace, session: Session, case: Case, clock: Clock, event: ClockEvent, at: datetime, actor: str
) -> None:
    clock.stopped_at = max(at, clock.started_at)
    clock.stop_reason = event
    if clock.stopped_at > clock.due_at and clock.breached_at is None:
        clock.breached_at = clock.due_at
        count_breach(session, clock)
    is_late = clock.breached_at is not None
    used = record_time_used(place, session, case, clock, clock.stopped_at) if is_late else {}
    journal.write(
        session, case, EventKind.CLOCK_STOPPED, at, actor,
        target=clock.target, department=clock.department, reason=event, met=not is_late, **used,
    )  # fmt: skip


def take_reply_back(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """Let the clocks that the lead's last reply stopped go on from their own start, because it was not accepted.

    A level that fired stays fired; one that came due meanwhile fires with the next look at the case. A clock that
    was late when it stopped stays late. Nothing happens if this round's reply has not stopped any.
    """
    clocks, event = clocks_of(session, case), ClockEvent.REPLY_REFUSED
    answered = [each for each in clocks if each.stop_reason == ClockEvent.REPLIED]
    joint = next((each for each in answered if each.target is JOINT and each.cycle == case.cycle), None)
    if joint is None:
        return
    # The first contact of an earlier round was made by a reply that was accepted: it stays.
    replied_at = joint.stopped_at
    for clock in answered:
        if clock.stopped_at != replied_at or clock.target not in going_on_after(event):
            continue
        clock.stopped_at = clock.stop_reason = None
        journal.write(
            session, case, EventKind.CLOCK_RESUMED, now, MACHINE,
            target=clock.target, department=clock.department, reason=event, stopped_at=replied_at.isoformat() if replied_at else "",
            due=clock.due_at.isoformat(),
        )  # fmt: skip
    refit_clocks(place, session, case, now)


def refit_clocks(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """Count every running clock again from its start, for the grade, pauses and extensions of now.

    What was already used stays used, and the order of edits does not matter. A clock the new grade
    does not know is stopped, unless the table says that nothing takes it back. The review date of
    a hung-up case moves forward if the rules now leave less time to stand still.
    """
    known = counting(place, session, case, now)
    if case.hung_up_until is not None:
        latest = ends_by(journal.entries_of(session, case.id), known.book.pauses, now)
        case.hung_up_until = latest or case.hung_up_until
    running = [each for each in clocks_of(session, case) if each.stopped_at is None]
    # The joint clock first: the others must fit inside what it has become.
    for clock in sorted(running, key=lambda each: each.target is not JOINT):
        _refit(place, session, known, clock, now, running_joint(running))


def _refit(
    place: Workplace, session: Session, known: CountingCase, clock: Clock, now: datetime, joint: Clock | None
) -> None:
    grade = grade_of(clock, known.case)
    rule = known.rule_for(clock.target, clock.department, grade)
    if rule is None and ClockEvent.GRADE in CLOCK_TABLE[clock.target].stops_on:
        _stop(place, session, known.case, clock, ClockEvent.GRADE, now, MACHINE)
        return
    clock.rule_hash, clock.calendar_hash = known.book.digest, known.book.calendar_digest
    if rule is None:
        return
    clock.grade, clock.rule_id = grade, rule.id
    count = known.count(clock, rule, joint)
    moves = count.at != clock.due_at
    # Also where it does not move: published holidays make a provisional due time a firm one.
    keep_count(clock, count)
    if not moves:
        return
    journal.write(
        session, known.case, EventKind.CLOCK_MOVED, now, MACHINE,
        target=clock.target, department=clock.department, due=count.at.isoformat(), **count.cut_facts,
    )  # fmt: skip


def extend_clocks(
    place: Workplace, session: Session, case: Case, targets: frozenset[Target], by: timedelta, now: datetime
) -> None:
    """Grant more time on the running clocks of these targets.

    Raises:
        ClockNotExtendableError: The table of clocks lets nobody extend one of them.
    """
    never = targets - EXTENDABLE
    if never:
        raise ClockNotExtendableError(f"never extended: {', '.join(sorted(never))}")
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
            calendar=place.rules_for(case).calendar_digest,
        )  # fmt: skip
        refit_clocks(place, session, case, now)
