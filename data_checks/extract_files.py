"""Reading what a department sent: a file, or a table in its database, as rows of text."""

import csv
import gzip
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from data_checks.contract import Contract, SchemaVersion
from data_checks.extract_words import Problem

TAKEN_AT, ROWS = "taken_at", "rows"
Row = tuple[int, dict[str, Any]]


class ExtractRefusedError(ValueError):
    """A whole extract cannot be taken in; `problem` is a code, `field` what it is about."""

    def __init__(self, problem: Problem, field: str = "") -> None:
        self.problem, self.field = problem, field
        super().__init__(f"{problem}: {field}" if field else str(problem))


@dataclass(frozen=True)
class Extract:
    """What was sent: its SHA-256, when it says it was taken, its version and its rows.

    Each row is the line it stands on, from 1 with the heading, and its values by our field names.
    """

    digest: str
    taken_at: str | None
    version: SchemaVersion
    rows: list[Row]


def digest_of(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def read_extract(contract: Contract, content: bytes) -> Extract:
    """The extract in a file's bytes, also gzipped.

    Raises:
        ExtractRefusedError: It cannot be read whole, or has other columns than agreed.
    """
    plain = _unpacked(content)
    match contract.format:
        case "csv":
            about, headings, rows = _csv(_decoded(plain, contract.encoding))
        case "jsonl":
            about, headings, rows = _jsonl(_decoded(plain, contract.encoding))
        case "xlsx":
            about, headings, rows = _xlsx(plain)
        case "table":
            raise ExtractRefusedError(Problem.UNREADABLE, "this contract is read from a table; give its SQLAlchemy URL")
    said = about.get(ROWS)
    if (contract.counted and said is None) or (said is not None and said != str(len(rows))):
        raise ExtractRefusedError(Problem.CUT_SHORT, ROWS)
    version = _version(contract, headings)
    return Extract(digest_of(content), about.get(TAKEN_AT), version, list(_ours(version, rows)))


def read_table(contract: Contract, url: str) -> Extract:
    """The extract in a table or view of the department's database.

    Raises:
        ExtractRefusedError: The database does not answer, or the table has other columns.
    """
    try:
        engine = create_engine(url)
        with engine.connect() as connection:
            found = connection.execute(text(f"SELECT * FROM {contract.table}"))
            headings = list(found.keys())
            rows = [(line, dict(zip(headings, row, strict=True))) for line, row in enumerate(found, start=2)]
        engine.dispose()
    except SQLAlchemyError:
        raise ExtractRefusedError(Problem.UNREADABLE, contract.table or "") from None
    version = _version(contract, headings)
    digest = digest_of(repr([sorted((k, str(v)) for k, v in row.items()) for _, row in rows]).encode())
    return Extract(digest, None, version, list(_ours(version, rows)))


def content_of(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        ExtractRefusedError: It is empty.
        OSError: It cannot be opened, which is nothing its sender could mend.
    """
    content = path.read_bytes()
    if not content.strip():
        raise ExtractRefusedError(Problem.CUT_SHORT)
    return content


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise ExtractRefusedError(Problem.CUT_SHORT, "gzip") from None


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        raise ExtractRefusedError(Problem.WRONG_ENCODING, encoding) from None


def _csv(written: str) -> tuple[dict[str, str], list[str], list[Row]]:
    about: dict[str, str] = {}
    headings: list[str] = []
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(written, newline=""), strict=True)
    try:
        for cells in reader:
            if not cells or not any(cells):
                continue
            if cells[0].startswith("#"):
                name, _, value = ",".join(cells).lstrip("# ").partition(":")
                about[name.strip()] = value.strip().strip('"')
            elif not headings:
                headings = [each.strip() for each in cells]
            elif len(cells) != len(headings):
                raise ExtractRefusedError(Problem.CUT_SHORT, f"line {reader.line_num}")
            else:
                rows.append((reader.line_num, dict(zip(headings, cells, strict=True))))
    except csv.Error:
        raise ExtractRefusedError(Problem.CUT_SHORT, f"line {reader.line_num}") from None
    return about, headings, rows


def _jsonl(written: str) -> tuple[dict[str, str], list[str], list[Row]]:
    about: dict[str, str] = {}
    headings: dict[str, None] = {}
    rows: list[Row] = []
    for line, each in enumerate(written.splitlines(), start=1):
        if not each.strip():
            continue
        try:
            found = json.loads(each)
        except json.JSONDecodeError:
            raise ExtractRefusedError(Problem.CUT_SHORT, f"line {line}") from None
        if not isinstance(found, dict):
            raise ExtractRefusedError(Problem.UNREADABLE, f"line {line}")
        if found.keys() <= {TAKEN_AT, ROWS}:
            about |= {name: str(value) for name, value in found.items()}
        else:
            headings |= dict.fromkeys(found)
            rows.append((line, found))
    return about, list(headings), rows


def _xlsx(content: bytes) -> tuple[dict[str, str], list[str], list[Row]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        about_rows = list(book["about"].values) if "about" in book.sheetnames else []
        lines = list(book.worksheets[0].values)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, EOFError, OSError):
        raise ExtractRefusedError(Problem.CUT_SHORT if content[:2] == b"PK" else Problem.UNREADABLE) from None
    about = {str(row[0]): str(row[1]) for row in about_rows if len(row) > 1 and row[0] is not None}
    if not lines:
        return about, [], []
    headings = [str(each or "").strip() for each in lines[0]]
    return about, headings, [
        (line, dict(zip(headings, row, strict=False)))
        for line, row in enumerate(lines[1:], start=2)
        if any(cell is not None for cell in row)
    ]  # fmt: skip


def _version(contract: Contract, headings: list[str]) -> SchemaVersion:
    """The newest version whose headings are all there, with none besides that it does not know."""
    have = set(headings)
    for version in sorted(contract.versions, key=lambda each: -each.version):
        if version.headings <= have <= version.headings | set(version.ignored):
            return version
    newest = max(contract.versions, key=lambda each: each.version)
    missing = sorted(newest.headings - have)
    strange = len(have - newest.headings - set(newest.ignored))
    raise ExtractRefusedError(Problem.COLUMNS_CHANGED, ", ".join(missing) or f"{strange} unknown columns")


def _ours(version: SchemaVersion, rows: list[Row]) -> Iterator[Row]:
    for line, row in rows:
        yield line, {ours: row.get(theirs) for ours, theirs in version.columns.items()}
