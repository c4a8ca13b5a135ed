"""Ending a case, and taking a hung-up one down again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from models import journal
from models.case import Case
from models.clock_table import ClockEvent
from models.exchange import Notice
from models.journal import MACHINE
from models.vocabulary import (
    Ask,
    CloseReason,
    DecisionKind,
    EventKind,
    NoticeState,
    Recipient,
    Status,
)
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, editing, lead_of, move, tell
from tasks.clocks.pauses import NOTHING, left_for, pauses_of
from tasks.clocks.running import refit_clocks, stop_clocks
from tasks.closing.approval import is_approved, needs_approval
from tasks.closing.close_reasons import CLOSE_WORDS, reason_to_close
from tasks.closing.following_up import plan_follow_ups
from tasks.closing.readiness import is_all_done
from tasks.workplace import Workplace, workplace


def may_close(place: Workplace, session: Session, case: Case) -> bool:
    """Whether all is done and, where the grade or harm asks for it, a supervisor agreed."""
    if not is_all_done(session, case):
        return False
    return not needs_approval(place, case) or is_approved(session, case)


@case_task
def close_case(case_id: UUID, now: datetime) -> None:
    """Close the case: every clock is frozen, linked cases are woken so that they end with it."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if not may_close(place, session, case):
            return
        reason = reason_to_close(session, case)
        move(session, case, Status.CLOSED, now)
        case.closed_at, case.close_reason = now, reason
        stop_clocks(place, session, case, ClockEvent.CLOSED, now)
        decide(place, session, case, f"close:{case.cycle}", _closed(reason), now)
        plan_follow_ups(place, session, case, now)
        _drop_reminders(session, case)
        _wake_linked(session, case, now)


def _closed(reason: CloseReason) -> Verdict:
    zh, en = CLOSE_WORDS[reason]
    return Verdict(
        DecisionKind.CLOSURE, "CLOSED", "close", f"办结条件齐备，予以办结：{zh}。",
        f"Everything asked for is done, closed: {en[0].lower()}{en[1:]}.", {"reason": reason.value},
    )  # fmt: skip


def _drop_reminders(session: Session, case: Case) -> None:
    # A reminder held back by quiet hours must not arrive after the matter is settled.
    session.execute(
        update(Notice)
        .where(
            col(Notice.case_id) == case.id,
            col(Notice.state) == NoticeState.WAITING,
            col(Notice.ask).in_([Ask.REMINDER, Ask.OVERDUE, Ask.CALL_BACK, Ask.DECIDE_CLOSING]),
        )
        .values(state=NoticeState.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )


def _wake_linked(session: Session, case: Case, now: datetime) -> None:
    session.execute(
        update(Case)
        .where(col(Case.linked_to) == case.id, col(Case.status) == Status.LINKED)
        .values(wake_at=now, news_count=Case.news_count + 1)
        .execution_options(synchronize_session=False)
    )


@case_task
def take_down(case_id: UUID, now: datetime) -> None:
    """The review date of a hung-up case has come, or the rules leave it no more time: clocks run again.

    Both sides are told, and the desk and the lead if it was the time that was used up.
    """
    place = workplace()
    with editing(place, case_id) as (session, case):
        if case.hung_up_until is None or now < case.hung_up_until:
            return
        if case.status is not Status.HUNG_UP:
            # It went on without being taken down, as an older release let it: else it would ask for this step for ever.
            case.hung_up_until = None
            return
        used_up = _nothing_left(place, session, case, now)
        case.hung_up_until = None
        journal.write(session, case, EventKind.UNPAUSED, now, MACHINE, used_up=used_up)
        move(session, case, Status.IN_PROGRESS, now)
        refit_clocks(place, session, case, now)
        key = f"review-date:{case.journal_length}"
        tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.REVIEW_CASE, key, now)
        lead = lead_of(session, case)
        if lead:
            ask = Ask.PAUSE_USED_UP if used_up else Ask.REMINDER
            tell(place, session, case, lead.department, ask, key, now)
        if used_up:
            tell(place, session, case, Recipient.DESK, Ask.PAUSE_USED_UP, key, now)


def _nothing_left(place: Workplace, session: Session, case: Case, now: datetime) -> bool:
    rules = place.rules_for(case).pauses
    pauses = pauses_of(journal.entries_of(session, case.id), rules, now)
    return bool(pauses) and left_for(pauses, rules, pauses[-1].reason) == NOTHING
