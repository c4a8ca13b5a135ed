"""`/p/{token}`: what an alert about a proactive order links to. The unit reads what is asked, and answers.

The link is 128 random bits, belongs to one unit on one order, and leads nowhere once another unit has it. Words, the
desk's and the unit's own, are a button away, so that no preview opens them, and opening them is on record.
"""

import secrets
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, select

from desk.front import Front
from desk.pages import proactive_words as words_of
from desk.pages.news_sheets import body_of
from desk.pages.proactive_forms import Sent, read_form, sheet_for
from desk.pages.show import page, words_for
from models.house import AccessLog
from models.proactive import OrderAct, ProactiveOrder
from models.proactive_moves import IS_AT_WORK
from models.vocabulary import Purpose, ReadOf, Role
from tasks.news.inbox import Speaker
from tasks.proactive.answering import OF_UNIT, OrderRefusedError, fits_now, say
from tasks.proactive.book import rules_of
from tasks.proactive.clock import STEP_OF
from tasks.proactive.standing import brief_of, told_of

LINK_WORKS_FOR = timedelta(days=30)
"""After the order is over; while it is at work its unit can always answer."""


def proactive_link_routes(front: Front) -> APIRouter:
    """It asks for no key: whoever has the alert has the link, and may do with it what the unit may with this order."""
    router = APIRouter(include_in_schema=False)

    @router.get("/p/{token}")
    def order(request: Request, token: str) -> HTMLResponse:
        return _shown(front, request, token)

    @router.post("/p/{token}/words")
    def words(request: Request, token: str) -> HTMLResponse:
        return _shown(front, request, token, opens=True)

    @router.post("/p/{token}/{act}", response_model=None)
    def answer(request: Request, token: str, act: str, body: Annotated[bytes, Depends(body_of)]) -> Response:
        return _answered(front, request, token, act, body)

    return router


def _answered(front: Front, request: Request, token: str, act: str, body: bytes) -> Response:
    with front.place.database.reading() as session:
        found = order_behind(session, token, front)
    if found is None:
        return _shown(front, request, token)
    if act not in {each.value for each in OF_UNIT}:
        return _shown(front, request, token, 409, refused="does_not_fit")
    wanted = OrderAct(act)
    sent = read_form(wanted, body)
    if sent.said is None:
        return _shown(front, request, token, 422, refused="unfit", wrong=(wanted, sent))
    try:
        with front.turn_to_write():
            say(front.place, found.id or 0, sent.said, link_speaker(found), f"link:{found.cycle}:{sent.once}", front.now())
    except OrderRefusedError as error:
        status = 409 if error.code in {"does_not_fit", "not_yours"} else 422
        return _shown(front, request, token, status, refused=error.code, wrong=(wanted, sent))
    return RedirectResponse(f"/p/{token}?said={wanted.value}&lang={words_for(request).language}", 303)


def link_speaker(order: ProactiveOrder) -> Speaker:
    """Who speaks by a link: the unit, on this order."""
    return Speaker(f"link:{order.label}", Role.DEPARTMENT, order.owner)


def order_behind(session: Session, token: str, front: Front) -> ProactiveOrder | None:
    """The order behind a link; None if it is unknown, too old, or the unit's no more."""
    if "\0" in token:
        # PostgreSQL refuses to even compare it.
        return None
    order = session.exec(select(ProactiveOrder).where(ProactiveOrder.token == token)).first()
    if order is None or not order.owner or order.owner in order.kept_from:
        return None
    if order.closed_at is not None and order.closed_at + LINK_WORKS_FOR < front.now():
        return None
    return order


def _shown(
    front: Front, request: Request, token: str, status: int = 200, *, opens: bool = False, refused: str = "",
    wrong: tuple[OrderAct, Sent] | None = None,
) -> HTMLResponse:  # fmt: skip
    common: dict[str, Any] = {"texts": words_of.TEXTS, "w": words_of, "departments": front.place.catalogue.departments, "kinds": front.place.catalogue.kinds}
    with front.place.database.reading() as session:
        order = order_behind(session, token, front)
    if order is None:
        return page(request, "proactive_link.html", 404, order=None, **common)
    opens = opens and IS_AT_WORK[order.state]
    if opens:
        _note_opening(front, order)
    rules, actor = rules_of(front.place), link_speaker(order).actor
    with front.place.database.reading() as session:
        told = [each for each in told_of(front.place, session, order, only_by=actor if opens else "") if each.entry.actor == actor]
        brief = brief_of(front.place, session, order) if opens else ""
    forms = [
        sheet_for(each, rules, front.place.catalogue, wrong[1].typed if wrong and wrong[0] is each else None)
        for each in fits_now(order, OF_UNIT)
    ]
    said = request.query_params.get("said", "")
    return page(
        request, "proactive_link.html", status, order=order, token=token, told=told, brief=brief, opened=opens, forms=forms,
        at_work=IS_AT_WORK[order.state], step=STEP_OF[order.state], refused=refused, wrong=wrong[0] if wrong else None,
        now=front.now(), once=secrets.token_urlsafe(16), said=OrderAct(said) if said in set(OrderAct) else None, **common,
    )  # fmt: skip


def _note_opening(front: Front, order: ProactiveOrder) -> None:
    with front.turn_to_write(), front.place.database.writing() as session:
        session.add(
            AccessLog(
                at=front.now(), client=link_speaker(order).client, what=ReadOf.PROACTIVE_WORDS, purpose=Purpose.HANDLING, allowed=True,
                subject=order.label,
            )
        )  # fmt: skip
