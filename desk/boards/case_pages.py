"""Cases page by page, and how many there are: for the API and for the desk's first page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from desk.boards.needs import Moment, Need, needing
from models.case import Case
from models.exchange import Assignment
from models.record import Clock
from models.transitions import OPEN_STATUSES
from models.vocabulary import Flag, Grade, Status, Target
from tasks.dispatch.conflict import open_to
from tasks.news.inbox import CaseNotFoundError, not_tied
from tasks.story.state import stands_still

HIGHEST_NUMBER = 2**31 - 1
FEW = 5000
"""Up to so many orders a unit's cases are found by its orders, above it by going through the cases."""


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
    asks: cases they are kept away from are left out. `lead` is who holds the order now; `need` is as of `at`.
    `received_from` is within, `received_before` is not.
    """

    status: Status | None = None
    grade: Grade | None = None
    department: str | None = None
    flag: Flag | None = None
    only_open: bool = False
    only_flagged: bool = False
    reader: str | None = None
    holder: str | None = None
    grades: tuple[Grade, ...] = ()
    kind: str | None = None
    lead: str | None = None
    district: str | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    need: Need | None = None
    at: Moment | None = None


EVERY_CASE = Wanted()


@dataclass(frozen=True)
class CaseRow:
    """One case in a list: codes and times; the last ones are of the running clock that is due first."""

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
    district: str | None = None
    due_at: datetime | None = None
    target: Target | None = None
    due_from: str = ""
    stands_still: bool = False


def cases_after(session: Session, wanted: Wanted, after: int, limit: int) -> list[CaseRow]:
    """Up to `limit` cases with a number above `after`, lowest number first."""
    query = _matching(session, wanted).where(col(Case.number) > after).order_by(col(Case.number)).limit(limit)
    return _rows(session, query)


def newest_cases(session: Session, limit: int, wanted: Wanted = EVERY_CASE) -> list[CaseRow]:
    """The newest cases that fit, newest first."""
    return _rows(session, _matching(session, wanted).order_by(col(Case.number).desc()).limit(limit))


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first, and whether there are newer and older cases that fit."""

    rows: tuple[CaseRow, ...]
    has_newer: bool
    has_older: bool


def page_of(session: Session, wanted: Wanted, limit: int, before: int | None = None, after: int | None = None) -> Page:
    """The page below the number `before`, or above `after`, or the newest one.

    By key and never by position: cases taken in meanwhile neither shift a page nor come twice.
    """
    number = col(Case.number)
    query = _matching(session, wanted)
    if after is not None:
        found = _rows(session, query.where(number > after).order_by(number).limit(limit + 1))
        return Page(tuple(reversed(found[:limit])), len(found) > limit, has_older=True)
    if before is not None:
        query = query.where(number < before)
    found = _rows(session, query.order_by(number.desc()).limit(limit + 1))
    return Page(tuple(found[:limit]), before is not None, len(found) > limit)


def count_up_to(session: Session, wanted: Wanted, most: int) -> int:
    """How many cases fit; `most` + 1 stands for more than `most`."""
    # The newest first: with a filter on what is rare, no plan is better; with others it ends at once.
    some = _matching(session, wanted).with_only_columns(col(Case.number)).order_by(col(Case.number).desc()).limit(most + 1)
    return session.exec(select(func.count()).select_from(some.subquery())).one()


def count_by_status_and_grade(session: Session) -> dict[tuple[Status, Grade], int]:
    """How many cases stand where; a pair without any is missing."""
    status, grade = col(Case.status), col(Case.grade)
    found = session.exec(select(status, grade, func.count()).group_by(status, grade))
    return {(each[0], each[1]): each[2] for each in found}


def _matching(session: Session, wanted: Wanted) -> SelectOfScalar[Case]:
    query = select(Case)
    for condition in (*_of_the_case(wanted), *_of_others(session, wanted)):
        query = query.where(condition)
    return query


def _of_the_case(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for column, value in (
        (col(Case.status), wanted.status), (col(Case.grade), wanted.grade), (col(Case.flag), wanted.flag),
        (col(Case.kind), wanted.kind), (col(Case.district), wanted.district),
    ):  # fmt: skip
        if value:
            yield column == value
    if wanted.grades:
        yield col(Case.grade).in_(wanted.grades)
    if wanted.only_open:
        yield col(Case.status).in_(OPEN_STATUSES)
    if wanted.only_flagged:
        yield col(Case.flag).is_not(None)
    if wanted.received_from:
        yield col(Case.received_at) >= wanted.received_from
    if wanted.received_before:
        yield col(Case.received_at) < wanted.received_before


def _of_others(session: Session, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What lies outside the case's own row: who holds it, who asks, and what it needs."""
    if wanted.need and wanted.at:
        yield needing(wanted.need, wanted.at)
    if wanted.lead:
        yield _led_by(session, wanted.lead)
    if wanted.holder:
        yield not_tied(wanted.holder)
    if wanted.reader:
        yield open_to(wanted.reader)
    if wanted.department:
        parts = select(Assignment.case_id).where(
            Assignment.department == wanted.department, col(Assignment.withdrawn_at).is_(None)
        )
        # A unit the case is kept from never sees the case, whatever it was assigned before.
        yield col(Case.id).in_(parts)
        yield open_to(wanted.department)


def _led_by(session: Session, unit: str) -> ColumnElement[bool]:
    """Cases whose order this unit leads now, as a condition for a query over cases."""
    leads = (Assignment.department == unit, col(Assignment.leads), col(Assignment.withdrawn_at).is_(None))
    some = select(Assignment.id).where(*leads).limit(FEW + 1).subquery()
    if session.exec(select(func.count()).select_from(some)).one() <= FEW:
        return col(Case.id).in_(select(Assignment.case_id).where(*leads))
    # Of a unit with many, a page is full before long: going through the cases ends sooner than going through its orders.
    return select(Assignment.id).where(Assignment.case_id == Case.id, *leads).exists()


def _rows(session: Session, query: SelectOfScalar[Case]) -> list[CaseRow]:
    cases = session.exec(query).all()
    ids = [case.id for case in cases]
    leads, dues = _leads(session, ids), _next_clocks(session, ids)
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
            district=case.district,
            due_at=dues[case.id][0] if case.id in dues else None,
            target=dues[case.id][1] if case.id in dues else None,
            due_from=dues[case.id][2] if case.id in dues else "",
            stands_still=stands_still(case),
        )
        for case in cases
    ]


def _next_clocks(session: Session, case_ids: list[UUID]) -> dict[UUID, tuple[datetime, Target, str]]:
    """The running clock of each case that is due first: when, what it measures, and against whom."""
    running = select(Clock.case_id, Clock.due_at, Clock.target, Clock.department).where(
        col(Clock.case_id).in_(case_ids), col(Clock.stopped_at).is_(None)
    )
    latest_first = running.order_by(col(Clock.due_at).desc(), col(Clock.id).desc())
    return {case_id: (due_at, Target(target), unit) for case_id, due_at, target, unit in session.exec(latest_first)}


def _leads(session: Session, case_ids: list[UUID]) -> dict[UUID, str]:
    query = select(Assignment.case_id, Assignment.department).where(
        col(Assignment.case_id).in_(case_ids),
        col(Assignment.leads),
        col(Assignment.withdrawn_at).is_(None),
    )
    return {case_id: department for case_id, department in session.exec(query)}
