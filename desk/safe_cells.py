"""Cells of tables that people open in a spreadsheet: none may begin a formula there (CSV injection)."""

from collections.abc import Iterable

BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> object:
    """The value; text that a spreadsheet would run as a formula gets an apostrophe, which it shows as text."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(BEGINS_FORMULA) else value


def safe_row(values: Iterable[object]) -> list[object]:
    """Every cell of a row."""
    return [safe_cell(each) for each in values]
