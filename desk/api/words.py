"""`GET /api/v1/cases/{number}/words` and `…/suggestion`: words, for the seat, with a purpose, into the access log."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from desk.api.answers import Refusal
from desk.api.news import Number
from desk.api.rights import SEATS, Gate
from desk.front import Front
from models.vocabulary import Purpose
from tasks.news import Speaker
from tasks.reading import read_words
from tasks.suggestion import read_suggestion


def words_routes(front: Front) -> APIRouter:
    """The two routes that give words; every use of them is a row of the access log."""
    router = APIRouter(tags=["cases"])
    seat = Depends(Gate(front, SEATS))
    refusals: dict[int | str, dict[str, Any]] = {code: {"model": Refusal} for code in (401, 403, 404, 422)}

    @router.get("/cases/{number}/words", summary="Read what was said", response_model=None, responses=refusals)
    def show_words(
        number: Number,
        speaker: Annotated[Speaker, seat],
        purpose: Annotated[Purpose, Query(description="Why you read it; kept with your name")],
    ) -> JSONResponse:
        """The request, the people in it and what was said later. The read is logged before it is answered."""
        words = read_words(front.place, number, speaker, purpose, front.now())
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

    return router
