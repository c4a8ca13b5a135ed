"""Requests of a month by kind, inside the families whose count is told."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
from sqlalchemy import func, select
from sqlmodel import col

from analysis.case_counts import NONE
from analysis.grouping import is_in
from analysis.report.asking import Asking
from analysis.report.collecting.releasing import released
from analysis.report.facts import Figure, Unit
from analysis.report.part import CITY, Maker, Part, Parts, table
from analysis.report.settings import Query
from models.case import Case

MAKE = Maker(Query.KINDS.value)
DIMS = ("kind",)


def kinds(asking: Asking) -> Parts:
    """Every kind of every family.

    A family is all that its kinds have in common with other tables. Where its count is told, what follows about a kind
    follows from that count and the other kinds alone; where it is blank, so are all of them.
    """
    told = _families_told(asking)
    counts = _counts(asking)
    rows: dict[str, tuple[Figure, ...]] = {}
    for family in asking.rules.families:
        shown = _of_family(asking, family, counts, told.get(family))
        rows |= {kind: (MAKE.maybe(value, Unit.CASES),) for kind, value in shown.items()}
    return {CITY: Part(tables={"received.by_kind": table("kind", ("cases",), rows)})}


def _families_told(asking: Asking) -> dict[str, int]:
    parts = asking.memory.parts(Query.BREAKDOWN, asking.period) or {}
    rows = parts[CITY].tables["received.by_family"].rows if parts else ()
    return {each.key[0]: int(each.figures[0].value) for each in rows if each.figures[0].value is not None}


def _of_family(
    asking: Asking, family: str, counts: Mapping[str, int], total: int | None
) -> dict[str, int | None]:
    own = asking.rules.kinds_of(family)
    others = sum(count for kind, count in counts.items() if kind[:1] == family and kind not in own)
    cells = [*(counts.get(kind, 0) for kind in own), others]
    if total is None or total != sum(cells):
        return dict.fromkeys(own)
    shown = released(
        {"kind": (*own, NONE)}, {DIMS: np.array(cells)}, asking.rules.small, {(): np.array(total)}
    )[DIMS]
    return {kind: shown[kind,] for kind in own}


def _counts(asking: Asking) -> Counter[str]:
    kind = func.coalesce(col(Case.kind), "")
    wanted = (
        select(kind, func.count()).where(is_in(col(Case.received_at), asking.period.window)).group_by(kind)
    )
    return Counter({str(code): count for code, count in asking.session.execute(wanted)})
