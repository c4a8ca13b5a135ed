"""Whether clocks that fell due in a month were kept, by target, by grade and by unit."""

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.case_counts import NONE
from analysis.compliance import DESK, ClockKey, Compliance, compliance
from analysis.release import ALL, Counts, Dims
from analysis.report.asking import Asking
from analysis.report.collecting.releasing import Shown, released
from analysis.report.facts import Figure, Unit
from analysis.report.part import CITY, Maker, Part, Parts, table
from analysis.report.settings import Query
from models.vocabulary import Grade, Target

MAKE = Maker(Query.CLOCKS.value)
HOW = "how"
OUTCOMES = ("met", "missed", "late")
COLUMNS = ("judged", "met", "missed", "late", "share")


def clocks(asking: Asking) -> Parts:
    """Three tables, each crossed with the outcome. A share is told only where everything behind it is."""
    found = compliance(asking.session, asking.period.window, asking.period.window.end)
    codes = {
        "target": tuple(each.value for each in Target),
        "grade": tuple(each.value for each in Grade),
        "department": (
            *sorted({*asking.rules.departments, *(each.department for each in found)} - {"", DESK}),
            DESK,
            NONE,
        ),
        HOW: OUTCOMES,
    }
    cells: dict[Dims, Counts] = {
        (name, HOW): _cells(found, name, codes[name]) for name in ("target", "grade", "department")
    }
    shown = released(codes, cells, asking.rules.small_of_shares)
    rows = {
        name: {code: _row(shown[name, HOW], code) for code in codes[name]}
        for name in ("target", "grade", "department")
    }
    city = _row(shown["target", HOW], ALL)
    tables = {
        "clocks.by_target": table("target", COLUMNS, {code: each.values() for code, each in rows["target"].items()}),
        "clocks.by_grade": table("grade", ("judged", "met", "share"), {code: _only(each, "judged", "met", "share") for code, each in rows["grade"].items()}),
        "clocks.by_department": table("department", ("judged", "share"), {code: _only(each, "judged", "share") for code, each in rows["department"].items()}),
    }  # fmt: skip
    parts: Parts = {CITY: Part(_named(city), tables)}
    return parts | {unit: Part(_named(rows["department"][unit])) for unit in asking.rules.departments}


def _cells(found: Mapping[ClockKey, Compliance], name: str, codes: Sequence[str]) -> Counts:
    counted = np.zeros((len(codes), len(OUTCOMES)), dtype=np.int64)
    for key, each in found.items():
        counted[codes.index(getattr(key, name) or NONE)] += [each.met, each.missed, each.late]
    return counted


def _row(shown: Shown, code: str) -> dict[str, Figure]:
    judged, *each = (shown[code, how] for how in (ALL, *OUTCOMES))
    met = each[0]
    share = (
        MAKE.percent(met, judged)
        if judged is not None and met is not None and None not in each
        else MAKE.blank(Unit.PERCENT)
    )
    counts = dict(
        zip(("judged", *OUTCOMES), (MAKE.maybe(one, Unit.CLOCKS) for one in (judged, *each)), strict=True)
    )
    return {**counts, "share": share}


def _only(row: Mapping[str, Figure], *columns: str) -> tuple[Figure, ...]:
    return tuple(row[each] for each in columns)


def _named(row: Mapping[str, Figure]) -> dict[str, Figure]:
    return {f"clocks.{name}": row[name] for name in ("judged", "met", "share")}
