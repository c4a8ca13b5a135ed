"""Drawing a page, and telling a browser without a good key how to come in."""

from typing import Any

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import FileResponse, HTMLResponse

from desk.front import HERE, TEMPLATES, Front
from desk.keys import NotAuthenticatedError
from desk.pages.words import Words, language_of, local_time
from models.vocabulary import Role
from tasks.news import Speaker


def words_for(request: Request) -> Words:
    """The words of this reader's language."""
    accepted = request.headers.get("accept-language")
    return Words(language_of(request.query_params.get("lang"), accepted))


def page(request: Request, name: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """One template, drawn; every value is escaped."""
    words = words_for(request)
    drawn = TEMPLATES.get_template(name).render(words=words, local_time=local_time, **facts)
    return HTMLResponse(drawn, status, {"Content-Language": words.language, "Vary": "Accept-Language"})


def visitor(front: Front, request: Request, roles: frozenset[Role]) -> Speaker | None:
    """Who opens a page, if it is somebody we know in one of these roles; else show `sign_in`."""
    try:
        speaker = front.who(request.headers.get("authorization"))
    except NotAuthenticatedError:
        return None
    return speaker if speaker.role in roles else None


def sign_in(request: Request) -> HTMLResponse:
    """401: the browser asks for a key; what is shown if its user gives up."""
    answer = page(request, "sign_in.html", 401)
    answer.headers["WWW-Authenticate"] = 'Basic realm="whistle", charset="UTF-8"'
    return answer


def style_routes() -> APIRouter:
    """The one stylesheet, the same for everybody and free of facts: it may be kept for an hour."""
    router = APIRouter(include_in_schema=False)

    @router.get("/desk.css")
    def style() -> FileResponse:
        kept = {"Cache-Control": "public, max-age=3600"}
        return FileResponse(HERE / "templates" / "desk.css", media_type="text/css", headers=kept)

    return router
