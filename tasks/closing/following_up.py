"""Looks at a case after its closing: planned with it, asked for when due, answered, escalated, dropped."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import journal
from models.case import Case
from models.exchange import Inbox
from models.following import FollowUp
from models.journal import MACHINE
from models.vocabulary import (
    Ask,
    CloseReason,
    EventKind,
    FollowUpOutcome,
    FollowUpState,
    NewsKind,
    Recipient,
    Status,
)
from tasks.casebook import edit_beside_worker, lead_of, tell
from tasks.news.context import News, NewsRefusedError
from tasks.news.rows import drop_news
from tasks.workplace import Workplace

AT_ONCE = 500
PENDING = (FollowUpState.PLANNED, FollowUpState.ASKED)


def plan_follow_ups(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """Plan the looks that the rules ask for, in the transaction that closes the case; once for each closing.

    A linked case is looked at through its main case.
    """
    rule = place.rules_for(case).follow_up_for(case.grade, case.harm)
    if rule is None or case.close_reason is CloseReason.LINKED or _of_this_life(session, case):
        return
    for nth, after in enumerate(rule.after, start=1):
        due_at = now + after.length
        session.add(
            FollowUp(
                case_id=case.id, life=case.reopen_count, nth=nth, rule_id=rule.id,
                due_at=due_at, answer_by=due_at + rule.answer_within.length,
            )
        )  # fmt: skip


def _of_this_life(session: Session, case: Case) -> list[FollowUp]:
    wanted = select(FollowUp).where(FollowUp.case_id == case.id, FollowUp.life == case.reopen_count)
    return list(session.exec(wanted.order_by(col(FollowUp.nth))))


def drop_follow_ups(session: Session, case_id: UUID, now: datetime) -> None:
    """Nobody is asked any more: the case is at work again, or its words are gone."""
    session.execute(
        update(FollowUp)
        .where(col(FollowUp.case_id) == case_id, col(FollowUp.state).in_(PENDING))
        .values(state=FollowUpState.SKIPPED, at=now)
        .execution_options(synchronize_session=False)
    )


def asked_follow_ups(session: Session, case: Case) -> list[FollowUp]:
    """The looks somebody has been asked for and nobody has answered, oldest first."""
    return [each for each in _of_this_life(session, case) if each.state is FollowUpState.ASKED]


def due_to_ask(session: Session, now: datetime, limit: int = AT_ONCE) -> list[UUID]:
    """Closed cases with a look that is due, the longest overdue first."""
    return _cases(session, limit, FollowUp.state == FollowUpState.PLANNED, col(FollowUp.due_at) <= now)


def due_to_escalate(session: Session, now: datetime, limit: int = AT_ONCE) -> list[UUID]:
    """Closed cases whose look nobody has answered in time."""
    unheard = col(FollowUp.escalated_at).is_(None)
    return _cases(session, limit, FollowUp.state == FollowUpState.ASKED, unheard, col(FollowUp.answer_by) <= now)


def _cases(session: Session, limit: int, *wanted: Any) -> list[UUID]:
    found = select(FollowUp.case_id).join(Case, col(Case.id) == col(FollowUp.case_id)).where(Case.status == Status.CLOSED, *wanted)
    return list(dict.fromkeys(session.exec(found.order_by(col(FollowUp.due_at)).limit(limit))))


def ask_for_follow_ups(place: Workplace, case_id: UUID, now: datetime) -> bool:
    """Ask the desk and the lead department for the looks that are due; False if somebody was faster.

    Nobody calls the reporter for it: they may only when the callback's own rules allow it.
    """

    def act(session: Session, case: Case) -> bool:
        due = [each for each in _of_this_life(session, case) if each.state is FollowUpState.PLANNED and each.due_at <= now]
        if case.status is not Status.CLOSED or not due:
            return False
        for each in due:
            # Whoever is asked late has as long as whoever is asked in time.
            each.answer_by = max(each.answer_by, now + (each.answer_by - each.due_at))
            each.state, each.asked_at = FollowUpState.ASKED, now
            session.add(each)
            journal.write(session, case, EventKind.FOLLOW_UP, now, MACHINE, nth=each.nth, state=each.state.value)
        # Several that came due while the desk was down are one question.
        last, lead = due[-1], lead_of(session, case)
        for recipient in (Recipient.DESK, *([lead.department] if lead else [])):
            tell(place, session, case, recipient, Ask.FOLLOW_UP, _key(last), now, last.answer_by)
        return True

    return edit_beside_worker(place, case_id, act)


def escalate_follow_ups(place: Workplace, case_id: UUID, now: datetime) -> bool:
    """Tell the duty supervisor, once for each look, that nobody has answered; False if there is nothing to tell."""

    def act(session: Session, case: Case) -> bool:
        late = [each for each in asked_follow_ups(session, case) if each.escalated_at is None and each.answer_by <= now]
        if case.status is not Status.CLOSED or not late:
            return False
        for each in late:
            each.escalated_at = now
            session.add(each)
        journal.write(session, case, EventKind.FOLLOW_UP, now, MACHINE, nth=late[-1].nth, state="overdue")
        tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.FOLLOW_UP_OVERDUE, _key(late[-1]), now)
        return True

    return edit_beside_worker(place, case_id, act)


def _key(follow_up: FollowUp) -> str:
    return f"follow-up:{follow_up.life}:{follow_up.nth}"


def followed_up(news: News) -> None:
    """What a look found: the child is safe, nobody was reached, or there is concern again, which reopens the case.

    Raises:
        NewsRefusedError: Nobody was asked, or the case is at work again.
    """
    news.require(Status.CLOSED)
    asked = asked_follow_ups(news.session, news.case)
    if not asked:
        raise NewsRefusedError("no_follow_up_asked")
    outcome = FollowUpOutcome(news.codes["outcome"])
    for each in asked:
        each.state, each.outcome, each.asked_of = FollowUpState.DONE, outcome, str(news.codes["asked_of"])
        each.by, each.at = news.row.actor, news.said_at
        news.session.add(each)
    if outcome is FollowUpOutcome.CONCERN_AGAIN:
        _reopen(news, asked[-1])


def _reopen(news: News, follow_up: FollowUp) -> None:
    drop_news(
        news.session,
        Inbox(
            case_id=news.case.id, news_key=f"{_key(follow_up)}:reopened", kind=NewsKind.REOPENED, actor=news.row.actor,
            codes={"reason": "new_harm"}, received_at=news.row.received_at,
        ),
    )  # fmt: skip
