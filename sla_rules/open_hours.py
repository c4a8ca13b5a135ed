"""What an office's days are made of: hours, breaks, holidays, and when its intake closes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

MINUTES_A_DAY = 1440


@dataclass(frozen=True)
class OpenHours:
    """Minutes after local midnight, `[opens, closes)`; 1440 is 24:00."""

    opens: int
    closes: int

    def holds(self, minute: int) -> bool:
        """Whether a minute after local midnight lies in these hours."""
        return self.opens <= minute < self.closes

    def __str__(self) -> str:
        return "–".join(f"{each // 60:02}:{each % 60:02}" for each in (self.opens, self.closes))


@dataclass(frozen=True)
class Holiday:
    """One holiday of one year's notices: its names, the days off it gives, and those worked for it."""

    zh: str
    en: str
    off: frozenset[date]
    work: frozenset[date] = frozenset()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """When a day's intake ends, in minutes after local midnight.

    What comes at `until` or later counts as come at `then_from` of the following workday; only
    limits in working days that keep the clock look at it.
    """

    until: int
    then_from: int


def without_breaks(hours: Iterable[OpenHours], breaks: Iterable[OpenHours]) -> tuple[OpenHours, ...]:
    """The same hours with the breaks taken out, whatever they overlap."""
    left = tuple(hours)
    for each in breaks:
        left = tuple(part for stretch in left for part in _around(stretch, each))
    return left


def _around(hours: OpenHours, gap: OpenHours) -> Iterator[OpenHours]:
    before = OpenHours(hours.opens, min(hours.closes, gap.opens))
    after = OpenHours(max(hours.opens, gap.closes), hours.closes)
    if before.opens < before.closes:
        yield before
    if after.opens < after.closes:
        yield after
