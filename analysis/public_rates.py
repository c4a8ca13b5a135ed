"""Which units' rates may be published: a rate of few callbacks, or of one unhappy caller among many, tells who."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from analysis.rate_rules import Assessed, RateRules
from analysis.rates import Rates, Tally, rates_of
from analysis.release import ALL, Counted, Counts, Dims, Key, Sheet
from analysis.suppression import suppress
from analysis.suppression_rules import SuppressionRules, Zeros

UNIT = "unit"
ANSWERS: dict[str, tuple[str, ...]] = {
    "contacted": ("yes", "no"),
    "resolved": ("yes", "no", "not_asked"),
    "satisfied": ("satisfied", "basically", "no", "not_asked"),
}
"""What the rates are made of, all over the same callbacks."""


@dataclass(frozen=True)
class PublicRates:
    """Rates of one unit, or of all together under `ALL`; None is "not applicable" or blank.

    `valid` is None where even the number of callbacks is blank, and so is `response_only`, how many of them are
    assessed on response alone. `is_blank` says that something was held back.
    """

    valid: int | None
    rates: Rates
    is_blank: bool
    response_only: int | None = None


def public_rates(tallies: Mapping[str, Tally], rules: RateRules, small: SuppressionRules) -> Mapping[str, PublicRates]:
    """The rates that may be published of each unit, and pooled of all.

    Two decimals give away the counts behind a rate, so that a rate is shown only if all of them could be: the
    denominator, who said yes, and who did not. That nobody said no may be seen, or no unit could be at 100 %.
    """
    if not tallies:
        return {}
    units = sorted(tallies)
    codes = {UNIT: tuple(units), **ANSWERS}
    cells: dict[Dims, Counts] = {(UNIT, name): np.array([[_answers(tallies[unit])[name] for unit in units]]) for name in ANSWERS}
    day = (date(2000, 1, 1), date(2000, 1, 2))  # one time for all: rates of other times have other callbacks
    sheets = [Sheet((UNIT, name), *day) for name in ANSWERS]
    release = suppress(Counted(day, codes, cells), sheets, small.model_copy(update={"zeros": Zeros.SHOWN}))
    shown = {name: release.shown(place) for place, name in enumerate(ANSWERS)}
    everybody = sum(tallies.values(), Tally())
    return {unit: _public(unit, tally, shown, rules) for unit, tally in {**{each: tallies[each] for each in units}, ALL: everybody}.items()}


def _answers(tally: Tally) -> dict[str, tuple[int, ...]]:
    not_asked, answered = tally.valid - tally.full, tally.satisfied + tally.basically
    return {
        "contacted": (tally.contacted, tally.valid - tally.contacted),
        "resolved": (tally.resolved, tally.full - tally.resolved, not_asked),
        "satisfied": (tally.satisfied, tally.basically, tally.full - answered, not_asked),
    }


def _public(unit: str, tally: Tally, shown: Mapping[str, Mapping[Key, int | None]], rules: RateRules) -> PublicRates:
    may: dict[str, bool] = {
        name: all(numbers[unit, answer] is not None for answer in (*ANSWERS[name], ALL)) for name, numbers in shown.items()
    }
    full = rates_of(tally, rules.formula).rounded(rules.formula)
    rates: dict[str, Any] = {
        "response": full.response if may["contacted"] else None,
        "resolution": full.resolution if may["resolved"] else None,
        "satisfaction": full.satisfaction if may["satisfied"] else None,
        "composite": full.composite if all(may.values()) else None,
    }
    valid = shown["contacted"][unit, ALL]
    return PublicRates(valid, Rates(**rates), is_blank=not all(may.values()), response_only=shown["resolved"][unit, "not_asked"])


def public_exclusions(excluded: Mapping[str, Mapping[str, int]], rules: RateRules, small: SuppressionRules) -> Mapping[Key, int | None]:
    """Who is in no rate at all, by (unit, reason), with the sums under `ALL`; None is a blank.

    Those assessed on response alone are among the valid callbacks and are told there, so that nobody can learn from
    one table what the other one hides.
    """
    some = {each.code for each in rules.exceptions if each.assessed is Assessed.RESPONSE_ONLY}
    reasons = sorted({reason for each in excluded.values() for reason in each} - some)
    if not reasons:
        return {}
    units = sorted(excluded)
    cells: dict[Dims, Counts] = {(UNIT, "reason"): np.array([[[excluded[unit].get(reason, 0) for reason in reasons] for unit in units]])}
    day = (date(2000, 1, 1), date(2000, 1, 2))
    counted = Counted(day, {UNIT: tuple(units), "reason": tuple(reasons)}, cells)
    return suppress(counted, [Sheet((UNIT, "reason"), *day)], small).shown(0)
