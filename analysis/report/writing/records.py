"""Reading records out of the facts: whatever is missing or of another type counts as not told."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from analysis.report.paper import Num, Run, Text
from analysis.report.paths import record_path
from analysis.report.writing.writer import ABSENT


def text_of(record: Mapping[str, Any], field: str) -> str:
    """A field as text; empty if it is not told."""
    value = record.get(field)
    return value if isinstance(value, str) else ""


def as_decimal(value: Any) -> Decimal | None:
    """A number as it is written, None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def day_of(sort: str, record: Mapping[str, Any], field: str) -> Run:
    """The day that a field tells, without its time, as short as a table needs it."""
    try:
        on = date.fromisoformat(text_of(record, field)[:10])
    except ValueError:
        return Text(ABSENT)
    return Num(on.isoformat(), record_path(sort, text_of(record, "number"), field))
