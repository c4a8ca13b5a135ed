"""`/sign-in`, `/account` and `/sign-out`: a name and a password, a code where the role asks one, a cookie."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from sqlmodel import Session

from desk.front import Front
from desk.pages.news_sheets import body_of
from desk.pages.onwards import finish_first, in_language, local_path
from desk.pages.show import START_PAGES, cookie_name, page, sign_in, signed_in, words_for
from desk.pages.unit_words import ROLE_WORDS
from desk.people.accounts import (
    UnfitPasswordError,
    address_for_device,
    code_fits,
    count_failure,
    end_sessions_of,
    find_account,
    is_locked,
    keep_secret,
    needs_code,
    new_code_secret,
    password_fits,
    picture_for_device,
    place_of_pending,
    secret_of,
    set_password,
)
from desk.people.keys import NotAuthenticatedError, authenticate, note_use
from desk.people.sessions import SignedIn, begin_session, browsers_of, end_session
from models.accounts import Account, WebSession
from models.key_change import hold_key
from models.vocabulary import Scope
from notifications.messages import Language

MOST_FIELDS = 10
Body = Annotated[bytes, Depends(body_of)]


def signing_in_routes(front: Front) -> APIRouter:
    """Signing in and out. Wrong is wrong: nobody learns which part."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    def form(request: Request) -> HTMLResponse:
        return sign_in(request, status=200)

    @router.post("/sign-in", response_model=None)
    def enter(request: Request, body: Body) -> Response:
        sent = _fields(body)
        entered, wanted = _enter(front, sent), local_path(sent.get("next", "/"))
        if entered is None:
            return sign_in(request, wanted=wanted, wrong=True)
        cookie, is_whole = entered
        language = words_for(request).language
        onwards = in_language(wanted, language) if is_whole else finish_first(wanted, language)
        return with_cookie(front, RedirectResponse(onwards, 303), cookie)

    @router.post("/sign-out", response_model=None)
    def leave(request: Request) -> Response:
        here = signed_in(front, request)
        if here is not None:
            end_session(front.place, here.session_id, front.now())
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(cookie_name(front), path="/")
        return answer

    @router.post("/sign-out/everywhere", response_model=None)
    def leave_everywhere(request: Request) -> Response:
        here = signed_in(front, request)
        if here is not None:
            with front.turn_to_write(), front.place.database.writing() as session:
                end_sessions_of(session, here.speaker.client, front.now())
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(cookie_name(front), path="/")
        return answer

    return router


def account_routes(front: Front) -> APIRouter:
    """What somebody does with their own account: choosing a password."""
    router = APIRouter(include_in_schema=False)

    @router.get("/account", response_model=None)
    def account(request: Request) -> Response:
        here = signed_in(front, request)
        if here is None:
            return sign_in(request)
        return _account_page(front, request, here, wanted=_wanted(dict(request.query_params)))

    @router.post("/account/password", response_model=None)
    def choose(request: Request, body: Body) -> Response:
        here = signed_in(front, request)
        if here is None:
            return sign_in(request)
        sent = _fields(body)
        problem = _choose(front, here, sent)
        if problem:
            return _account_page(front, request, here, problem, 422, wanted=_wanted(sent))
        return _renewed(front, here, words_for(request).language, _wanted(sent))

    return router


def second_factor_routes(front: Front) -> APIRouter:
    """Setting a device up, and the code of one that is."""
    router = APIRouter(include_in_schema=False)

    @router.post("/account/device", response_model=None)
    def device(request: Request, body: Body) -> Response:
        here = signed_in(front, request)
        if here is None:
            return sign_in(request)
        sent = _fields(body)
        if not _set_up(front, here, sent.get("code", "")):
            return _account_page(front, request, here, "code", 422, wanted=_wanted(sent))
        return _renewed(front, here, words_for(request).language, _wanted(sent))

    @router.post("/account/code", response_model=None)
    def code(request: Request, body: Body) -> Response:
        here = signed_in(front, request)
        if here is None:
            return sign_in(request)
        sent = _fields(body)
        cookie = _made_whole(front, here, sent.get("code", ""))
        if cookie is None:
            return _account_page(front, request, here, "code", 422, wanted=_wanted(sent))
        onwards = in_language(_wanted(sent), words_for(request).language)
        return with_cookie(front, RedirectResponse(onwards, 303), cookie)

    return router


def _wanted(sent: Mapping[str, str]) -> str:
    """The page that somebody wanted who had to finish signing in first."""
    return local_path(sent.get("next", "/"))


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def _enter(front: Front, sent: dict[str, str]) -> tuple[str, bool] | None:
    """The cookie of a new session and whether it is whole, if name, password and code are right, or the key alone is."""
    name, password, now = sent.get("name", ""), sent.get("password", "").strip(), front.now()
    with front.turn_to_write(), front.place.database.writing() as session:
        if not name and front.place.settings.keys_open_pages:
            try:
                client = authenticate(session, f"Bearer {password}", now)
            except NotAuthenticatedError:
                return None
            if Scope.PAGES not in client.scopes:
                return None
            note_use(session, client.client, now)
            return begin_session(session, client.client, now, is_whole=True), True
        account = find_account(session, name) if "\0" not in name else None
        if not password_fits(account, password, now) or account is None:
            return None
        secret = secret_of(front.place.vault, account)
        if secret is not None and not code_fits(account, secret, sent.get("code", ""), now):
            count_failure(account, now)
            return None
        account.failures, account.locked_until = 0, None
        is_whole = secret is not None or not needs_code(account)
        return begin_session(session, account.id, now, is_whole=is_whole), is_whole and not account.must_change


