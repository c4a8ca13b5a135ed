"""What a case waits for, and until when: stored when an activation ends, shown in the Prefect UI."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case as sql_case
from sqlalchemy import update
from sqlmodel import Session, col

from models.case import Case
from models.record import Clock
from models.transitions import IS_OPEN
from models.vocabulary import Recipient, Status, Target
from models.wall_clock import due_on, moment_on
from tasks.casebook import case_of, lead_of, standing
from tasks.clocks.running import clocks_of
from tasks.closing.approval import awaits_approval, next_asking
from tasks.dispatch.objections import decide_by, open_objection
from tasks.escalation.levels import fired_levels, may_break, next_moments
from tasks.story.telling import tags_of
from tasks.workplace import Workplace, workplace

APPROVAL = f"{Recipient.DUTY_SUPERVISOR} approval of closing"
"""What a case waits for that is done, and of a grade that only a supervisor closes; pages look for it."""
LONGEST_SLEEP = timedelta(days=7)
"""No open case sleeps longer: whatever was overlooked is looked at again."""
ONE_SECOND = timedelta(seconds=1)

WAITS_FOR: dict[Status, str] = {
    Status.RECEIVED: "screening",
    Status.SCREENED: "routing",
    Status.ANSWERED: "closing",
    Status.CHANNEL_TOLD: "closing",
    Status.LINKED: "the main case",
    Status.NEEDS_REVIEW: f"{Recipient.DUTY_SUPERVISOR} review",
    Status.DISPATCHED: "acceptance",
    Status.ACCEPTED: "first contact",
    Status.IN_PROGRESS: "feedback",
    Status.DISPUTED: f"{Recipient.DUTY_SUPERVISOR} ruling on an objection",
    Status.EXTENSION_ASKED: f"{Recipient.DUTY_SUPERVISOR} decision on an extension",
    Status.REPLIED: "what closing still needs",
    Status.REWORK: "rework",
    Status.HUNG_UP: "its review date",
    Status.CALLBACK: f"{Recipient.DESK} callback",
    Status.CLOSED: "nothing",
    Status.REOPENED: "routing",
    Status.SEALED: "nothing",
}

AWAITED: dict[Status, Target] = {
    Status.NEEDS_REVIEW: Target.REVIEW,
    Status.DISPATCHED: Target.ACCEPTANCE,
    Status.ACCEPTED: Target.FIRST_CONTACT,
    Status.IN_PROGRESS: Target.FEEDBACK,
    Status.DISPUTED: Target.FEEDBACK,
    Status.EXTENSION_ASKED: Target.FEEDBACK,
    Status.REWORK: Target.FEEDBACK,
    Status.REPLIED: Target.CLOSURE,
    Status.CALLBACK: Target.CALLBACK,
}
"""Whose due time the message names; without one, or once it has stopped, the next clock to run out."""

OF_THE_DEPARTMENT = frozenset({Status.DISPATCHED, Status.ACCEPTED, Status.IN_PROGRESS, Status.REWORK})


@dataclass(frozen=True)
class Rest:
    """How an activation ends: parked with a message until `wake_at`, or over."""

    is_over: bool
    message: str
    wake_at: datetime | None
    tags: tuple[str, ...]
    label: str


def settle(case_id: UUID, news_seen: int, now: datetime) -> Rest:
    """Decide what the case waits for and store it; news that nobody has looked at keeps it due.

    Args:
        case_id: The case.
        news_seen: Its `news_count` at the last look that found nothing left to do.
        now: Aware; the desk's time.
    """
    place = workplace()
    with place.database.reading() as session:
        case = case_of(session, case_id)
        rest = rest_of(place, session, case, now)
    with place.database.writing() as session:
        session.execute(
            update(Case)
            .where(col(Case.id) == case_id)
            .values(
                wake_at=sql_case((col(Case.news_count) == news_seen, rest.wake_at), else_=now),
                waiting_for=rest.message,
                failures=0,
            )
            .execution_options(synchronize_session=False)
        )
    return rest


def rest_of(place: Workplace, session: Session, case: Case, now: datetime) -> Rest:
    """What one case waits for at `now`."""
    clocks = clocks_of(session, case)
    tags = tuple(tags_of(case, clocks, now, standing(session, case)))
    is_over = not IS_OPEN[case.status]
    message = f"Closed: {case.outcome}" if is_over else _message(place, session, case, clocks)
    return Rest(is_over, message, _next_moment(place, session, case, clocks, now), tags, case.label)


def _message(place: Workplace, session: Session, case: Case, clocks: list[Clock]) -> str:
    """Such as `Awaiting EDU feedback until 2026-11-30 09:00 (U3 feedback)`; codes and times only."""
    running = [clock for clock in clocks if clock.stopped_at is None]
    status = _as_measured(case, running)
    waits_for = WAITS_FOR[status]
    lead = lead_of(session, case)
    if lead and case.status in OF_THE_DEPARTMENT:
        waits_for = f"{lead.department} {waits_for}"
    if awaits_approval(place, session, case):
        waits_for = APPROVAL
    if case.hung_up_until:
        return f"Awaiting {waits_for} until {moment_on(case.hung_up_until)} ({case.grade} hung up)"
    objection = open_objection(session, case) if case.status is Status.DISPUTED else None
    if objection is not None:
        # The ruling has a limit of its own, which its alert names; the unit's clock runs beside it.
        until = due_on(decide_by(place, case, objection.at))
        return f"Awaiting {waits_for} until {until} ({case.grade} objection)"
    if not running:
        return f"Awaiting {waits_for} ({case.grade})"
    awaited = AWAITED.get(status)
    first = min(running, key=lambda clock: (clock.target is not awaited, clock.due_at))
    late = ", late" if first.breached_at else ""
    return f"Awaiting {waits_for} until {due_on(first.due_at)} ({case.grade} {first.target}{late})"


def _as_measured(case: Case, running: list[Clock]) -> Status:
    """The status whose next step is awaited: of a unit that is not told who called, no call is."""
    calls = any(clock.target is Target.FIRST_CONTACT for clock in running)
    return Status.IN_PROGRESS if case.status is Status.ACCEPTED and not calls else case.status


def _next_moment(
    place: Workplace, session: Session, case: Case, clocks: list[Clock], now: datetime
) -> datetime | None:
    if not IS_OPEN[case.status]:
        return None
    rules = place.rules_for(case)
    moments = list(next_moments(rules, case, clocks, fired_levels(session, case)))
    moments += [clock.due_at + ONE_SECOND for clock in clocks if may_break(rules, case, clock)]
    if case.hung_up_until:
        moments.append(case.hung_up_until)
    if awaits_approval(place, session, case):
        moments.append(next_asking(place, session, case, now).at)
    return min(max(moment, now) for moment in [*moments, now + LONGEST_SLEEP])

