"""The requests behind a proactive order: for those who may open them anyway, and for what may be said of them."""

from sqlmodel import Session, col, select

from models.case import Case
from models.common_issues import IssueCase
from models.early_warnings import EarlyWarning, WarningCase
from models.proactive import OrderAbout, ProactiveOrder
from tasks.news.inbox import Speaker, not_tied
from tasks.words.scrubbing import leaks
from tasks.words.summaries import reporter_of
from tasks.workplace import Workplace

MOST_COMPARED = 500
"""Reporters that a brief is held against, of the newest requests."""


def cases_behind(session: Session, order: ProactiveOrder) -> list[Case]:
    """The requests, newest first."""
    if order.about_sort is OrderAbout.ISSUE:
        wanted = select(Case).join(IssueCase, col(IssueCase.case_id) == col(Case.id)).where(IssueCase.number == order.about)
    else:
        own = (
            select(WarningCase.case_id)
            .join(EarlyWarning, col(EarlyWarning.id) == col(WarningCase.warning_id))
            .where(EarlyWarning.order_id == order.id)
        )
        wanted = select(Case).where(col(Case.id).in_(own))
    return list(session.exec(wanted.order_by(col(Case.number).desc())))


def numbers_behind(session: Session, order: ProactiveOrder, reader: Speaker, most: int = 100) -> list[str]:
    """The numbers of the requests that this reader may open, newest first."""
    ids = [each.id for each in cases_behind(session, order)[:MOST_COMPARED]]
    wanted = select(Case).where(col(Case.id).in_(ids), not_tied(reader.client)).order_by(col(Case.number).desc())
    return [each.label for each in session.exec(wanted.limit(most))]


def tells_who_reported(place: Workplace, session: Session, order: ProactiveOrder, text: str) -> bool:
    """Whether something recognisable of any of the reporters stands in the text."""
    cases = [each for each in cases_behind(session, order) if each.wrapped_key is not None]
    return any(leaks(text, reporter_of(place, session, each)) for each in cases[:MOST_COMPARED])
