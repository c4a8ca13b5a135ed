"""Drawing a page, and who is looking at it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import FileResponse, HTMLResponse

from desk.front import HERE, TEMPLATES, Front
from desk.pages.onwards import finish_first
from desk.pages.switching import Switch, stands_at, switch_of, switch_of_refusal
from desk.pages.unit_words import ROLE_WORDS
from desk.pages.words import Words, due_time, language_of, local_time
from desk.people.keys import NotAuthenticatedError
from desk.people.sessions import SignedIn
from models.vocabulary import Role, Scope
from tasks.news.inbox import Speaker

START_PAGES: Mapping[Role, str] = MappingProxyType(
    {Role.OPERATOR: "/", Role.SUPERVISOR: "/", Role.ADMINISTRATOR: "/", Role.DECISION_MAKER: "/reports", Role.DEPARTMENT: "/reports"}
)
"""Where each role begins: the first page that is for it. Every role is a key."""


@dataclass(frozen=True)
class TurnedAway:
    """Somebody we know, at a page that is for others, or before they have finished signing in.

    `here` is None for a program with a key; nothing in it tells whether what was asked for is there.
    """

    here: SignedIn | None
    role: Role
    roles: frozenset[Role]

    @property
    def is_half(self) -> bool:
        """Whether the browser may do nothing yet but finish signing in."""
        return self.here is not None and not self.here.is_whole


_OWN_ADDRESS = re.compile(r"(?:/(?:[a-z_-]+|[A-Z]-?\d[\dA-Z-]*))*/?(?:\?case=W-\d+)?")


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
    """Who opens a page, if it is somebody we know in one of these roles; else answer with `turn_away`.

    A browser comes with the cookie of its session, a program with its key. Asked before anything is looked up,
    so that nobody learns from the answer what there is.
    """
    here = signed_in(front, request)
    if here is not None:
        speaker, may_enter = here.speaker, here.is_whole
    else:
        try:
            speaker = front.who(request.headers.get("authorization"))
        except NotAuthenticatedError:
            return None
        if Scope.PAGES not in speaker.scopes:
            return None
        may_enter = True
    if may_enter and speaker.role in roles:
        return speaker
    request.state.turned_away = TurnedAway(here, speaker.role, roles)
    return None


def turn_away(request: Request) -> HTMLResponse:
    """The answer to whom `visitor` has not let in: the form to sign in, what is left to do first, or for whom the page is."""
    away: TurnedAway | None = getattr(request.state, "turned_away", None)
    if away is None:
        return sign_in(request)
    words = words_for(request)
    if away.is_half:
        return HTMLResponse("", 303, {"Location": finish_first(_asked_for(request), words.language)})
    # In the order of the roles, whoever asks.
    roles = [words.pick(ROLE_WORDS[each]) for each in Role if each in away.roles]
    helper = Role.SUPERVISOR if Role.SUPERVISOR in away.roles and away.role is not Role.SUPERVISOR else Role.ADMINISTRATOR
    return page(
        request, "other_role.html", 403, here=away.here, role=words.pick(ROLE_WORDS[away.role]), roles=roles,
        helper=words.pick(ROLE_WORDS[helper]), start=START_PAGES[away.role],
    )  # fmt: skip


def _asked_for(request: Request) -> str:
    """The page that was wanted, with its query; for a form, the page where it stands."""
    path, query = request.url.path, request.url.query
    if path == "/sign-in":
        return "/"
    if request.method != "GET":
        # What was typed into an address is not given back: only what the desk itself could have written there.
        form = stands_at(path)
        return form if _OWN_ADDRESS.fullmatch(form) else "/"
    return f"{path}?{query}" if query else path


def sign_in(request: Request, status: int = 401, *, wanted: str = "", wrong: bool = False) -> HTMLResponse:
    """The form to sign in with, which leads back to the page that was asked for, `wanted` if that is another one."""
    wanted = wanted or _asked_for(request)
    # A stranger who was not let in gets nothing back of what was asked for.
    switch = Switch(f"/?lang={words_for(request).other}") if wanted == "/" and request.url.path != "/sign-in" else None
    return page(request, "sign_in.html", status, switch=switch, next=wanted, wrong=wrong, oidc=has_oidc(request), oidc_failed=False)


def has_oidc(request: Request) -> bool:
    """Whether the house has a provider of its own to sign in at."""
    return bool(request.app.state.front.place.settings.oidc_issuer)


def style_routes() -> APIRouter:
    """The one stylesheet, the same for everybody and free of facts: it may be kept for an hour."""
    router = APIRouter(include_in_schema=False)

    @router.get("/desk.css")
    def style() -> FileResponse:
        kept = {"Cache-Control": "public, max-age=3600"}
        return FileResponse(HERE / "templates" / "desk.css", media_type="text/css", headers=kept)

    return router
