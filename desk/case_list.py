"""Cases as a list: numbers, codes and times."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.case import Case
from models.exchange import Assignment
from models.transitions import IS_OPEN
from models.vocabulary import Flag, Grade, Status

OPEN = [status for status, is_open in IS_OPEN.items() if is_open]


@dataclass(frozen=True)
class CaseFilter:
    """Which cases to list, newest first; None and False leave a question open."""

    status: Status | None = None
    grade: Grade | None = None
    department: str | None = None
    only_open: bool = False
    only_flagged: bool = False
    limit: int = 50


@dataclass(frozen=True)
class CaseLine:
    """One case in a list."""

    number: str
    status: Status
    grade: Grade
    kind: str | None
    flag: Flag | None
    received_at: datetime
    wake_at: datetime | None
    waiting_for: str


def list_cases(session: Session, wanted: CaseFilter) -> list[CaseLine]:
    """The newest cases that fit.

    A department's cases are those it has a standing assignment for, never those about itself.
    """
    query = select(Case)
    if wanted.status:
        query = query.where(col(Case.status) == wanted.status)
    if wanted.grade:
        query = query.where(col(Case.grade) == wanted.grade)
    if wanted.only_open:
        query = query.where(col(Case.status).in_(OPEN))
    if wanted.only_flagged:
        query = query.where(col(Case.flag).is_not(None))
    if wanted.department:
        parts = select(Assignment.case_id).where(
            Assignment.department == wanted.department, col(Assignment.withdrawn_at).is_(None)
        )
        query = query.where(
            col(Case.id).in_(parts), col(Case.complained_of).is_distinct_from(wanted.department)
        )
    found = session.exec(query.order_by(col(Case.number).desc()).limit(wanted.limit)).all()
    return [_line(case) for case in found]


def _line(case: Case) -> CaseLine:
    return CaseLine(
        number=case.label,
        status=case.status,
        grade=case.grade,
        kind=case.kind,
        flag=case.flag,
        received_at=case.received_at,
        wake_at=case.wake_at,
        waiting_for=case.waiting_for,
    )
