"""Past cases as columns: what a preview of new rules reads, a piece at a time.

Moments are microseconds since 1970 in UTC. A row is one clock of one case: a city's file has one
row for each case, the case database one for each clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sla_rules.intervals import Interval

Moments = NDArray[np.int64]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

Pauses = Mapping[int, tuple[Interval, ...]]

UNKNOWN = int(np.iinfo(np.int64).min)
"""No such moment: no due time was stored, or no rule measures the row."""

RUNNING = int(np.iinfo(np.int64).max)
"""The end of a clock that has not stopped."""


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of few different words: row `i` says `words[codes[i]]`; an empty word is none."""

    words: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def same(cls, word: str, rows: int) -> Self:
        """A column that says the same in every row."""
        return cls((word,), np.zeros(rows, np.int32))

    @classmethod
    def of(cls, said: Sequence[str | None]) -> Self:
        """The column of these words; None is the empty word."""
        places: dict[str, int] = {}
        codes = [places.setdefault(each or "", len(places)) for each in said]
        return cls(tuple(places), np.array(codes, np.int32))

    def recoded(self, places: Mapping[str, int], otherwise: int) -> NDArray[np.int32]:
        """The place of each row's word, or `otherwise`."""
        table = np.array([places.get(word, otherwise) for word in self.words] or [otherwise], np.int32)
        return table[self.codes]


@dataclass(frozen=True, eq=False)
class CaseChunk:
    """Some rows of a history; every column has the same length.

    The rows of one case stand together and never in two chunks. `received` decides which rules
    hold, `started` is when the clock began, `ended` when it stopped (`RUNNING` if it did not).
    `official_due` and `official_on_time` (1 in time, 0 late, -1 not said) are what the file's own
    city decided. `granted` is how much more time was granted, of which each book allows its own
    share. `inside` is the place of the joint clock that a row's clock must not outlast, or -1.
    `paused` has the pauses of the few rows that have any, by the row's place, as the old rules cap
    them; `paused_new`, if given, as the new ones do.
    """

    numbers: Moments
    received: Moments
    started: Moments
    ended: Moments
    grade: Coded
    target: Coded
    kind: Coded
    department: Coded
    nature: Coded
    official_due: Moments | None = None
    official_on_time: NDArray[np.int8] | None = None
    granted: Moments | None = None
    inside: Rows | None = None
    paused: Pauses = field(default_factory=dict)
    paused_new: Pauses | None = None

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Leads:
    """Which department leads each kind: by the catalogue in force, and by the one tried."""

    old: Mapping[str, str]
    new: Mapping[str, str]

    def moved(self) -> dict[str, tuple[str, str]]:
        """The kinds whose lead changes, with both; a kind that only one of them has is no change."""
        both = self.old.keys() & self.new.keys()
        return {
            kind: (self.old[kind], self.new[kind]) for kind in sorted(both) if self.old[kind] != self.new[kind]
        }


def moved_departments(chunk: CaseChunk, leads: Leads | None) -> Coded:
    """The department of each row by the catalogue tried: another one where the old lead held it."""
    moved = leads.moved() if leads else {}
    present = [kind for kind in moved if kind in chunk.kind.words]
    if not present:
        return chunk.department
    words = list(chunk.department.words)
    codes = chunk.department.codes.copy()
    for kind in present:
        before, after = moved[kind]
        if after not in words:
            words.append(after)
        held = [place for place, word in enumerate(chunk.department.words) if word in ("", before)]
        of_kind = chunk.kind.codes == chunk.kind.words.index(kind)
        codes[of_kind & np.isin(chunk.department.codes, held)] = words.index(after)
    return Coded(tuple(words), codes)
