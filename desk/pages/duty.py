"""`/duty`: what burns. Danger first, then what is late, near, waits for a decision, or stands still."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session, col, func, or_, select

from desk.api.rights import HOUSE
from desk.front import Front
from desk.pages.show import page, sign_in, visitor
from models.case import Case
from models.exchange import Assignment, Notice
from models.following import FollowUp
from models.grades import NEVER_PAUSED
from models.record import Clock
from models.transitions import IS_WITH_DEPARTMENT, OPEN_STATUSES
from models.vocabulary import FollowUpState, Grade, NoticeState, Status, Target
from tasks.clocks.page import TARGET_WORDS
from tasks.news.inbox import not_tied
from tasks.settling import APPROVAL
from tasks.words.summaries import is_unwritten

SHOWN = 50
NEAR = timedelta(hours=4)
WITH_DEPARTMENT = tuple(status for status in Status if IS_WITH_DEPARTMENT[status])
DECISIONS = (Status.DISPUTED, Status.EXTENSION_ASKED, Status.NEEDS_REVIEW, Status.CALLBACK)


@dataclass(frozen=True)
class Burning:
    """One case that needs somebody: who holds it, and which clock says so, if one does.

    Of a hung-up case `due_at` is its review date.
    """

    number: str
    grade: Grade
    status: Status
    holder: str
    target: Target | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Heap:
    """One heap of the board: its name among the words, its rows, and how many there are in all."""

    name: str
    rows: tuple[Burning, ...]
    total: int


def duty_routes(front: Front) -> APIRouter:
    """The board of whoever has the duty: operators, supervisors and administrators."""
    router = APIRouter(include_in_schema=False)

    @router.get("/duty")
    def duty(request: Request) -> HTMLResponse:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return sign_in(request)
        now = front.now()
        with front.place.database.reading() as session:
            found, dead = heaps(session, now, speaker.client), _dead_letters(session)
        return page(request, "duty.html", heaps=found, dead=dead, now=now, targets=TARGET_WORDS, shown=SHOWN)

    return router


def heaps(session: Session, now: datetime, holder: str = "") -> tuple[Heap, ...]:
    """All heaps as of `now`, without cases that `holder` is kept away from; each is bounded, its count is not."""
    is_open, own = col(Case.status).in_(OPEN_STATUSES), not_tied(holder)
    # Who has been called, or was never to be, is nobody's call any more: such a case waits for a supervisor.
    approval = col(Case.waiting_for).contains(APPROVAL)
    return (
        _cases(session, "duty_danger", own, is_open, col(Case.grade).in_([Grade.U0, Grade.U1])),
        _clocks(session, "duty_late", own, col(Clock.due_at) <= now),
        _clocks(session, "duty_near", own, col(Clock.due_at) > now, col(Clock.due_at) <= now + NEAR),
        *(_cases(session, f"duty_{status.value.lower()}", own, col(Case.status) == status, ~approval) for status in DECISIONS),
        _cases(session, "duty_approval", own, is_open, approval),
        _cases(session, "duty_follow_up", own, col(Case.id).in_(_to_look_at())),
        _cases(session, "duty_hung_up", own, col(Case.status) == Status.HUNG_UP),
        _cases(session, "duty_unwritten", own, is_open, col(Case.status).in_(WITH_DEPARTMENT), is_unwritten()),
        _cases(session, "duty_flagged", own, col(Case.flag).is_not(None)),
    )


def _to_look_at() -> Any:
    asked = select(FollowUp.case_id).join(Case, col(Case.id) == col(FollowUp.case_id))
    return asked.where(FollowUp.state == FollowUpState.ASKED, Case.status == Status.CLOSED)


def _cases(session: Session, name: str, *wanted: Any) -> Heap:
    total = session.exec(select(func.count()).select_from(Case).where(*wanted)).one()
    oldest = select(Case).where(*wanted).order_by(col(Case.number)).limit(SHOWN)
    cases = session.exec(oldest).all()
    holders = _holders(session, cases)
    rows = tuple(
        Burning(each.label, each.grade, each.status, holders.get(each.number or 0, ""), due_at=each.hung_up_until) for each in cases
    )
    return Heap(name, rows, total)


def _clocks(session: Session, name: str, *wanted: Any) -> Heap:
    # As `stands_still` says of one case: hung up, and of a grade whose clocks may pause at all.
    counts = or_(col(Case.status) != Status.HUNG_UP, col(Case.grade).in_(NEVER_PAUSED))
    running = (col(Clock.stopped_at).is_(None), col(Case.status).in_(OPEN_STATUSES), counts, *wanted)
    # One more than are shown: only then is there anything to count.
    first = select(Clock, Case).join(Case, col(Case.id) == col(Clock.case_id)).where(*running)
    found = session.exec(first.order_by(col(Clock.due_at)).limit(SHOWN + 1)).all()
    total = len(found) if len(found) <= SHOWN else _count(session, *running)
    holders = _holders(session, [case for _, case in found[:SHOWN]])
    rows = tuple(
        Burning(
            case.label, case.grade, case.status, clock.department or holders.get(case.number or 0, ""), clock.target,
            clock.due_at,
        )
        for clock, case in found[:SHOWN]
    )  # fmt: skip
    return Heap(name, rows, total)


def _count(session: Session, *running: Any) -> int:
    joined = select(func.count()).select_from(Clock).join(Case, col(Case.id) == col(Clock.case_id))
    return session.exec(joined.where(*running)).one()


def _holders(session: Session, cases: Sequence[Case]) -> dict[int, str]:
    ids = {each.id: each.number or 0 for each in cases}
    leads = select(Assignment).where(
        col(Assignment.case_id).in_(list(ids)), col(Assignment.leads).is_(True), col(Assignment.withdrawn_at).is_(None)
    )
    return {ids[each.case_id]: each.department for each in session.exec(leads)}


def _dead_letters(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Notice).where(Notice.state == NoticeState.DEAD)).one()
