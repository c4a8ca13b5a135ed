"""What every route of the desk's HTTP side works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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

    def who(self, authorization: str | None) -> Speaker:
        """Who sends this header.

        Raises:
            NotAuthenticatedError: Nobody we know.
        """
        with self.place.database.reading() as session:
            return authenticate(session, authorization)
