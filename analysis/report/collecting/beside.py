"""Counts of some of a month's requests, by unit, held against how many requests there were of each unit."""

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.case_counts import NONE
from analysis.report.asking import Asking
from analysis.report.collecting.releasing import Shown, released
from analysis.report.part import CITY
from analysis.report.settings import Query

UNIT, IS, REST = "department", "is", "rest"
DIMS = (UNIT, IS)
TOTAL = "received.total"


def beside_units(asking: Asking, counts: Mapping[str, Sequence[int]], names: Sequence[str]) -> Shown:
    """The counts by unit under their names, and sums, as they may be told beside the requests of each unit.

    A unit whose requests are blank tells nothing else either, and counts among all the others under "none": its
    other numbers would say how many requests it had at least. So what is known of a unit that does tell is its total,
    and nothing of it hangs on any other table.

    Args:
        asking: The month.
        counts: By unit, requests of each sort; no request is of two sorts, and may be of none.
        names: Of the sorts.

    Returns:
        Nothing but blanks under every unit if the month's total is not told.
    """
    totals = _totals(asking)
    if totals is None:
        return dict.fromkeys(_keys(asking, names))
    rows = {unit: [0] * len(names) for unit in totals}
    for unit, row in counts.items():
        own = rows[unit if unit in totals else NONE]
        own[:] = [one + more for one, more in zip(own, row, strict=True)]
    cells = np.array([[*row, totals[unit] - sum(row)] for unit, row in rows.items()])
    if cells.min() < 0:
        return dict.fromkeys(_keys(asking, names))
    codes = {UNIT: tuple(rows), IS: (*names, REST)}
    known = {(): np.array(sum(totals.values())), (UNIT,): np.array(list(totals.values()))}
    shown = released(codes, {DIMS: cells}, asking.rules.small_of_shares, known)[DIMS]
    return {key: shown.get(key) for key in _keys(asking, names)}


def _keys(asking: Asking, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(unit, name) for unit in (*asking.rules.departments, "*") for name in (*names, REST)]


def _totals(asking: Asking) -> dict[str, int] | None:
    """Of each unit whose requests are told, and of all others together; None if not even the whole is."""
    whole = (asking.memory.parts(Query.RECEIVED, asking.period) or {}).get(CITY)
    parts = asking.memory.parts(Query.BREAKDOWN, asking.period)
    if whole is None or parts is None or (total := whole.figures[TOTAL].value) is None:
        return None
    units = {unit: part.figures[TOTAL].value for unit, part in parts.items() if unit not in (CITY, NONE)}
    told = {unit: int(value) for unit, value in units.items() if value is not None}
    return told | {NONE: int(total) - sum(told.values())}
