"""The house's own versions (catalogue, classifier) as one process has taken them up."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from catalogue.loader import catalogue_of
from catalogue.snapshot import CatalogueSnapshot
from classifier.model_file import unpacked
from models.house import HouseVersion
from models.vocabulary import Versioned

Reading = Callable[[HouseVersion], Any]


def _catalogue(row: HouseVersion) -> Any:
    return catalogue_of(CatalogueSnapshot(f"version {row.number}", row.files))


def _classifier(row: HouseVersion) -> Any:
    return unpacked(row.blob or b"", f"version {row.number}")[0]


READINGS: Mapping[Versioned, Reading] = {
    Versioned.CATALOGUE: _catalogue,
    Versioned.CLASSIFIER: _classifier,
}
"""From a stored version to what tasks work with. A version that this release cannot read must raise
a ValueError, as RuleFileError is one. What has no entry is never taken up."""


@dataclass(frozen=True, slots=True)
class NotTakenUp:
    """A stored version that this release cannot read; `why` names files and fields, no case."""

    what: Versioned
    number: int
    why: str


class HouseInForce:
    """What this process goes by: the newest version of each thing that it can read.

    Shared by every view of one workplace, safe between threads. A number always means the same
    content, so one query for the newest numbers tells whether anything is to be read.
    """

    def __init__(self) -> None:
        self.values: dict[Versioned, Any] = {}
        self.numbers: dict[Versioned, int] = {}
        self.unreadable: tuple[NotTakenUp, ...] = ()
        self.told: set[NotTakenUp] = set()
        self._looked_at: dict[Versioned, int] = {}
        self._reading = threading.Lock()

    def take_up(self, session: Session, known: Mapping[str, Any]) -> None:
        """Read what is newer than what was looked at last; what cannot be read changes nothing.

        Args:
            session: A reading session.
            known: Values that need not be read again, by their digest.
        """
        newest = newest_numbers(session)
        if newest == self._looked_at:
            return
        with self._reading:
            for what, number in newest.items():
                if what in READINGS and self._looked_at.get(what) != number:
                    self._take(session, what, number, known)
            self._looked_at = newest

    def _take(self, session: Session, what: Versioned, number: int, known: Mapping[str, Any]) -> None:
        """The newest that can be read; at the start of a process that may be an earlier one."""
        at_hand = self.numbers.get(what, 0)
        bad: list[NotTakenUp] = []
        for row in _newest_first(session, what, number, at_hand):
            try:
                value = known[row.digest] if row.digest in known else READINGS[what](row)
            except ValueError as error:
                bad.append(NotTakenUp(what, row.number, _first_line(error)))
                continue
            # One assignment each: a thread that looks meanwhile sees the old or the new, both whole.
            self.values[what], self.numbers[what] = value, row.number
            break
        self.unreadable = (*(each for each in self.unreadable if each.what is not what), *bad)


def newest_numbers(session: Session) -> dict[Versioned, int]:
    """The newest number of each thing that has any version: the live ones."""
    with session.no_autoflush:
        wanted = select(HouseVersion.what, func.max(HouseVersion.number)).group_by(col(HouseVersion.what))
        return {Versioned(what): number for what, number in session.exec(wanted)}


def _newest_first(session: Session, what: Versioned, newest: int, above: int) -> Iterator[HouseVersion]:
    """Versions up to `newest` that are newer than the one at hand, one by one."""
    for number in range(newest, above, -1):
        wanted = select(HouseVersion).where(HouseVersion.what == what, HouseVersion.number == number)
        yield from session.exec(wanted)


def _first_line(error: ValueError) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
