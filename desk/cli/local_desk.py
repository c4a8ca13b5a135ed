"""The desk as a command on its own machine sees it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from models.settings import DeskSettings
from models.vocabulary import Role
from tasks.dispatch.units import at_work
from tasks.news.inbox import Speaker
from tasks.workplace import Workplace, open_workplace

CLI = "cli"
"""The client that commands act as. Shell access is trust: see `desk.cli.app`."""


@contextmanager
def local_desk() -> Iterator[Workplace]:
    """The workplace that `WHISTLE_…` variables name, closed afterwards.

    Raises:
        MasterKeyError: The master key is missing or not the right one.
        RuleFileError: The catalogue, the rules or the channels cannot be used.
    """
    place = open_workplace(DeskSettings())
    try:
        yield place
    finally:
        place.database.close()


def local_speaker_now(place: Workplace, role: Role, department: str | None) -> Speaker:
    """The same speaker with the units that the department stands in for at this moment."""
    with place.database.reading() as session:
        return at_work(session, local_speaker(role, department), datetime.now(UTC))


def local_speaker(role: Role, department: str | None) -> Speaker:
    """Who a command speaks as: a department if one is named, else the client `cli` in a role."""
    return Speaker(CLI, Role.DEPARTMENT if department else role, department)
