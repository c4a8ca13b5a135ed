"""Due times, lateness, levels and departments, counted over all chunks."""

from collections import Counter
from typing import Any

import numpy as np

from sla_rules.wall_clock import DAY_US, MINUTE_US, SECOND_US
from sla_rules.whatif_chunk import Mask
from sla_rules.whatif_rows import Rows, Side

HOUR_US = 60 * MINUTE_US
STEPS_US = (HOUR_US, 4 * HOUR_US, DAY_US, 3 * DAY_US, 7 * DAY_US, 30 * DAY_US)
"""Where one bar of the histogram ends and the next begins, on either side of no change."""

_EDGES = np.array([-step for step in reversed(STEPS_US)] + [0] + list(STEPS_US), np.int64)


class DueTally:
    """Who gets another due time, and by how much."""

    def __init__(self) -> None:
        self._bars = np.zeros(len(_EDGES) + 1, np.int64)
        self._counts: Counter[str] = Counter()
        self._earliest = self._latest = self._sum = 0

    def add(self, rows: Rows) -> None:
        """Count one chunk."""
        shifted = rows.shifts[rows.shifts != 0]
        # Exactly one step belongs to the smaller bar, on both sides of zero.
        places = np.where(
            shifted < 0, np.searchsorted(_EDGES, shifted, side="right"), np.searchsorted(_EDGES, shifted)
        )
        self._bars += np.bincount(places, minlength=len(self._bars))
        self._counts["earlier"] += int(np.count_nonzero(shifted < 0))
        self._counts["later"] += int(np.count_nonzero(shifted > 0))
        self._counts["same"] += int(np.count_nonzero(rows.both)) - len(shifted)
        self._counts["only_before"] += _number(rows.old.measured & ~rows.new.measured)
        self._counts["only_after"] += _number(rows.new.measured & ~rows.old.measured)
        self._counts["neither"] += _number(~rows.new.measured & ~rows.old.measured)
        if len(shifted):
            self._earliest = min(self._earliest, int(shifted.min()))
            self._latest = max(self._latest, int(shifted.max()))
            self._sum += int(shifted.sum())

    def to_json(self) -> dict[str, Any]:
        """Counts of clocks, the histogram of the shifts in hours, and the largest of them."""
        changed = self._counts["earlier"] + self._counts["later"]
        names = ("same", "earlier", "later", "only_before", "only_after", "neither")
        return {
            **{name: self._counts[name] for name in names},
            "histogram": [
                {"from_hours": low, "to_hours": high, "clocks": int(self._bars[place])}
                for place, (low, high) in enumerate(_bars())
            ],
            "most_earlier_seconds": -self._earliest // SECOND_US,
            "most_later_seconds": self._latest // SECOND_US,
            "mean_change_seconds": round(self._sum / changed / SECOND_US) if changed else 0,
        }


class LateTally:
    """What is late now, and what ended late, before and after."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, rows: Rows) -> None:
        """Count one chunk."""
        old, new = rows.old, rows.new
        self._counts.update(
            running=_number(rows.running),
            stopped=_number(~rows.running),
            running_late_before=_number(old.late_open),
            running_late_after=_number(new.late_open),
            late_at_once=_number(new.late_open & ~old.late_open),
            no_longer_late=_number(old.late_open & ~new.late_open),
            stopped_late_before=_number(old.late_closed),
            stopped_late_after=_number(new.late_closed),
            stopped_late_only_after=_number(new.late_closed & ~old.late_closed),
            stopped_late_only_before=_number(old.late_closed & ~new.late_closed),
        )

    def to_json(self) -> dict[str, int]:
        """All counts, of clocks."""
        return dict(self._counts)


class LevelTally:
    """The level of the ladder that running clocks stand on, before and after."""

    def __init__(self) -> None:
        self._moves: Counter[tuple[int, int]] = Counter()

    def add(self, rows: Rows) -> None:
        """Count one chunk."""
        old, new = rows.old.levels[rows.running], rows.new.levels[rows.running]
        pairs, counted = np.unique(np.stack([old, new]), axis=1, return_counts=True)
        for (before, after), clocks in zip(pairs.T.tolist(), counted.tolist(), strict=True):
            self._moves[before, after] += clocks

    def to_json(self) -> dict[str, Any]:
        """Running clocks by level (0: nobody has been told yet), and how they move."""
        before: Counter[int] = Counter()
        after: Counter[int] = Counter()
        for (old, new), clocks in self._moves.items():
            before[old] += clocks
            after[new] += clocks
        moved = sorted(each for each in self._moves if each[0] != each[1])
        return {
            "before": {str(level): before[level] for level in sorted(before)},
            "after": {str(level): after[level] for level in sorted(after)},
            "higher": sum(self._moves[each] for each in moved if each[1] > each[0]),
            "lower": sum(self._moves[each] for each in moved if each[1] < each[0]),
            "moves": [{"from": old, "to": new, "clocks": self._moves[old, new]} for old, new in moved],
        }


class ProvisionalTally:
    """Due times that unpublished holidays could still move."""

    def __init__(self) -> None:
        self._before = self._after = 0

    def add(self, old: Side, new: Side) -> None:
        """Count one chunk."""
        self._before += _number(old.judged.provisional)
        self._after += _number(new.judged.provisional)

    def to_json(self) -> dict[str, int]:
        """Clocks, before and after."""
        return {"before": self._before, "after": self._after}


def _number(mask: Mask) -> int:
    return int(np.count_nonzero(mask))


def _bars() -> list[tuple[float | None, float | None]]:
    hours = [edge / HOUR_US for edge in _EDGES.tolist()]
    return list(zip([None, *hours], [*hours, None], strict=True))
