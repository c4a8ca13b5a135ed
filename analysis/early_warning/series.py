"""Daily counts of what is watched: kinds in districts, venues, and silent calls."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt

OFFICE_TIME = timezone(timedelta(hours=8))
SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One request by codes and opaque tokens only; `is_silent` is a call in which nobody spoke."""

    received_at: datetime
    kind: str = ""
    district: str = ""
    venue: str = ""
    is_silent: bool = False


@dataclass(frozen=True)
class Daily:
    """One row a series, one column a day from `first` on."""

    names: tuple[str, ...]
    first: date
    counts: npt.NDArray[np.int64]


def daily(occurrences: Iterable[Occurrence], first: date, last: date) -> Daily:
    """The counts of every day from `first` to `last`, in the office's time; series in the order of their names.

    A request counts for its kind in its district (`kind:S01@D1`) and its venue (`venue:…`); a silent call
    counts as that only (`silent`), since nobody told where it came from.
    """
    days: dict[str, list[int]] = defaultdict(list)
    span = (last - first).days + 1
    for each in occurrences:
        at = (each.received_at.astimezone(OFFICE_TIME).date() - first).days
        if 0 <= at < span:
            for name in _series_of(each):
                days[name].append(at)
    names = tuple(sorted(days))
    counts = np.zeros((len(names), span), dtype=np.int64)
    for row, name in enumerate(names):
        np.add.at(counts[row], days[name], 1)
    return Daily(names, first, counts)


def _series_of(each: Occurrence) -> list[str]:
    if each.is_silent:
        return [SILENT]
    found = [f"kind:{each.kind}@{each.district}"] if each.kind else []
    return [*found, f"venue:{each.venue}"] if each.venue else found
