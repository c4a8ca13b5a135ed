"""Requests of a month by family, grade, district and unit, with everything blank that would tell a small count."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
from sqlalchemy import exists, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from analysis.case_counts import NONE, case_counts
from analysis.grouping import Dimension, is_in, tally_of
from analysis.release import ALL, Counts, Dims
from analysis.report.asking import Asking
from analysis.report.collecting.releasing import Shown, released
from analysis.report.collecting.totals import total_of
from analysis.report.facts import Figure, Row, Table, Unit
from analysis.report.part import CITY, Maker, Part, Parts, table
from analysis.report.rules import districts_known
from analysis.report.settings import Query
from models.case import Case, Person
from models.vocabulary import CallType, Grade, PersonRole

FAMILY, GRADE, DISTRICT, UNIT = (
    each.value for each in (Dimension.FAMILY, Dimension.GRADE, Dimension.DISTRICT, Dimension.DEPARTMENT)
)
FAMILY_GRADE, UNIT_FAMILY, DISTRICTS = (FAMILY, GRADE), (UNIT, FAMILY), (DISTRICT,)
MAKE = Maker(Query.BREAKDOWN.value)
YES, NO = "yes", "no"


def breakdown(asking: Asking) -> Parts:
    """Nothing, where the total is not told: its parts would tell it."""
    total = total_of(asking, Query.RECEIVED)
    whole = None if total.value is None else int(total.value)
    codes = _codes(asking)
    shown = _shown(asking, codes, whole)
    parts: Parts = {CITY: Part(_flags(asking, whole), _tables(shown, codes, total))}
    return parts | {unit: _of_unit(unit, shown[UNIT_FAMILY], codes[FAMILY]) for unit in codes[UNIT]}


def _codes(asking: Asking) -> dict[str, tuple[str, ...]]:
    rules = asking.rules
    known = {
        FAMILY: rules.families,
        GRADE: tuple(each.value for each in Grade),
        UNIT: rules.departments,
        DISTRICT: districts_known(asking.session),
    }
    return {name: (*sorted(set(each) - {NONE}), NONE) for name, each in known.items()}


def _shown(asking: Asking, codes: Mapping[str, Sequence[str]], whole: int | None) -> dict[Dims, Shown]:
    tables: list[Dims] = [FAMILY_GRADE, UNIT_FAMILY, DISTRICTS]
    edges = (asking.period.first, asking.period.last + timedelta(days=1))
    counted = case_counts(asking.session, edges, tables, codes)
    cells: dict[Dims, Counts] = {dims: each[0] for dims, each in counted.cells.items()}
    if whole is None or any(int(each.sum()) != whole for each in cells.values()):
        return {dims: dict.fromkeys(counted.keys(dims)) for dims in tables}
    # Districts share nothing with the others but the total, which is known.
    crossed: dict[Dims, Counts] = {dims: cells[dims] for dims in (FAMILY_GRADE, UNIT_FAMILY)}
    known: dict[Dims, Counts] = {(): np.array(whole)}
    small = asking.rules.small
    districts: dict[Dims, Counts] = {DISTRICTS: cells[DISTRICTS]}
    return released(codes, crossed, small, known) | released(codes, districts, small, known)


def _tables(
    shown: Mapping[Dims, Shown], codes: Mapping[str, Sequence[str]], total: Figure
) -> dict[str, Table]:
    graded, units, districts = shown[FAMILY_GRADE], shown[UNIT_FAMILY], shown[DISTRICTS]
    cells = {key: MAKE.maybe(value, Unit.CASES) for key, value in graded.items()}
    families = {each: cells[each, ALL] for each in codes[FAMILY]}
    grades = {each: cells[ALL, each] for each in codes[GRADE]}
    crossed = [
        Row((family, grade), (cells[family, grade],)) for family in codes[FAMILY] for grade in codes[GRADE]
    ]
    return {
        "received.by_family": table(
            FAMILY,
            ("cases", "share"),
            {code: (each, MAKE.share(each, total)) for code, each in families.items()},
        ),
        "received.by_grade": table(
            GRADE,
            ("cases", "share"),
            {code: (each, MAKE.share(each, total)) for code, each in grades.items()},
        ),
        "received.by_district": table(
            DISTRICT,
            ("cases",),
            {each: (MAKE.maybe(districts[each,], Unit.CASES),) for each in codes[DISTRICT]},
        ),
        "received.by_department": table(
            UNIT, ("cases",), {each: (MAKE.maybe(units[each, ALL], Unit.CASES),) for each in codes[UNIT]}
        ),
        "received.family_by_grade": Table((FAMILY, GRADE), ("cases",), tuple(crossed)),
    }


def _of_unit(unit: str, shown: Shown, families: Sequence[str]) -> Part:
    total = MAKE.maybe(shown[unit, ALL], Unit.CASES)
    cells = {family: MAKE.maybe(shown[unit, family], Unit.CASES) for family in families}
    rows = {family: (each, MAKE.share(each, total)) for family, each in cells.items()}
    return Part({"received.total": total}, {"received.by_family": table(FAMILY, ("cases", "share"), rows)})


def _flags(asking: Asking, whole: int | None) -> dict[str, Figure]:
    """How many of some sort; each sort is held against the total alone, and crossed with nothing."""
    anonymous = exists().where(
        col(Person.case_id) == col(Case.id), col(Person.role) == PersonRole.REPORTER, col(Person.anonymous)
    )
    asked: dict[str, ColumnElement[bool]] = {
        "received.harm": col(Case.harm).is_(True),
        "received.anonymous": anonymous,
        "received.silent": col(Case.call_type).in_((CallType.SILENT, CallType.HANG_UP)),
    }
    counted = select(*(tally_of(each) for each in asked.values())).where(
        is_in(col(Case.received_at), asking.period.window)
    )
    counts = dict(zip(asked, asking.session.execute(counted).one(), strict=True))
    return {name: MAKE.maybe(_of_two(asking, count, whole), Unit.CASES) for name, count in counts.items()}


def _of_two(asking: Asking, count: int, whole: int | None) -> int | None:
    if whole is None:
        return None
    dims = ("is",)
    return released(
        {"is": (YES, NO)}, {dims: np.array([count, whole - count])}, asking.rules.small, {(): np.array(whole)}
    )[dims][YES,]
