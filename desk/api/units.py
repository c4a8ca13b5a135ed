"""`/api/v1/units…`: what each unit has on its table, who is away and who stands in; and copies for the place."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, Field

from desk.api.answers import Refusal
from desk.api.once import Answer, idempotency_key, write_once
from desk.api.rights import HOUSE, OVERSEERS, Gate
from desk.boards.case_pages import HIGHEST_NUMBER
from desk.boards.unit_pages import UnitLine, unit_lines
from desk.front import Front
from models.vocabulary import Role, Scope
from tasks.dispatch.copies import copies_for
from tasks.dispatch.units import note_absence, note_back
from tasks.forms import Form
from tasks.news.inbox import Speaker
from tasks.workplace import Workplace

Unit = Annotated[str, Path(description="A department's code", examples=["EDU"], pattern="^[A-Z]{2,20}$")]
TIME = "2026-11-23T09:00:00+08:00"


class AbsenceForm(Form):
    """Who stands in, and when; left out, it begins now and lasts until the unit is back."""

    deputy: str = Field(pattern=r"^[A-Z]{2,20}$", examples=["YOUTH"])
    starts_at: AwareDatetime | None = Field(default=None, examples=[TIME])
    ends_at: AwareDatetime | None = Field(default=None, examples=[TIME])


class UnitRow(BaseModel):
    """One unit: what it has to do, and whether it is away."""

    code: str
    name_zh: str
    name_en: str
    may_lead: bool
    open_orders: int
    overdue: int
    deputy: str | None = Field(description="Who stands in now; null if the unit is at work")
    away_until: datetime | None


def unit_routes(front: Front) -> APIRouter:
    """Load, absence and deputies for the house; copies for the unit that got them."""
    router = APIRouter(tags=["units"])
    refusals: dict[int | str, dict[str, Any]] = {code: {"model": Refusal} for code in (401, 403, 422)}
    writes = refusals | {code: {"model": Refusal} for code in (400, 404, 409)}

    @router.get("/units", summary="Load, absences and deputies", response_model=None, responses=refusals)
    def list_units(speaker: Annotated[Speaker, Depends(Gate(front, HOUSE, Scope.UNITS_READ))]) -> JSONResponse:
        """Load is shown, and chooses between equals; it never takes an order from the unit it belongs to."""
        with front.place.database.reading() as session:
            lines = unit_lines(session, front.place.catalogue, front.now())
        return JSONResponse({"units": [_row(each).model_dump(mode="json") for each in lines]})

    @router.post(
        "/units/{unit}/absences", summary="Say that a unit is away", status_code=201, response_model=None, responses=writes
    )
    def say_absent(
        unit: Unit,
        form: Annotated[AbsenceForm, Body()],
        speaker: Annotated[Speaker, Depends(Gate(front, OVERSEERS, Scope.UNITS_WRITE))],
        key: Annotated[str, Depends(idempotency_key)],
    ) -> JSONResponse:
        """Its deputy gets its new orders and hears of its open ones; it may answer for them."""

        def act(place: Workplace) -> Answer:
            now = front.now()
            with place.database.writing() as session:
                noted = note_absence(
                    place, session, unit, form.deputy, form.starts_at or now, form.ends_at, speaker.actor, now
                )
                return Answer(201, {"unit": unit, "deputy": noted.deputy, "starts_at": noted.starts_at.isoformat()})

        return write_once(front, speaker, key, f"units/{unit}/absences", form, act)

    @router.post("/units/{unit}/back", summary="Say that a unit is back", response_model=None, responses=writes)
    def say_back(
        unit: Unit,
        speaker: Annotated[Speaker, Depends(Gate(front, OVERSEERS, Scope.UNITS_WRITE))],
        key: Annotated[str, Depends(idempotency_key)],
    ) -> JSONResponse:
        """Ends its absence and calls off those noted for later. Orders its deputy took stay where they are."""

        def act(place: Workplace) -> Answer:
            with place.database.writing() as session:
                return Answer(200, {"unit": unit, "ended": len(note_back(place, session, unit, speaker.actor, front.now()))})

        return write_once(front, speaker, key, f"units/{unit}/back", None, act)

    @router.get("/copies", summary="Copies for the place", response_model=None, responses=refusals)
    def list_copies(
        speaker: Annotated[Speaker, Depends(Gate(front, frozenset({Role.DEPARTMENT}), Scope.COPIES_READ))],
        after: Annotated[str | None, Query(pattern=r"^(W-)?\d{1,17}$", description="Last number seen")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> JSONResponse:
        """What your unit may know of orders of its place that others hold: a few fields, fewer about a child."""
        last = min(int(after.removeprefix("W-")), HIGHEST_NUMBER) if after else 0
        with front.place.database.reading() as session:
            copies = copies_for(session, speaker.department or "", front.place.catalogue, last, limit)
        more = copies[-1]["number"] if len(copies) == limit else None
        return JSONResponse({"copies": copies, "next": more})

    return router


def _row(line: UnitLine) -> UnitRow:
    return UnitRow(
        code=line.code, name_zh=line.name_zh, name_en=line.name_en, may_lead=line.may_lead,
        open_orders=line.load.open_orders, overdue=line.load.overdue, deputy=line.deputy, away_until=line.away_until,
    )  # fmt: skip
