"""What every route of the desk's HTTP side works with."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from desk.keys import authenticate
from tasks.news import Speaker
from tasks.workplace import Workplace

HERE = Path(__file__).parent
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

    def turn_to_write(self) -> AbstractContextManager[object]:
        """Hold this while writing.

        SQLite has one writer: threads that find it busy sleep in steps and look again, which makes
        the unlucky ones wait for long. A lock of our own hands the turn over at once.
        """
        return self._turn if self.place.database.is_sqlite else nullcontext()

    def who(self, authorization: str | None) -> Speaker:
        """Who sends this header.

        Raises:
            NotAuthenticatedError: Nobody we know.
        """
        with self.place.database.reading() as session:
            return authenticate(session, authorization)
