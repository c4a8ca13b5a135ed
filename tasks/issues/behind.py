"""The cases of a common issue, for those who may read each of them anyway."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from analysis.issues.reading import published_issues
from models.case import Case
from models.common_issues import IssueCase
from models.exchange import Assignment
from models.vocabulary import Role
from tasks.news.inbox import CaseNotFoundError, Speaker, find_case, not_tied, part_of
from tasks.words.entitlement import Piece
from tasks.words.reading import readable_by_part, readable_to

MOST = 100
"""Cases that are looked at, the newest first."""
_TELLS = frozenset({Piece.TEXT, Piece.SUMMARY})
"""Whoever may read neither has no business with the case."""


@dataclass(frozen=True)
class Behind:
    """One case that the reader may open; `token` is of the link to a department's own part, "" for the house."""

    number: str
    received_at: datetime
    token: str = ""


def is_published(session: Session, number: str, as_of: date) -> bool:
    """Whether the newest release of issues tells this one."""
    return any(each["number"] == number for each in published_issues(session, as_of))


def cases_of_issue(session: Session, number: str, reader: Speaker, now: datetime) -> list[Behind]:
    """Those of its newest cases that this reader may read, newest first; of a department only its own."""
    wanted = (
        select(Case.number)
        .join(IssueCase, col(IssueCase.case_id) == col(Case.id))
        .where(IssueCase.number == number, _near(reader))
        .order_by(col(Case.number).desc())
        .limit(MOST)
    )
    found = (_as_far_as_readable(session, f"W-{each:06d}", reader, now) for each in session.exec(wanted))
    return [each for behind in found for each in behind]


def _near(reader: Speaker) -> ColumnElement[bool]:
    """Leaves out in one query what the rules of each case would refuse: they are asked all the same."""
    if reader.role is not Role.DEPARTMENT:
        return not_tied(reader.client)
    units = (reader.department or "", *reader.stands_for)
    return col(Case.id).in_(select(Assignment.case_id).where(col(Assignment.department).in_(units)))


def _as_far_as_readable(session: Session, label: str, reader: Speaker, now: datetime) -> Iterator[Behind]:
    try:
        case = find_case(session, label, reader)
    except CaseNotFoundError:
        return
    part = part_of(session, case, reader)
    of_house = reader.department is None
    may = (
        readable_to(session, case, reader, now)
        if of_house
        else readable_by_part(session, case, part, reader, now)
    )
    if may.isdisjoint(_TELLS):
        return
    yield Behind(case.label, case.received_at, part.token if part else "")
