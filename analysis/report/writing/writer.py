"""What every chapter writes with: sentences whose numbers come from the facts, and from nowhere else.

A sentence is written with places such as `{received.total}`. Inside the braces stands the path of a figure
(`analysis/report/paths.py`), `abs:PATH` for a number without its sign, `PATH|request|requests` for a number with the
English noun that fits it, or the name of a run that is given beside.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from analysis.early_warning.settings import SchoolYear
from analysis.report.facts import Cadence, Facts, Figure, State, Unit
from analysis.report.names import Names, Pair
from analysis.report.numbers import day, rounded, written_value
from analysis.report.paper import Num, Run, Runs, Text, Word
from analysis.report.paths import figure_at, parts_of

_PLACE = re.compile(r"\{([^{}]+)\}")

_PERIODS: Mapping[Cadence, Mapping[str, Pair]] = {
    Cadence.DAILY: {
        "this": Pair("本日", "on the day"),
        "before": Pair("前一日", "the day before"),
        "next": Pair("次日", "the next day"),
    },
    Cadence.WEEKLY: {
        "this": Pair("本周", "in the week"),
        "before": Pair("上周", "the week before"),
        "next": Pair("下周", "the next week"),
    },
    Cadence.MONTHLY: {
        "this": Pair("本月", "in the month"),
        "before": Pair("上月", "the month before"),
        "next": Pair("下月", "the next month"),
    },
}
HELD = Pair("不公布", "held back")
NOT_APPLICABLE = Pair("不适用", "n/a")
ABSENT = "—"


@dataclass(frozen=True)
class Writer:
    """One report in one language.

    `constants` are the documented numbers of the rules, such as `limit`, the smallest count that may be published.
    """

    facts: Facts
    language: str
    names: Names
    constants: Mapping[str, str]
    school_year: SchoolYear

    @property
    def unit(self) -> str:
        """The code of the unit that the report is about; empty for the whole city."""
        return self.facts.scope.department

    @property
    def cadence(self) -> Cadence:
        """How often it appears."""
        return self.facts.scope.cadence

    @property
    def growth_from(self) -> int:
        """From how many on growth is told in percent."""
        return int(self.constants["growth_from"])

    @property
    def is_zh(self) -> bool:
        """Whether it is written in Chinese."""
        return self.language == "zh"

    @cached_property
    def given(self) -> Mapping[str, Run]:
        """Runs that every sentence may name."""
        periods = {name: Text(words.in_(self.language)) for name, words in _PERIODS[self.cadence].items()}
        subject = self.names.of("department", self.unit, self.language) if self.unit else ""
        return {
            **periods,
            "unit": Text(subject),
            **{name: Num(value, f"constant/{name}") for name, value in self.constants.items()},
            "held": Text(HELD.in_(self.language)),
        }

    def name(self, dimension: str, code: str) -> str:
        """What a code is called."""
        return self.names.of(dimension, code, self.language)

    def coded(self, dimension: str, code: str, path: str) -> Run:
        """What a code is called; a code that has no words stands for itself, as words of the data."""
        said = self.name(dimension, code)
        return words_of_data(code, path) if said == code else Text(said)

    def pick(self, words: Pair) -> str:
        """The words without places, in the language of the report."""
        return words.in_(self.language)

    # -- numbers

    def figure(self, path: str) -> Figure | None:
        """The figure with this path, None if the facts have none."""
        return figure_at(self.facts, path)

    def value(self, path: str) -> Decimal | None:
        """Its value if it is shown; of a difference, if both parts are."""
        values = [found.value if (found := self.figure(each)) else None for each in parts_of(path)]
        known = [each for each in values if each is not None]
        if len(known) < len(values):
            return None
        return known[0] if len(known) == 1 else known[0] - known[1]

    def state(self, path: str) -> State | None:
        """The worst of its parts: held back before not applicable; None if one is missing."""
        found = [self.figure(each) for each in parts_of(path)]
        states = [each.state for each in found if each]
        if len(states) < len(found):
            return None
        worst = (State.BLANK, State.NOT_APPLICABLE, State.SHOWN)
        return next(each for each in worst if each in states)

    def num(self, path: str) -> Num:
        """The number as it is written, or the sign for why there is none."""
        return Num(self._written(path, is_bare=False), path)

    def _written(self, path: str, *, is_bare: bool) -> str:
        value, first = self.value(path), self.figure(next(parts_of(path)))
        if first is None or value is None:
            state = self.state(path)
            return ABSENT if state is None else self.pick(HELD if state is State.BLANK else NOT_APPLICABLE)
        value = abs(value) if is_bare else value
        decimals = decimals_of(path)
        if " - " in path and first.unit is Unit.PERCENT:
            return rounded(value, decimals or 1)
        return written_value(value, first.unit, self.language, decimals)

    def day(self, on: date, path: str) -> Num:
        """A day in full."""
        return Num(day(on, self.language), path)

    # -- sentences

    def say(self, shown: Pair, blank: Pair | None = None, none: Pair | None = None, /, **given: Run) -> Runs:
        """The sentence, if all its figures are shown; what to say instead if one is held back or not applicable.

        Nothing at all where a figure is missing, or where there is nothing to say instead.
        """
        states = {self.state(path) for path in paths_in(self.pick(shown), {*given, *self.given})}
        if None in states:
            return ()
        if State.BLANK in states:
            return self._runs(blank, given) if blank else ()
        if State.NOT_APPLICABLE in states:
            return self._runs(none, given) if none else ()
        return self._runs(shown, given)

    def _runs(self, words: Pair, given: Mapping[str, Run]) -> Runs:
        return tuple(self._parts(self.pick(words), {**self.given, **given}))

    def _parts(self, template: str, given: Mapping[str, Run]) -> Iterator[Run]:
        at = 0
        for found in _PLACE.finditer(template):
            if at < found.start():
                yield Text(template[at : found.start()])
            yield from self._place(found[1], given)
            at = found.end()
        if at < len(template):
            yield Text(template[at:])

    def _place(self, inside: str, given: Mapping[str, Run]) -> Iterator[Run]:
        path, _, nouns = inside.partition("|")
        is_bare, path = path.startswith("abs:"), path.removeprefix("abs:")
        if path in given:
            yield given[path]
            return
        yield Num(self._written(path, is_bare=is_bare), path)
        if nouns:
            one, many = nouns.split("|")
            yield Text(f" {one if self.value(path) == 1 else many}")

    def join(self, *sentences: Runs) -> Runs:
        """Sentences one after the other; English ones with a space between."""
        runs: list[Run] = []
        for each in sentences:
            if each and runs and not self.is_zh:
                runs.append(Text(" "))
            runs.extend(each)
        return tuple(runs)

    def listed(self, parts: list[Run]) -> Runs:
        """Names one after the other, as a sentence has them."""
        runs: list[Run] = []
        for at, each in enumerate(parts):
            if at:
                last = at == len(parts) - 1
                runs.append(Text("、" if self.is_zh else " and " if last else ", "))
            runs.append(each)
        return tuple(runs)


def words_of_data(text: str, path: str) -> Word:
    """Words out of the data, on one line."""
    return Word(" ".join("".join(each if each.isprintable() else " " for each in text).split()), path)


def decimals_of(path: str) -> int | None:
    """Places after the point where the unit's own do not do: the rates have two, as they are published."""
    is_rate = (
        path.startswith("rates.")
        and not path.rpartition("/")[2].startswith("composite")
        and "composite" not in path
    )
    return 2 if is_rate else None


def paths_in(template: str, given: set[str]) -> Iterator[str]:
    """The paths that a sentence names."""
    for found in _PLACE.finditer(template):
        path = found[1].partition("|")[0].removeprefix("abs:")
        if path not in given:
            yield path
