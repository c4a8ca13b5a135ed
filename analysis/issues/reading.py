"""The common issues that may be shown, as reports and pages read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from models.common_issues import IssueRelease, IssueRun


def published_issues(session: Session, as_of: date) -> tuple[Mapping[str, Any], ...]:
    """The newest release of a day or before it, hottest first; nothing if there is none.

    Args:
        session: A session that may read.
        as_of: A day of Beijing; a release is of its Monday and holds the weeks before that.

    Returns:
        Records: number, heat, topic (words), sorts_of_places, district, kind, matters (the multiple of the limit
        that was reached), weeks (pairs of a Monday and a count or None), departments, owner, owner_reason,
        sentence or None, growth or None.
    """
    newest = released_on(session, as_of)
    if newest is None:
        return ()
    wanted = select(IssueRelease).where(IssueRelease.as_of == newest).order_by(col(IssueRelease.rank))
    return tuple(each.record for each in session.exec(wanted))


def released_on(session: Session, as_of: date) -> date | None:
    """The Monday of the newest release of a day or before it."""
    return session.exec(select(func.max(IssueRun.as_of)).where(col(IssueRun.as_of) <= as_of)).one()
