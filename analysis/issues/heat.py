"""How hot issues are, 0 to 1, each against the others of one list; every part can be shown.

Two heats: `heats_of` knows everything and orders the list inside; `heats_told` knows only what a release shows, so
that whoever has the release learns nothing from it that he could not work out himself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from analysis.issues.issue import Cluster, matters_in, weeks_of
from analysis.issues.settings import HeatSettings

_WEEKS_EVEN = 8


@dataclass(frozen=True)
class Heat:
    """The parts before weighing, each 0 to 1, and their weighed sum."""

    matters: float
    support: float
    growth: float
    freshness: float
    density: float
    total: float


def heats_of(clusters: Sequence[Cluster], settings: HeatSettings, as_of: datetime) -> list[Heat]:
    """The heat of each, in the same order.

    Args:
        clusters: Of one list; the greatest of a part among them counts as one.
        settings: Weights.
        as_of: Aware; reports fade from here backwards.
    """
    raw = [_raw(each, settings.half_life_days, as_of) for each in clusters]
    most = [max((row[part] for row in raw), default=0) or 1 for part in range(5)]
    return [_heat([value / top for value, top in zip(row, most, strict=True)], settings) for row in raw]


def _raw(cluster: Cluster, half_life_days: float, as_of: datetime) -> tuple[float, ...]:
    matters, weeks = matters_in(cluster.reports), [count for _, count in weeks_of(cluster.reports)]
    support = sum(each.likes for each in cluster.reports) + len(cluster.reports) - matters
    busiest = max(sum(weeks[at : at + _WEEKS_EVEN // 2]) for at in range(len(weeks))) / matters
    days = max(0.0, (as_of - cluster.reports[-1].received_at).total_seconds() / 86_400)
    # A handful of reports is always bunched somewhere: growth and density count as far as there are matters.
    known = 1 - 1 / math.sqrt(matters)
    return (
        math.sqrt(matters),
        math.log1p(support),
        known * busiest,
        0.5 ** (days / half_life_days),
        known * cluster.alike,
    )


@dataclass(frozen=True)
class Told:
    """What a release shows of one issue: matters in steps, and whole weeks, None for a blank one."""

    matters: int
    weeks: Sequence[tuple[date, int | None]]


def heats_told(issues: Sequence[Told], settings: HeatSettings) -> list[float]:
    """The heat of each to two decimals, of what is shown alone: how many, how bunched, how recent.

    Support and likeness are told nowhere, so they weigh nothing here; the other weights keep their proportion.

    Args:
        issues: Of one release.
        settings: Weights.
    """
    raw = [_told(each, settings.half_life_days) for each in issues]
    most = [max((row[part] for row in raw), default=0) or 1 for part in range(3)]
    weights = (settings.matters, settings.growth, settings.freshness)
    whole = sum(weights) or 1
    return [
        round(
            sum(value / top * weight for value, top, weight in zip(row, most, weights, strict=True)) / whole,
            2,
        )
        for row in raw
    ]


def _told(each: Told, half_life_days: float) -> tuple[float, float, float]:
    shown = [count or 0 for _, count in each.weeks]
    busiest = max((sum(shown[at : at + _WEEKS_EVEN // 2]) for at in range(len(shown))), default=0)
    ago = next((7 * back for back, count in enumerate(reversed(shown)) if count), 7 * len(shown))
    known = 1 - 1 / math.sqrt(each.matters)
    return math.sqrt(each.matters), known * busiest / each.matters, 0.5 ** (ago / half_life_days)


def _heat(parts: list[float], weights: HeatSettings) -> Heat:
    shares = (weights.matters, weights.support, weights.growth, weights.freshness, weights.density)
    total = sum(part * share for part, share in zip(parts, shares, strict=True))
    matters, support, growth, freshness, density = (round(part, 4) for part in parts)
    return Heat(matters, support, growth, freshness, density, round(total, 4))
