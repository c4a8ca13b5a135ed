"""Rules on one venue that a person can recount: several reporters, or several kinds of request."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analysis.early_warning.settings import VenueSettings


@dataclass(frozen=True, slots=True)
class Mention:
    """A request that names a venue; venue, reporter and matter are opaque tokens."""

    received_at: datetime
    venue: str
    kind: str
    reporter: str
    matter: str


@dataclass(frozen=True)
class VenueWarning:
    """Why a venue stands out, at the moment of the request that made it so; holds no name."""

    venue: str
    at: datetime
    rule: str
    reporters: int
    kinds: tuple[str, ...]
    matters: int


def venue_warnings(mentions: Iterable[Mention], settings: VenueSettings) -> tuple[VenueWarning, ...]:
    """Each venue's first warning by each rule, in the order of time; a reporter unknown is nobody's second."""
    by_venue: dict[str, list[Mention]] = defaultdict(list)
    for each in sorted(mentions, key=lambda each: (each.received_at, each.matter)):
        by_venue[each.venue].append(each)
    found = [warning for own in by_venue.values() for warning in _warnings(own, settings)]
    return tuple(sorted(found, key=lambda each: (each.at, each.venue, each.rule)))


def _warnings(own: Sequence[Mention], settings: VenueSettings) -> Iterable[VenueWarning]:
    told: set[str] = set()
    for last in own:
        reporters = {each.reporter for each in _within(own, last, settings.reporters.within_days) if each.reporter}
        recent = _within(own, last, settings.kinds.within_days)
        kinds, matters = {each.kind for each in recent if each.kind}, {each.matter for each in recent}
        rules = {
            "several_reporters": len(reporters) >= settings.reporters.fewest,
            "several_kinds": len(kinds) >= settings.kinds.fewest and len(matters) >= settings.kinds.fewest_matters,
        }
        for rule, holds in rules.items():
            if holds and rule not in told:
                told.add(rule)
                yield VenueWarning(last.venue, last.received_at, rule, len(reporters), tuple(sorted(kinds)), len(matters))


def _within(own: Sequence[Mention], last: Mention, days: int) -> list[Mention]:
    since = last.received_at - timedelta(days=days)
    return [each for each in own if since < each.received_at <= last.received_at]
