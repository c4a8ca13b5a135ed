"""Response, resolution, satisfaction and composite of a month, of the city and of each unit; who was left out and why.

Reports and `whistle report rates` tell these numbers and no others, so that neither tells what the other one hides.
"""

from collections import Counter
from decimal import Decimal

import numpy as np

from analysis.callback_rows import NOT_DIGESTED, NOT_REACHED, REFUSED
from analysis.callbacks import Callbacks, callbacks
from analysis.case_counts import NONE
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

DIMS = ("department", "reason")
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
    figures = {unit: _figures(make, public[unit]) for unit in (*sorted(units), ALL)}
    rows = {unit: tuple(figures[unit][f"rates.{each}"] for each in COLUMNS) for unit in sorted(units)}
    city = Part(figures[ALL], {"rates.by_department": table("department", COLUMNS, rows)})
    return {CITY: city, **{unit: Part(figures[unit]) for unit in rows}}


def _figures(make: Maker, public: PublicRates) -> dict[str, Figure]:
    def rate(name: str, unit: Unit) -> Figure:
        value: Decimal | None = getattr(public.rates, name)
        if value is not None:
            return make.shown(value, unit)
        return make.blank(unit) if name in public.blanks else make.none(unit)

    return {
        "rates.valid": make.maybe(public.valid, Unit.CALLBACKS),
        **{f"rates.{name}": rate(name, Unit.PERCENT) for name in ("response", "resolution", "satisfaction")},
        "rates.composite": rate("composite", Unit.POINTS),
        "rates.response_only": make.maybe(public.response_only, Unit.CALLBACKS),
        "rates.contact_not_asked": make.maybe(public.contact_not_asked, Unit.CALLBACKS),
    }


def exclusions(asking: Asking) -> Parts:
    """Callbacks that count for no rate, by unit and reason; those that count for the response rate stand beside the rates."""
    make, found = Maker(Query.EXCLUSIONS.value), _left_out(asking)
    units = (*sorted({*asking.rules.departments, *found} - {NONE}), NONE)
    reasons = tuple(sorted({*_reasons(asking), *(reason for each in found.values() for reason in each)}))
    cells = np.array([[found.get(unit, Counter())[reason] for reason in reasons] for unit in units])
    shown = released({DIMS[0]: units, DIMS[1]: reasons}, {DIMS: cells}, asking.rules.small)[DIMS]
    parts: Parts = {}
    for unit, code in {CITY: ALL, **{each: each for each in asking.rules.departments}}.items():
        rows = {reason: (make.maybe(shown[code, reason], Unit.CALLBACKS),) for reason in reasons}
        parts[unit] = Part(
            {"rates.excluded": make.maybe(shown[code, ALL], Unit.CALLBACKS)},
            {"rates.exclusions": table("reason", ("callbacks",), rows)},
        )
    return parts


def _left_out(asking: Asking) -> dict[str, Counter[str]]:
    assessed = {each.code: each.assessed for each in asking.rules.rates.exceptions}
    return {
        unit or NONE: Counter(
            {code: count for code, count in each.items() if assessed.get(code) is not Assessed.RESPONSE_ONLY}
        )
        for (unit,), each in _callbacks(asking).excluded.items()
    }


def _reasons(asking: Asking) -> tuple[str, ...]:
    """Every reason there could be: a missing row would tell that nobody was left out for it."""
    nothing = (each.code for each in asking.rules.rates.exceptions if each.assessed is Assessed.NOTHING)
    return (*nothing, NOT_REACHED, REFUSED, NOT_DIGESTED, *NOT_TO_BE_CALLED)


def _callbacks(asking: Asking) -> Callbacks:
    return callbacks(asking.session, asking.period.window, asking.rules.rates, [Dimension.DEPARTMENT])
