"""A whole desk of real processes for faults: servers, workers, desk, receiver, clock and disk of its own.

The programs and their environment are those of `whistle up`; they live through all rounds, and are started
again when they die, as the supervisor of `whistle up` does.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient

from benchmarks import stage
from benchmarks.faults.clocks import ClockMissingError, HouseClock
from benchmarks.faults.receiver import Receiver
from benchmarks.postgres import Postgres, scratch_postgres
from benchmarks.redis import Redis, RedisMissingError, scratch_redis
from benchmarks.stage import OURS, Actor, run_to_end
from desk.people.keys import make_key
from desk.stack.children import ROOT, Program
from desk.stack.ports import pick_port
from desk.stack.programs import Programs, whistle_programs
from desk.stack.start import make_home
from models.settings import DeskSettings
from models.vocabulary import Role
from tasks.workplace import Workplace, open_workplace

PORTS = 20_000, 28_000
"""Below what systems hand out by themselves. Where a house begins in it is drawn: its programs take minutes
to listen on a busy machine, and another house must not choose the same meanwhile."""
PATIENCE = 5
"""How much longer programs may take to come up than under `whistle up`: the machine may be busy."""
DISK_MIB = 1536
LEASE_S = 6.0
UNITS = ("EDU", "PROC", "POLICE")
TOLD = ("EDU", "CHIEF_EDU", "PROC", "DESK", "DUTY_SUPERVISOR", "ADMINISTRATOR")
"""Who has an HTTP channel of their own; everybody else is told by the desk's file."""
NAMESAKE = ("-m", "benchmarks.faults.namesake")


@dataclass
class House:
    """Everything that can be harmed. `absent` says which faults cannot be played here, and why."""

    folder: Path
    place: Workplace
    server: Actor
    desk: Actor
    worker: Actor
    second: Actor
    receiver: Receiver
    keys: Mapping[str, str]
    clock: HouseClock | None
    postgres: Postgres | None
    redis: Redis | None
    has_own_disk: bool
    absent: dict[str, str]
    programs: Programs
    down: set[str] = field(default_factory=set)
    deaths: list[str] = field(default_factory=list)
    has_prefect_copy: bool = False
    _release: Path | None = None

    @property
    def api_url(self) -> str:
        """Where the private Prefect server answers."""
        return f"http://127.0.0.1:{self.place.settings.prefect_port}/api"

    @property
    def desk_url(self) -> str:
        """Where the private desk answers."""
        return f"http://127.0.0.1:{self.place.settings.port}"

    @property
    def alerts(self) -> Path:
        """The file of the default channel."""
        return self.place.settings.home / "alerts.jsonl"

    @property
    def prefect_file(self) -> Path:
        """Prefect's embedded database."""
        return self.place.settings.home / "prefect" / "prefect.db"

    def now(self) -> datetime:
        """The house's time, aware, UTC."""
        return self.clock.now() if self.clock else datetime.now(UTC)

    def prefect(self) -> SyncPrefectClient:
        """A client of the private server, to be entered."""
        return SyncPrefectClient(self.api_url)

    def tend(self) -> None:
        """Start again whatever ended by itself, and note it; what a fault holds down stays down."""
        for actor in (self.server, self.desk, self.worker, self.second):
            name = actor.program.name
            if name in self.down or not actor.was_started or (code := actor.exit_code()) is None:
                continue
            self.deaths.append(f"{name} ended with code {code}")
            actor.start()
        if self.postgres and "database" not in self.down and not self.postgres.is_running():
            self.deaths.append(f"database ended with code {self.postgres.process.poll()}")
            self.postgres.start()

    def await_ready(self, patience_s: float = 1200.0) -> None:
        """Wait until server, desk and worker answer; they are started again if they end meanwhile.

        Raises:
            TimeoutError: One does not come up.
        """
        deadline = time.monotonic() + patience_s
        actors = [
            each for each in (self.server, self.desk, self.worker) if each.program.name not in self.down
        ]
        while not all(each.is_ready() for each in actors):
            self.tend()
            if time.monotonic() > deadline:
                late = [each.program.name for each in actors if not each.is_ready()]
                raise TimeoutError(f"not up after {patience_s:.0f} s: {', '.join(late)}")
            time.sleep(0.2)

    def free_disk(self) -> None:
        """Give back what `fill_disk` took."""
        self._filler.unlink(missing_ok=True)

    def fill_disk(self) -> None:
        """Take all that is free on the house's own disk."""
        # Without a buffer, which would be written, and fail, when the file is closed.
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, max(shutil.disk_usage(self.folder).free, 1))
            file.seek(0, os.SEEK_END)
            while file.write(b"\0" * 4096):
                pass

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def other_release(self) -> Path:
        """A copy of the program that another release could be: it decides alike and is signed otherwise."""
        if self._release is None:
            self._release = self.folder / "release"
            left_out = shutil.ignore_patterns(".*", "docs", "tests", "samples", "__pycache__", "var", "*.md")
            shutil.copytree(ROOT, self._release, ignore=left_out)
            with (self._release / "tasks" / "forms.py").open("a", encoding="utf-8") as file:
                file.write("\n# Another release.\n")
        return self._release


