"""`/reads`: who read what and why, who broke a glass, and judging it; and both for one case on its own page."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, or_, select

from desk.api.rights import HOUSE
from desk.boards.case_pages import storable_number
from desk.front import Front
from desk.pages.case import case_page
from desk.pages.glass_words import GLASS_WORDS
from desk.pages.news_sheets import body_of
from desk.pages.reads_words import LINK, WHY_WORDS, reader_words, what_words
from desk.pages.show import page, turn_away, visitor, words_for
from models.accounts import Account, SpecialAccess
from models.case import Case
from models.exchange import Assignment
from models.house import AccessLog, ApiClient
from models.vocabulary import GlassReason, ReadOf, Role
from tasks.closing.callback_plan import UNUSUAL_HOUR
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError
from tasks.words.special_access import break_glass, keep_staff_away, review_glass

SHOWN = 100
ONLY_SUPERVISORS = frozenset({Role.SUPERVISOR})


@dataclass(frozen=True)
class Read:
    """One line of the access log, with the reader's name instead of an id.

    `warned` are the looks for a number at an unusual hour: the seat was warned first, which refuses nothing.
    """

    id: int
    at: datetime
    reader: str
    case: str
    what: str
    purpose: str
    allowed: bool
    warned: bool


@dataclass(frozen=True)
class Broken:
    """One special access; `justified` is None until a supervisor has judged it."""

    id: int
    at: datetime
    ends_at: datetime
    reader: str
    case: str
    reason: GlassReason
    justified: bool | None
    is_own: bool


def reads_routes(front: Front) -> APIRouter:
    """The log for supervisors; breaking the glass and keeping away for those whom it concerns."""
    router = APIRouter(include_in_schema=False)

    @router.get("/reads")
    def reads(request: Request, before: int | None = None, reader: str | None = None) -> HTMLResponse:
        speaker = visitor(front, request, ONLY_SUPERVISORS)
        if speaker is None:
            return turn_away(request)
        last = min(before, 2**31 - 1) if before is not None else None
        with front.place.database.reading() as session:
            found = _reads(session, last, (reader or "").replace("\0", "")[:80])
            broken = _broken(session, speaker.client)
            units = _units_behind(session, {each.reader for each in found})
        more = found[-1].id if len(found) == SHOWN else None
        return page(request, "reads.html", reads=found, broken=broken, more=more, reasons=GLASS_WORDS, reader=reader or "", what_words=what_words, purposes=WHY_WORDS, who=partial(reader_words, units=units, departments=front.place.catalogue.departments))

    @router.post("/reads/{access}/judge", response_model=None)
    def judge(request: Request, access: int, body: Annotated[bytes, Depends(body_of)]) -> Response:
        speaker = visitor(front, request, ONLY_SUPERVISORS)
        if speaker is None:
            return turn_away(request)
        justified = _fields(body).get("justified")
        if justified in {"true", "false"}:
            with front.turn_to_write():
                review_glass(front.place, min(access, 2**31 - 1), speaker, justified == "true", front.now())
        return RedirectResponse(f"/reads?lang={words_for(request).language}", 303)

    return router


def glass_routes(front: Front) -> APIRouter:
    """What somebody of the house says about their own relation to a case: to see it out of turn, or never again."""
    router = APIRouter(include_in_schema=False)

    @router.post("/cases/{number}/glass", response_model=None)
    def glass(request: Request, number: str, body: Annotated[bytes, Depends(body_of)]) -> Response:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return turn_away(request)
        reason = _fields(body).get("reason", "")
        try:
            if reason not in set(GlassReason):
                return case_page(front, request, speaker, number[:20], 422)
            with front.turn_to_write():
                break_glass(front.place, storable_number(number[:20]), speaker, GlassReason(reason), front.now())
        except CaseNotFoundError:
            return page(request, "case.html", 404, story=None, link=None)
        except NewsNotAllowedError:
            return case_page(front, request, speaker, number[:20], 409)
        return RedirectResponse(f"/?case={number[:20]}&lang={words_for(request).language}", 303)

    @router.post("/cases/{number}/not-mine", response_model=None)
    def not_mine(request: Request, number: str) -> Response:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return turn_away(request)
        try:
            with front.turn_to_write():
                keep_staff_away(front.place, storable_number(number[:20]), speaker.client, speaker, front.now())
        except CaseNotFoundError:
            return page(request, "case.html", 404, story=None, link=None)
        return RedirectResponse(f"/?lang={words_for(request).language}", 303)

    return router


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=5))
    except ValueError:
        return {}


def _reads(session: Session, before: int | None, reader: str) -> list[Read]:
    wanted = select(AccessLog, Case.number).join(Case, col(Case.id) == col(AccessLog.case_id), isouter=True)
    if before is not None:
        wanted = wanted.where(col(AccessLog.id) < before)
    if reader:
        ids = [*session.exec(select(Account.id).where(Account.name == reader)), *session.exec(select(ApiClient.id).where(ApiClient.name == reader))]
        wanted = wanted.where(or_(col(AccessLog.client) == reader, col(AccessLog.client).in_(ids)))
    found = session.exec(wanted.order_by(col(AccessLog.id).desc()).limit(SHOWN)).all()
    names = _names(session, {log.client for log, _ in found})
    return [
        Read(
            log.id or 0, log.at, names.get(log.client, log.client), f"W-{number:06d}" if number else "–", f"{log.what}:{log.subject}" if log.what == ReadOf.PERSON_FULL else log.what, log.purpose,
            log.allowed, log.what == ReadOf.CONTACT and log.subject == UNUSUAL_HOUR.code,
        )
        for log, number in found
    ]  # fmt: skip


def _broken(session: Session, own: str) -> list[Broken]:
    wanted = select(SpecialAccess, Case.number).join(Case, col(Case.id) == col(SpecialAccess.case_id))
    found = session.exec(wanted.order_by(col(SpecialAccess.reviewed_at).is_not(None), col(SpecialAccess.id).desc()).limit(SHOWN)).all()
    names = _names(session, {each.holder for each, _ in found})
    return [
        Broken(
            each.id or 0, each.at, each.ends_at, names.get(each.holder, each.holder), f"W-{number:06d}", each.reason,
            each.justified, each.holder == own,
        )
        for each, number in found
    ]  # fmt: skip


def _units_behind(session: Session, readers: set[str]) -> dict[str, str]:
    """The unit behind each link by which somebody read, by the link's name in the log."""
    ids = [int(each.removeprefix(LINK)) for each in readers if each.startswith(LINK) and each.removeprefix(LINK).isdigit()]
    parts = session.exec(select(Assignment.id, Assignment.department).where(col(Assignment.id).in_(ids))).all()
    return {f"{LINK}{number}": unit for number, unit in parts}


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    people = session.exec(select(Account.id, Account.name).where(col(Account.id).in_(ids))).all()
    clients = session.exec(select(ApiClient.id, ApiClient.name).where(col(ApiClient.id).in_(ids))).all()
    return {each: name for each, name in (*people, *clients)}
