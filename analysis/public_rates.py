"""Which units' rates may be published: a rate of few callbacks, or of one unhappy caller among many, tells who."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from analysis.rate_rules import RateRules
from analysis.rates import Rates, Tally, rates_of
from analysis.release import ALL, Counted, Counts, Dims, Key, Sheet
from analysis.suppression import suppress
from analysis.suppression_rules import SuppressionRules, Zeros

UNIT = "unit"
ANSWERS: dict[str, tuple[str, ...]] = {
    "contacted": ("yes", "no", "not_asked"),
    "resolved": ("yes", "no", "not_asked"),
    "satisfied": ("satisfied", "basically", "no", "not_asked"),
}
"""What the rates are made of, all over the same callbacks."""
BEHIND = {"response": "contacted", "resolution": "resolved", "satisfaction": "satisfied"}
"""The answers that each rate is a share of; the composite is made of all of them."""


@dataclass(frozen=True)
class PublicRates:
    """Rates of one unit, or of all together under `ALL`; None is "not applicable" or blank.

    `valid` is None where even the number of callbacks is blank, and so is `response_only`, how many of them are
    assessed on response alone, and `contact_not_asked`, how many were not asked whether the unit had been in touch.
    `blanks` names the rates that were held back; others that are None do not apply.
    """

    valid: int | None
    rates: Rates
    blanks: frozenset[str]
    response_only: int | None = None
    contact_not_asked: int | None = None

    @property
    def is_blank(self) -> bool:
        """Whether something was held back."""
        return bool(self.blanks)


def public_rates(
    tallies: Mapping[str, Tally], rules: RateRules, small: SuppressionRules
) -> Mapping[str, PublicRates]:
    """The rates that may be published of each unit, and pooled of all.

    Two decimals give away the counts behind a rate, so that a rate is shown only if all of them could be: the
    denominator, who said yes, and who did not. That nobody said no may be seen, or no unit could be at 100 %.
    """
    if not tallies:
        return {}
    units = sorted(tallies)
    codes = {UNIT: tuple(units), **ANSWERS}
    cells: dict[Dims, Counts] = {
        (UNIT, name): np.array([[_answers(tallies[unit])[name] for unit in units]]) for name in ANSWERS
    }
    day = (date(2000, 1, 1), date(2000, 1, 2))  # one time for all: rates of other times have other callbacks
    sheets = [Sheet((UNIT, name), *day) for name in ANSWERS]
    release = suppress(Counted(day, codes, cells), sheets, small.model_copy(update={"zeros": Zeros.SHOWN}))
    shown = {name: release.shown(place) for place, name in enumerate(ANSWERS)}
    everybody = sum(tallies.values(), Tally())
    return {
        unit: _public(unit, tally, shown, rules)
        for unit, tally in {**{each: tallies[each] for each in units}, ALL: everybody}.items()
    }


def _answers(tally: Tally) -> dict[str, tuple[int, ...]]:
    not_asked, answered = tally.valid - tally.full, tally.satisfied + tally.basically
    return {
        "contacted": (tally.contacted, tally.contact_asked - tally.contacted, tally.contact_not_asked),
        "resolved": (tally.resolved, tally.full - tally.resolved, not_asked),
        "satisfied": (tally.satisfied, tally.basically, tally.full - answered, not_asked),
    }


def _public(
    unit: str, tally: Tally, shown: Mapping[str, Mapping[Key, int | None]], rules: RateRules
) -> PublicRates:
    may: dict[str, bool] = {
        name: all(numbers[unit, answer] is not None for answer in (*ANSWERS[name], ALL))
        for name, numbers in shown.items()
    }
    full = rates_of(tally, rules.formula).rounded(rules.formula)
    needs = {rate: (answer,) for rate, answer in BEHIND.items()} | {"composite": tuple(ANSWERS)}
    blanks = frozenset(rate for rate, answers in needs.items() if not all(may[each] for each in answers))
    rates: dict[str, Any] = {rate: None if rate in blanks else getattr(full, rate) for rate in needs}
    valid = shown["contacted"][unit, ALL]
    return PublicRates(
        valid, Rates(**rates), blanks, response_only=shown["resolved"][unit, "not_asked"], contact_not_asked=shown["contacted"][unit, "not_asked"]
    )
