"""`/api/v1/notices`: alerts that nobody could be reached with, and sending them again."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from desk.api.answers import Refusal
from desk.api.once import Answer, idempotency_key, write_once
from desk.api.rights import HOUSE, OVERSEERS, Gate
from desk.front import Front
from models.exchange import Notice
from models.vocabulary import Ask, Grade, NoticeState, Scope
from notifications.outbox import dead_letters, resend
from tasks.news.inbox import Speaker
from tasks.workplace import Workplace


class NoticeLine(BaseModel):
    """One alert in codes, with the trouble it ended in."""

    id: int
    case: str
    recipient: str
    ask: Ask
    grade: Grade
    attempts: int
    channel: str | None
    trouble: str | None
    created_at: datetime


class NoticePage(BaseModel):
    """Dead letters, oldest first."""

    notices: list[NoticeLine]


def notice_routes(front: Front) -> APIRouter:
    """Dead letters: list and resend."""
    router = APIRouter(tags=["notices"])
    refusals: dict[int | str, dict[str, Any]] = {code: {"model": Refusal} for code in (401, 403, 422)}

    @router.get(
        "/notices",
        summary="List alerts that could not be delivered",
        response_model=None,
        responses={200: {"model": NoticePage}, **refusals},
    )
    def list_notices(
        speaker: Annotated[Speaker, Depends(Gate(front, HOUSE, Scope.NOTICES_READ))],
        state: Annotated[Literal[NoticeState.DEAD], Query(description="Only `dead` can be listed")],
    ) -> JSONResponse:
        """Every way to the recipient has been tried as often as its channel allows."""
        with front.place.database.reading() as session:
            lines = [_line(notice).model_dump(mode="json") for notice in dead_letters(session)]
        return JSONResponse({"notices": lines})

    @router.post(
        "/notices/{notice_id}/resend",
        summary="Send a dead letter again",
        status_code=202,
        response_model=None,
        responses=refusals | {code: {"model": Refusal} for code in (400, 404, 409)},
    )
    def resend_notice(
        notice_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
        speaker: Annotated[Speaker, Depends(Gate(front, OVERSEERS, Scope.NOTICES_WRITE))],
        key: Annotated[str, Depends(idempotency_key)],
    ) -> JSONResponse:
        """It goes back into the outbox with all its attempts."""

        def act(place: Workplace) -> Answer:
            resend(place.database, notice_id, front.now())
            return Answer(202, {"id": notice_id, "state": NoticeState.WAITING})

        return write_once(front, speaker, key, f"notices/{notice_id}/resend", None, act)

    return router


def _line(notice: Notice) -> NoticeLine:
    return NoticeLine(
        id=notice.id or 0,
        case=notice.case_label,
        recipient=notice.recipient,
        ask=notice.ask,
        grade=notice.grade,
        attempts=notice.attempts,
        channel=notice.channel,
        trouble=notice.error_code,
        created_at=notice.created_at,
    )
