"""`/cases/{number}/callback`: the number to call, for one call, in its safe hours, on record; or why nobody may call."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.api.rights import SEATS
from desk.boards.case_pages import storable_number
from desk.front import Front
from desk.pages.case import case_page
from desk.pages.news_sheets import body_of
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.switching import asked_again
from models.vault import SealedForeverError
from tasks.closing.callback_plan import UNUSUAL_HOUR
from tasks.closing.calling import Call, open_call, usual_hours
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError, Speaker, find_case

ANYWAY = b"anyway=yes"
"""What the button under the warning sends."""


def calling_routes(front: Front) -> APIRouter:
    """One page, asked for by a form: no link and no prefetch gives a number away."""
    router = APIRouter(include_in_schema=False)

    @router.post("/cases/{number}/callback")
    def callback(request: Request, number: str, body: Annotated[bytes, Depends(body_of)]) -> HTMLResponse:
        speaker = visitor(front, request, SEATS)
        if speaker is None:
            return turn_away(request)
        try:
            with front.turn_to_write():
                found = open_call(front.place, storable_number(number[:20]), speaker, front.now(), although_unusual=body == ANYWAY)
        except NewsNotAllowedError:
            return case_page(front, request, speaker, number, 409)
        except (CaseNotFoundError, SealedForeverError):
            return page(request, "case.html", 404, story=None, link=None)
        call, why = (found, None) if isinstance(found, Call) else (None, (found.zh, found.en))
        return page(
            request, "calling.html", number=number, call=call, why=why, ask_again=found is UNUSUAL_HOUR,
            unusual=(UNUSUAL_HOUR.zh, UNUSUAL_HOUR.en), usual=_usual_hours(front, number, speaker),
            switch=asked_again(request, words_for(request), parse_qsl(ANYWAY.decode()) if body == ANYWAY else ()),
        )  # fmt: skip

    return router


def _usual_hours(front: Front, number: str, speaker: Speaker) -> str:
    with front.place.database.reading() as session:
        return str(usual_hours(front.place, find_case(session, storable_number(number[:20]), speaker)))
