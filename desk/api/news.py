"""`POST /api/v1/cases/{number}/news/{kind}`: one route for each kind of news, with its own form."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field

from desk.api.answers import Refusal
from desk.api.examples import NEWS_EXAMPLES
from desk.api.once import Answer, idempotency_key, write_once
from desk.api.rights import Gate
from desk.boards.case_pages import storable_number
from desk.front import Front
from models.vocabulary import NewsKind, Scope
from tasks.news.forms import NEWS_FORMS, WHO_MAY_SAY, NewsForm
from tasks.news.inbox import Speaker, post_news
from tasks.workplace import Workplace

Number = Annotated[
    str,
    Path(description="The case's number", examples=["W-000123"], max_length=20),
    AfterValidator(storable_number),
]


class Noted(BaseModel):
    """What was said is stored; the case digests it within seconds."""

    number: str = Field(examples=["W-000123"])
    kind: NewsKind


def news_routes(front: Front) -> APIRouter:
    """One route for every kind of news that a client may say; the desk itself says the others."""
    router = APIRouter(tags=["news"])
    for kind in NewsKind:
        if WHO_MAY_SAY[kind]:
            _add(router, front, kind)
    return router


def _add(router: APIRouter, front: Front, kind: NewsKind) -> None:
    form_type = NEWS_FORMS[kind]

    def say(
        number: Number,
        form: NewsForm,
        speaker: Annotated[Speaker, Depends(Gate(front, WHO_MAY_SAY[kind], Scope.NEWS_WRITE))],
        key: Annotated[str, Depends(idempotency_key)],
    ) -> JSONResponse:
        def act(place: Workplace) -> Answer:
            news_key = f"{speaker.client}:{key}"
            posted = post_news(place, number, kind, form, speaker, news_key, front.now())
            return Answer(202, {"number": posted.label, "kind": kind})

        return write_once(front, speaker, key, f"cases/{number}/news/{kind}", form, act)

    # The framework reads the body's form from the annotation, and it differs from kind to kind.
    say.__annotations__["form"] = Annotated[form_type, Body(openapi_examples=_example(kind))]
    router.add_api_route(
        f"/cases/{{number}}/news/{kind}",
        say,
        methods=["POST"],
        name=f"say_{kind}",
        summary=f"Say: {kind.replace('_', ' ')}",
        description=f"{form_type.__doc__} For: {', '.join(sorted(WHO_MAY_SAY[kind]))}.",
        status_code=202,
        response_model=None,
        responses={
            202: {"model": Noted, "description": "Stored, durable now"},
            **{code: {"model": Refusal} for code in (400, 401, 403, 404, 409, 413, 422)},
        },
    )


def _example(kind: NewsKind) -> dict[str, Any]:
    return {kind.value: {"value": NEWS_EXAMPLES[kind]}}
