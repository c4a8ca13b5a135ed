"""What every route of the desk's HTTP side works with."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from desk.people.keys import is_use_unknown, known_client, note_use, speaker_of
from desk.people.oidc_provider import Provider
from desk.people.sessions import SignedIn, session_of
from tasks.dispatch.units import at_work
from tasks.house.versions import take_up_versions
from tasks.news.inbox import Speaker
from tasks.workplace import Workplace

HERE = Path(__file__).parent
LOOK_SECONDS = 1.0
"""How old the news of a promotion may be; looking before every request would cost each one a query."""
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Front:
    """The workplace behind the routes, and the clock they read."""

    place: Workplace
    now: Callable[[], datetime]
    _turn: Lock = field(default_factory=Lock, repr=False)
    _looked: dict[str, float] = field(default_factory=dict, repr=False)

    @cached_property
    def provider(self) -> Provider:
        """The house's own sign-in, if it has one; what it says of itself is kept for an hour."""
        return Provider(self.place.settings.oidc_issuer)

    async def stay_up_to_date(self) -> None:
        """Before a request: take up what was promoted since the last look.

        A database that does not answer is the request's own trouble, and told by it.
        """
        moment = time.monotonic()
        if moment - self._looked.get("at", -LOOK_SECONDS) < LOOK_SECONDS:
            return
        self._looked["at"] = moment
        try:
            await run_in_threadpool(take_up_versions, self.place, self.now())
        except DBAPIError:
            self._looked.pop("at", None)

    def turn_to_write(self) -> AbstractContextManager[object]:
        """Hold this while writing.

        SQLite has one writer: threads that find it busy sleep in steps and look again, which makes
        the unlucky ones wait for long. A lock of our own hands the turn over at once.
        """
        return self._turn if self.place.database.is_sqlite else nullcontext()

    def holder_of(self, cookie: str | None) -> SignedIn | None:
        """Who a session cookie belongs to, if the session is alive; its last use is noted."""
        return session_of(self.place, cookie, self.now()) if cookie else None

    def who(self, authorization: str | None) -> Speaker:
        """Who sends this header.

        Raises:
            NotAuthenticatedError: Nobody we know.
        """
        now = self.now()
        with self.place.database.reading() as session:
            client = known_client(session, authorization, now)
            speaker = at_work(session, speaker_of(client), now)
        if is_use_unknown(client, now):
            with self.turn_to_write(), self.place.database.writing() as session:
                note_use(session, speaker.client, now)
        return speaker
