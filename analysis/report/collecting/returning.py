"""How much work of a month came back: replies sent for rework, settled cases reopened."""

from decimal import Decimal

from analysis.case_counts import NONE
from analysis.grouping import Dimension
from analysis.release import ALL
from analysis.report.asking import Asking
from analysis.report.collecting.beside import REST, beside_units
from analysis.report.collecting.releasing import Shown
from analysis.report.facts import Figure, Unit
from analysis.report.part import CITY, Maker, Part, Parts
from analysis.report.settings import Query
from analysis.returns import returns

MAKE = Maker(Query.RETURNS.value)
AGAIN, ONCE = "again", "once"


def returning(asking: Asking) -> Parts:
    """Shares of the answered and of the settled, each told only where everything beside it is."""
    found = {
        unit or NONE: each
        for (unit,), each in returns(asking.session, asking.period.window, [Dimension.DEPARTMENT]).items()
    }
    answered = beside_units(
        asking,
        {unit: (each.reworked, each.answered - each.reworked) for unit, each in found.items()},
        (AGAIN, ONCE),
    )
    settled = beside_units(
        asking,
        {unit: (each.reopened, each.settled - each.reopened) for unit, each in found.items()},
        (AGAIN, ONCE),
    )
    units = {CITY: ALL} | {each: each for each in asking.rules.departments}
    return {unit: Part(_figures(code, answered, settled)) for unit, code in units.items()}


def _figures(code: str, answered: Shown, settled: Shown) -> dict[str, Figure]:
    answers, reworked = _of(answered, code)
    endings, reopened = _of(settled, code)
    return {
        "returns.answered": answers,
        "returns.rework": reworked,
        "returns.settled": endings,
        "returns.reopening": reopened,
    }


def _of(shown: Shown, code: str) -> tuple[Figure, Figure]:
    """How many, and the share of them that came back."""
    again, once, rest = (shown[code, each] for each in (AGAIN, ONCE, REST))
    if again is None or once is None or rest is None:
        return MAKE.blank(Unit.CASES), MAKE.blank(Unit.PERCENT)
    return MAKE.shown(Decimal(again + once), Unit.CASES), MAKE.percent(again, again + once)