def _choose(front: Front, here: SignedIn, sent: dict[str, str]) -> str | None:
    """Set the password that was chosen; else the code of what is wrong."""
    now = front.now()
    with front.turn_to_write(), front.place.database.writing() as session:
        account = session.get(Account, here.speaker.client)
        if account is None or account.oidc:
            return "no_account"
        if not password_fits(account, sent.get("old", "").strip(), now):
            return "old"
        if sent.get("new", "") != sent.get("again", ""):
            return "again"
        try:
            set_password(account, sent.get("new", ""))
        except UnfitPasswordError as error:
            return error.why
    return None


def _set_up(front: Front, here: SignedIn, code: str) -> bool:
    """Keep the device whose code was typed, and with it make the session whole."""
    now, vault = front.now(), front.place.vault
    with front.turn_to_write(), front.place.database.writing() as session:
        account, kept = session.get(Account, here.speaker.client), session.get(WebSession, here.session_id)
        if account is None or kept is None or kept.pending_ct is None or account.totp_ct is not None:
            return False
        secret = vault.open_for_desk(place_of_pending(kept.id), kept.pending_ct)
        if not code_fits(account, secret, code, now):
            return False
        keep_secret(session, vault, account, secret)
        kept.pending_ct, kept.is_whole = None, True
    return True


def _made_whole(front: Front, here: SignedIn, code: str) -> str | None:
    """The cookie of a whole session for somebody whom the provider knew by one factor only, if the code of the device is right."""
    now = front.now()
    with front.turn_to_write(), front.place.database.writing() as session:
        account, kept = session.get(Account, here.speaker.client), session.get(WebSession, here.session_id)
        if account is None or kept is None or not here.needs_code or is_locked(account, now):
            return None
        secret = secret_of(front.place.vault, account)
        if secret is None or not code_fits(account, secret, code, now):
            count_failure(account, now)
            return None
        account.failures, account.locked_until, kept.ended_at = 0, None, now
        return begin_session(session, account.id, now, is_whole=True)


def _renewed(front: Front, here: SignedIn, language: Language, wanted: str) -> Response:
    """After a change of rights every other browser is signed out, and this one gets a new cookie."""
    now = front.now()
    with front.turn_to_write(), front.place.database.writing() as session:
        account, kept = session.get(Account, here.speaker.client), session.get(WebSession, here.session_id)
        is_whole = kept is not None and kept.is_whole and account is not None
        end_sessions_of(session, here.speaker.client, now)
        cookie = begin_session(session, here.speaker.client, now, is_whole=is_whole)
        done = is_whole and account is not None and not account.must_change
    answer = RedirectResponse(in_language(wanted, language) if done else finish_first(wanted, language), 303)
    return with_cookie(front, answer, cookie)


def _account_page(
    front: Front, request: Request, here: SignedIn, problem: str | None = None, status: int = 200, wanted: str = "/"
) -> HTMLResponse:
    address = secret = picture = None
    with front.turn_to_write(), front.place.database.writing() as session:
        account = session.get(Account, here.speaker.client)
        if account is not None and here.needs_device:
            secret = _pending(front, session, here)
            address = address_for_device(account, secret)
            picture = Markup(picture_for_device(address))
        browsers = browsers_of(session, here, front.now())
    return page(
        request, "account.html", status, here=here, is_person=account is not None, secret=secret, address=address, picture=picture,
        has_password=account is not None and not account.oidc, problem=problem, browsers=browsers,
        wanted=wanted, role=ROLE_WORDS[here.speaker.role], start=START_PAGES[here.speaker.role],
    )  # fmt: skip


def _pending(front: Front, session: Session, here: SignedIn) -> str:
    """The secret that this browser is being shown, the same until a code confirms it."""
    kept = session.get(WebSession, here.session_id)
    assert kept is not None, "the session was just found"
    place = place_of_pending(kept.id)
    if kept.pending_ct is None:
        hold_key(session, front.place.vault)
        kept.pending_ct = front.place.vault.seal_for_desk(place, new_code_secret())
    return front.place.vault.open_for_desk(place, kept.pending_ct)


def with_cookie(front: Front, answer: Response, cookie: str) -> Response:
    """The answer with the cookie of a session that has just begun."""
    secure = front.place.settings.link_base.startswith("https://")
    answer.set_cookie(cookie_name(front), cookie, httponly=True, secure=secure, samesite="lax", path="/")
    return answer
