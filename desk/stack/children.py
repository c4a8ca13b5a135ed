"""The processes a supervisor starts: each with its log, its note for the next start, its end."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from desk.stack.orphans import forget, remember

ROOT = Path(__file__).resolve().parents[2]
LOGS_KEPT = 5
# What a program ends with to say: all is well, start me afresh (EX_TEMPFAIL of sysexits.h).
RECYCLED = 75
LONGEST_PAUSE_S = 30.0
# Who lived this long starts again with the shortest pause.
STEADY_S = 60.0
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to run and how to tell that it is up.

    `is_ready` is asked with the process id, often, and may take a moment; programs that do one
    thing and end have none. `patience_s` is how long they may take to be ready, or to end.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    patience_s: float
    is_ready: Callable[[int], bool] | None = None


class Child:
    """One program of the stack, started as often as needed."""

    def __init__(self, program: Program, home: Path) -> None:
        self.program = program
        self.log = home / "logs" / f"{program.name}.log"
        self._run = home / "run"
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._deaths = 0
        rotate_log(self.log)

    def start(self) -> None:
        """Run it, in a process group of its own: Ctrl-C in the terminal reaches only us."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.program.command,
                env=dict(self.program.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Flow entry points are relative to it, and no stray prefect.toml or .env is read.
                cwd=ROOT,
                process_group=0,
                preexec_fn=_end_with_supervisor if _LIBC else None,  # noqa: PLW1509 - we have one thread
            )
        self._started = time.monotonic()
        # The note is for the next start of the supervisor; a full disk must not end this one.
        with suppress(OSError):
            remember(self._run, self.program.name, self._process.pid, self.program.command)

    def exit_code(self) -> int | None:
        """None while it runs or was never started; negative for a signal."""
        return self._process.poll() if self._process else None

    def is_ready(self) -> bool:
        """Whether it answers; always for programs without such a question."""
        if self._process is None:
            return False
        return self.program.is_ready is None or self.program.is_ready(self._process.pid)

    def pause_before_restart(self, exit_code: int) -> float:
        """Seconds to wait after this death: none if it asked, else 1, 2, 4 … up to 30."""
        if exit_code == RECYCLED:
            return 0.0
        lived_s = time.monotonic() - self._started
        self._deaths = 1 if lived_s > STEADY_S else self._deaths + 1
        return min(2.0 ** (self._deaths - 1), LONGEST_PAUSE_S)

    def stop(self, patience_s: float = 15.0) -> None:
        """Ask it to end, and end it if it does not; nothing to do if it has ended."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(patience_s)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        forget(self._run, self.program.name)

    def last_lines(self, count: int = 8) -> str:
        """The end of its log, for a message about its failure."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


def rotate_log(log: Path) -> None:
    """Move the logs of earlier starts one place down and drop the oldest."""
    for place in range(LOGS_KEPT - 1, 0, -1):
        newer = log if place == 1 else log.with_name(f"{log.name}.{place - 1}")
        if newer.exists():
            newer.replace(log.with_name(f"{log.name}.{place}"))


def _end_with_supervisor() -> None:
    # Linux only, and only for the child itself: desk.orphans catches what this lets through.
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
