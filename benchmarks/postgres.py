"""A PostgreSQL of the benchmark's own: scratch data folder, free port, gone when it is closed."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from desk.stack.ports import pick_port

USER = "whistle"
CASES, PREFECT = "cases", "prefect"
FIRST_PORT = 15432
PATIENCE_S = 60.0
ORDERLY_END_S = 15.0


class PostgresMissingError(RuntimeError):
    """No PostgreSQL server programs are installed here."""

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL was not found (initdb and postgres, on PATH, through pg_config or in"
            " /usr/lib/postgresql/*/bin); install the server package, such as Debian's `postgresql`,"
            " or measure with --backend sqlite"
        )


@dataclass
class Postgres:
    """A running server with two empty databases, which can be killed and started again where it stood."""

    command: tuple[str, ...]
    data: Path
    port: int
    password: str
    version: str
    env: Mapping[str, str]
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The server itself, now or when it last ran."""
        if self._process is None:
            raise RuntimeError("PostgreSQL was never started")
        return self._process

    @property
    def case_url(self) -> str:
        """SQLAlchemy URL of the case database."""
        return f"postgresql+pg8000://{USER}:{self.password}@127.0.0.1:{self.port}/{CASES}"

    @property
    def prefect_url(self) -> str:
        """SQLAlchemy URL of Prefect's database; its server is asynchronous."""
        return f"postgresql+asyncpg://{USER}:{self.password}@127.0.0.1:{self.port}/{PREFECT}"

    def plain_url(self, database: str) -> str:
        """URL of any database on this server, as programs of others take it."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it; whoever connects at once may still be refused."""
        with self.data.with_name("postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.data,
                env={**os.environ, **self.env},
                process_group=0,
            )

    def is_running(self) -> bool:
        """Whether the server process lives; it may not let anybody in yet."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End the server and everybody in it as a power cut would."""
        try:
            family = [psutil.Process(self.process.pid)]
            family += family[0].children(recursive=True)
        except psutil.NoSuchProcess:
            family = []
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it in order; nothing to do if it has ended."""
        if not self.is_running():
            return
        # To the server alone: its children are its own to end. SIGTERM would wait for clients; SIGINT
        # ends their sessions and shuts down in order. A server that is still starting may miss it.
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(ORDERLY_END_S)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(ORDERLY_END_S)

    def tool(self, name: str) -> str:
        """Where a program of this very installation is, such as `pg_dump`."""
        return str(postgres_programs() / name)


@contextmanager
def scratch_postgres(
    folder: Path,
    env: Mapping[str, str] | None = None,
    *,
    also: tuple[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Postgres]:
    """A server with PostgreSQL's own defaults, so durable commits included.

    Args:
        folder: An existing scratch folder; its data folder is made below it.
        env: Variables for the server beside those of this process.
        also: A second address to listen on, and the network that may come in there.
        settings: Settings of the server, by name.

    Raises:
        PostgresMissingError: There is none to start.
    """
    programs, prefix = postgres_programs(), _as_somebody_else()
    data, password = _own_folder(folder), secrets.token_urlsafe(16)
    _make_cluster(programs, prefix, data, password)
    if also:
        with (data / "pg_hba.conf").open("a", encoding="ascii") as rules:
            rules.write(f"host all all {also[1]} scram-sha-256\n")
    addresses = ",".join(["127.0.0.1", *([also[0]] if also else [])])
    with postgres_on(data, password, {"listen_addresses": addresses, **(settings or {})}, env) as server:
        _make_databases(programs, server.port, password)
        yield server


@contextmanager
def postgres_on(
    data: Path, password: str, settings: Mapping[str, str] | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Postgres]:
    """A server on a data folder that is there already; it may still be starting.

    Its log lies beside the folder.
    """
    programs, prefix = postgres_programs(), _as_somebody_else()
    port = pick_port("127.0.0.1", FIRST_PORT, "PostgreSQL")
    given = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **(settings or {})}
    options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
    command = (*prefix, str(programs / "postgres"), "-D", str(data), "-p", str(port), *options)
    server = Postgres(command, data, port, password, _version(programs), env or {})
    server.start()
    try:
        yield server
    finally:
        server.stop()


def as_server_user(*command: str) -> list[str]:
    """The command as the user whom the server runs as: the owner of its folders."""
    return [*_as_somebody_else(), *command]


def postgres_programs() -> Path:
    """Where PostgreSQL's own programs are.

    Raises:
        PostgresMissingError: They are not installed.
    """
    on_path = shutil.which("initdb")
    config = shutil.which("pg_config")
    places = [Path(on_path).resolve().parent] if on_path else []
    if config:
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(told.stdout.strip()))
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_release, reverse=True)
    for place in [*places, *newest_first]:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise PostgresMissingError


def _release(programs: Path) -> int:
    name = programs.parent.name
    return int(name) if name.isdigit() else 0


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: root may not run it."""
    if os.geteuid() != 0:
        return None
    names = {each.pw_name: each for each in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _as_somebody_else() -> list[str]:
    user = _server_user()
    if user is None:
        return []
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _own_folder(folder: Path) -> Path:
    data = folder / "postgres"
    data.mkdir(mode=0o700)
    hand_over(data)
    # Its owner must be able to walk down to it.
    folder.chmod(0o711)
    return data


def hand_over(path: Path) -> None:
    """Give a file or folder to the user whom the server runs as."""
    user = _server_user()
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)


def _make_cluster(programs: Path, prefix: list[str], data: Path, password: str) -> None:
    secret = data.with_name("postgres.password")
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="ascii")
    hand_over(secret)
    subprocess.run(
        [*prefix, str(programs / "initdb"), "--no-sync", "-D", str(data), "-U", USER, "-E", "UTF8", "--locale=C.UTF-8",
         "--auth=scram-sha-256", f"--pwfile={secret}"],
        stdout=subprocess.DEVNULL,
        cwd=data,
        check=True,
    )  # fmt: skip
    secret.unlink()


def _make_databases(programs: Path, port: int, password: str) -> None:
    env = {**os.environ, "PGPASSWORD": password}
    deadline = time.monotonic() + PATIENCE_S
    for name in (CASES, PREFECT):
        command = [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", USER, name]
        while (made := subprocess.run(command, env=env, capture_output=True, check=False)).returncode:
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL does not answer: {made.stderr.decode()}")
            time.sleep(0.2)


def _version(programs: Path) -> str:
    told = subprocess.run(
        [str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return told.stdout.strip().removeprefix("postgres (PostgreSQL) ")
