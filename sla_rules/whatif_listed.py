"""Which cases a change touches: a few numbers for people to look at, never words."""

from typing import Any

import numpy as np

from sla_rules.whatif_chunk import Coded, Mask
from sla_rules.whatif_rows import Rows


class Listed:
    """Up to `most` case numbers in all, shared out evenly between the reasons to look at them."""

    REASONS = ("late_at_once", "no_longer_late", "other_level", "other_department", "other_due")

    def __init__(self, most: int) -> None:
        self._most_each = most // len(self.REASONS)
        self._numbers: dict[str, dict[int, None]] = {reason: {} for reason in self.REASONS}

    def add(self, rows: Rows) -> None:
        """Note the first cases of one chunk."""
        masks = (
            rows.new.late_open & ~rows.old.late_open,
            rows.old.late_open & ~rows.new.late_open,
            rows.other_level,
            rows.moved,
            rows.shifts != 0,
        )
        for reason, mask in zip(self.REASONS, masks, strict=True):
            self._note(self._numbers[reason], rows, mask)

    def to_json(self) -> dict[str, list[int]]:
        """Case numbers by reason, in the order of the history."""
        return {reason: list(numbers) for reason, numbers in self._numbers.items()}

    def _note(self, numbers: dict[int, None], rows: Rows, mask: Mask) -> None:
        if len(numbers) >= self._most_each:
            return
        # A case with several clocks counts once.
        for number in dict.fromkeys(rows.chunk.numbers[mask].tolist()):
            if len(numbers) >= self._most_each:
                return
            numbers[number] = None


class MovedDepartments:
    """Cases that another department would lead."""

    def __init__(self) -> None:
        self._cases: dict[tuple[str, str, str], int] = {}

    def add(self, rows: Rows) -> None:
        """Count one chunk; a case with several clocks counts once."""
        _, firsts = np.unique(rows.chunk.numbers[rows.moved], return_index=True)
        places = np.flatnonzero(rows.moved)[firsts]
        for place in places.tolist():
            key = (
                _word(rows.chunk.kind, place),
                _word(rows.chunk.department, place),
                _word(rows.departments, place),
            )
            self._cases[key] = self._cases.get(key, 0) + 1

    def to_json(self) -> list[dict[str, Any]]:
        """By kind, the most frequent first."""
        ordered = sorted(self._cases.items(), key=lambda each: (-each[1], each[0]))
        return [
            {"kind": kind, "from": before, "to": after, "cases": cases}
            for (kind, before, after), cases in ordered
        ]


def _word(column: Coded, place: int) -> str:
    return column.words[int(column.codes[place])]