@contextmanager
def fault_house(backend: str) -> Iterator[House]:
    """A running house; every process, file and mount goes at the end.

    Args:
        backend: `sqlite`, or `postgres` for both databases on one scratch server, with Redis for
            Prefect's messages where it is installed.

    Raises:
        PostgresMissingError: `postgres` was asked for and is not installed.
        StageError: A program did not come up.
    """
    with ExitStack() as at_the_end:
        absent: dict[str, str] = {}
        at_the_end.enter_context(_shipped_settings())
        folder = Path(at_the_end.enter_context(tempfile.TemporaryDirectory(prefix="whistle-faults-")))
        has_own_disk = at_the_end.enter_context(_own_disk(folder, absent))
        clock = _clock(folder, absent)
        postgres = redis = None
        if backend == "postgres":
            postgres = at_the_end.enter_context(scratch_postgres(folder, clock.env if clock else None))
            redis = _redis(at_the_end, folder, absent)
        folder.chmod(0o711)
        ports = secrets.SystemRandom().randrange(*PORTS)
        port = pick_port("127.0.0.1", ports + 200, "receiver of alerts")
        receiver = at_the_end.enter_context(Receiver(port, folder / "received.jsonl"))
        settings = _settings(folder, postgres, ports)
        make_home(settings.home)
        programs = _programs(settings, receiver, clock, postgres, redis)
        actors = {name: Actor(program, settings.home) for name, program in _acting(programs).items()}
        for actor in actors.values():
            at_the_end.callback(actor.stop)
        # The two databases are made side by side.
        actors["server"].start()
        run_to_end(programs.prepare, settings.home)
        place = open_workplace(settings)
        at_the_end.callback(place.database.close)
        house = House(
            folder=folder,
            place=place,
            server=actors["server"],
            desk=actors["desk"],
            worker=actors["worker"],
            second=actors["second"],
            receiver=receiver,
            keys=_keys(place),
            clock=clock,
            postgres=postgres,
            redis=redis,
            has_own_disk=has_own_disk,
            absent=absent,
            programs=programs,
        )
        _begin(house)
        yield house


def _begin(house: House) -> None:
    house.desk.start()
    stage.await_up(house.server)
    run_to_end(house.programs.deployments, house.place.settings.home)
    _stop_schedules(house)
    house.worker.start()
    for actor in (house.desk, house.worker):
        stage.await_up(actor)


def _stop_schedules(house: House) -> None:
    """What comes with every night and hour is tested elsewhere, and a clock that jumps would bring it in heaps."""
    with house.prefect() as client:
        for deployment in client.read_deployments():
            for schedule in deployment.schedules:
                client.update_deployment_schedule(deployment.id, schedule.id, active=False)


