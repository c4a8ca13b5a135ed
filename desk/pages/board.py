"""`/`: where the cases stand, for operators, supervisors and administrators."""

from collections import Counter

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.api.rights import HOUSE, SEATS
from desk.boards.case_pages import Wanted, count_by_status_and_grade, newest_cases
from desk.front import Front
from desk.pages.case import case_page
from desk.pages.reports import READERS
from desk.pages.runs import run_link
from desk.pages.show import START_PAGES, page, signed_in, turn_away, visitor
from models.vocabulary import Grade, Role, Status
from tasks.news.inbox import Speaker

SHOWN = 50


def board_routes(front: Front) -> APIRouter:
    """The desk's first page, and one case on it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/", response_model=None)
    def board(request: Request, case: str | None = None) -> Response:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            start = _other_start(front, request) if case is None else None
            return RedirectResponse(start) if start else turn_away(request)
        return case_page(front, request, speaker, case) if case else _board(front, request, speaker)

    return router


def _other_start(front: Front, request: Request) -> str | None:
    """Where somebody begins whose first page this is not: decision-makers and units have signed in to read reports."""
    here = signed_in(front, request)
    start = START_PAGES[here.speaker.role] if here is not None and here.is_whole else "/"
    return start if start != "/" else None


def _board(front: Front, request: Request, speaker: Speaker) -> HTMLResponse:
    with front.place.database.reading() as session:
        counts = count_by_status_and_grade(session)
        rows = newest_cases(session, SHOWN, Wanted(holder=speaker.client))
    by_status, by_grade = Counter[str](), Counter[str]()
    for (status, grade), count in counts.items():
        by_status[status] += count
        by_grade[grade] += count
    return page(
        request,
        "board.html",
        total=sum(counts.values()),
        by_status=[(status, by_status[status]) for status in Status if by_status[status]],
        by_grade=[(grade, by_grade[grade]) for grade in Grade],
        rows=rows,
        kinds=front.place.catalogue.kinds,
        departments=front.place.catalogue.departments,
        run_link=run_link,
        may_take_in=speaker.role in SEATS,
        may_see_reads=speaker.role is Role.SUPERVISOR,
        may_see_reports=speaker.role in READERS,
    )
