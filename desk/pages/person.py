"""`/cases/{number}/people/{person}`: one person of a case in full, for somebody who says what for."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.api.rights import HOUSE
from desk.boards.case_pages import storable_number
from desk.front import Front
from desk.pages.case import case_page
from desk.pages.news_sheets import body_of
from desk.pages.person_words import PERSON_FIELD_WORDS, PURPOSE_WORDS
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.switching import asked_again
from models.vault import SealedForeverError
from models.vocabulary import PersonRole, Purpose, Scope
from tasks.news.inbox import CaseNotFoundError
from tasks.words.reading import ReadingNotAllowedError, read_person


def person_routes(front: Front) -> APIRouter:
    """One page, asked for by a form: the second act, after the masked one. Never kept."""
    router = APIRouter(include_in_schema=False)

    @router.post("/cases/{number}/people/{person}")
    def person(request: Request, number: str, person: str, body: Annotated[bytes, Depends(body_of)]) -> HTMLResponse:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return turn_away(request)
        purpose = purpose_in(body)
        try:
            if purpose is None or person not in set(PersonRole):
                return case_page(front, request, speaker, number[:20], 422)
            if Scope.WORDS_FULL not in speaker.scopes:
                return case_page(front, request, speaker, number[:20], 403)
            role, label = PersonRole(person), storable_number(number[:20])
            with front.turn_to_write():
                fields = read_person(front.place, label, role, speaker, purpose, front.now())
        except ReadingNotAllowedError:
            return case_page(front, request, speaker, number[:20], 403)
        except (CaseNotFoundError, SealedForeverError):
            return page(request, "case.html", 404, story=None, link=None)
        shown = page(
            request, "person.html", number=label, role=role, fields=fields, person_fields=PERSON_FIELD_WORDS,
            purpose=PURPOSE_WORDS[purpose], switch=asked_again(request, words_for(request), [("purpose", purpose)]),
        )  # fmt: skip
        shown.headers["Cache-Control"] = "no-store"
        return shown

    return router


def purpose_in(body: bytes) -> Purpose | None:
    """What the form says it is for, if that is one of the purposes it offers."""
    try:
        said = dict(parse_qsl(body.decode(), max_num_fields=5)).get("purpose", "")
    except ValueError:
        return None
    return Purpose(said) if said in PURPOSE_WORDS else None
