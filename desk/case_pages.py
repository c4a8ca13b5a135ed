"""Cases page by page, and how many there are: for the API and for the desk's first page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.case import Case
from models.exchange import Assignment
from models.transitions import OPEN_STATUSES
from models.vocabulary import Flag, Grade, Status
from tasks.dispatch.conflict import open_to
from tasks.news.inbox import CaseNotFoundError, not_tied

HIGHEST_NUMBER = 2**31 - 1


def storable_number(label: str) -> str:
    """The label, if a column of numbers can hold it: PostgreSQL fails on others instead of finding none.

    Raises:
        CaseNotFoundError: It is above every number a case can have.
    """
    digits = label.removeprefix("W-")
    if digits.isascii() and digits.isdigit() and int(digits) > HIGHEST_NUMBER:
        raise CaseNotFoundError("no case has a number that high")
    return label


@dataclass(frozen=True)
class Wanted:
    """Which cases; None leaves a question open. `department` hears of its own part only.

    `reader` is the department that asks, if it is another one: a deputy. `holder` is who of the house
    asks: cases they are kept away from are left out.
    """

    status: Status | None = None
    grade: Grade | None = None
    department: str | None = None
    flag: Flag | None = None
    only_open: bool = False
    only_flagged: bool = False
    reader: str | None = None
    holder: str | None = None


EVERY_CASE = Wanted()


@dataclass(frozen=True)
class CaseRow:
    """One case in a list: codes and times."""

    number: str
    id: UUID
    status: Status
    grade: Grade
    kind: str | None
    lead: str | None
    flag: Flag | None
    received_at: datetime
    wake_at: datetime | None
    waiting_for: str
    run_id: UUID | None


def cases_after(session: Session, wanted: Wanted, after: int, limit: int) -> list[CaseRow]:
    """Up to `limit` cases with a number above `after`, lowest number first."""
    query = _matching(wanted).where(col(Case.number) > after).order_by(col(Case.number)).limit(limit)
    return _rows(session, query)


def newest_cases(session: Session, limit: int, wanted: Wanted = EVERY_CASE) -> list[CaseRow]:
    """The newest cases that fit, newest first."""
    return _rows(session, _matching(wanted).order_by(col(Case.number).desc()).limit(limit))


def count_by_status_and_grade(session: Session) -> dict[tuple[Status, Grade], int]:
    """How many cases stand where; a pair without any is missing."""
    status, grade = col(Case.status), col(Case.grade)
    found = session.exec(select(status, grade, func.count()).group_by(status, grade))
    return {(each[0], each[1]): each[2] for each in found}


def _matching(wanted: Wanted) -> SelectOfScalar[Case]:
    query = select(Case)
    if wanted.status:
        query = query.where(col(Case.status) == wanted.status)
    if wanted.grade:
        query = query.where(col(Case.grade) == wanted.grade)
    if wanted.flag:
        query = query.where(col(Case.flag) == wanted.flag)
    if wanted.only_open:
        query = query.where(col(Case.status).in_(OPEN_STATUSES))
    if wanted.only_flagged:
        query = query.where(col(Case.flag).is_not(None))
    if wanted.holder:
        query = query.where(not_tied(wanted.holder))
    if wanted.reader:
        query = query.where(open_to(wanted.reader))
    if wanted.department:
        parts = select(Assignment.case_id).where(
            Assignment.department == wanted.department, col(Assignment.withdrawn_at).is_(None)
        )
        # A unit the case is kept from never sees the case, whatever it was assigned before.
        query = query.where(col(Case.id).in_(parts), open_to(wanted.department))
    return query


def _rows(session: Session, query: SelectOfScalar[Case]) -> list[CaseRow]:
    cases = session.exec(query).all()
    leads = _leads(session, [case.id for case in cases])
    return [
        CaseRow(
            number=case.label,
            id=case.id,
            status=case.status,
            grade=case.grade,
            kind=case.kind,
            lead=leads.get(case.id),
            flag=case.flag,
            received_at=case.received_at,
            wake_at=case.wake_at,
            waiting_for=case.waiting_for,
            run_id=case.run_id,
        )
        for case in cases
    ]


def _leads(session: Session, case_ids: list[UUID]) -> dict[UUID, str]:
    query = select(Assignment.case_id, Assignment.department).where(
        col(Assignment.case_id).in_(case_ids),
        col(Assignment.leads),
        col(Assignment.withdrawn_at).is_(None),
    )
    return {case_id: department for case_id, department in session.exec(query)}
