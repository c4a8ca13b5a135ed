"""The file beside a bulk file that says which rows were refused and why, without their words."""

import csv
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from desk.bulk.files import BulkFileError
from desk.safe_cells import safe_row

HEADER = ("row", "field", "reason")


def errors_path(path: Path, chosen: Path | None, home: Path) -> Path:
    """Where refusals are written: as chosen, else beside the file, else in the desk's own folder.

    The last is for a folder that must not be written to.
    """
    if chosen is not None:
        return chosen
    beside = path.with_name(f"{path.name}.errors.csv")
    return beside if os.access(path.parent, os.W_OK) else home / "imports" / beside.name


class ErrorsFile:
    """Made when the first row is refused; what an earlier run left there is removed at the start.

    Raises:
        BulkFileError: On entering, if something else is at that place.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        if self.path.exists():
            if not _is_ours(self.path):
                raise BulkFileError(
                    f"{self.path}: is there already and no list of refusals; name another with --errors"
                )
            self.path.unlink()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: int, field: str, reason: str) -> None:
        """Write down one refusal."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # With a mark, so that Excel reads it as UTF-8.
            self._file = self.path.open("x", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(HEADER)
        self._writer.writerow(safe_row((row, field, reason)))
        self._file.flush()
        self.count += 1


def _is_ours(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.readline().strip() == ",".join(HEADER)
