"""`/cases/{number}/words`: what was said about a case in full, for somebody who says what for."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.api.rights import HOUSE
from desk.boards.case_pages import storable_number
from desk.front import Front
from desk.pages.case import case_page
from desk.pages.journal_words import NEWS_WORDS
from desk.pages.news_sheets import body_of
from desk.pages.person import purpose_in
from desk.pages.person_words import PURPOSE_WORDS
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.story_words import actor_words, roles_of
from desk.pages.switching import asked_again
from models.vault import SealedForeverError
from models.vocabulary import Scope
from tasks.news.inbox import CaseNotFoundError
from tasks.words.reading import ReadingNotAllowedError, read_text


def full_text_routes(front: Front) -> APIRouter:
    """One page, asked for by a form: the second act, after the masked one. Never kept."""
    router = APIRouter(include_in_schema=False)

    @router.post("/cases/{number}/words")
    def full_text(request: Request, number: str, body: Annotated[bytes, Depends(body_of)]) -> HTMLResponse:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return turn_away(request)
        purpose = purpose_in(body)
        try:
            if purpose is None:
                return case_page(front, request, speaker, number[:20], 422)
            if Scope.WORDS_FULL not in speaker.scopes:
                return case_page(front, request, speaker, number[:20], 403)
            label = storable_number(number[:20])
            with front.turn_to_write():
                found = read_text(front.place, label, speaker, purpose, front.now())
        except ReadingNotAllowedError:
            return case_page(front, request, speaker, number[:20], 403)
        except (CaseNotFoundError, SealedForeverError):
            return page(request, "case.html", 404, story=None, link=None)
        with front.place.database.reading() as session:
            roles = roles_of(session, (each.actor for each in found.said))
        shown = page(
            request, "full_text.html", number=label, found=found, purpose=PURPOSE_WORDS[purpose],
            names={each.value: said for each, said in NEWS_WORDS.items()}, actor_words=actor_words, roles=roles, departments=front.place.catalogue.departments,
            switch=asked_again(request, words_for(request), [("purpose", purpose)]),
        )  # fmt: skip
        shown.headers["Cache-Control"] = "no-store"
        return shown

    return router
