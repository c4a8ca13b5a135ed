"""A common issue, as the desk sees it inside: topic × place × week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, timezone

from analysis.issues.places import Place
from analysis.issues.reports import Report

OFFICE_TIME = timezone(timedelta(hours=8))
"""Mainland China has one time and no summer time; weeks begin on its Mondays."""
_NAMED_BY = 0.4


@dataclass(frozen=True)
class Cluster:
    """Reports of one issue, in the order they came, before anything is told about them.

    `places` are those that most reports name, `named` what any two of them name.
    `alike` is how alike two of them are on average, 0 to 1; 1 for one report alone.
    """

    reports: tuple[Report, ...]
    places: tuple[Place, ...]
    named: frozenset[str]
    alike: float
    distinct_texts: int


@dataclass(frozen=True)
class Issue:
    """One issue with its number, its figures, and who should take it; holds case ids, so it stays inside.

    `weeks` are pairs of a Monday and the matters that came in that week, every week from the first to the
    last. `growth` is the last complete stretch of four weeks against the four before, None without those.
    `topic` may hold names of places; `topic_outside` are those of its words that many others say as well.
    `sentence` is None where none could be vouched for.
    """

    number: str
    heat: float
    topic: tuple[str, ...]
    topic_outside: tuple[str, ...]
    places: tuple[Place, ...]
    districts: tuple[str, ...]
    kinds: tuple[str, ...]
    case_ids: tuple[str, ...]
    matters: int
    distinct_texts: int
    likes: int
    weeks: tuple[tuple[date, int], ...]
    growth: float | None
    departments: tuple[tuple[str, int], ...]
    owner: str
    owner_reason: str
    sentence: str | None


def week_of(report: Report) -> date:
    """The Monday of the week in which it came, by the office's clock."""
    day = report.received_at.astimezone(OFFICE_TIME).date()
    return day - timedelta(days=day.weekday())


def matters_in(reports: Sequence[Report]) -> int:
    """How many matters they are about."""
    return len({each.counted_as for each in reports})


def weeks_of(reports: Sequence[Report]) -> tuple[tuple[date, int], ...]:
    """Matters by week, empty weeks between the first and the last included; a matter counts when it first came."""
    first: dict[str, date] = {}
    for each in reports:
        first[each.counted_as] = min(week_of(each), first.get(each.counted_as, date.max))
    counts = Counter(first.values())
    start, weeks = min(counts), (max(counts) - min(counts)).days // 7 + 1
    return tuple((monday, counts[monday]) for monday in (start + timedelta(weeks=at) for at in range(weeks)))


def growth_of(weeks: Sequence[tuple[date, int]], as_of: date) -> float | None:
    """Matters of the four weeks before the week of `as_of` against the four before those; None without those."""
    monday = as_of - timedelta(days=as_of.weekday())
    late = sum(count for week, count in weeks if monday - timedelta(weeks=4) <= week < monday)
    early = sum(count for week, count in weeks if monday - timedelta(weeks=8) <= week < monday - timedelta(weeks=4))
    return round(late / early - 1, 2) if early else None


def most_named(places: Sequence[frozenset[Place]]) -> tuple[Place, ...]:
    """The places that a good part of the texts name, most named first; of one inside another, the longer."""
    told = Counter(place for found in places for place in found)
    often = [place for place, count in told.items() if count >= max(2, _NAMED_BY * len(places))]
    often = [one for one in often if not any(one.name in other.name and one != other for other in often)]
    return tuple(sorted(often, key=lambda place: (-told[place], place.name)))


def named_twice(places: Sequence[frozenset[Place]]) -> frozenset[str]:
    """The names of all places that at least two texts name, or one if there is no other text."""
    told = Counter(place.name for found in places for place in found)
    return frozenset(name for name, count in told.items() if count >= min(2, len(places)))
