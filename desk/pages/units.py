"""`/units`: what each unit has on its table, how it keeps its time, who is away and who stands in, for the house."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.api.rights import HOUSE
from desk.boards.needs import Moment
from desk.boards.unit_load import UnitLoad, unit_loads
from desk.front import Front
from desk.pages.show import page, turn_away, visitor
from desk.pages.unit_words import unit_words
from tasks.dispatch.absences import deputies_at, standing_in_for
from tasks.dispatch.units import absences_from

WIDTH = 120.0
"""How wide the bar of the fullest unit is, in units of its view box."""


@dataclass(frozen=True)
class Line:
    """One unit; the three widths share one scale, so that bars can be compared."""

    code: str
    name_zh: str
    name_en: str
    load: UnitLoad
    deputy: str | None
    away_until: datetime | None
    late: float
    near: float
    rest: float


def unit_page_routes(front: Front) -> APIRouter:
    """The page of units; it only shows, and absences are noted by the API or the command line."""
    router = APIRouter(include_in_schema=False)

    @router.get("/units")
    def units(request: Request) -> HTMLResponse:
        if visitor(front, request, HOUSE) is None:
            return turn_away(request)
        return page(request, "units.html", lines=_lines(front), width=WIDTH, unit_words=unit_words, departments=front.place.catalogue.departments)

    return router


def _lines(front: Front) -> list[Line]:
    """Every unit that handles orders, by its code: how much it has is no rank."""
    now = front.now()
    with front.place.database.reading() as session:
        loads, deputies = unit_loads(session, Moment(now, datetime.now(UTC))), deputies_at(session, now)
        until = {each.unit: each.ends_at for each in absences_from(session, now) if each.starts_at <= now}
    most = max((each.open for each in loads.values()), default=0) or 1
    lines = []
    for code, unit in sorted(front.place.catalogue.departments.items()):
        if not unit.may_help:
            continue
        load = loads.get(code, UnitLoad())
        # A late one may be near with another clock, and one that is answered may have a clock that runs on.
        late = min(load.late, load.open)
        near = min(load.near, load.open - late)
        deputy = standing_in_for(code, deputies) if code in deputies else None
        sizes = (each / most * WIDTH for each in (late, near, load.open - late - near))
        lines.append(Line(code, unit.name_zh, unit.name_en, load, deputy, until.get(code), *sizes))
    return lines
