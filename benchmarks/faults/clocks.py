"""The wall clock of a test house, which can jump while its processes run; nothing outside the house sees it.

It works from outside, by a small library that is compiled here and preloaded into the house's processes: the
programs themselves have no setting that moves their clock.
"""

import mmap
import shutil
import struct
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")
_OFFSET = struct.Struct("<q")


class ClockMissingError(RuntimeError):
    """The clock cannot be made here; the message says what is missing."""


class HouseClock:
    """Real time plus an offset, for every process started with `env`."""

    def __init__(self, folder: Path) -> None:
        """Compile the library into an existing folder.

        Raises:
            ClockMissingError: There is no C compiler, or it fails.
        """
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise ClockMissingError(
                "a house with a clock of its own needs a C compiler, such as Debian's `gcc`"
            )
        self._library, self._file = folder / "clock.so", folder / "clock.offset"
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(self._library), str(SOURCE), "-ldl"]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode:
            raise ClockMissingError(f"the clock does not compile: {built.stderr[:500]}")
        self._file.write_bytes(_OFFSET.pack(0))
        # The scratch server of PostgreSQL runs as somebody else.
        self._library.chmod(0o755)
        self._file.chmod(0o644)
        with self._file.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _OFFSET.size)

    @property
    def env(self) -> dict[str, str]:
        """What a process of the house must be started with."""
        return {"LD_PRELOAD": str(self._library), "HOUSE_CLOCK": str(self._file)}

    @property
    def offset(self) -> timedelta:
        """How far the house is ahead of real time; negative when behind."""
        return timedelta(microseconds=_OFFSET.unpack(self._page[:])[0] // 1000)

    def now(self) -> datetime:
        """The house's time, aware, UTC."""
        return datetime.now(UTC) + self.offset

    def jump(self, by: timedelta) -> None:
        """Move the clock of every process of the house at once."""
        self._page[:] = _OFFSET.pack((self.offset + by) // timedelta(microseconds=1) * 1000)
