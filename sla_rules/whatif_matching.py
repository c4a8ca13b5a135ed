"""Which rule judges each of many cases: asked once for every combination that occurs."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from models.vocabulary import Grade, Nature, Target
from sla_rules.batch import utc_to_local
from sla_rules.grade_rules import TargetRule
from sla_rules.rule_book import RuleBook
from sla_rules.wall_clock import DAY_US
from sla_rules.whatif_chunk import CaseChunk, Coded, Rows

NO_RULE = -1
EPOCH_DAY = date(1970, 1, 1)


class RuleFinder:
    """The rules of one book, found for whole columns at once.

    Rows are told apart only by what some rule asks for, so that a file with a million different
    kinds costs no more than one with those that the rules name.
    """

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.rules: list[TargetRule] = []
        self.grades: list[Grade] = []
        for grade, of_grade in book.grades.items():
            self.rules += of_grade.rules
            self.grades += [grade] * len(of_grade.rules)
        self._place = {rule.id: place for place, rule in enumerate(self.rules)}
        self._kinds = ("", *sorted({kind for rule in self.rules for kind in rule.kinds}))
        self._departments = ("", *sorted({each for rule in self.rules for each in rule.departments}))
        self._first_days = _days_on_which_rules_change(self.rules)
        self._found: dict[tuple[int, ...], int] = {}

    def find(self, chunk: CaseChunk, departments: Coded) -> NDArray[np.int32]:
        """The place in `rules` of each row's rule; `NO_RULE` where nothing measures it."""
        days = utc_to_local(chunk.received, self.book.calendar.zone) // DAY_US
        axes = (
            (_codes(chunk.grade, Grade), len(Grade) + 1),
            (_codes(chunk.target, Target), len(Target) + 1),
            (_codes(chunk.kind, self._kinds), len(self._kinds) + 1),
            (_codes(departments, self._departments), len(self._departments) + 1),
            (_codes(chunk.nature, Nature), len(Nature) + 1),
            (np.searchsorted(self._first_days, days, side="right"), len(self._first_days) + 1),
        )
        keys = np.zeros(len(chunk), np.int64)
        for codes, size in axes:
            keys = keys * size + codes
        different, inverse = np.unique(keys, return_inverse=True)
        sizes = [size for _, size in axes]
        rules = [self._rule(_digits(int(key), sizes)) for key in different]
        return np.array(rules, np.int32)[inverse] if rules else np.empty(0, np.int32)

    def _rule(self, digits: tuple[int, ...]) -> int:
        if digits not in self._found:
            self._found[digits] = self._asked(*digits)
        return self._found[digits]

    def _asked(self, grade: int, target: int, kind: int, department: int, nature: int, span: int) -> int:
        grades, targets, natures = list(Grade), list(Target), list(Nature)
        if grade == len(grades) or target == len(targets) or grades[grade] not in self.book.grades:
            return NO_RULE
        rule = self.book.target_rule(
            grades[grade],
            targets[target],
            on=self._a_day_of(span),
            kind=_word(self._kinds, kind),
            department=_word(self._departments, department),
            nature=natures[nature] if nature < len(natures) else None,
        )
        return self._place[rule.id] if rule else NO_RULE

    def _a_day_of(self, span: int) -> date:
        if not len(self._first_days):
            return EPOCH_DAY
        day = int(self._first_days[span - 1]) if span else int(self._first_days[0]) - 1
        return EPOCH_DAY + timedelta(days=day)


def rows_by_rule(found: NDArray[np.int32]) -> Iterator[tuple[int, Rows]]:
    """Each rule that occurs, with its rows; rows without a rule are left out."""
    order = np.argsort(found, kind="stable")
    rules, starts = np.unique(found[order], return_index=True)
    for rule, rows in zip(rules, np.split(order, starts[1:]), strict=False):
        if rule != NO_RULE:
            yield int(rule), rows


def _days_on_which_rules_change(rules: Iterable[TargetRule]) -> NDArray[np.int64]:
    """Days since 1970, in order, from which on other rules may hold than the day before."""
    days = {rule.effective_from for rule in rules if rule.effective_from}
    days |= {rule.effective_to + timedelta(days=1) for rule in rules if rule.effective_to}
    return np.array(sorted((day - EPOCH_DAY).days for day in days), np.int64)


def _codes(column: Coded, known: Iterable[str]) -> NDArray[np.int32]:
    places = {str(word): place for place, word in enumerate(known)}
    return column.recoded(places, len(places))


def _digits(key: int, sizes: list[int]) -> tuple[int, ...]:
    digits = []
    for size in reversed(sizes):
        key, digit = divmod(key, size)
        digits.append(digit)
    return tuple(reversed(digits))


def _word(known: tuple[str, ...], place: int) -> str | None:
    """The word at `place`; a word that no rule names is as good as none."""
    return known[place] or None if place < len(known) else None
