"""What the supervisor tells whoever watches it start."""

import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from desk.stack.children import rotate_log


class Progress:
    """Lines for whoever watches, with the seconds since the start, and the same in a log."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._has_log = False
        self._begin = time.monotonic()

    def open_log(self) -> None:
        """Begin a log of our own; before the home is ours it belongs to another stack."""
        rotate_log(self._log)
        self._has_log = True

    def say(self, text: str) -> None:
        """One line, at once."""
        self._write(f"{time.monotonic() - self._begin:6.1f} s  {text}")

    def show(self, rows: Iterable[tuple[str, str]]) -> None:
        """The closing table, then the line that says all is up."""
        self._write("")
        for name, where in rows:
            self._write(f"  {name:<14}{where}")
        self._write(f"\nready ({time.monotonic() - self._begin:.1f} s) - Ctrl-C stops everything")

    def _write(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        if self._has_log and line:
            # On a full disk the terminal still has the line; it must not end whoever keeps the desk alive.
            with suppress(OSError), self._log.open("a", encoding="utf-8") as log:
                log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line.strip()}\n")
