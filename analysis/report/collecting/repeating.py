"""How many requests of a month were about a matter that had been taken in before."""

import numpy as np

from analysis.release import ALL
from analysis.repeat_rate import repeat_rate
from analysis.report.asking import Asking
from analysis.report.collecting.releasing import released
from analysis.report.collecting.totals import total_of
from analysis.report.facts import Unit
from analysis.report.part import CITY, Maker, Part, Parts
from analysis.report.settings import Query

MAKE = Maker(Query.REPEATS.value)
DIMS = ("is",)


def repeats(asking: Asking) -> Parts:
    """Of the city only: of a unit it says more of the callers than of the unit."""
    window, days = asking.period.window, asking.rules.settings.repeat_days
    found = repeat_rate(asking.session, window.start, window.end, days).total
    total = total_of(asking, Query.RECEIVED)
    requests, repeated = found.requests, found.repeated
    if total.value is None or requests is None or repeated is None or requests != int(total.value):
        blank = MAKE.blank(Unit.CASES)
        return {
            CITY: Part(
                {"repeat.requests": blank, "repeat.repeated": blank, "repeat.share": MAKE.blank(Unit.PERCENT)}
            )
        }
    cells = np.array([repeated, requests - repeated])
    shown = released(
        {"is": ("again", "first")}, {DIMS: cells}, asking.rules.small_of_shares, {(): np.array(requests)}
    )[DIMS]
    again, whole = MAKE.maybe(shown["again",], Unit.CASES), MAKE.maybe(shown[ALL,], Unit.CASES)
    return {
        CITY: Part(
            {"repeat.requests": whole, "repeat.repeated": again, "repeat.share": MAKE.share(again, whole)}
        )
    }
