"""`/cases/{number}/suggestion`: a request with the words that made the machine think so, for who reviews it."""

import secrets
from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse
from sqlmodel import col, select

from desk.api.rights import HOUSE
from desk.boards.case_pages import storable_number
from desk.front import Front
from desk.pages.board import case_page
from desk.pages.house_forms import sayable, sheet_for
from desk.pages.house_waits import AtHouse
from desk.pages.news_sheets import Sheet
from desk.pages.person_words import PERSON_FIELD_WORDS, PURPOSE_WORDS
from desk.pages.show import page, sign_in, visitor, words_for
from desk.pages.switching import asked_again
from models.case import Case
from models.vault import SealedForeverError
from models.vocabulary import NewsKind, Purpose, Role
from tasks.classifying.suggestion import Suggestion, read_suggestion
from tasks.news.inbox import CaseNotFoundError
from tasks.words.reading import ReadingNotAllowedError

Piece = tuple[str, tuple[str, ...]]


def suggestion_routes(front: Front) -> APIRouter:
    """One page. It is asked for by a form, so that no prefetch opens a child's words, and never kept."""
    router = APIRouter(include_in_schema=False)

    @router.post("/cases/{number}/suggestion")
    def suggestion(request: Request, number: str, purpose: Purpose = Purpose.REVIEW) -> HTMLResponse:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return sign_in(request)
        try:
            found = read_suggestion(front.place, storable_number(number[:20]), speaker, purpose, front.now())
        except ReadingNotAllowedError:
            return case_page(front, request, speaker, number[:20], 403)
        except (CaseNotFoundError, SealedForeverError):
            return page(request, "case.html", 404, story=None, link=None)
        catalogue = front.place.catalogue
        shown = page(
            request,
            "suggestion.html",
            found=found,
            pieces=list(pieces_of(found)),
            kinds=catalogue.kinds,
            departments=catalogue.departments,
            sheet=_summary_sheet(front, found),
            person_fields=PERSON_FIELD_WORDS,
            purposes=PURPOSE_WORDS,
            once=secrets.token_urlsafe(16),
            switch=asked_again(request, words_for(request)),
        )
        shown.headers["Cache-Control"] = "no-store"
        return shown

    return router


def _summary_sheet(front: Front, found: Suggestion) -> Sheet | None:
    """The form to write for departments with, while the case is open; what the machine would write stands in it."""
    kind = NewsKind.SUMMARY_WRITTEN
    with front.place.database.reading() as session:
        case = session.exec(select(Case).where(col(Case.number) == int(found.number[2:]))).one()
    if kind not in sayable(case, Role.OPERATOR, AtHouse()):
        return None
    return sheet_for(kind, front.place, case, {"text": found.summary.text or ""})


def pieces_of(found: Suggestion) -> Iterator[Piece]:
    """The text in order, cut where marks begin and end; no mark, no reason."""
    at = 0
    for mark in found.marks:
        if mark.begin > at:
            yield found.text[at : mark.begin], ()
        yield found.text[mark.begin : mark.end], mark.why
        at = mark.end
    if at < len(found.text):
        yield found.text[at:], ()
