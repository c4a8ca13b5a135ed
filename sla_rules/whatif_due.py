"""When each row of a history is due under one rule book, and who heard of it by now."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.clock_table import CLOCK_TABLE
from models.vocabulary import Grade
from sla_rules.batch import due_many
from sla_rules.calendar import instant_of, moment_of
from sla_rules.due import due_time
from sla_rules.grade_rules import TargetRule
from sla_rules.ladder_rules import Rung
from sla_rules.rule_book import RuleBook
from sla_rules.whatif_chunk import UNKNOWN, CaseChunk, Coded, Mask, Moments, Pauses, Rows
from sla_rules.whatif_matching import RuleFinder, rows_by_rule
from sla_rules.whatif_moments import rung_moments


@dataclass(frozen=True, eq=False)
class Judged:
    """What one book says of every row of a chunk.

    `rules` is each row's place in the finder's rules, `dues` is `UNKNOWN` where none measures it.
    """

    rules: NDArray[np.int32]
    dues: Moments
    provisional: Mask


@dataclass(frozen=True, eq=False)
class Fired:
    """The rows (by place in the chunk) of clocks that have reached one rung, and when."""

    rung: Rung
    rows: Rows
    at: Moments


class Judge:
    """One rule book, asked for whole chunks."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.finder = RuleFinder(book)

    def judge(self, chunk: CaseChunk, departments: Coded, paused: Pauses) -> Judged:
        """The rule and the due time of every row, pauses, extensions and the joint clock included."""
        found = self.finder.find(chunk, departments)
        dues = np.full(len(chunk), UNKNOWN, np.int64)
        provisional = np.zeros(len(chunk), bool)
        for place, rows in rows_by_rule(found):
            rule = self.finder.rules[place]
            dues[rows], provisional[rows] = due_many(chunk.started[rows], rule, self.book.calendar)
        self._with_pauses(chunk, paused, found, dues, provisional)
        dues += np.where(dues == UNKNOWN, 0, self._extensions(chunk))
        _fit_inside(chunk, dues, provisional)
        return Judged(found, dues, provisional)

    def fired(self, chunk: CaseChunk, judged: Judged, now: int) -> Iterator[Fired]:
        """What every ladder has fired by `now`, or by the time the clock stopped."""
        until = np.minimum(chunk.ended, now)
        for place, rows in rows_by_rule(np.where(judged.dues == UNKNOWN, -1, judged.rules).astype(np.int32)):
            rule = self.finder.rules[place]
            for rung in self.book.ladder_for(self.finder.grades[place], rule.target):
                at = self._moments(chunk, judged, rows, rule, rung)
                come = at <= until[rows]
                yield Fired(rung, rows[come], at[come])

    def _moments(
        self, chunk: CaseChunk, judged: Judged, rows: Rows, rule: TargetRule, rung: Rung
    ) -> Moments:
        return rung_moments(chunk.started[rows], judged.dues[rows], rule, rung, self.book.calendar)

    def _with_pauses(
        self, chunk: CaseChunk, paused: Pauses, found: NDArray[np.int32], dues: Moments, provisional: Mask
    ) -> None:
        """Few rows ever paused: those are counted one at a time."""
        for row, pauses in paused.items():
            rule = self.finder.rules[found[row]] if found[row] >= 0 else None
            if rule is None or not (rule.pausable and CLOCK_TABLE[rule.target].may_pause):
                continue
            start = instant_of(int(chunk.started[row]))
            due, provisional[row] = due_time(start, rule, self.book.calendar, pauses)
            dues[row] = moment_of(due)

    def _extensions(self, chunk: CaseChunk) -> Moments:
        """As much of the granted time as the grade allows."""
        if chunk.granted is None:
            return np.zeros(len(chunk), np.int64)
        most = np.array([self._most(word) for word in chunk.grade.words] or [0], np.int64)
        return np.minimum(chunk.granted, most[chunk.grade.codes])

    def _most(self, grade: str) -> int:
        rule = self.book.extension_for(Grade(grade)) if grade in Grade.__members__ else None
        return rule.limit.microseconds * rule.how_many if rule else 0


def _fit_inside(chunk: CaseChunk, dues: Moments, provisional: Mask) -> None:
    """Cut what would outlast its case's joint clock; one that starts after that is due keeps its time."""
    if chunk.inside is None:
        return
    rows = np.flatnonzero((chunk.inside >= 0) & (dues != UNKNOWN))
    joint = chunk.inside[rows]
    cut = (dues[joint] != UNKNOWN) & (chunk.started[rows] < dues[joint]) & (dues[joint] < dues[rows])
    dues[rows[cut]] = dues[joint[cut]]
    provisional[rows[cut]] = provisional[joint[cut]]
