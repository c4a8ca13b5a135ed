"""How long it took of the cases of a month: until a child was safe, until a caller was first contacted."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import numpy as np

from analysis.case_counts import NONE
from analysis.durations import Durations, first_contact_times, times_to_safe
from analysis.grouping import Dimension, Key
from analysis.release import ALL
from analysis.report.asking import Asking
from analysis.report.collecting.beside import DIMS, beside_units
from analysis.report.collecting.releasing import Shown, released
from analysis.report.facts import Figure, Unit
from analysis.report.part import CITY, Maker, Part, Parts
from analysis.report.settings import Query

MAKE = Maker(Query.DURATIONS.value)
DONE, WAITING = "done", "waiting"
NOBODY = Durations(0, 0, None, None)
Measure = Callable[..., Mapping[Key, Durations]]


def durations(asking: Asking) -> Parts:
    """Both times, of the city and of each unit."""
    safe, contact = _until_safe(asking), _until_contact(asking)
    return {unit: safe[unit] + contact[unit] for unit in safe}


def _until_safe(asking: Asking) -> Parts:
    """Of requests received in the month, so that they are held against how many those were."""
    city, units = _measured(asking, times_to_safe)
    shown = beside_units(
        asking, {unit: (each.done, each.waiting) for unit, each in units.items()}, (DONE, WAITING)
    )
    if not _stand_apart(asking, city.done + city.waiting):
        shown = dict.fromkeys(shown)
    return _parts(asking, "safe", city, units, shown)


def _stand_apart(asking: Asking, concerned: int) -> bool:
    """Whether those that a child's safety is the matter of, less those with suspected harm or a grave grade, are not few.

    They are all of these together; what is told of each would tell how many are one and not the other.
    """
    told = (asking.memory.parts(Query.BREAKDOWN, asking.period) or {}).get(CITY)
    if told is None:
        return True
    grades = {row.key[0]: row.figures[0].value for row in told.tables["received.by_grade"].rows}
    harm, urgent = told.figures["received.harm"].value, [grades.get("U0"), grades.get("U1")]
    grave = None if None in urgent else sum(int(each) for each in urgent if each is not None)
    return all(
        asking.rules.may_be_told(abs(concerned - int(each))) for each in (harm, grave) if each is not None
    )


def _until_contact(asking: Asking) -> Parts:
    """Of orders given in the month, whenever their requests came."""
    city, units = _measured(asking, first_contact_times)
    codes = (*sorted({*asking.rules.departments, *units} - {NONE}), NONE)
    cells = np.array([[units.get(code, NOBODY).done, units.get(code, NOBODY).waiting] for code in codes])
    shown = released({DIMS[0]: codes, DIMS[1]: (DONE, WAITING)}, {DIMS: cells}, asking.rules.small_of_shares)[
        DIMS
    ]
    return _parts(asking, "contact", city, units, shown)


def _measured(asking: Asking, measure: Measure) -> tuple[Durations, dict[str, Durations]]:
    window = asking.period.window
    units = {
        unit or NONE: each
        for (unit,), each in measure(asking.session, window, [Dimension.DEPARTMENT]).items()
    }
    return measure(asking.session, window).get((), NOBODY), units


def _parts(asking: Asking, name: str, city: Durations, units: Mapping[str, Durations], shown: Shown) -> Parts:
    each = {
        unit: Part(_figures(asking, name, unit, shown, units.get(unit, NOBODY)))
        for unit in asking.rules.departments
    }
    return {CITY: Part(_figures(asking, name, ALL, shown, city)), **each}


def _figures(asking: Asking, name: str, code: str, shown: Shown, each: Durations) -> dict[str, Figure]:
    """A percentile is one case's time: told where at least as many as the limit are on either side of it."""
    done, waiting, limit = shown[code, DONE], shown[code, WAITING], asking.rules.limit
    done = None if waiting is None else done
    return {
        f"{name}.done": MAKE.maybe(done, Unit.CASES),
        f"{name}.waiting": MAKE.maybe(waiting, Unit.CASES),
        f"{name}.median": _time(asking, each.median, done, 2 * limit),
        f"{name}.ninetieth": _time(asking, each.ninetieth, done, 10 * limit),
    }


def _time(asking: Asking, took: timedelta | None, done: int | None, needed: int) -> Figure:
    if done == 0:
        return MAKE.none(Unit.SECONDS)
    if took is None or done is None or done < needed:
        return MAKE.blank(Unit.SECONDS)
    step = asking.rules.settings.step_seconds
    return MAKE.shown(-(-int(took.total_seconds()) // step) * step, Unit.SECONDS)
