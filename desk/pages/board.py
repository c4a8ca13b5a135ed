"""`/`: where the cases stand, for operators, supervisors and administrators."""

import os
from collections import Counter
from uuid import UUID

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.api.rights import HOUSE, SEATS
from desk.case_pages import count_by_status_and_grade, newest_cases, storable_number
from desk.front import Front
from desk.keys import NotAuthenticatedError
from desk.pages.show import page, sign_in
from models.grades import GRAVITY
from models.vocabulary import Status
from tasks.news import CaseNotFoundError, Speaker, find_case
from tasks.story import story_of

SHOWN = 50


def board_routes(front: Front) -> APIRouter:
    """The desk's first page, and one case on it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def board(request: Request, case: str | None = None) -> HTMLResponse:
        try:
            speaker = front.who(request.headers.get("authorization"))
        except NotAuthenticatedError:
            return sign_in(request)
        if speaker.role not in HOUSE:
            return sign_in(request)
        return _one_case(front, request, speaker, case) if case else _board(front, request, speaker)

    return router


def _board(front: Front, request: Request, speaker: Speaker) -> HTMLResponse:
    with front.place.database.reading() as session:
        counts = count_by_status_and_grade(session)
        rows = newest_cases(session, SHOWN)
    by_status, by_grade = Counter[str](), Counter[str]()
    for (status, grade), count in counts.items():
        by_status[status] += count
        by_grade[grade] += count
    return page(
        request,
        "board.html",
        total=sum(counts.values()),
        by_status=[(status, by_status[status]) for status in Status if by_status[status]],
        by_grade=[(grade, by_grade[grade]) for grade in sorted(GRAVITY, key=GRAVITY.__getitem__)],
        rows=rows,
        kinds=front.place.catalogue.kinds,
        departments=front.place.catalogue.departments,
        run_link=run_link,
        may_take_in=speaker.role in SEATS,
    )


def _one_case(front: Front, request: Request, speaker: Speaker, number: str) -> HTMLResponse:
    with front.place.database.reading() as session:
        try:
            case = find_case(session, storable_number(number[:20]), speaker)
        except CaseNotFoundError:
            return page(request, "case.html", 404, story=None, link=None)
        story = story_of(session, case, front.place.catalogue, front.now())
        return page(
            request, "case.html", story=story, link=run_link(case.run_id), saved="saved" in request.query_params
        )


def run_link(run_id: UUID | None) -> str | None:
    """Where the Prefect UI shows this run, if `WHISTLE_PREFECT_UI_URL` tells where that UI is."""
    base = os.environ.get("WHISTLE_PREFECT_UI_URL", "").rstrip("/")
    if run_id is None or not base.startswith(("http://", "https://")):
        return None
    return f"{base}/runs/flow-run/{run_id}"
