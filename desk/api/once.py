"""Doing a write once: an idempotency key, its answer, and what it did are committed together.

Killed at any moment, either all of it is in the database or none: a sender that heard nothing
repeats the request with the same key and gets the answer, or has it done now.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from desk.api.answers import ApiError
from desk.front import Front
from models.database import Database
from models.house import WrittenOnce
from tasks.news.inbox import Speaker
from tasks.workplace import Workplace

_KEY = re.compile(r"[A-Za-z0-9._:-]{8,80}", re.ASCII)
# Plain statements: this is the path of every write, and the object layer would double its cost.
_ONCE = SQLModel.metadata.tables[WrittenOnce.__tablename__]
_KNOWN = select(_ONCE.c.key, _ONCE.c.request_digest, _ONCE.c.answer).where(
    _ONCE.c.client == bindparam("client"), _ONCE.c.key.in_(bindparam("keys", expanding=True))
)
ATTEMPTS = 3
Identity = tuple[str, str]
"""Client and idempotency key."""


@dataclass(frozen=True)
class Answer:
    """What a write is answered with; the same again whenever it is repeated."""

    status: int
    body: dict[str, Any]

    def response(self, *, replayed: bool) -> JSONResponse:
        """As sent, with `Idempotent-Replay: true` if it was given before."""
        return JSONResponse(self.body, self.status, {"Idempotent-Replay": "true"} if replayed else None)


class RaceLostError(RuntimeError):
    """Another sender stored the same thing at the same moment; beginning anew finds it."""


async def idempotency_key(
    key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            description="Required. 8 to 80 of `A-Z a-z 0-9 . _ : -`, new for each thing said, the same"
            " when it is sent again. Never a name or a phone number.",
            examples=["5f0c2a1e-7d3b-4b8e-9a44-1c2d3e4f5a6b"],
        ),
    ] = "",
) -> str:
    """The key of this write.

    Raises:
        ApiError: It is missing or is not of the right shape.
    """
    if not _KEY.fullmatch(key):
        raise ApiError(
            400,
            "idempotency_key",
            "Send the header Idempotency-Key: 8 to 80 of A-Z a-z 0-9 . _ : - (a new UUID will do),"
            " the same one when you repeat the request.",
        )
    return key


def write_once(
    front: Front,
    speaker: Speaker,
    key: str,
    what: str,
    form: BaseModel | None,
    act: Callable[[Workplace], Answer],
) -> JSONResponse:
    """Do it, or give the answer it was given before.

    Args:
        front: The desk.
        speaker: Who writes; keys of different clients never meet.
        key: The idempotency key.
        what: Names the route and the thing written to.
        form: The body as understood, so that spaces in the JSON make no difference.
        act: Does it with the workplace it is handed, whose database is one open transaction.

    Raises:
        ApiError: The key was used for something else.
    """
    digest = digest_of(front.place, what, form)
    for _ in range(ATTEMPTS):
        try:
            with front.turn_to_write(), front.place.database.writing() as session:
                return _once(front, session, (speaker.client, key), digest, act)
        except (IntegrityError, RaceLostError) as error:
            lost = error
    raise lost


def _once(
    front: Front,
    session: Session,
    identity: Identity,
    digest: str,
    act: Callable[[Workplace], Answer],
) -> JSONResponse:
    known = answers_kept(session, [identity])
    if known:
        return kept_answer(known[identity], digest)
    answer = act(replace(front.place, database=OneTransaction(front.place.database, session)))
    keep_answers(session, [(identity, digest, answer)], front.now())
    return answer.response(replayed=False)


@dataclass(frozen=True)
class Kept:
    """An answer as it was given, and the digest of the request that it was given to."""

    request_digest: str
    answer: Answer


def answers_kept(session: Session, identities: Sequence[Identity]) -> dict[Identity, Kept]:
    """The answers that were given to these keys before."""
    keys_of: dict[str, list[str]] = {}
    for client, key in identities:
        keys_of.setdefault(client, []).append(key)
    return {
        (client, key): Kept(digest, Answer(kept["status"], kept["body"]))
        for client, keys in keys_of.items()
        for key, digest, kept in session.execute(_KNOWN, {"client": client, "keys": keys})
    }


def kept_answer(kept: Kept, digest: str) -> JSONResponse:
    """The same answer again.

    Raises:
        ApiError: The key was used for something else.
    """
    if kept.request_digest != digest:
        raise ApiError(409, "key_used", "This Idempotency-Key was used for another request; use a new one.")
    return kept.answer.response(replayed=True)


def keep_answers(session: Session, given: Sequence[tuple[Identity, str, Answer]], at: datetime) -> None:
    """Remember what was answered to which key and request digest, in the caller's transaction."""
    rows = [
        {"client": client, "key": key, "request_digest": digest, "answer": {"status": answer.status, "body": answer.body}, "at": at}
        for (client, key), digest, answer in given
    ]
    if rows:
        session.execute(_ONCE.insert(), rows)


class OneTransaction(Database):
    """A database whose every block is the same open transaction, committed by whoever opened it."""

    def __init__(self, whole: Database, session: Session) -> None:
        # Not the parent's own: that would open another engine.
        self.url, self.engine, self._session = whole.url, whole.engine, session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """The open transaction; what is added is sent to the database, and committed later."""
        yield self._session
        self._session.flush()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Nothing can be read after a statement has failed.

        Raises:
            RaceLostError: Always: the only reader is the one that looks for who came first.
        """
        raise RaceLostError
        yield  # what makes it a generator


def digest_of(place: Workplace, what: str, form: BaseModel | None) -> str:
    """A fingerprint of the request, to tell a repetition from another request under the same key."""
    # Keyed, because a bare hash would let a short text be guessed after the case is sealed.
    return place.vault.blind_index(f"{what}\n{form.model_dump_json() if form else ''}")
