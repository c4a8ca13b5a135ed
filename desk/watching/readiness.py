"""Whether the desk can work, asked of its own database and of Prefect within a bounded time."""

import logging
import os
import time
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from desk.watching.patience import NoAnswerError, Patience
from desk.watching.prefect import PrefectSeen, look_at_pool, prefect_login, prefect_url
from models.house import DeskFact
from models.key_change import CHECK
from models.migrations.running import newest_version, version_of
from tasks.workplace import Workplace

DATABASE_SECONDS, PREFECT_SECONDS = 2.0, 3.0
FRESH_SECONDS = 5.0
"""How old a look at Prefect may be: a stranger who asks often must not load it."""
NO_ANSWER = "database_does_not_answer"
log = logging.getLogger("desk")


@dataclass
class Readiness:
    """Looks at one workplace.

    Without its own database or its key a desk can do nothing: it is not ready. Without Prefect it takes
    requests and news in all the same, and everything waits in the database: it is degraded.
    """

    place: Workplace

    def __post_init__(self) -> None:
        self._wanted = newest_version()
        self._database = Patience(self._ask_database, "readiness")
        self._pool = Patience(self._ask_prefect, "prefect-look")
        self._seen: tuple[float, PrefectSeen] | None = None
        self._said: str | None = None

    def problem(self) -> str | None:
        """A code for what keeps the desk from working, None if nothing does; within two seconds."""
        try:
            found = self._database.within(DATABASE_SECONDS)
        except NoAnswerError:
            found = NO_ANSWER
        if found != self._said and found:
            log.error("not ready: %s", found, extra={"event": "not_ready"})
        self._said = found
        return found

    def prefect(self) -> PrefectSeen:
        """The newest look at Prefect; within three seconds."""
        if self._seen and time.monotonic() - self._seen[0] < FRESH_SECONDS:
            return self._seen[1]
        try:
            seen = self._pool.within(PREFECT_SECONDS)
        except NoAnswerError:
            seen = PrefectSeen(False, PREFECT_SECONDS)
        self._seen = time.monotonic(), seen
        return seen

    def _ask_database(self) -> str | None:
        database = self.place.database
        try:
            if version_of(database) != self._wanted:
                return "database_not_migrated"
            with database.reading() as session:
                remembered = session.get(DeskFact, CHECK)
        except (DBAPIError, PoolTimeoutError, OSError):
            return NO_ANSWER
        if remembered is None or not self.place.vault.recognises(remembered.value):
            return "wrong_master_key"
        return None

    def _ask_prefect(self) -> PrefectSeen:
        return look_at_pool(prefect_url(self.place.settings, os.environ), prefect_login(os.environ))
