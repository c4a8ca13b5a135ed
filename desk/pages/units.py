"""`/units`: what each unit has on its table, who is away and who stands in, for the house."""

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.api.rights import HOUSE
from desk.front import Front
from desk.pages.show import page, sign_in, visitor
from desk.unit_pages import unit_lines


def unit_page_routes(front: Front) -> APIRouter:
    """The page of units; it only shows, and absences are noted by the API or the command line."""
    router = APIRouter(include_in_schema=False)

    @router.get("/units")
    def units(request: Request) -> HTMLResponse:
        if visitor(front, request, HOUSE) is None:
            return sign_in(request)
        with front.place.database.reading() as session:
            lines = unit_lines(session, front.place.catalogue, front.now())
        return page(request, "units.html", lines=lines)

    return router
