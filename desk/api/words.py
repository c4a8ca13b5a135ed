"""`GET /api/v1/cases/{number}/words`, `…/suggestion` and `…/slice`: words, into the access log."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from desk.api.answers import Refusal
from desk.api.news import Number
from desk.api.rights import HOUSE, SEATS, Gate, check_scope
from desk.front import Front
from models.vocabulary import Purpose, Role, Scope
from tasks.classifying.suggestion import read_suggestion
from tasks.news.inbox import Speaker
from tasks.words.reading import read_slice, read_words


def words_routes(front: Front) -> APIRouter:
    """The routes that give words; every use of them is a row of the access log."""
    router = APIRouter(tags=["cases"])
    seat = Depends(Gate(front, SEATS, Scope.WORDS_READ))
    house = Depends(Gate(front, HOUSE, Scope.WORDS_READ))
    department = Depends(Gate(front, frozenset({Role.DEPARTMENT}), Scope.SLICE_READ))
    refusals: dict[int | str, dict[str, Any]] = {code: {"model": Refusal} for code in (401, 403, 404, 422)}

    @router.get("/cases/{number}/words", summary="Read what was said", response_model=None, responses=refusals)
    def show_words(
        number: Number,
        speaker: Annotated[Speaker, house],
        purpose: Annotated[Purpose, Query(description="Why you read it; kept with your name")],
        full: Annotated[bool, Query(description="Show who the people are in full; needs the scope `words:full` too")] = False,
    ) -> JSONResponse:
        """For the seat; an administrator has to break the glass first. The request, the people in it (masked, such as 张* and 138****8000, unless `full`) and what was said later. The read is logged before it is answered, and the log tells which it was."""
        if full:
            check_scope(speaker, Scope.WORDS_FULL)
        words = read_words(front.place, number, speaker, purpose, front.now(), in_full=full)
        return JSONResponse(jsonable_encoder(asdict(words)))

    @router.get("/cases/{number}/suggestion", summary="Read what the machine suggests, and why", response_model=None, responses=refusals)
    def show_suggestion(
        number: Number,
        speaker: Annotated[Speaker, seat],
        purpose: Annotated[Purpose, Query(description="Why you read it; kept with your name")],
    ) -> JSONResponse:
        """Suggested kind and grade, doubts, likely kinds, and the request with marks. Logged like the words."""
        found = read_suggestion(front.place, number, speaker, purpose, front.now())
        return JSONResponse(jsonable_encoder(asdict(found)))

    @router.get("/cases/{number}/slice", summary="Read what your unit needs", response_model=None, responses=refusals)
    def show_slice(number: Number, speaker: Annotated[Speaker, department]) -> JSONResponse:
        """For departments: the summary written for them and the people, as far as their part needs it."""
        return JSONResponse(jsonable_encoder(asdict(read_slice(front.place, number, speaker, front.now()))))

    return router
