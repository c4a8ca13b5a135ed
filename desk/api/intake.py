"""`POST /api/v1/cases`: one request becomes a case."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from desk.api.answers import Refusal
from desk.api.examples import INTAKE_EXAMPLES
from desk.api.once import idempotency_key
from desk.api.rights import SEATS, Gate
from desk.api.together import Together
from desk.front import Front
from models.vocabulary import Scope, Status
from tasks.news.inbox import Speaker
from tasks.receiving.intake_form import IntakeForm


class Taken(BaseModel):
    """The case a request became."""

    number: str = Field(examples=["W-000123"])
    id: str = Field(examples=["0b9ff7a2-58d1-4a53-9d0d-1c8f6a3f6b0e"])
    status: Status
    link: str = Field(examples=["http://127.0.0.1:8460/api/v1/cases/W-000123"])


def intake_routes(front: Front) -> APIRouter:
    """The route that takes requests in."""
    router, door = APIRouter(tags=["cases"]), Together(front)

    @router.post(
        "/cases",
        summary="Take one request in",
        status_code=201,
        response_model=None,
        responses={
            200: {"model": Taken, "description": "It was already here under this source and source_ref"},
            201: {"model": Taken, "description": "A new case, durable now; the desk looks at it at once"},
            **{code: {"model": Refusal} for code in (400, 401, 403, 409, 413, 422)},
        },
    )
    async def take_case(
        form: Annotated[IntakeForm, Body(openapi_examples=INTAKE_EXAMPLES)],
        speaker: Annotated[Speaker, Depends(Gate(front, SEATS, Scope.CASES_WRITE))],
        key: Annotated[str, Depends(idempotency_key)],
    ) -> JSONResponse:
        """Everything but `text` may be left out. An anonymous reporter is welcome.

        Words are sealed before they are stored. With `source_ref`, the source's own number, the
        same request never becomes two cases, whichever idempotency key it comes with.
        """
        return await door.take_in(speaker, key, form)

    return router
