"""`whistle demo`: a month of sample cases on a fast clock, on a desk of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from desk.stack.children import ROOT, Child, Program
from desk.stack.ports import NoFreePortError, pick_port
from desk.stack.prefect_env import client_env
from desk.stack.programs import whistle_programs
from desk.stack.start import make_home
from models.settings import DeskSettings

FIRST_PORT = 4300
LOOK_EVERY_S = 0.1
REFUSED = 2


class RehearsalNotStartedError(RuntimeError):
    """The rehearsal's desk did not come up; the message says what to look at."""


def run(cases: int = 60, home: Path | None = None, *, keep: bool = False) -> int:
    """Let sample cases live a month with simulated departments, real Prefect and real deliveries.

    Args:
        cases: How many; the first to arrive, and all of them again if there are not enough.
        home: An empty or new folder for the rehearsal's desk; None for a temporary one.
        keep: Leave the temporary folder, to look at databases and logs afterwards.

    Returns:
        0 if every case ended as its sample says, 1 if one did not, 2 if it could not be rehearsed.
    """
    console = Console()
    if cases < 1 or (home is not None and home.exists() and any(home.iterdir())):
        console.print("demo needs at least one case, and a folder that is empty or new")
        return REFUSED
    try:
        with _own_home(home, keep=keep) as folder, _ends_in_order():
            return _on(_settings(folder), cases, console)
    except (RehearsalNotStartedError, NoFreePortError) as error:
        console.print(f"cannot start: {error}", markup=False)
        return REFUSED


def _settings(home: Path) -> DeskSettings:
    # Whatever desk the environment names, this one has its own database and its own key.
    port = pick_port("127.0.0.1", FIRST_PORT, "Prefect server")
    return DeskSettings(home=home, database_url="", master_key="", prefect_port=port, public_url="")


def _on(settings: DeskSettings, cases: int, console: Console) -> int:
    programs = whistle_programs(settings)
    server = Child(programs.server, settings.home)
    try:
        with console.status("making a desk for the rehearsal"):
            _run_to_end(programs.prepare, settings.home)
            server.start()
            _await_ready(server)
            _run_to_end(programs.deployments, settings.home)
        stage = (sys.executable, "-m", "desk.rehearsal.stage", "--cases", str(cases))
        return subprocess.run(stage, env=client_env(os.environ, settings), cwd=ROOT, check=False).returncode
    finally:
        server.stop()


def _run_to_end(program: Program, home: Path) -> None:
    child = Child(program, home)
    deadline = time.monotonic() + program.patience_s
    try:
        child.start()
        while (code := child.exit_code()) is None and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY_S)
    finally:
        child.stop()
    if code != 0:
        raise RehearsalNotStartedError(f"{program.name} did not succeed:\n{child.last_lines()}")


def _await_ready(server: Child) -> None:
    deadline = time.monotonic() + server.program.patience_s
    while not server.is_ready():
        if server.exit_code() is not None or time.monotonic() > deadline:
            raise RehearsalNotStartedError(f"the Prefect server does not answer:\n{server.last_lines()}")
        time.sleep(LOOK_EVERY_S)


@contextmanager
def _own_home(home: Path | None, *, keep: bool) -> Iterator[Path]:
    folder = home.resolve() if home else Path(tempfile.mkdtemp(prefix="whistle-demo-"))
    make_home(folder)
    try:
        yield folder
    finally:
        if home is None and not keep:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """Let SIGTERM unwind like Ctrl-C, so that the server is stopped and the folder removed."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
