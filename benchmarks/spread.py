"""A private desk spread over processes: PostgreSQL, Redis, two Prefect APIs, its services apart, workers, desks.

The parts and their environments are those of `whistle serve`, so that what is tried is what people run.
`stage.py` is the desk of `whistle up`; this one is docs/scale-out.md on scratch folders.
"""

import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from benchmarks.postgres import Postgres, scratch_postgres
from benchmarks.redis import Redis, scratch_redis
from benchmarks.stage import Actor, StageError, await_up, run_to_end, shipped_settings
from desk.stack.children import Program
from desk.stack.ports import pick_port
from desk.stack.programs import answers, worker_says_ready
from desk.stack.scale_out import Part, command_of, desk_env, prefect_server_env
from desk.stack.start import make_home
from models.database import Database
from models.settings import DeskSettings
from models.vault import write_key_file
from tasks.workplace import Workplace, open_workplace

FIRST_PORT = 14500
PATIENCE_S = 600.0
# As in deploy/postgres/whistle.conf, but sooner: nobody wants to wait for it here.
FREED_SOON = {"tcp_keepalives_idle": "1", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "2"}
# Of the case database only: on a busy machine Prefect's long migrations are idle for longer than this.
IDLE_ENDS = text("ALTER DATABASE cases SET idle_in_transaction_session_timeout = '8s'")


@dataclass(frozen=True)
class Far:
    """Another host: a network namespace, with the address under which it sees this machine."""

    namespace: str
    address: str
    network: str


