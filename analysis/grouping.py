"""What figures are told apart by, in SQL that SQLite and PostgreSQL understand alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Float, Label, SQLColumnExpression, and_, case, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from analysis.windows import ZONE, Window
from models.case import Case
from models.exchange import Assignment


class Dimension(StrEnum):
    """By what cases may be told apart in figures; ages and addresses are deliberately none."""

    DEPARTMENT = "department"
    DISTRICT = "district"
    KIND = "kind"
    FAMILY = "family"
    GRADE = "grade"


@dataclass(frozen=True)
class Periods:
    """Windows in order that touch or lie apart, but never overlap: a moment is in one of them at most."""

    windows: tuple[Window, ...]

    def __post_init__(self) -> None:
        windows = self.windows
        if not windows or any(one.end > other.start for one, other in pairwise(windows)):
            raise ValueError("periods must stand in order and may not overlap")

    @property
    def whole(self) -> Window:
        """From the first one's start to the last one's end."""
        return Window(self.windows[0].start, self.windows[-1].end)


Moment: TypeAlias = SQLColumnExpression[datetime]
By: TypeAlias = Dimension | Periods
Key: TypeAlias = tuple[str, ...]
"""One code for each thing that was told apart, in the order it was asked for; "" where a case has none."""

COLUMNS: dict[Dimension, SQLColumnExpression[Any]] = {
    Dimension.DEPARTMENT: func.coalesce(col(Assignment.department), ""),
    Dimension.DISTRICT: func.coalesce(col(Case.district), ""),
    Dimension.KIND: func.coalesce(col(Case.kind), ""),
    Dimension.FAMILY: func.coalesce(func.substr(col(Case.kind), 1, 1), ""),
    Dimension.GRADE: col(Case.grade),
}
"""Every dimension is a key. The department is that of the lead's assignment, which the query joins."""


def columns_of(by: Sequence[By], at: Moment) -> list[SQLColumnExpression[Any]]:
    """The columns to group by; `at` is what decides the period."""
    return [period_of(at, each.windows) if isinstance(each, Periods) else COLUMNS[each] for each in by]


def named(columns: Sequence[SQLColumnExpression[Any]]) -> list[Label[Any]]:
    """The same columns under names, for a subquery that is then grouped by them.

    PostgreSQL sees no sameness in two expressions with parameters, so that grouping by one of them fails.
    """
    return [each.label(f"key_{place}") for place, each in enumerate(columns)]


def tally_of(condition: ColumnElement[Any]) -> ColumnElement[int]:
    """How many rows of a group fulfil the condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def in_words(code: str) -> ColumnElement[Any]:
    """A code that stands in the statement itself, so that an index of such rows alone is known to fit."""
    return literal(str(code), literal_execute=True)


def is_in(at: Moment, window: Window) -> ColumnElement[bool]:
    """Whether a moment lies in the window."""
    return and_(at >= window.start, at < window.end)


def period_of(at: Moment, windows: Sequence[Window]) -> ColumnElement[Any]:
    """The first day, in Beijing, of the window that contains `at`; NULL outside of all."""
    if len(windows) == 1:
        return case((is_in(at, windows[0]), literal(f"{windows[0].start.astimezone(ZONE):%Y-%m-%d}")))
    # Halved again and again: a year of weeks takes six comparisons a row, not fifty.
    middle = len(windows) // 2
    return case(
        (at < windows[middle].start, period_of(at, windows[:middle])), else_=period_of(at, windows[middle:])
    )


def leads_at(case_id: SQLColumnExpression[Any], at: Moment) -> ColumnElement[bool]:
    """Joins the lead that held the case at a moment; there is one at most."""
    standing = (col(Assignment.withdrawn_at).is_(None)) | (col(Assignment.withdrawn_at) > at)
    return and_(col(Assignment.case_id) == case_id, col(Assignment.leads), col(Assignment.assigned_at) <= at, standing)


def leads_now() -> ColumnElement[bool]:
    """Joins the lead that holds the case now."""
    gone = col(Assignment.withdrawn_at).is_(None)
    return and_(col(Assignment.case_id) == col(Case.id), col(Assignment.leads), gone)


class seconds_between(FunctionElement[float]):
    """Seconds from the first moment to the second."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    earlier, later = (compiler.process(each, **more) for each in element.clauses)
    return f"round((julianday({later}) - julianday({earlier})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    earlier, later = (compiler.process(each, **more) for each in element.clauses)
    return f"round(extract(epoch FROM ({later} - {earlier})))"
