"""The records of a bulk file, one at a time: never the whole file in memory."""

import csv
import io
import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from desk.bulk.files import BLOCK, BulkFileError, Survey, unpacked

CELL_LIMIT = 4_000_000
SEPARATORS = ",;\t|"
SPOOL_BYTES = 8 << 20
_NOT_A_WORKBOOK = (zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, KeyError, ValueError)

Line = Iterable[Any] | str
"""The cells of one record, or in words why it cannot be read."""


@dataclass(frozen=True)
class Row:
    """One record. `number` is what a spreadsheet, or for JSON an editor, shows beside it.

    `problem` is set, and `cells` is empty, if the record itself cannot be read.
    """

    number: int
    cells: dict[str, Any]
    problem: str = ""


def headings(path: Path, known: Survey) -> tuple[str, ...] | None:
    """The columns of a table, or None for JSON lines, whose records need not be alike.

    Raises:
        BulkFileError: There is no header, or nothing below it.
    """
    if known.kind == "jsonl":
        return None
    with _lines(path, known) as lines:
        names = _heading(path, next(lines, ()))
        if not any(_has_content(line) for line in lines):
            raise BulkFileError(f"{path}: has a header but no row below it")
        return names


def rows_of(path: Path, known: Survey) -> Iterator[Row]:
    """Every record of a surveyed file; blank lines are passed over.

    Raises:
        BulkFileError: A quote that is never closed, or a workbook that is damaged inside.
    """
    if known.kind == "jsonl":
        yield from _json_rows(path, known.encoding)
        return
    with _lines(path, known) as lines:
        names = _heading(path, next(lines, ()))
        for number, line in enumerate(lines, start=2):
            if isinstance(line, str):
                yield Row(number, {}, line)
            elif _has_content(line):
                yield _table_row(number, names, line, known.kind)


def count_rows(path: Path, known: Survey, limit: int | None) -> int:
    """How many records there are, at most `limit`; it also finds what spoils the file half-way.

    Raises:
        BulkFileError: As `rows_of`.
    """
    return sum(1 for _ in islice(rows_of(path, known), limit))


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without `.0`, moments as ISO, nothing for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)


@contextmanager
def _lines(path: Path, known: Survey) -> Iterator[Iterator[Line]]:
    if known.kind == "xlsx":
        with _sheet_lines(path) as lines:
            yield lines
    else:
        with unpacked(path) as raw, io.TextIOWrapper(raw, encoding=known.encoding, newline="") as text:
            yield _csv_lines(path, text)


def _csv_lines(path: Path, text: io.TextIOWrapper) -> Iterator[Line]:
    csv.field_size_limit(CELL_LIMIT)
    first = text.readline()
    reader = csv.reader(_both(first, text), delimiter=max(SEPARATORS, key=first.count), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise BulkFileError(
                    f"{path}: line {begins}: a quote that opens here, or below, is never closed; close it"
                ) from None
            # The reader starts afresh with the next line, so one bad record costs no other.
            yield "has a quote in the wrong place, or a cell without end"


def _both(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


@contextmanager
def _sheet_lines(path: Path) -> Iterator[Iterator[tuple[Any, ...]]]:
    with unpacked(path) as raw, tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as seekable:
        while block := raw.read(BLOCK):
            seekable.write(block)
        seekable.seek(0)
        try:
            sheet = load_workbook(seekable, read_only=True, data_only=True).active
        except _NOT_A_WORKBOOK:
            raise BulkFileError(f"{path}: not an Excel workbook (.xlsx); save it again as one") from None
        if sheet is None:
            raise BulkFileError(f"{path}: the workbook has no sheet")
        # Some programs write a wrong size into the sheet; without it every row is read.
        sheet.reset_dimensions()
        yield _whole_sheet(path, sheet.iter_rows(values_only=True))


def _whole_sheet(path: Path, lines: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    try:
        yield from lines
    except _NOT_A_WORKBOOK:
        raise BulkFileError(f"{path}: the workbook is damaged inside; save it again") from None


def _has_content(line: Line) -> bool:
    return isinstance(line, str) or any(cell_text(cell).strip() for cell in line)


def _heading(path: Path, cells: Line) -> tuple[str, ...]:
    if isinstance(cells, str):
        raise BulkFileError(f"{path}: the header {cells}; mend it")
    names = tuple(cell_text(cell).strip() for cell in cells)
    if any("\0" in name for name in names):
        raise BulkFileError(f"{path}: NUL bytes in the header: UTF-16 or damaged; save the file as UTF-8")
    if not any(names):
        raise BulkFileError(f"{path}: the first row has no column names; put a header there")
    return names


def _table_row(number: int, names: tuple[str, ...], line: Iterable[Any], kind: str) -> Row:
    cells = list(line)
    if kind == "xlsx":
        # A sheet leaves out the empty cells at the end of a row.
        cells = [*cells, *[None] * (len(names) - len(cells))][: len(names)]
    if len(cells) != len(names):
        return Row(number, {}, f"has {len(cells)} columns, the header has {len(names)}; check its quotes")
    return Row(number, dict(zip(names, cells, strict=True)))


def _json_rows(path: Path, encoding: str) -> Iterator[Row]:
    with unpacked(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="\n") as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                yield _json_row(number, line)


def _json_row(number: int, line: str) -> Row:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return Row(number, {}, "is not JSON; each line must be one object")
    return Row(number, _flat(said)) if isinstance(said, dict) else Row(number, {}, "is not a JSON object")


def _flat(said: dict[str, Any]) -> dict[str, Any]:
    """One level of nesting as dotted names: `{"child": {"note": …}}` becomes `child.note`."""
    flat: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{part}": each for part, each in value.items()})
        else:
            flat[name] = value
    return flat
