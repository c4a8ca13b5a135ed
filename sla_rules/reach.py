"""Which requests the rules of one grade are meant for, and which of them each one really gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from models.vocabulary import Nature
from sla_rules.grade_rules import TargetRule


class Cell(NamedTuple):
    """Requests that no rule tells apart but by kind; None is whatever no rule names."""

    department: str | None
    nature: Nature | None
    since: date


Reach = dict[Cell, int]
"""For each cell the kinds, as bits in the order of `Ground.kinds`; a cell without any is left out."""


@dataclass(frozen=True)
class Ground:
    """All requests there may be, cut up by what the given rules tell apart."""

    rules: Sequence[TargetRule]

    @cached_property
    def kinds(self) -> tuple[str | None, ...]:
        """Every kind a rule names, and None for all others (and for a request of no kind yet)."""
        return (*sorted({kind for rule in self.rules for kind in rule.kinds}), None)

    def reach(self, rule: TargetRule) -> Reach:
        """Everything the rule is meant for."""
        kinds = self._bits(rule)
        return {
            Cell(department, nature, since): kinds
            for department in rule.departments or self._departments
            for nature in rule.natures or self._natures
            for since in self._days
            if rule.in_force(since)
        }

    def example(self, kinds: int) -> str | None:
        """One of the kinds that these bits are; None if only those that no rule names."""
        return self.kinds[(kinds & -kinds).bit_length() - 1]

    @cached_property
    def _departments(self) -> tuple[str | None, ...]:
        return (*sorted({each for rule in self.rules for each in rule.departments}), None)

    @cached_property
    def _natures(self) -> tuple[Nature | None, ...]:
        return (*sorted({each for rule in self.rules for each in rule.natures}), None)

    @cached_property
    def _days(self) -> tuple[date, ...]:
        """The first day of each stretch in which the same rules are in force."""
        first = {rule.effective_from for rule in self.rules if rule.effective_from}
        ended = {rule.effective_to for rule in self.rules if rule.effective_to}
        after = {last + timedelta(days=1) for last in ended if last < date.max}
        return tuple(sorted({date.min} | first | after))

    @cached_property
    def _bit_of(self) -> dict[str | None, int]:
        return {kind: 1 << at for at, kind in enumerate(self.kinds)}

    def _bits(self, rule: TargetRule) -> int:
        if not rule.kinds:
            return (1 << len(self.kinds)) - 1
        return sum(self._bit_of[kind] for kind in set(rule.kinds))


def common(one: Reach, other: Reach) -> Reach:
    """What lies in both."""
    both = {cell: kinds & other.get(cell, 0) for cell, kinds in one.items()}
    return {cell: kinds for cell, kinds in both.items() if kinds}


def without(one: Reach, other: Reach) -> Reach:
    """What lies in the first only."""
    left = {cell: kinds & ~other.get(cell, 0) for cell, kinds in one.items()}
    return {cell: kinds for cell, kinds in left.items() if kinds}


def together(one: Reach, other: Reach) -> Reach:
    """What lies in either."""
    return {**one, **{cell: kinds | one.get(cell, 0) for cell, kinds in other.items()}}


def shares(rules: Sequence[TargetRule], ground: Ground) -> list[Reach]:
    """What each rule of one target gets when the first that fits is taken; nothing if unreachable."""
    taken: Reach = {}
    found = []
    for rule in rules:
        reach = ground.reach(rule)
        found.append(without(reach, taken))
        taken = together(taken, reach)
    return found
