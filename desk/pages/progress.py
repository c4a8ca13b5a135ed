"""`/progress`: whoever reported asks how far it is. One answer for everything that does not fit."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.front import Front
from desk.pages.news_sheets import body_of
from desk.pages.show import page
from desk.pages.translation import N_, Said
from tasks.words.progress_query import Asked, HowFar, how_far

LONGEST = 100
TOLD: dict[HowFar | None, Said] = {
    HowFar.AT_WORK: N_("It is being worked on."),
    HowFar.ANSWERED: N_("There is a result; it is being checked."),
    HowFar.OVER: N_("It has been concluded. If things are no better, call again at any time."),
    None: N_("There is nothing to tell. If a child is in danger call 110 at once; otherwise call 12345."),
}


def progress_routes(front: Front) -> APIRouter:
    """For the public: it shows no kind, no unit, no name and no date."""
    router = APIRouter(include_in_schema=False)

    @router.get("/progress")
    def form(request: Request) -> HTMLResponse:
        return page(request, "progress.html", told=None)

    @router.post("/progress")
    def ask(request: Request, body: Annotated[bytes, Depends(body_of)]) -> HTMLResponse:
        try:
            sent = dict(parse_qsl(body.decode(), max_num_fields=5))
        except ValueError:
            sent = {}
        asked = Asked(*(sent.get(name, "")[:LONGEST].replace("\0", "") for name in ("number", "code", "last")))
        with front.turn_to_write():
            found = how_far(front.place, asked, front.now())
        return page(request, "progress.html", told=TOLD[found])

    return router
