"""A private desk on scratch folders: Prefect server, case database, worker; nothing of it stays.

The programs and their environment are those of `whistle up`, so that what is measured is what
people run; only ports, folders and database are the stage's own.
"""

import os
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from benchmarks.postgres import Postgres, scratch_postgres
from desk.stack.children import Child, Program
from desk.stack.ports import pick_port
from desk.stack.programs import Programs, whistle_programs
from desk.stack.start import make_home
from models.settings import DeskSettings
from tasks.workplace import Workplace, open_workplace

FIRST_PORT, FIRST_DESK_PORT = 14300, 14400
OURS = ("WHISTLE_", "PREFECT_")
NEVER = 1_000_000_000
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


class StageError(RuntimeError):
    """A program of the stage did not come up; the message holds the end of its log."""


class Actor(Child):
    """A program of the stage, whose process can be looked at and killed."""

    @property
    def was_started(self) -> bool:
        """Whether it ever ran."""
        return self._process is not None

    def pid(self) -> int:
        """Its process id, now or when it last ran.

        Raises:
            StageError: It was never started.
        """
        if self._process is None:
            raise StageError(f"{self.program.name} was never started")
        return self._process.pid

    def kill(self) -> None:
        """End it as a power cut would: at once, with nothing tidied up."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid(), signal.SIGKILL)
        if self._process is not None:
            self._process.wait()


@dataclass(frozen=True)
class Stage:
    """Everything a benchmark or a test of processes works with; worker and desk are started by hand."""

    place: Workplace
    server: Actor
    worker: Actor
    desk: Actor
    postgres: Postgres | None

    @property
    def api_url(self) -> str:
        """Where the private Prefect server answers."""
        return f"http://127.0.0.1:{self.place.settings.prefect_port}/api"

    @property
    def login(self) -> str | None:
        """What Prefect asks for; this one asks for nothing."""
        return None

    @property
    def alerts(self) -> Path:
        """The file that the default channel writes to."""
        return self.place.settings.home / "alerts.jsonl"


@contextmanager
def private_stage(
    backend: str = "sqlite", *, threads: int = 4, lease_seconds: float = 60.0, server_env: Mapping[str, str] = NOTHING_MORE
) -> Iterator[Stage]:
    """A desk with a running Prefect server and deployments; every process and file goes at the end.

    Args:
        backend: `sqlite`, or `postgres` for both databases on one scratch server.
        threads: Activations the worker runs at once.
        lease_seconds: How long a killed worker's cases stay taken.
        server_env: What the Prefect server is told beside what is shipped.

    Raises:
        PostgresMissingError: `postgres` was asked for and is not installed.
        StageError: A program did not come up.
    """
    with ExitStack() as at_the_end:
        at_the_end.enter_context(shipped_settings())
        folder = Path(at_the_end.enter_context(tempfile.TemporaryDirectory(prefix="whistle-stage-")))
        postgres = at_the_end.enter_context(scratch_postgres(folder)) if backend == "postgres" else None
        settings = DeskSettings(
            home=folder / "home",
            database_url=postgres.case_url if postgres else "",
            port=pick_port("127.0.0.1", FIRST_DESK_PORT, "desk"),
            prefect_port=pick_port("127.0.0.1", FIRST_PORT, "Prefect server"),
            worker_threads=threads,
            lease_seconds=lease_seconds,
            # Here nobody starts a worker again that has ended because it has done enough.
            worker_recycle_after=NEVER,
        )
        make_home(settings.home)
        programs = _programs(settings, postgres, server_env)
        server, worker, desk = (Actor(each, settings.home) for each in (programs.server, programs.worker, programs.desk))
        place = _open_desk(settings, programs)
        at_the_end.callback(place.database.close)
        for child in (server, worker, desk):
            at_the_end.callback(child.stop)
        start(server)
        run_to_end(programs.deployments, settings.home)
        yield Stage(place, server, worker, desk, postgres)


def start(child: Actor) -> None:
    """Start a program and wait until it says that it is up.

    Raises:
        StageError: It ended, or took too long.
    """
    child.start()
    await_up(child)


def await_up(child: Actor) -> None:
    """Wait until a program that was started says that it is up.

    Raises:
        StageError: It ended, or took too long.
    """
    deadline = time.monotonic() + child.program.patience_s
    while not child.is_ready():
        if child.exit_code() is not None or time.monotonic() > deadline:
            raise StageError(f"{child.program.name} did not come up:\n{child.last_lines(20)}")
        time.sleep(0.05)


def run_to_end(program: Program, home: Path) -> None:
    """Run a program that does one thing and ends.

    Raises:
        StageError: It failed, or took too long.
    """
    child = Child(program, home)
    child.start()
    deadline = time.monotonic() + program.patience_s
    while child.exit_code() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    code = child.exit_code()
    child.stop()
    if code != 0:
        raise StageError(f"{program.name} ended with code {code}:\n{child.last_lines(20)}")


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP end this process as Ctrl-C does, so that the stage is cleared away.

    SIGINT too: a shell starts what it puts into the background with Ctrl-C ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


@contextmanager
def shipped_settings() -> Iterator[None]:
    """Measure what is shipped, whatever this shell was set up for."""
    set_aside = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(OURS)}
    try:
        yield
    finally:
        os.environ.update(set_aside)


def _programs(settings: DeskSettings, postgres: Postgres | None, server_env: Mapping[str, str]) -> Programs:
    programs = whistle_programs(settings)
    own = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": postgres.prefect_url} if postgres else {}
    env = {**programs.server.env, **own, **server_env}
    return replace(programs, server=replace(programs.server, env=env))


def _open_desk(settings: DeskSettings, programs: Programs) -> Workplace:
    run_to_end(programs.prepare, settings.home)
    return open_workplace(settings)
