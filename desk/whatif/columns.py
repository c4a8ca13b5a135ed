"""Which columns of a history file say what: named on the command line, or found by their names."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from desk.bulk.files import BulkFileError, unpacked

CLOSED_NAMES = (
    "closed_dt", "closed_at", "closed", "close_date", "closed_date", "date_closed", "replied_at", "结案时间", "办结时间"
)  # fmt: skip
FLAG_NAMES = ("ontime", "on_time", "in_time", "flag", "sla_status", "sla_flag", "是否按期", "是否超时")


@dataclass(frozen=True)
class Columns:
    """The columns of one file by what they say; None where the file does not say it."""

    received: str
    kind: str | None = None
    due: str | None = None
    closed: str | None = None
    flag: str | None = None
    grade: str | None = None
    department: str | None = None

    def present(self) -> tuple[str, ...]:
        """All of them, each once."""
        named = (self.received, self.kind, self.due, self.closed, self.flag, self.grade, self.department)
        return tuple(dict.fromkeys(name for name in named if name))


def header_of(path: Path) -> tuple[str, ...]:
    """The names of the file's columns.

    Raises:
        BulkFileError: The file cannot be opened or read, is empty, or is not UTF-8.
    """
    with as_text(path) as text:
        header = next(csv.reader(text), None)
    if not header or not any(header):
        raise BulkFileError(f"{path}: the file is empty")
    return tuple(header)


def columns_in(header: Sequence[str], asked: Columns, path: Path) -> Columns:
    """The asked columns as the file spells them; a closing time and a flag are looked for.

    Raises:
        BulkFileError: A column that was asked for is not there; the message names those there are.
    """

    def spelt(name: str | None) -> str | None:
        if name is None or name in header:
            return name
        for there in header:
            if _plain(there) == _plain(name):
                return there
        raise BulkFileError(f"{path}: there is no column {name!r}; there are {', '.join(header)}")

    received = spelt(asked.received)
    assert received is not None
    return Columns(
        received=received,
        kind=spelt(asked.kind),
        due=spelt(asked.due),
        closed=spelt(asked.closed) or _first_of(CLOSED_NAMES, header),
        flag=spelt(asked.flag) or _first_of(FLAG_NAMES, header),
        grade=spelt(asked.grade),
        department=spelt(asked.department),
    )


def lines_of_records(path: Path, records: Sequence[int]) -> dict[int, int]:
    """The line on which each record begins; the header is record 1, and a record may have many lines."""
    wanted, found = set(records), {}
    with as_text(path) as text:
        reader = csv.reader(text)
        begins, record = 1, 0
        for row in reader:
            # Blank lines are no records for whoever counted them.
            record += bool(row)
            if row and record in wanted:
                found[record] = begins
                if len(found) == len(wanted):
                    break
            begins = reader.line_num + 1
    return found


@contextmanager
def as_text(path: Path) -> Iterator[TextIO]:
    """The file's text, without a byte order mark.

    Raises:
        BulkFileError: It cannot be opened, is a damaged archive, or is not UTF-8.
    """
    csv.field_size_limit(1 << 24)
    with told_apart(path), unpacked(path) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        yield text


@contextmanager
def told_apart(path: Path) -> Iterator[None]:
    """Turn what can be wrong with the bytes of a file into words that name it."""
    try:
        yield
    except gzip.BadGzipFile:
        raise BulkFileError(f"{path}: not a gzip file, or damaged; send it again") from None
    except (EOFError, zlib.error):
        raise BulkFileError(f"{path}: the archive is cut short or damaged; send it again") from None
    except UnicodeDecodeError:
        raise BulkFileError(f"{path}: not UTF-8; save it as UTF-8") from None
    except csv.Error as error:
        raise BulkFileError(f"{path}: not a CSV file: {error}") from None


def _first_of(names: Sequence[str], header: Sequence[str]) -> str | None:
    there = {_plain(name): name for name in header}
    return next((there[_plain(name)] for name in names if _plain(name) in there), None)


def _plain(name: str) -> str:
    return name.strip().casefold().replace("_", "").replace(" ", "").replace("-", "")
