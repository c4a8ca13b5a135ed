"""A supervisor asks for a proactive order about a common issue; the issue's cases decide who may have it."""

from datetime import datetime

from sqlmodel import Session, col, select

from models.case import Case
from models.common_issues import CommonIssue, IssueCase
from models.proactive import ProactiveOrder
from models.vocabulary import Role
from tasks.news.inbox import Speaker, not_tied
from tasks.proactive.opening import order_for, trouble_of_issue
from tasks.workplace import Workplace

MOST_LISTED = 200


class IssueNotFoundError(LookupError):
    """There is no common issue of this number."""


class IssueOrderRefusedError(PermissionError):
    """Only a supervisor opens an order about an issue."""


def order_about_issue(place: Workplace, number: str, speaker: Speaker, now: datetime) -> ProactiveOrder:
    """The order about an issue: a new one, the one at work, or the closed one opened again; asking twice opens one.

    Raises:
        IssueNotFoundError: No such issue.
        IssueOrderRefusedError: Not a supervisor.
    """
    if speaker.role is not Role.SUPERVISOR:
        raise IssueOrderRefusedError("an order about an issue is for supervisors to open")
    with place.database.writing() as session:
        issue = issue_of(session, number)
        wanted = select(Case).join(IssueCase, col(IssueCase.case_id) == col(Case.id)).where(IssueCase.number == number)
        trouble = trouble_of_issue(number, issue.kind, issue.district)
        return order_for(place, session, trouble, list(session.exec(wanted)), now, speaker.actor)


def issue_of(session: Session, number: str) -> CommonIssue:
    """The issue of this number, as it was found last.

    Raises:
        IssueNotFoundError: There is none.
    """
    issue = session.get(CommonIssue, number)
    if issue is None:
        raise IssueNotFoundError(f"no issue {number}; list them with `whistle issues list`")
    return issue


def numbers_of(session: Session, number: str, reader: Speaker) -> list[str]:
    """The numbers of an issue's cases that this reader may open, newest first."""
    wanted = (
        select(Case)
        .join(IssueCase, col(IssueCase.case_id) == col(Case.id))
        .where(IssueCase.number == number, not_tied(reader.client))
        .order_by(col(Case.number).desc())
    )
    return [each.label for each in session.exec(wanted.limit(MOST_LISTED))]
