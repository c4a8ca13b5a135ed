"""`/progress`: whoever reported asks how far it is. One answer for everything that does not fit."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.front import Front
from desk.pages.form_fields import Pair
from desk.pages.news_sheets import body_of
from desk.pages.show import page
from tasks.words.progress_query import Asked, HowFar, how_far

LONGEST = 100
TOLD: dict[HowFar | None, Pair] = {
    HowFar.AT_WORK: ("正在办理。", "It is being worked on."),
    HowFar.ANSWERED: ("已有办理结果，正在核实。", "There is a result; it is being checked."),
    HowFar.OVER: ("已办结。如情况没有改善，请随时再次来电。", "It has been concluded. If things are no better, call again at any time."),
    None: ("没有可以告知的信息。如有孩子处于危险，请立即拨打110；其他情况请致电12345。", "There is nothing to tell. If a child is in danger call 110 at once; otherwise call 12345."),
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
