"""`/proactive`: the proactive orders for the house, and the page of one; supervisors decide there.

Codes, clocks and the journal are for everybody of the house. What was said in words is a button away, for
supervisors, and every opening is on record; so are the numbers of the requests behind it for those who handle cases.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from analysis.proactive.reading import is_late
from desk.api.rights import HOUSE, SEATS
from desk.front import Front
from desk.pages import proactive_words as words_of
from desk.pages.news_sheets import body_of
from desk.pages.proactive_forms import Sent, read_form, sheet_for
from desk.pages.reads import ONLY_SUPERVISORS
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.story_words import actor_words, roles_of
from models.house import AccessLog
from models.proactive import OrderAct, ProactiveOrder
from models.proactive_moves import IS_AT_WORK
from models.vocabulary import Purpose, ReadOf, Role
from tasks.news.inbox import Speaker
from tasks.proactive.answering import OF_SUPERVISOR, OrderRefusedError, fits_now, say
from tasks.proactive.behind import numbers_behind
from tasks.proactive.book import OrderNotFoundError, find_order, rules_of
from tasks.proactive.clock import STEP_OF
from tasks.proactive.closing import checked
from tasks.proactive.standing import orders_at_work, orders_listed, told_of, warnings_of

"""What the access log calls an opening of the words of an order; its subject is the order's number."""


def proactive_routes(front: Front) -> APIRouter:
    """List, page, words and decisions."""
    router = APIRouter(include_in_schema=False)

    @router.get("/proactive")
    def listed(request: Request) -> HTMLResponse:
        if visitor(front, request, HOUSE) is None:
            return turn_away(request)
        shows_all = request.query_params.get("which") == "all"
        with front.place.database.reading() as session:
            orders = orders_listed(session) if shows_all else orders_at_work(session)
        return page(
            request, "proactive_list.html", orders=orders, shows_all=shows_all, late=_late(orders, front.now()),
            steps=STEP_OF, **_common(front),
        )  # fmt: skip

    @router.get("/proactive/{number}")
    def order(request: Request, number: str) -> HTMLResponse:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return turn_away(request)
        return _shown(front, request, speaker, number)

    @router.post("/proactive/{number}/words")
    def opened(request: Request, number: str) -> HTMLResponse:
        speaker = visitor(front, request, ONLY_SUPERVISORS)
        if speaker is None:
            return turn_away(request)
        return _shown(front, request, speaker, number, opens=True)

    @router.post("/proactive/{number}/say/{act}", response_model=None)
    def decide(request: Request, number: str, act: str, body: Annotated[bytes, Depends(body_of)]) -> Response:
        speaker = visitor(front, request, ONLY_SUPERVISORS)
        if speaker is None:
            return turn_away(request)
        return _decided(front, request, speaker, number, act, body)

    return router


def _decided(front: Front, request: Request, speaker: Speaker, number: str, act: str, body: bytes) -> Response:
    if act not in {each.value for each in OF_SUPERVISOR}:
        return _shown(front, request, speaker, number, 409, refused="does_not_fit")
    wanted = OrderAct(act)
    sent = read_form(wanted, body)
    if sent.said is None:
        return _shown(front, request, speaker, number, 422, refused="unfit", wrong=(wanted, sent))
    try:
        with front.place.database.reading() as session:
            order_id = find_order(session, number).id or 0
        with front.turn_to_write():
            say(front.place, order_id, sent.said, speaker, f"{speaker.client}:{sent.once}", front.now())
    except OrderNotFoundError:
        return _shown(front, request, speaker, number)
    except OrderRefusedError as error:
        status = 409 if error.code == "does_not_fit" else 422
        return _shown(front, request, speaker, number, status, refused=error.code, wrong=(wanted, sent))
    return RedirectResponse(f"/proactive/{number}?said={wanted.value}&lang={words_for(request).language}", 303)


def _shown(
    front: Front, request: Request, speaker: Speaker, number: str, status: int = 200, *, opens: bool = False,
    refused: str = "", wrong: tuple[OrderAct, Sent] | None = None,
) -> HTMLResponse:  # fmt: skip
    rules, now = rules_of(front.place), front.now()
    if opens:
        _note_opening(front, speaker, number, now)
    with front.place.database.reading() as session:
        try:
            order = find_order(session, number)
        except OrderNotFoundError:
            return page(request, "proactive_order.html", 404, order=None, **_common(front))
        # Nobody's words are opened unless they were asked for: an actor of this name does not exist.
        told = told_of(front.place, session, order, only_by=None if opens else "")
        roles = roles_of(session, (each.entry.actor for each in told))
        acts = fits_now(order, OF_SUPERVISOR) if speaker.role is Role.SUPERVISOR else ()
        forms = [
            sheet_for(each, rules, front.place.catalogue, wrong[1].typed if wrong and wrong[0] is each else None)
            for each in acts
        ]
        said = request.query_params.get("said", "")
        return page(
            request, "proactive_order.html", status, order=order, told=told, forms=forms, opened=opens,
            may_open=speaker.role is Role.SUPERVISOR, late=bool(_late([order], now)), step=STEP_OF[order.state],
            holds=checked(session, order, rules, now), closings=rules.closings, warnings=warnings_of(session, order),
            cases=numbers_behind(session, order, speaker) if speaker.role in SEATS else [], refused=refused,
            wrong=wrong[0] if wrong else None, once=secrets.token_urlsafe(16),
            said=OrderAct(said) if said in set(OrderAct) else None, reasons=_reason_words(front), actor_words=actor_words, roles=roles, **_common(front),
        )  # fmt: skip


def _note_opening(front: Front, speaker: Speaker, number: str, now: datetime) -> None:
    with front.turn_to_write(), front.place.database.writing() as session:
        try:
            label = find_order(session, number).label
        except OrderNotFoundError:
            return
        session.add(AccessLog(at=now, client=speaker.client, what=ReadOf.PROACTIVE_WORDS, purpose=Purpose.REVIEW, allowed=True, subject=label))


def _late(orders: Sequence[ProactiveOrder], now: datetime) -> set[int | None]:
    waits_for_us = {each.id for each in orders if IS_AT_WORK[each.state] and each.due_at and each.due_at < now}
    return waits_for_us | {each.id for each in orders if is_late(each, now)}


def _reason_words(front: Front) -> dict[str, tuple[str, str]]:
    rules = rules_of(front.place)
    every = (*rules.measures, *rules.objections, *rules.closings, *rules.withdrawals, *rules.sent_back)
    return {each.code: (each.name.zh, each.name.en) for each in every}


def _common(front: Front) -> dict[str, Any]:
    return {"texts": words_of.TEXTS, "w": words_of, "departments": front.place.catalogue.departments, "kinds": front.place.catalogue.kinds}
