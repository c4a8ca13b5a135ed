"""A city's file of past cases, read in pieces for `rules whatif`.

It needs pandas, which takes a second to import: only this command imports it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from desk.bulk.files import BulkFileError
from desk.whatif.columns import Columns, lines_of_records, told_apart
from desk.whatif.times import read_moments
from models.vocabulary import Grade, Nature, Target
from sla_rules.whatif_chunk import RUNNING, UNKNOWN, CaseChunk, Coded, Mask, Moments

ROWS_AT_ONCE = 100_000
MOST_PROBLEMS = 10
FIRST_RECORD = 2
"""The header is the first record of a file."""

ON_TIME = frozenset({"ONTIME", "INTIME", "MET", "按期", "按时"})
LATE = frozenset({"OVERDUE", "LATE", "MISSED", "BREACHED", "超时", "超期", "逾期"})
YES = frozenset({"TRUE", "YES", "Y", "1", "1.0", "是"})
NO = frozenset({"FALSE", "NO", "N", "0", "0.0", "否"})
_SAYS_LATE = ("overdue", "late", "超时", "超期", "逾期")


@dataclass
class Reading:
    """What one pass over a file has met so far; problems are (record, column), the first few."""

    rows: int = 0
    bad_rows: int = 0
    bad_cells: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def note(self, bad: Mask, column: str) -> None:
        """Count cells of this chunk that cannot be read, before its rows are counted."""
        places = np.flatnonzero(bad)
        self.bad_cells += len(places)
        room = MOST_PROBLEMS - len(self.problems)
        self.problems += [(FIRST_RECORD + self.rows + int(place), column) for place in places[: max(room, 0)]]


@dataclass(frozen=True)
class History:
    """One CSV file of past cases, one row each.

    `grade` is that of every row, unless a column says it. `leads` names the department by kind
    where no column does. Times without an offset are those of `zone`.
    """

    path: Path
    columns: Columns
    target: Target
    zone: ZoneInfo
    grade: Grade | None = None
    leads: Mapping[str, str] = field(default_factory=dict)

    def chunks(self, reading: Reading, rows_at_once: int = ROWS_AT_ONCE) -> Iterator[CaseChunk]:
        """The readable rows; `numbers` are the records of the file, the header being the first.

        A row whose receipt, closing or grade cannot be read is left out; one whose due time cannot
        be read has none. Either is counted in `reading`.

        Raises:
            BulkFileError: The file is damaged, or no CSV.
        """
        with told_apart(self.path):
            try:
                for frame in self._frames(rows_at_once):
                    chunk = self._chunk(frame, reading)
                    reading.rows += len(frame)
                    yield chunk
            except pd.errors.EmptyDataError:
                return
            except pd.errors.ParserError:
                raise BulkFileError(f"{self.path}: not a CSV file; is a quotation mark left open?") from None

    def problems(self, reading: Reading) -> list[str]:
        """The first cells that cannot be read, by line and column; never what they say."""
        lines = lines_of_records(self.path, [record for record, _ in reading.problems])
        return [
            f"{self.path.name}:{lines.get(record, record)}: {column}: cannot be read"
            for record, column in sorted(reading.problems)
        ]

    def _frames(self, rows_at_once: int) -> Iterator[Any]:
        few_words = (self.columns.kind, self.columns.flag, self.columns.grade, self.columns.department)
        packed = self.path.name.lower().endswith(".gz")
        yield from pd.read_csv(
            self.path,
            usecols=list(self.columns.present()),
            dtype={name: "category" if name in few_words else "str" for name in self.columns.present()},
            keep_default_na=False,
            encoding="utf-8-sig",
            compression="gzip" if packed else None,
            chunksize=rows_at_once,
        )

    def _chunk(self, frame: Any, reading: Reading) -> CaseChunk:
        columns = self.columns
        received, good = self._times(frame, columns.received, reading, must_be=True)
        ended, closings_good = self._times(frame, columns.closed, reading)
        due, _ = self._times(frame, columns.due, reading, day_ends=True)
        grade, grades_good = self._grades(frame, reading)
        keep = good & closings_good & grades_good
        reading.bad_rows += len(frame) - int(np.count_nonzero(keep))
        kind = _coded(frame, columns.kind)
        return CaseChunk(
            numbers=(np.arange(len(frame)) + FIRST_RECORD + reading.rows)[keep],
            received=received[keep],
            started=received[keep],
            ended=np.where(ended == UNKNOWN, RUNNING, ended)[keep],
            grade=_kept(grade, keep),
            target=_kept(Coded.same(self.target, len(frame)), keep),
            kind=_kept(kind, keep),
            department=_kept(self._departments(frame, kind), keep),
            nature=_kept(Coded.same(Nature.OTHER, len(frame)), keep),
            official_due=due[keep] if columns.due else None,
            official_on_time=_flags(frame, columns.flag)[keep] if columns.flag else None,
        )

    def _times(
        self, frame: Any, column: str | None, reading: Reading, *, must_be: bool = False, day_ends: bool = False
    ) -> tuple[Moments, Mask]:
        """The column's moments, and which cells are as they may be: readable, or empty if allowed."""
        if column is None:
            return np.full(len(frame), UNKNOWN, np.int64), np.ones(len(frame), bool)
        found = read_moments(frame[column], self.zone, day_ends=day_ends)
        bad = found == UNKNOWN
        if not must_be:
            bad &= (frame[column].str.strip() != "").to_numpy()
        reading.note(bad, column)
        return found, ~bad

    def _grades(self, frame: Any, reading: Reading) -> tuple[Coded, Mask]:
        if self.columns.grade is None:
            return Coded.same(self.grade or Grade.U3, len(frame)), np.ones(len(frame), bool)
        said = _coded(frame, self.columns.grade)
        grade = Coded(tuple(word.upper() for word in said.words), said.codes)
        known = np.array([word in Grade.__members__ for word in grade.words] or [False])
        good: Mask = known[grade.codes]
        reading.note(~good, self.columns.grade)
        return grade, good

    def _departments(self, frame: Any, kind: Coded) -> Coded:
        if self.columns.department:
            return _coded(frame, self.columns.department)
        return Coded(tuple(self.leads.get(word, "") for word in kind.words), kind.codes)


def _coded(frame: Any, column: str | None) -> Coded:
    if column is None:
        return Coded.same("", len(frame))
    words = frame[column].cat
    return Coded(tuple(str(word).strip() for word in words.categories), words.codes.to_numpy(np.int32))


def _kept(column: Coded, keep: Mask) -> Coded:
    return Coded(column.words, column.codes[keep])


def _flags(frame: Any, column: str) -> NDArray[np.int8]:
    said = _coded(frame, column)
    says_late = any(word in column.casefold() for word in _SAYS_LATE)
    meanings = np.array([_meaning(word, says_late) for word in said.words] or [-1], np.int8)
    flags: NDArray[np.int8] = meanings[said.codes]
    return flags


def _meaning(word: str, says_late: bool) -> int:
    """1 in time, 0 late, -1 neither said; yes means late in a column that is called so."""
    plain = word.upper().replace(" ", "").replace("_", "").replace("-", "")
    if plain in ON_TIME or plain in LATE:
        return int(plain in ON_TIME)
    if plain in YES or plain in NO:
        return int((plain in YES) is not says_late)
    return -1
