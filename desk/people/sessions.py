"""Browsers that are signed in: a random cookie, kept as a hash, that ends by itself."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from desk.people.accounts import needs_code
from desk.people.keys import is_good, speaker_of
from models.accounts import Account, WebSession
from models.house import ApiClient
from models.vocabulary import SCOPES_OF, Scope
from tasks.dispatch.units import at_work
from tasks.news.inbox import Speaker
from tasks.workplace import Workplace

IDLE_ENDS, ALL_ENDS = timedelta(minutes=60), timedelta(hours=12)
"""A shift has 8 hours; a telephone call rarely one."""
NOTED_EVERY = timedelta(seconds=60)


@dataclass(frozen=True)
class SignedIn:
    """Whose browser it is. Until `is_whole` it may only finish signing in."""

    session_id: str
    speaker: Speaker
    name: str
    is_whole: bool
    must_change: bool = False
    needs_device: bool = False
    needs_code: bool = False


def begin_session(session: Session, holder: str, now: datetime, *, is_whole: bool) -> str:
    """A new session, always with a new cookie: one that was set before signing in is worth nothing.

    Returns:
        The cookie's value, seen this once.
    """
    cookie = secrets.token_urlsafe(32)
    session.add(WebSession(id=_hash(cookie), holder=holder, made_at=now, seen_at=now, is_whole=is_whole))
    return cookie


def session_of(place: Workplace, cookie: str, now: datetime) -> SignedIn | None:
    """Who signed in with this cookie; None if it is unknown, has ended, or its holder has."""
    with place.database.reading() as session:
        kept = session.get(WebSession, _hash(cookie))
        if kept is None or not _is_alive(kept, now):
            return None
        found = _holder(session, kept, now)
        seen = kept.seen_at
    if found is not None and now - seen >= NOTED_EVERY:
        with place.database.writing() as session:
            again = session.get(WebSession, _hash(cookie))
            if again is not None:
                again.seen_at = max(again.seen_at, now)
    return found


@dataclass(frozen=True)
class OpenBrowser:
    """One browser that somebody is signed in with; `is_this` is the one that asks."""

    made_at: datetime
    seen_at: datetime
    is_this: bool


def browsers_of(session: Session, here: SignedIn, now: datetime) -> list[OpenBrowser]:
    """Where the same person is signed in now, the last used first. Nothing tells which machine it is: none is noted."""
    wanted = select(WebSession).where(WebSession.holder == here.speaker.client, col(WebSession.ended_at).is_(None))
    alive = [each for each in session.exec(wanted.order_by(col(WebSession.seen_at).desc(), WebSession.id)) if _is_alive(each, now)]
    return [OpenBrowser(each.made_at, each.seen_at, each.id == here.session_id) for each in alive]


def end_session(place: Workplace, session_id: str, now: datetime) -> None:
    """Sign a browser out."""
    with place.database.writing() as session:
        kept = session.get(WebSession, session_id)
        if kept is not None:
            kept.ended_at = kept.ended_at or now


def _is_alive(kept: WebSession, now: datetime) -> bool:
    return kept.ended_at is None and now < kept.seen_at + IDLE_ENDS and now < kept.made_at + ALL_ENDS


def _holder(session: Session, kept: WebSession, now: datetime) -> SignedIn | None:
    account = session.get(Account, kept.holder)
    if account is not None:
        if account.disabled_at is not None:
            return None
        speaker = at_work(session, Speaker(account.id, account.role, account.department, scopes=SCOPES_OF[account.role]), now)
        return SignedIn(
            kept.id, speaker, account.name, kept.is_whole and not account.must_change, account.must_change,
            needs_device=not kept.is_whole and needs_code(account) and account.totp_ct is None,
            needs_code=not kept.is_whole and account.totp_ct is not None,
        )  # fmt: skip
    client = session.get(ApiClient, kept.holder)
    if client is None or not is_good(client, now):
        return None
    speaker = at_work(session, speaker_of(client), now)
    if Scope.PAGES not in speaker.scopes:
        return None
    return SignedIn(kept.id, speaker, client.name, kept.is_whole)


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()


