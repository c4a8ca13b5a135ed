"""`/cases/reassign`: a supervisor hands several orders of one unit over to another: preview, confirm, what became of it."""

import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from desk.boards.handing_over import MOST, hand_over, look_ahead, what_became
from desk.front import Front
from desk.pages.board_words import STAYS_WORDS
from desk.pages.news_sheets import ONCE, body_of
from desk.pages.reads import ONLY_SUPERVISORS
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.switching import Switch, asked_again
from tasks.dispatch.reassigning import REASON_WORDS
from tasks.news.forms import Reassigned
from tasks.news.inbox import Speaker

MOST_FIELDS = MOST + 50
Body = Annotated[bytes, Depends(body_of)]


@dataclass(frozen=True)
class Sent:
    """What a form brought: the wish, or the name of what is wrong with it among the words."""

    numbers: tuple[str, ...]
    wish: Reassigned | None
    once: str
    given_from: str
    wrong: str = ""


def reassigning_routes(front: Front) -> APIRouter:
    """For supervisors only; each case is told on its own, so that one that cannot move holds up no other."""
    router = APIRouter(include_in_schema=False)

    @router.post("/cases/reassign", response_model=None)
    def preview(request: Request, body: Body) -> Response:
        speaker = visitor(front, request, ONLY_SUPERVISORS)
        if speaker is None:
            return turn_away(request)
        return _preview(front, request, speaker, _read(body))

    @router.post("/cases/reassign/confirm", response_model=None)
    def confirm(request: Request, body: Body) -> Response:
        speaker = visitor(front, request, ONLY_SUPERVISORS)
        if speaker is None:
            return turn_away(request)
        sent = _read(body)
        if sent.wish is None or not ONCE.fullmatch(sent.once):
            return _preview(front, request, speaker, sent)
        with front.turn_to_write():
            hand_over(front.place, sent.numbers, sent.wish, speaker, sent.once, front.now())
        told = [("once", sent.once), ("given_from", sent.given_from), *(("number", each) for each in sent.numbers)]
        return RedirectResponse(f"/cases/reassigned?{urlencode([*told, ('lang', words_for(request).language)])}", 303)

    @router.get("/cases/reassigned", response_model=None)
    def done(request: Request) -> Response:
        speaker = visitor(front, request, ONLY_SUPERVISORS)
        if speaker is None:
            return turn_away(request)
        query = request.query_params
        with front.place.database.reading() as session:
            rows = list(what_became(session, _numbers(query.multi_items()), speaker, query.get("once", "")[:40]))
        return page(
            request, "reassigned.html", rows=rows, given_from=_unit(front, query.get("given_from", "")), stays=STAYS_WORDS,
            departments=front.place.catalogue.departments, again=request.url.query,
        )  # fmt: skip

    return router


def _preview(front: Front, request: Request, speaker: Speaker, sent: Sent) -> HTMLResponse:
    rows = []
    if sent.wish is not None:
        with front.place.database.reading() as session:
            rows = look_ahead(front.place, session, sent.numbers, sent.wish, speaker, front.now())
    return page(
        request, "reassign.html", 200 if sent.wish else 422, wish=sent.wish, wrong=sent.wrong, reasons=REASON_WORDS,
        goes=[each for each in rows if not each.stays], stay=[each for each in rows if each.stays], stays=STAYS_WORDS,
        departments=front.place.catalogue.departments, kinds=front.place.catalogue.kinds, once=secrets.token_urlsafe(16),
        given_from=_unit(front, sent.given_from), switch=_switch(front, request, sent),
    )  # fmt: skip


def _switch(front: Front, request: Request, sent: Sent) -> Switch | None:
    """The form of the preview once more, without the token that a hand-over is known by; a refused one is not given back."""
    if sent.wish is None:
        return None
    numbers = [("number", each) for each in sent.numbers if each.removeprefix("W-").isdigit()]
    wish = [("department", sent.wish.department), ("reason", sent.wish.reason.value)]
    return asked_again(request, words_for(request), [*numbers, ("given_from", _unit(front, sent.given_from)), *wish], "/cases/reassign")


def _read(body: bytes) -> Sent:
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        return Sent((), None, "", "", "move_too_many")
    one, numbers = dict(pairs), _numbers(pairs)
    given_from, once = one.get("given_from", ""), one.get("once", "")
    if not numbers:
        return Sent((), None, once, given_from, "move_none_picked")
    if len(numbers) > MOST:
        return Sent((), None, once, given_from, "move_too_many")
    try:
        wish = Reassigned.model_validate({name: one.get(name) for name in ("department", "reason", "given_from")})
    except ValidationError:
        return Sent(numbers, None, once, given_from, "move_missing")
    return Sent(numbers, wish, once, given_from)


def _numbers(pairs: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:12] for name, value in pairs if name == "number"))[: MOST + 1]


def _unit(front: Front, code: str) -> str:
    """The unit, if the catalogue has it: what came in an address is not carried on."""
    return code if code in front.place.catalogue.departments else ""
