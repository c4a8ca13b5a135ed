"""Digesting what the outside world said: each piece of news once, in the order it arrived."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models import journal
from models.case import Case
from models.exchange import Assignment, Inbox
from models.vocabulary import EventKind, NewsKind
from tasks.case_task import case_task
from tasks.casebook import editing, standing
from tasks.clocks import hanging_up
from tasks.closing import approval, following_up
from tasks.dispatch import conflict_found, objections, reassigning
from tasks.escalation import acknowledging
from tasks.news import of_departments as news_of_departments
from tasks.news import of_links as news_of_links
from tasks.news import of_people as news_of_people
from tasks.news.context import News, NewsRefusedError
from tasks.words import summaries
from tasks.workplace import Workplace, workplace

Digest = Callable[[News], None]

DIGESTS: dict[NewsKind, Digest] = {
    NewsKind.ACKNOWLEDGED: acknowledging.acknowledged,
    NewsKind.CONTACTED: news_of_departments.contacted,
    NewsKind.REPLIED: news_of_departments.replied,
    NewsKind.CO_REPLIED: news_of_departments.co_replied,
    NewsKind.OBJECTED: objections.objected,
    NewsKind.EXTENSION_ASKED: news_of_departments.extension_asked,
    NewsKind.HELP_ASKED: news_of_departments.help_asked,
    NewsKind.OBJECTION_DECIDED: objections.objection_decided,
    NewsKind.CONFLICT_FOUND: conflict_found.conflict_found,
    NewsKind.REASSIGNED: reassigning.reassigned,
    NewsKind.EXTENSION_DECIDED: news_of_people.extension_decided,
    NewsKind.HUNG_UP: hanging_up.hung_up,
    NewsKind.CALLED_BACK: news_of_people.called_back,
    NewsKind.POLICE_NOTIFIED: news_of_people.police_notified,
    NewsKind.HANDED_OVER: news_of_people.handed_over,
    NewsKind.SAFETY_RECORDED: news_of_people.safety_recorded,
    NewsKind.GRADE_DECIDED: news_of_people.grade_decided,
    NewsKind.REVIEW_DECIDED: news_of_people.review_decided,
    NewsKind.CLOSING_DECIDED: approval.closing_decided,
    NewsKind.FOLLOWED_UP: following_up.followed_up,
    NewsKind.REOPENED: news_of_people.reopened,
    NewsKind.RESUMED: news_of_people.resumed,
    NewsKind.FACTS_JOINED: news_of_people.facts_joined,
    NewsKind.LINK_DECIDED: news_of_links.link_decided,
    NewsKind.SUMMARY_WRITTEN: summaries.summary_written,
}


def try_on(place: Workplace, session: Session, case: Case, row: Inbox, now: datetime) -> None:
    """Digest one stored row to see whether the case as it rests would take it; nothing of it stays but the row.

    Raises:
        NewsRefusedError: It would not.
    """
    trial = session.begin_nested()
    try:
        DIGESTS[row.kind](News(place, session, case, row, _speaker(standing(session, case), row), now))
    finally:
        trial.rollback()


def unread(session: Session, case: Case) -> list[Inbox]:
    """What the case has not digested yet, oldest first."""
    wanted = (
        select(Inbox).where(Inbox.case_id == case.id, col(Inbox.read_at).is_(None)).order_by(col(Inbox.id))
    )
    return list(session.exec(wanted))


@case_task
def digest_news(case_id: UUID, now: datetime) -> None:
    """Digest every unread piece of news; one that does not fit is refused with a code, not lost."""
    place = workplace()
    while _digest_one(place, case_id, now):
        continue


def _digest_one(place: Workplace, case_id: UUID, now: datetime) -> bool:
    with editing(place, case_id) as (session, case):
        waiting = unread(session, case)
        if not waiting:
            return False
        row = waiting[0]
        news = News(place, session, case, row, _speaker(standing(session, case), row), now)
        journal.write(session, case, EventKind.NEWS, now, row.actor, news=row.kind, **_journal_codes(row))
        try:
            with session.begin_nested():
                DIGESTS[row.kind](news)
        except NewsRefusedError as refusal:
            _refuse(news, refusal)
        row.read_at = now
        session.add(row)
        # What arrives from now on is seen by the next look at the case.
        return len(waiting) > 1


def _refuse(news: News, refusal: NewsRefusedError) -> None:
    row = news.row
    row.refused = refusal.code
    journal.write(
        news.session, news.case, EventKind.NEWS_REFUSED, news.now, row.actor, news=row.kind, code=refusal.code
    )
    if refusal.answer and news.part:
        news.tell(news.part.department, refusal.answer)


def _speaker(parts: list[Assignment], row: Inbox) -> Assignment | None:
    return next((part for part in parts if part.department == row.department), None)


def _journal_codes(row: Inbox) -> dict[str, Any]:
    return {f"said_{name}": value for name, value in row.codes.items() if value not in (None, [], "")}
