"""Checking processes from outside: started when first needed, used one request at a time each.

Nothing here imports Great Expectations, so that a worker or the desk may ask for a check without
paying for its import or sharing its fate.
"""

import os
import subprocess
import sys
from queue import LifoQueue
from types import TracebackType
from typing import Self

from data_checks.requests import CheckOutcome, CheckRequest

CODE_LOST = "CheckerLost"
"""The checking process ended in the middle; its transactions were rolled back."""
_QUIET = {"GX_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}


class Checkers:
    """At most `most` checking processes; safe between threads, ended when the block is left."""

    def __init__(self, most: int = 2) -> None:
        self._free: LifoQueue[subprocess.Popen[str] | None] = LifoQueue()
        for _ in range(most):
            self._free.put(None)
        self._most = most

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in range(self._most):
            process = self._free.get()
            if process is not None:
                _end(process)

    def check(self, request: CheckRequest) -> CheckOutcome:
        """Have one part checked; waits for a free process.

        Returns:
            The outcome; with `error` set if the check could not be finished.
        """
        process = self._free.get()
        try:
            if process is None:
                process = _start()
            outcome = _ask(process, request)
        except (OSError, ValueError):
            if process is not None:
                _end(process)
                process = None
            return CheckOutcome(part=request.part, error=CODE_LOST)
        else:
            return outcome
        finally:
            self._free.put(process)


def _start() -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-m", "data_checks.checker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | _QUIET,
    )
    if _line(process).strip() != "ready":
        _end(process)
        raise OSError("the checking process did not start")
    return process


def _ask(process: "subprocess.Popen[str]", request: CheckRequest) -> CheckOutcome:
    assert process.stdin is not None
    process.stdin.write(request.model_dump_json() + "\n")
    process.stdin.flush()
    return CheckOutcome.model_validate_json(_line(process))


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _end(process: "subprocess.Popen[str]") -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
