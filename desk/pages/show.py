"""Drawing a page, and who is looking at it."""

from typing import Any

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import FileResponse, HTMLResponse

from desk.front import HERE, TEMPLATES, Front
from desk.pages.switching import Switch, switch_of, switch_of_refusal
from desk.pages.words import Words, due_time, language_of, local_time
from desk.people.keys import NotAuthenticatedError
from desk.people.sessions import SignedIn
from models.vocabulary import Role, Scope
from tasks.news.inbox import Speaker


def words_for(request: Request) -> Words:
    """The words of this reader's language."""
    accepted = request.headers.get("accept-language")
    return Words(language_of(request.query_params.get("lang"), accepted))


def page(request: Request, name: str, status: int = 200, *, switch: Switch | None = None, **facts: Any) -> HTMLResponse:
    """One template, drawn; every value is escaped. `switch` leads to the page in the other language, if not in the usual way."""
    words = words_for(request)
    switch = switch or (switch_of_refusal if _finds_nothing(request, status) else switch_of)(request, words)
    drawn = TEMPLATES.get_template(name).render(words=words, local_time=local_time, due_time=due_time, switch=switch, **facts)
    return HTMLResponse(drawn, status, {"Content-Language": words.language, "Vary": "Accept-Language"})


def _finds_nothing(request: Request, status: int) -> bool:
    """Whether the address itself was refused; a form that does not fit stands at an address that is right."""
    return status in {401, 403, 404} or (status >= 400 and request.method in {"GET", "HEAD"})


def cookie_name(front: Front) -> str:
    """`__Host-` binds the cookie to this very host and to HTTPS; plain HTTP is for one's own machine only."""
    return "__Host-whistle" if front.place.settings.link_base.startswith("https://") else "whistle"


def signed_in(front: Front, request: Request) -> SignedIn | None:
    """Whose browser this is, signed in wholly or half."""
    return front.holder_of(request.cookies.get(cookie_name(front)))


def visitor(front: Front, request: Request, roles: frozenset[Role]) -> Speaker | None:
    """Who opens a page, if it is somebody we know in one of these roles; else show `sign_in`.

    A browser comes with the cookie of its session, a program with its key.
    """
    here = signed_in(front, request)
    if here is not None:
        return here.speaker if here.is_whole and here.speaker.role in roles else None
    try:
        speaker = front.who(request.headers.get("authorization"))
    except NotAuthenticatedError:
        return None
    return speaker if speaker.role in roles and Scope.PAGES in speaker.scopes else None


def sign_in(request: Request, status: int = 401, *, wrong: bool = False) -> HTMLResponse:
    """The form to sign in with, which leads back to the page that was asked for."""
    asked = request.url.path if request.method == "GET" and request.url.path != "/sign-in" else "/"
    query = f"?{request.url.query}" if request.url.query and asked != "/" else ""
    # A stranger who was not let in gets nothing back of what was asked for.
    switch = Switch(f"/?lang={words_for(request).other}") if asked == "/" and request.url.path != "/sign-in" else None
    return page(
        request, "sign_in.html", status, switch=switch, next=f"{asked}{query}", wrong=wrong, oidc=has_oidc(request), oidc_failed=False
    )


def has_oidc(request: Request) -> bool:
    """Whether the house has a provider of its own to sign in at."""
    return bool(request.app.state.has_oidc)


def style_routes() -> APIRouter:
    """The one stylesheet, the same for everybody and free of facts: it may be kept for an hour."""
    router = APIRouter(include_in_schema=False)

    @router.get("/desk.css")
    def style() -> FileResponse:
        kept = {"Cache-Control": "public, max-age=3600"}
        return FileResponse(HERE / "templates" / "desk.css", media_type="text/css", headers=kept)

    return router
