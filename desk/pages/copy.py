"""`/c/{token}`: what the alert of a copy links to; it shows the fields of the copy and nothing else."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.front import Front
from desk.pages.show import page
from desk.pages.words import due_time, local_time
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
        return page(request, "copy.html", 200 if found else 404, copy=_on_the_wall(found) if found else None)

    return router


def _on_the_wall(copy: dict[str, Any]) -> dict[str, Any]:
    """The copy with its times as a person reads them; the API gives them in UTC."""
    shown = {"received_at": local_time, "due_at": due_time}
    return {
        name: shown[name](datetime.fromisoformat(value)) if name in shown and value else value for name, value in copy.items()
    }
