"""Old and new rules side by side over one chunk: who is due when, late or not, and how high up."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sla_rules.whatif_chunk import UNKNOWN, CaseChunk, Coded, Mask, Moments
from sla_rules.whatif_due import Fired, Judge, Judged

Levels = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two: its due times, what its ladders fired, and the level each clock has reached.

    `late_open` are clocks that run and are late now, `late_closed` those that stopped too late.
    """

    judge: Judge
    judged: Judged
    measured: Mask
    late_open: Mask
    late_closed: Mask
    fired: tuple[Fired, ...]
    levels: Levels

    @property
    def late(self) -> Mask:
        """Late, whether it still runs or not."""
        return self.late_open | self.late_closed


@dataclass(frozen=True, eq=False)
class Rows:
    """One chunk under both rule books.

    `shifts` is new due time minus old, in microseconds, and zero where it is not `both` measured
    or differs by no more than what counts as the same.
    """

    chunk: CaseChunk
    departments: Coded
    moved: Mask
    running: Mask
    old: Side
    new: Side
    both: Mask
    shifts: Moments

    @property
    def other_level(self) -> Mask:
        """Clocks that run and stand on another level of their ladder."""
        other: Mask = self.running & (self.old.levels != self.new.levels)
        return other

    @property
    def changed(self) -> Mask:
        """Anything at all is different: due time, being measured, department or level."""
        changed: Mask = (self.shifts != 0) | (self.old.measured != self.new.measured) | self.moved | self.other_level
        return changed


def side_of(judge: Judge, judged: Judged, chunk: CaseChunk, now: int) -> Side:
    """How the chunk stands at `now` under one book."""
    measured = judged.dues != UNKNOWN
    running = chunk.ended > now
    fired = tuple(judge.fired(chunk, judged, now))
    return Side(
        judge=judge,
        judged=judged,
        measured=measured,
        late_open=measured & running & (now > judged.dues),
        late_closed=measured & ~running & (chunk.ended > judged.dues),
        fired=fired,
        levels=_levels(fired, len(chunk)),
    )


def rows_of(
    chunk: CaseChunk, departments: Coded, old: Side, new: Side, now: int, same_within: int
) -> Rows:
    """The two sides compared; due times up to `same_within` microseconds apart are the same."""
    both = old.measured & new.measured
    shifts = np.where(both, new.judged.dues - np.where(both, old.judged.dues, 0), 0)
    shifts[np.abs(shifts) <= same_within] = 0
    return Rows(
        chunk=chunk,
        departments=departments,
        moved=_moved(chunk.department, departments),
        running=chunk.ended > now,
        old=old,
        new=new,
        both=both,
        shifts=shifts,
    )


def _levels(fired: Iterable[Fired], rows: int) -> Levels:
    levels = np.zeros(rows, np.int16)
    for each in fired:
        levels[each.rows] = np.maximum(levels[each.rows], each.rung.level)
    return levels


def _moved(before: Coded, after: Coded) -> Mask:
    if before is after:
        return np.zeros(len(before.codes), bool)
    places = {word: place for place, word in enumerate(before.words)}
    moved: Mask = after.recoded(places, -1) != before.codes
    return moved


