"""`/sign-in/oidc` and `/sign-in/oidc/back`: to the house's provider and back; whatever goes wrong is one page."""

import base64
import binascii
import hashlib
import logging
import secrets
from datetime import datetime

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from desk.front import Front
from desk.pages.onwards import finish_first, local_path
from desk.pages.show import cookie_name, has_oidc, page, words_for
from desk.pages.signing_in import with_cookie
from desk.people.accounts import find_account, is_locked, needs_code
from desk.people.oidc import STARTED_LASTS, Person, Started, address_to_go_to, check_answer, person_of, start
from desk.people.oidc_provider import OidcError
from desk.people.sessions import begin_session
from models.house import WrittenOnce
from models.settings import DeskSettings
from models.vault import MasterKeyError

BACK = "/sign-in/oidc/back"
PLACE = "oidc.started"
OIDC = "oidc"
"""No client of the API has this name: theirs are made by us."""
log = logging.getLogger("desk")


def take_once(front: Front, state: str, now: datetime) -> None:
    """Nothing, the first time that this state comes back, to whichever desk of the house.

    Raises:
        OidcError: It was here before.
    """
    digest = hashlib.sha256(state.encode()).hexdigest()
    row = WrittenOnce(client=OIDC, key=digest, request_digest=digest, answer={}, at=now)
    try:
        with front.turn_to_write(), front.place.database.writing() as session:
            session.execute(delete(WrittenOnce).where(col(WrittenOnce.client) == OIDC, col(WrittenOnce.at) < now - STARTED_LASTS))
            session.add(row)
    except IntegrityError:
        raise OidcError("replayed") from None


def oidc_routes(front: Front) -> APIRouter:
    """Nothing is here unless a provider is set. A plain link leads to it: a form may go nowhere else than to the desk."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in/oidc", response_model=None)
    def leave(request: Request, next: str = "/") -> Response:  # noqa: A002 - the name of the query's own field
        settings = front.place.settings
        if not settings.oidc_issuer:
            return _nothing_worked(request, 404)
        started = start(local_path(next), front.now())
        try:
            where = address_to_go_to(front.provider, started, settings.oidc_client_id, _back(settings))
        except OidcError as error:
            return _refused(front, request, error)
        answer = RedirectResponse(where, 303)
        sealed = base64.urlsafe_b64encode(front.place.vault.seal_for_desk(PLACE, started.to_text())).decode()
        answer.set_cookie(
            _cookie(front), sealed, max_age=int(STARTED_LASTS.total_seconds()), httponly=True,
            secure=settings.link_base.startswith("https://"), samesite="lax", path="/",
        )  # fmt: skip
        return answer

    @router.get(BACK, response_model=None)
    def back(request: Request) -> Response:
        settings, provider = front.place.settings, front.provider
        if not settings.oidc_issuer:
            return _nothing_worked(request, 404)
        now = front.now()
        try:
            started = _started(front, request)
            code = check_answer(request.query_params, started, settings.oidc_issuer, now)
            take_once(front, started.state, now)
            token = provider.token_for(code, started.verifier, _back(settings), settings.oidc_client_id, _secret(settings))
            person = person_of(token, provider, settings.oidc_client_id, settings.oidc_claim, started.nonce, now)
            cookie, is_whole = _admit(front, person, now)
        except OidcError as error:
            return _refused(front, request, error)
        onwards = local_path(started.onwards) if is_whole else finish_first(started.onwards, words_for(request).language)
        answer = with_cookie(front, RedirectResponse(onwards, 303), cookie)
        _forget(front, answer)
        return answer

    return router


def _admit(front: Front, person: Person, now: datetime) -> tuple[str, bool]:
    """The cookie of a new session of an account that is here already, and whether the session is whole.

    Raises:
        OidcError: There is no such account, it has ended or is locked, or it belongs to somebody else.
    """
    with front.turn_to_write(), front.place.database.writing() as session:
        account = find_account(session, person.name)
        if account is None or not account.oidc:
            raise OidcError("no_account")
        if account.disabled_at is not None or is_locked(account, now):
            raise OidcError("account_closed")
        if account.oidc_subject is None:
            account.oidc_subject = person.subject
        elif not secrets.compare_digest(account.oidc_subject.encode(), person.subject.encode()):
            raise OidcError("other_person")
        is_whole = person.has_second_factor or not needs_code(account)
        return begin_session(session, account.id, now, is_whole=is_whole), is_whole


def _started(front: Front, request: Request) -> Started:
    """What this browser left with.

    Raises:
        OidcError: Nothing, or nothing that we sealed.
    """
    try:
        sealed = base64.urlsafe_b64decode(request.cookies.get(_cookie(front), ""))
        return Started.from_text(front.place.vault.open_for_desk(PLACE, sealed))
    except (MasterKeyError, binascii.Error, ValueError):
        raise OidcError("no_start") from None


def _secret(settings: DeskSettings) -> str:
    try:
        return settings.oidc_secret()
    except (OSError, UnicodeDecodeError):
        raise OidcError("no_secret") from None


def _back(settings: DeskSettings) -> str:
    return f"{settings.link_base}{BACK}"


def _cookie(front: Front) -> str:
    return f"{cookie_name(front)}-oidc"


def _forget(front: Front, answer: Response) -> None:
    secure = front.place.settings.link_base.startswith("https://")
    answer.delete_cookie(_cookie(front), path="/", secure=secure, httponly=True, samesite="lax")


def _refused(front: Front, request: Request, error: OidcError) -> Response:
    """The reason is a code for the log of whoever runs the desk; the browser learns none."""
    log.warning("oidc refused: %s", str(error), extra={"event": "oidc_refused"})
    answer = _nothing_worked(request, 401)
    _forget(front, answer)
    return answer


def _nothing_worked(request: Request, status: int) -> Response:
    return page(request, "sign_in.html", status, next="/", wrong=False, oidc=has_oidc(request), oidc_failed=True)