def _settings(folder: Path, postgres: Postgres | None, ports: int) -> DeskSettings:
    prefect_port = pick_port("127.0.0.1", ports, "Prefect server")
    return DeskSettings(
        home=folder / "home",
        database_url=postgres.case_url if postgres else "",
        prefect_port=prefect_port,
        port=pick_port("127.0.0.1", ports + 100, "desk"),
        worker_threads=3,
        worker_metrics_port=0,
        lease_seconds=LEASE_S,
    )


def _programs(
    settings: DeskSettings,
    receiver: Receiver,
    clock: HouseClock | None,
    postgres: Postgres | None,
    redis: Redis | None,
) -> Programs:
    programs = whistle_programs(settings)
    everywhere = clock.env if clock else {}
    channels = {f"WHISTLE_CHANNEL_{code}": receiver.url(code) for code in TOLD}
    servers = {**_prefect_database(postgres), **_prefect_messages(redis), **everywhere}
    ours = {**channels, **everywhere}
    return Programs(
        prepare=_with(programs.prepare, ours),
        server=_with(programs.server, servers),
        deployments=_with(programs.deployments, ours),
        worker=_with(programs.worker, ours),
        desk=_with(programs.desk, ours),
        samples=programs.samples,
    )


def _acting(programs: Programs) -> dict[str, Program]:
    second = replace(programs.worker, name="second", command=(sys.executable, *NAMESAKE), is_ready=None)
    return {"server": programs.server, "desk": programs.desk, "worker": programs.worker, "second": second}


def _with(program: Program, more: Mapping[str, str]) -> Program:
    return replace(program, env={**program.env, **more}, patience_s=program.patience_s * PATIENCE)


def _prefect_database(postgres: Postgres | None) -> dict[str, str]:
    return {"PREFECT_SERVER_DATABASE_CONNECTION_URL": postgres.prefect_url} if postgres else {}


def _prefect_messages(redis: Redis | None) -> dict[str, str]:
    if redis is None:
        return {}
    return {
        "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_SERVER_DOCKET_URL": redis.url(1),
        "PREFECT_REDIS_MESSAGING_HOST": redis.host,
        "PREFECT_REDIS_MESSAGING_PORT": str(redis.port),
        "PREFECT_REDIS_MESSAGING_PASSWORD": redis.password,
    }


def _keys(place: Workplace) -> dict[str, str]:
    now = datetime.now(UTC) - timedelta(days=3650)
    with place.database.writing() as session:
        keys = {"DESK": make_key(session, "faults seat", Role.OPERATOR, None, now)}
        for unit in UNITS:
            keys[unit] = make_key(session, f"faults {unit}", Role.DEPARTMENT, unit, now)
        return keys


def _clock(folder: Path, absent: dict[str, str]) -> HouseClock | None:
    try:
        return HouseClock(folder)
    except ClockMissingError as error:
        absent["clock"] = str(error)
        return None


def _redis(at_the_end: ExitStack, folder: Path, absent: dict[str, str]) -> Redis | None:
    if find_spec("prefect_redis") is None:
        absent["redis"] = "the package prefect-redis is not installed"
        return None
    try:
        return at_the_end.enter_context(scratch_redis(folder))
    except RedisMissingError as error:
        absent["redis"] = str(error)
        return None


@contextmanager
def _own_disk(folder: Path, absent: dict[str, str]) -> Iterator[bool]:
    """A small disk mounted over the folder, so that it can be full without harming anybody else."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0711", "tmpfs", str(folder)]
    mounted = (
        shutil.which("mount") and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )
    if not mounted:
        absent["disk"] = "a small disk of its own can only be mounted by root"
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


@contextmanager
def _shipped_settings() -> Iterator[None]:
    set_aside = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(OURS)}
    try:
        yield
    finally:
        os.environ.update(set_aside)


def pause(actor: Actor) -> None:
    """Stop a program in its tracks, as a machine that swaps or a hypervisor that moves it does."""
    with suppress(ProcessLookupError):
        os.killpg(actor.pid(), signal.SIGSTOP)


def go_on(actor: Actor) -> None:
    """Let a paused program run again; it does not know that it was paused."""
    with suppress(ProcessLookupError):
        os.killpg(actor.pid(), signal.SIGCONT)
