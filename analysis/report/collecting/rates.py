"""Response, resolution, satisfaction and composite of a month, of the city and of each unit; who was left out and why."""

from collections import Counter
from decimal import Decimal

import numpy as np

from analysis.callback_rows import NOT_DIGESTED, NOT_REACHED, REFUSED
from analysis.callbacks import Callbacks, callbacks
from analysis.grouping import Dimension
from analysis.public_rates import PublicRates, public_rates
from analysis.rate_rules import Assessed
from analysis.rates import Tally
from analysis.release import ALL
from analysis.report.asking import Asking
from analysis.report.collecting.releasing import released
from analysis.report.facts import Figure, Unit
from analysis.report.part import CITY, Maker, Part, Parts, table
from analysis.report.settings import Query

COLUMNS = ("valid", "response", "resolution", "satisfaction", "composite")
NOT_TO_BE_CALLED = (
    "class_forbids",
    "not_agreed",
    "no_contact",
    "nothing_to_ask",
    "contact_is_suspects",
    "contact_is_households",
)


def rates(asking: Asking) -> Parts:
    """Rates in the order of the units' codes, which ranks nobody."""
    found = _callbacks(asking)
    units: dict[str, Tally] = {each: Tally() for each in asking.rules.departments} | {
        unit: tally for (unit,), tally in found.tallies.items() if unit
    }
    nobodys: dict[str, Tally] = {each: tally for (each,), tally in found.tallies.items() if not each}
    public = public_rates(units | nobodys, asking.rules.rates, asking.rules.small)
    make = Maker(Query.RATES.value)
    rows = {unit: tuple(_figures(make, public[unit]).values()) for unit in sorted(units)}
    city = _figures(make, public[ALL])
    figures = {f"rates.{name}": each for name, each in city.items()} | {
        "rates.response_only": make.maybe(public[ALL].response_only, Unit.CALLBACKS)
    }
    parts: Parts = {CITY: Part(figures, {"rates.by_department": table("department", COLUMNS, rows)})}
    return parts | {
        unit: Part(dict(zip((f"rates.{each}" for each in COLUMNS), row, strict=True)))
        for unit, row in rows.items()
    }


def _figures(make: Maker, public: PublicRates) -> dict[str, Figure]:
    def rate(value: Decimal | None, unit: Unit) -> Figure:
        if value is not None:
            return make.shown(value, unit)
        return make.blank(unit) if public.is_blank else make.none(unit)

    found = public.rates
    percents = {
        "response": found.response,
        "resolution": found.resolution,
        "satisfaction": found.satisfaction,
    }
    return {
        "valid": make.maybe(public.valid, Unit.CALLBACKS),
        **{name: rate(value, Unit.PERCENT) for name, value in percents.items()},
        "composite": rate(found.composite, Unit.POINTS),
    }


def exclusions(asking: Asking) -> Parts:
    """Callbacks that count for no rate, by reason; those that count for the response rate stand beside the rates."""
    make, found = Maker(Query.EXCLUSIONS.value), _callbacks(asking).all_excluded
    assessed = {each.code: each.assessed for each in asking.rules.rates.exceptions}
    nothing = [code for code, how in assessed.items() if how is Assessed.NOTHING]
    known = (*nothing, NOT_REACHED, REFUSED, NOT_DIGESTED, *NOT_TO_BE_CALLED)
    counted = Counter(
        {code: count for code, count in found.items() if assessed.get(code) is not Assessed.RESPONSE_ONLY}
    )
    codes = tuple(sorted({*known, *counted}))
    dims = ("reason",)
    shown = released(
        {"reason": codes}, {dims: np.array([counted[each] for each in codes])}, asking.rules.small
    )[dims]
    rows = {code: (make.maybe(shown[code,], Unit.CALLBACKS),) for code in codes}
    figures = {"rates.excluded": make.maybe(shown[ALL,], Unit.CALLBACKS)}
    return {CITY: Part(figures, {"rates.exclusions": table("reason", ("callbacks",), rows)})}


def _callbacks(asking: Asking) -> Callbacks:
    return callbacks(asking.session, asking.period.window, asking.rules.rates, [Dimension.DEPARTMENT])
