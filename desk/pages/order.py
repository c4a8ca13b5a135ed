"""`/o/{token}`: what an alert links to. It shows what the alert shows, and how to answer."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session, col, select

from desk.front import Front
from desk.pages.show import page
from models.case import Case
from models.exchange import Assignment, Notice
from models.vocabulary import Ask, Grade, NewsKind, Role, Status
from notifications.messages import ASKED
from tasks.conflict import is_kept_from
from tasks.news_forms import LEAD_ONLY, WHO_MAY_SAY


@dataclass(frozen=True)
class Order:
    """The facts of an alert, and which kinds of news answer it."""

    number: str
    grade: Grade
    ask: Ask
    due_at: datetime | None
    department: str
    answers: tuple[NewsKind, ...]


def order_routes(front: Front) -> APIRouter:
    """The page behind the link of an alert.

    It asks for no key: the link is 128 random bits, and the page holds no more than the alert
    that carried it. Whoever has the one has the other.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/o/{token}")
    def order(request: Request, token: str) -> HTMLResponse:
        with front.place.database.reading() as session:
            found = find_order(session, token)
        base = front.place.settings.link_base
        return page(request, "order.html", 200 if found else 404, order=found, asked=ASKED, base=base)

    return router


def find_order(session: Session, token: str) -> Order | None:
    """What a department was last asked; None if the link is unknown or no longer its business."""
    if "\0" in token:
        # PostgreSQL refuses to even compare it.
        return None
    wanted = (
        select(Assignment, Case)
        .where(Assignment.case_id == Case.id)
        .where(Assignment.token == token, col(Assignment.withdrawn_at).is_(None))
    )
    found = session.exec(wanted).first()
    if found is None:
        return None
    part, case = found
    if case.status is Status.SEALED or is_kept_from(case, part.department):
        return None
    last = _last_notice(session, part)
    return Order(
        number=case.label,
        grade=last.grade if last else case.grade,
        ask=last.ask if last else part.ask,
        due_at=last.due_at if last else None,
        department=part.department,
        answers=tuple(kind for kind in NewsKind if _may_answer(part, kind)),
    )


def _last_notice(session: Session, part: Assignment) -> Notice | None:
    wanted = select(Notice).where(Notice.case_id == part.case_id, Notice.recipient == part.department)
    return session.exec(wanted.order_by(col(Notice.id).desc())).first()


def _may_answer(part: Assignment, kind: NewsKind) -> bool:
    if Role.DEPARTMENT not in WHO_MAY_SAY[kind]:
        return False
    return kind is not NewsKind.CO_REPLIED if part.leads else kind not in LEAD_ONLY
