"""`/c/{token}`: what the alert of a copy links to; it shows the fields of the copy and nothing else."""

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.front import Front
from desk.pages.show import page
from tasks.dispatch.copies import copy_behind


def copy_routes(front: Front) -> APIRouter:
    """The page behind the link of a copy for the place.

    It asks for no key, as the page of an order: the link is 128 random bits, and what stands behind
    it is no more than the unit was meant to know.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/c/{token}")
    def copy(request: Request, token: str) -> HTMLResponse:
        with front.place.database.reading() as session:
            found = copy_behind(session, token, front.place.catalogue)
        return page(request, "copy.html", 200 if found else 404, copy=found)

    return router
