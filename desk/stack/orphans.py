"""Processes of an earlier start that outlived their supervisor, and how to tell them from strangers."""

import json
import os
import signal
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import psutil

# The clock of process starts and the wall clock may drift apart by this much between two looks.
SAME_START_S = 2.0


def remember(run: Path, name: str, pid: int, command: Sequence[str]) -> None:
    """Note a running child, so that the next start finds it should we be killed."""
    try:
        started = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return
    # Its command is given, not looked up: just after its start a process may not show it yet.
    note = {"pid": pid, "started": started, "arguments": command[1:]}
    draft = run / f"{name}.pid.new"
    draft.write_text(json.dumps(note), encoding="utf-8")
    draft.replace(run / f"{name}.pid")


def forget(run: Path, name: str) -> None:
    """The child has ended."""
    (run / f"{name}.pid").unlink(missing_ok=True)


def stop_orphans(run: Path, patience_s: float = 10.0) -> list[str]:
    """End what an earlier start left running; the names of what was ended.

    Call it only while holding the home: the children of a living supervisor are noted too.
    """
    found = {file: _still_running(file) for file in sorted(run.glob("*.pid"))}
    orphans = {file.stem: process for file, process in found.items() if process is not None}
    for process in orphans.values():
        _signal_group(process, signal.SIGTERM)
    _wait_until_gone(orphans.values(), patience_s)
    for process in orphans.values():
        _signal_group(process, signal.SIGKILL)
    _wait_until_gone(orphans.values(), patience_s)
    for file in found:
        file.unlink(missing_ok=True)
    return list(orphans)


def _still_running(file: Path) -> Any:
    """The noted process, or None if it ended, even if its id was given to another since."""
    note = json.loads(file.read_text(encoding="utf-8"))
    try:
        process = psutil.Process(note["pid"])
        is_same = (
            abs(process.create_time() - note["started"]) < SAME_START_S
            and process.cmdline()[1:] == note["arguments"]
        )
    except psutil.Error:
        return None
    return process if is_same and _is_alive(process) else None


def _signal_group(process: Any, number: signal.Signals) -> None:
    # Children lead a process group of their own, so theirs go with them.
    if _is_alive(process):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return


def _wait_until_gone(processes: Collection[Any], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while any(_is_alive(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)


def _is_alive(process: Any) -> bool:
    # In a container nobody may collect the dead: they stay listed, but run no more.
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
