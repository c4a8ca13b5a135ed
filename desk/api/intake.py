"""`POST /api/v1/cases`: one request becomes a case."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from desk.api.answers import Refusal
from desk.api.examples import INTAKE_EXAMPLES
from desk.api.once import Answer, idempotency_key, write_once
from desk.api.rights import SEATS, Gate
from desk.front import Front
from models.case import Case
from models.vocabulary import Scope, Status
from tasks.news.inbox import Speaker
from tasks.receiving.intake import TakenIn, take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace


class Taken(BaseModel):
    """The case a request became."""

    number: str = Field(examples=["W-000123"])
    id: str = Field(examples=["0b9ff7a2-58d1-4a53-9d0d-1c8f6a3f6b0e"])
    status: Status
    link: str = Field(examples=["http://127.0.0.1:8460/api/v1/cases/W-000123"])


def intake_routes(front: Front) -> APIRouter:
    """The route that takes requests in."""
    router = APIRouter(tags=["cases"])

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
    def take_case(
        form: Annotated[IntakeForm, Body(openapi_examples=INTAKE_EXAMPLES)],
        speaker: Annotated[Speaker, Depends(Gate(front, SEATS, Scope.CASES_WRITE))],
        key: Annotated[str, Depends(idempotency_key)],
    ) -> JSONResponse:
        """Everything but `text` may be left out. An anonymous reporter is welcome.

        Words are sealed before they are stored. With `source_ref`, the source's own number, the
        same request never becomes two cases, whichever idempotency key it comes with.
        """

        def act(place: Workplace) -> Answer:
            return _answer(place, take_in(place, form, front.now(), actor=speaker.actor))

        return write_once(front, speaker, key, "cases", form, act)

    return router


def _answer(place: Workplace, taken: TakenIn) -> Answer:
    status = Status.RECEIVED if taken.is_new else _status(place, taken)
    link = f"{place.settings.link_base}/api/v1/cases/{taken.label}"
    body = {"number": taken.label, "id": str(taken.case_id), "status": status, "link": link}
    return Answer(201 if taken.is_new else 200, body)


def _status(place: Workplace, taken: TakenIn) -> Status:
    with place.database.writing() as session:
        return session.get_one(Case, int(taken.label.removeprefix("W-"))).status