@dataclass
class Spread:
    """The parts by name; every one runs, in a process of its own, and can be killed or stopped for a while."""

    folder: Path
    postgres: Postgres
    redis: Redis
    variables: dict[str, str]
    login: str
    far: Far | None = None
    ports: dict[str, int] = field(default_factory=dict)
    parts: dict[str, Actor] = field(default_factory=dict)
    _place: Workplace | None = None

    @property
    def place(self) -> Workplace:
        """The desk as the benchmark or test itself sees it.

        Raises:
            StageError: It is not open yet.
        """
        if self._place is None:
            raise StageError("the desk is not open yet")
        return self._place

    @property
    def api_url(self) -> str:
        """Where the first Prefect API answers."""
        return self.url_of("prefect-api-1")

    @property
    def alerts(self) -> Path:
        """The file that the default channel of every part writes to."""
        return self.folder / "alerts.jsonl"

    def url_of(self, api: str) -> str:
        """Where one Prefect API answers."""
        return f"http://{self.host_of(api)}:{self.ports[api]}/api"

    def host_of(self, name: str) -> str:
        """Where a part listens: the second Prefect API is there for the other host, if there is one."""
        return self.far.address if self.far and name == "prefect-api-2" else "127.0.0.1"

    def home_of(self, name: str) -> Path:
        """The data folder of a part: each lives as if on a host of its own."""
        return self.folder / name

    def begin(self, name: str, part: Part) -> Actor:
        """Start a part, without waiting for it.

        The second worker, and what it needs, is on the other host if there is one.
        """
        self._make_home(name)
        port = self.ports.get(name, 0)
        command = command_of(part, self._variables_of(name), self.home_of(name), self.host_of(name), port)
        arguments = command.arguments
        if self.far and name == "worker-2":
            arguments = ("ip", "netns", "exec", self.far.namespace, *arguments)
        program = Program(name, arguments, command.env, PATIENCE_S, self._readiness(name, part))
        self.parts[name] = Actor(program, self.home_of(name))
        self.parts[name].start()
        return self.parts[name]

    def run(self, name: str, env: Mapping[str, str], module: str, *arguments: str) -> None:
        """Run one step to its end, as `whistle migrate` and `whistle deploy` do.

        Raises:
            StageError: It failed.
        """
        self._make_home(name)
        run_to_end(
            Program(name, (sys.executable, "-m", module, *arguments), env, PATIENCE_S), self.home_of(name)
        )

    def freeze(self, name: str) -> None:
        """Stop a part where it stands; it keeps its connections and locks."""
        os.killpg(self.parts[name].pid(), signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a stopped part go on."""
        os.killpg(self.parts[name].pid(), signal.SIGCONT)

    def _make_home(self, name: str) -> None:
        make_home(self.home_of(name))
        alerts = self.home_of(name) / "alerts.jsonl"
        if not alerts.is_symlink():
            alerts.symlink_to(self.alerts)

    def _variables_of(self, name: str) -> dict[str, str]:
        variables = {
            **self.variables,
            "WHISTLE_PORT": str(self.ports.get(name, 8460)),
            "WHISTLE_WORKER_METRICS_PORT": "0",
        }
        if name == "worker-2":
            # Each worker has a Prefect API of its own, as if a proxy had given it to it.
            variables["PREFECT_API_URL"] = self.url_of("prefect-api-2")
            if self.far:
                variables["WHISTLE_DATABASE_URL"] = self.postgres.case_url.replace(
                    "127.0.0.1", self.far.address
                )
        return variables

    def _readiness(self, name: str, part: Part) -> Callable[[int], bool] | None:
        if part is Part.WORKER:
            return lambda pid: worker_says_ready(self.home_of(name), pid)
        if part is Part.PREFECT_SERVICES:
            return None
        path = "/api/health" if part is Part.PREFECT_API else "/readyz"
        return lambda _pid: answers(self.host_of(name), self.ports[name], path)


@contextmanager
def spread_desk(
    *, workers: int = 2, desks: int = 0, lease_seconds: float = 5.0, far: Far | None = None
) -> Iterator[Spread]:
    """All parts up, the deployments registered; every process and file goes at the end.

    Args:
        workers: Case workers, each with a home of its own; `worker-1` first.
        desks: Desks, likewise.
        lease_seconds: How long the cases of a worker that is gone stay taken.
        far: The host of `worker-2`; its network must be up.

    Raises:
        PostgresMissingError: No PostgreSQL is installed here.
        RedisMissingError: No Redis is installed here.
        StageError: A part did not come up.
    """
    with ExitStack() as at_the_end:
        at_the_end.enter_context(shipped_settings())
        folder = Path(at_the_end.enter_context(tempfile.TemporaryDirectory(prefix="whistle-spread-")))
        also = (far.address, far.network) if far else None
        postgres = at_the_end.enter_context(scratch_postgres(folder, also=also, settings=FREED_SOON))
        redis = at_the_end.enter_context(scratch_redis(folder))
        login = f"whistle:{secrets.token_hex(8)}"
        spread = Spread(
            folder, postgres, redis, _variables(folder, postgres, redis, login, lease_seconds), login, far
        )
        _choose_ports(spread, desks)
        _make_ready(spread, at_the_end)
        _start_parts(spread, at_the_end, workers, desks)
        yield spread


def _variables(
    folder: Path, postgres: Postgres, redis: Redis, login: str, lease_seconds: float
) -> dict[str, str]:
    return {
        **os.environ,
        "WHISTLE_DATABASE_URL": postgres.case_url,
        "WHISTLE_MASTER_KEY_FILE": str(folder / "master.key"),
        "WHISTLE_LEASE_SECONDS": str(lease_seconds),
        "WHISTLE_WORKER_THREADS": "2",
        "WHISTLE_LOG_LEVEL": "INFO",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": postgres.prefect_url,
        "PREFECT_REDIS_MESSAGING_URL": redis.url(0),
        "PREFECT_SERVER_DOCKET_URL": redis.url(1),
        "PREFECT_SERVER_API_AUTH_STRING": login,
        "PREFECT_API_AUTH_STRING": login,
    }


def _choose_ports(spread: Spread, desks: int) -> None:
    for name in ("prefect-api-1", "prefect-api-2", *(f"desk-{each + 1}" for each in range(desks))):
        spread.ports[name] = pick_port(
            spread.host_of(name), FIRST_PORT, name, reserved=list(spread.ports.values())
        )
    spread.variables["PREFECT_API_URL"] = spread.api_url


def _make_ready(spread: Spread, at_the_end: ExitStack) -> None:
    home = spread.home_of("steps")
    write_key_file(spread.folder / "master.key", secrets.token_bytes(32))
    spread.alerts.touch()
    spread.run("prepare", desk_env(spread.variables, home), "desk.prepare")
    upgrade = prefect_server_env(spread.variables, home)
    spread.run("upgrade", upgrade, "prefect", "server", "database", "upgrade", "--yes")
    settings = DeskSettings(
        home=spread.home_of("here"),
        database_url=spread.postgres.case_url,
        master_key_file=spread.folder / "master.key",
    )
    spread._make_home("here")
    with (database := Database(spread.postgres.case_url)).writing() as session:
        session.execute(IDLE_ENDS)
    database.close()
    spread._place = open_workplace(settings)
    at_the_end.callback(spread.place.database.close)


def _start_parts(spread: Spread, at_the_end: ExitStack, workers: int, desks: int) -> None:
    def begin(*wanted: tuple[Part, str]) -> None:
        # Beside each other: most of a start is reading code.
        for part, name in wanted:
            at_the_end.callback(spread.begin(name, part).stop)
        for _, name in wanted:
            await_up(spread.parts[name])

    begin((Part.PREFECT_API, "prefect-api-1"), (Part.PREFECT_API, "prefect-api-2"))
    spread.run("deployments", desk_env(spread.variables, spread.home_of("steps")), "desk.deployments")
    begin(
        (Part.PREFECT_SERVICES, "prefect-services"),
        *((Part.WORKER, f"worker-{each + 1}") for each in range(workers)),
        *((Part.DESK, f"desk-{each + 1}") for each in range(desks)),
    )
