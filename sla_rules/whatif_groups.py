"""What changes, counted for each kind, department, grade, target and rule."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sla_rules.whatif_chunk import Coded, Mask
from sla_rules.whatif_rows import Rows

MOST_WORDS = 500
"""Of one column; a file whose kinds are free text must not fill the memory, or the report."""

OTHERS = "…"
LONGEST_WORD = 60

MEASURES = (
    "clocks", "earlier", "later", "late_before", "late_after", "late_at_once", "no_longer_late", "other_level"
)  # fmt: skip


class GroupTally:
    """Counts for each word of one column; words beyond `MOST_WORDS` are counted together."""

    def __init__(self) -> None:
        self._counts: dict[str, NDArray[np.int64]] = {}

    def add(self, column: Coded, masks: tuple[Mask, ...]) -> None:
        """Count one chunk."""
        counts = np.stack(
            [np.bincount(column.codes[mask], minlength=len(column.words)) for mask in masks], axis=1
        )
        for word, counted in zip(column.words, counts, strict=True):
            if counted[0]:
                place = self._place(word)
                self._counts[place] = self._counts.get(place, 0) + counted

    def to_json(self) -> dict[str, dict[str, int]]:
        """By word, the most frequent first."""
        ordered = sorted(self._counts.items(), key=lambda each: (-int(each[1][0]), each[0]))
        return {word: dict(zip(MEASURES, map(int, counted), strict=True)) for word, counted in ordered}

    def _place(self, word: str) -> str:
        shown = word if len(word) <= LONGEST_WORD else word[: LONGEST_WORD - 1] + OTHERS
        return shown if shown in self._counts or len(self._counts) < MOST_WORDS else OTHERS


class Groups:
    """All columns that are counted by."""

    def __init__(self) -> None:
        self._tallies = {name: GroupTally() for name in ("grade", "target", "kind", "department", "rule")}

    def add(self, rows: Rows) -> None:
        """Count one chunk; departments are those of the rules tried."""
        chunk, old, new = rows.chunk, rows.old, rows.new
        masks = (
            np.ones(len(chunk), bool),
            rows.shifts < 0,
            rows.shifts > 0,
            old.late,
            new.late,
            new.late_open & ~old.late_open,
            old.late_open & ~new.late_open,
            rows.other_level,
        )
        columns = {
            "grade": chunk.grade,
            "target": chunk.target,
            "kind": chunk.kind,
            "department": rows.departments,
            "rule": _rule_ids(rows),
        }
        for name, column in columns.items():
            self._tallies[name].add(column, masks)

    def to_json(self) -> dict[str, Any]:
        """By column, by word."""
        return {name: tally.to_json() for name, tally in self._tallies.items()}


def _rule_ids(rows: Rows) -> Coded:
    ids = tuple(rule.id for rule in rows.new.judge.finder.rules)
    return Coded(("", *ids), rows.new.judged.rules + 1)
