"""`GET /api/v1/cases…`: lists, one case and its timeline, in codes."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from desk.api.answers import ApiError, Refusal
from desk.api.news import Number
from desk.api.rights import EVERYBODY, Gate
from desk.boards.case_pages import HIGHEST_NUMBER, CaseRow, Wanted, cases_after
from desk.front import Front
from models.vocabulary import Flag, Grade, Role, Scope, Status
from tasks.news.inbox import Speaker, find_case, part_of
from tasks.story.telling import story_of

TIMELINE = ("events", "escalations", "notices")
REASONS = ("reason_zh", "reason_en")


class CaseLine(BaseModel):
    """One case in a list."""

    number: str = Field(examples=["W-000123"])
    id: str
    status: Status
    grade: Grade
    kind: str | None = Field(examples=["S01"])
    lead: str | None = Field(examples=["EDU"], description="The lead department")
    flag: Flag | None
    received_at: datetime
    wake_at: datetime | None = Field(description="When the desk looks at the case again")
    waiting_for: str


class CasePage(BaseModel):
    """Some cases, lowest number first; `next` is the `after` of the next page, null at the end."""

    cases: list[CaseLine]
    next: str | None = Field(examples=["W-000123"])


def reading_routes(front: Front) -> APIRouter:
    """The routes that only read. Departments see their own part of their own cases."""
    router = APIRouter(tags=["cases"])
    known = Depends(Gate(front, EVERYBODY, Scope.CASES_READ))
    refusals: dict[int | str, dict[str, Any]] = {code: {"model": Refusal} for code in (401, 403, 404, 422)}

    @router.get("/cases", summary="List cases", response_model=None, responses={200: {"model": CasePage}, **refusals})
    def list_cases(
        speaker: Annotated[Speaker, known],
        status: Status | None = None,
        grade: Grade | None = None,
        department: Annotated[str | None, Query(pattern="^[A-Z]{2,20}$", description="Has a part in it")] = None,
        flag: Annotated[Flag | None, Query(description="Why a person must look at it")] = None,
        after: Annotated[str | None, Query(pattern=r"^(W-)?\d{1,17}$", description="Last number seen")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> JSONResponse:
        """Lowest number first. Ask again with `after` = `next` until `next` is null."""
        wanted = Wanted(status, grade, _own(speaker, department), flag, reader=speaker.department, holder=speaker.client)
        last = min(int(after.removeprefix("W-")), HIGHEST_NUMBER) if after else 0
        with front.place.database.reading() as session:
            rows = cases_after(session, wanted, last, limit)
        more = rows[-1].number if len(rows) == limit else None
        return JSONResponse({"cases": [_line(row) for row in rows], "next": more})

    @router.get("/cases/{number}", summary="Show one case", response_model=None, responses=refusals)
    def show_case(
        number: Number,
        speaker: Annotated[Speaker, known],
        why: Annotated[bool, Query(description="Also the sentence that gives each reason")] = False,
    ) -> JSONResponse:
        """Status, grade, kind, clocks, assignments and decisions, in codes and times."""
        story = _story(front, number, speaker)
        for part in TIMELINE:
            del story[part]
        return JSONResponse(story if why else _without_reasons(story))

    @router.get(
        "/cases/{number}/timeline", summary="What happened to one case", response_model=None, responses=refusals
    )
    def show_timeline(number: Number, speaker: Annotated[Speaker, known]) -> JSONResponse:
        """The journal, the escalations and the alerts, oldest first."""
        story = _story(front, number, speaker)
        return JSONResponse({part: story[part] for part in ("number", *TIMELINE)})

    return router


def _own(speaker: Speaker, asked: str | None) -> str | None:
    """The department whose cases may be listed; None for all."""
    if speaker.role is not Role.DEPARTMENT:
        return asked
    if asked is not None and asked in speaker.stands_for:
        return asked
    if asked not in (None, speaker.department):
        raise ApiError(403, "not_your_department", "A department lists its own cases only.")
    return speaker.department or ""


def _story(front: Front, number: str, speaker: Speaker) -> dict[str, Any]:
    with front.place.database.reading() as session:
        case = find_case(session, number, speaker)
        part = part_of(session, case, speaker) if speaker.role is Role.DEPARTMENT else None
        unit = part.department if part else speaker.department
        return story_of(session, case, front.place.catalogue, front.now(), part_of=unit).to_dict()


def _without_reasons(story: dict[str, Any]) -> dict[str, Any]:
    for part in ("clocks", "decisions"):
        story[part] = [{name: each[name] for name in each if name not in REASONS} for each in story[part]]
    return story


def _line(row: CaseRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "id": str(row.id),
        "status": row.status,
        "grade": row.grade,
        "kind": row.kind,
        "lead": row.lead,
        "flag": row.flag,
        "received_at": row.received_at.astimezone(UTC).isoformat(),
        "wake_at": row.wake_at.astimezone(UTC).isoformat() if row.wake_at else None,
        "waiting_for": row.waiting_for,
    }
