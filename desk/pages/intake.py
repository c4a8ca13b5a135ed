"""`/intake`: an operator takes a request in, at any hour, with one button and nothing lost."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.api.rights import SEATS
from desk.front import Front
from desk.pages.form_fields import PROBLEM_WORDS
from desk.pages.intake_fields import SentIntake, read_intake, sections
from desk.pages.news_sheets import ONCE, body_of
from desk.pages.show import page, sign_in, visitor, words_for
from tasks.intake import IntakeError, take_in


def intake_page_routes(front: Front) -> APIRouter:
    """The form, and taking it in: the same page sent twice is one case."""
    router = APIRouter(include_in_schema=False)

    @router.get("/intake")
    def form(request: Request) -> HTMLResponse:
        return sign_in(request) if visitor(front, request, SEATS) is None else _drawn(front, request)

    @router.post("/intake", response_model=None)
    def take(request: Request, body: Annotated[bytes, Depends(body_of)]) -> Response:
        speaker = visitor(front, request, SEATS)
        if speaker is None:
            return sign_in(request)
        sent = read_intake(body, front.place.catalogue)
        if sent.form is None or not ONCE.fullmatch(sent.once):
            return _drawn(front, request, sent, 422)
        try:
            with front.turn_to_write():
                taken = take_in(front.place, sent.form, front.now(), actor=speaker.actor)
        except IntakeError as error:
            field = str(error).partition(":")[0]
            why = PROBLEM_WORDS["tells_reporter" if field == "summary" else "unfit"]
            wrong = SentIntake(sent.once, sent.typed, None, {field: why})
            return _drawn(front, request, wrong, 422)
        return RedirectResponse(f"/?case={taken.label}&saved=1&lang={words_for(request).language}", 303)

    return router


def _drawn(front: Front, request: Request, sent: SentIntake | None = None, status: int = 200) -> HTMLResponse:
    return page(
        request, "intake.html", status, sections=sections(front.place.catalogue), once=secrets.token_urlsafe(16),
        typed=sent.typed if sent else {}, problems=sent.problems if sent else {}, sent=sent is not None,
        problem=PROBLEM_WORDS["form"],
    )  # fmt: skip
