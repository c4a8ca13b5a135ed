"""`/cases/{number}/say/{kind}`: operators and supervisors decide on the page of a case."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import RedirectResponse, Response

from desk.api.rights import HOUSE
from desk.boards.case_pages import storable_number
from desk.front import Front
from desk.pages.case import case_page
from desk.pages.house_forms import sayable, sheet_for
from desk.pages.house_waits import at_house
from desk.pages.news_sheets import Sent, body_of, misfit, read_news, refused
from desk.pages.show import page, turn_away, visitor, words_for
from models.vocabulary import NewsKind
from tasks.news.context import NewsRefusedError
from tasks.news.digestion import try_on
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError, Speaker, find_case, post_news
from tasks.news.what_fits import NewsDoesNotFitError
from tasks.words.reaching_caller import lead_may_reach_caller
from tasks.words.summaries import TellsReporterError


def deciding_routes(front: Front) -> APIRouter:
    """One route for every form on a case's page; the role and the case's own state decide what is there."""
    router = APIRouter(include_in_schema=False)

    @router.post("/cases/{number}/say/{kind}", response_model=None)
    def say(request: Request, number: str, kind: str, body: Annotated[bytes, Depends(body_of)]) -> Response:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return turn_away(request)
        asked = NewsKind(kind) if kind in set(NewsKind) else None
        return _say(front, request, speaker, number[:20], asked, body)

    return router


def _say(
    front: Front, request: Request, speaker: Speaker, number: str, kind: NewsKind | None, body: bytes
) -> Response:
    with front.place.database.reading() as session:
        try:
            case = find_case(session, storable_number(number), speaker)
        except CaseNotFoundError:
            return page(request, "case.html", 404, story=None, link=None)
        if kind is None or kind not in sayable(case, speaker.role, at_house(front.place, session, case)):
            return case_page(front, request, speaker, number, 409)
        fields = sheet_for(kind, front.place, case, unit_reaches_caller=lead_may_reach_caller(session, case)).fields
        sent = read_news(kind, body, fields)
    if sent.news is None:
        return case_page(front, request, speaker, number, 422, (kind, sent))
    try:
        if not _post(front, speaker, number, kind, sent):
            return case_page(front, request, speaker, number, 409)
    except TellsReporterError:
        return case_page(front, request, speaker, number, 422, (kind, misfit(sent, fields, "text", "tells_reporter")))
    except NewsDoesNotFitError as error:
        return case_page(front, request, speaker, number, 422, (kind, misfit(sent, fields, error.field, error.code)))
    except NewsRefusedError as refusal:
        return case_page(front, request, speaker, number, 422, (kind, refused(sent, fields, refusal.code, words_for(request))))
    return RedirectResponse(f"/?case={number}&said={kind.value}&lang={words_for(request).language}", 303)


def _post(front: Front, speaker: Speaker, number: str, kind: NewsKind, sent: Sent) -> bool:
    assert sent.news is not None
    try:
        with front.turn_to_write():
            key = f"{speaker.client}:{sent.once}"
            post_news(front.place, number, kind, sent.news, speaker, key, front.now(), trial=try_on)
    except (CaseNotFoundError, NewsNotAllowedError):
        return False
    return True


