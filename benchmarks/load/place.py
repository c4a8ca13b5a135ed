"""A desk under load: server, worker and desk as `whistle up` starts them, and what can be read off them."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text
from sqlmodel import col, func, select

from benchmarks.alert_times import percentile
from benchmarks.load.senders import Plan, Sent
from benchmarks.load.standing import has_example, park_one, prefect_url
from benchmarks.stage import NOTHING_MORE, Stage, private_stage, start
from models.case import Case
from models.vocabulary import Status

MIB = 2**20
Figures = dict[str, object]


@dataclass(frozen=True)
class LoadedDesk:
    """The stage with its desk running."""

    stage: Stage
    key: str
    supervisor: str

    def plan(
        self, source: str, orders: int, connections: int, per_s: float = 0.0, most_seconds: float = 0.0
    ) -> Plan:
        """Orders for this desk; each source is another one's numbers."""
        return Plan(
            self.stage.place.settings.port, self.key, source, orders, connections, per_s, most_seconds
        )

    def unscreened(self, source: str) -> int:
        """How many orders of one source no activation has looked at."""
        with self.stage.place.database.reading() as session:
            return session.exec(
                select(func.count()).where(Case.source == source, col(Case.status) == Status.RECEIVED)
            ).one()

    def cases(self) -> int:
        """How many cases there are."""
        with self.stage.place.database.reading() as session:
            return session.exec(select(func.count()).select_from(Case)).one()

    def sizes(self) -> dict[str, int]:
        """Bytes of both databases on disk, once what was written last is folded into the file."""
        if self.stage.postgres is None:
            home = self.stage.place.settings.home
            return {"cases": _files(home / "cases.db"), "prefect": _files(home / "prefect" / "prefect.db")}
        return {
            "cases": _database_size(self.stage.postgres.case_url),
            "prefect": _database_size(prefect_url(self.stage)),
        }

    def memory_mib(self) -> dict[str, int]:
        """Resident memory of each process of the desk, its children included."""
        actors = {"server": self.stage.server, "worker": self.stage.worker, "desk": self.stage.desk}
        return {
            name: round(_resident(each.pid()) / MIB)
            for name, each in actors.items()
            if each.exit_code() is None
        }


@contextmanager
def loaded_desk(
    backend: str,
    threads: int,
    stock: Callable[[Stage], None] | None = None,
    server_env: Mapping[str, str] = NOTHING_MORE,
) -> Iterator[LoadedDesk]:
    """Everything running; `stock` fills the databases before, while nothing else runs."""
    with private_stage(backend, threads=threads, server_env=server_env) as stage:
        start(stage.worker)
        if stock is not None:
            fill_at_rest(stage, stock)
        start(stage.desk)
        keys = stage.place.settings.home / "keys"
        yield LoadedDesk(
            stage, *((keys / f"{role}.key").read_text().strip() for role in ("operator", "supervisor"))
        )


def fill_at_rest(stage: Stage, stock: Callable[[Stage], None]) -> None:
    """Let the worker park one case if it has none to copy, then fill while nothing runs."""
    if not has_example(stage):
        park_one(stage)
    # The desk as well, if it runs: SQLite is filled without its log, which nobody else may have open.
    resting = [each for each in (stage.server, stage.worker, stage.desk) if each.was_started]
    for actor in reversed(resting):
        actor.stop()
    stock(stage)
    for actor in resting:
        start(actor)


def told(sent: Sent) -> Figures:
    """A sender's figures in the words of the report; times in milliseconds."""
    waits = sorted(sent.waits)
    shares = {f"p{round(share * 100)}_ms": _ms(percentile(waits, share)) for share in (0.5, 0.95, 0.99)}
    return {
        "orders": sent.orders, "answers": sent.answers, "seconds": round(sent.seconds, 2), "durable_per_s": round(sent.per_s, 1), **shares,
        "max_ms": _ms(waits[-1] if waits else None), "sender_cpu_ms_per_order": round(sent.cpu_s / max(sent.orders, 1) * 1000, 3),
    }  # fmt: skip


def load_now() -> list[float]:
    """The machine's load average over one, five and fifteen minutes."""
    return [round(each, 2) for each in os.getloadavg()]


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


def _files(database: Path) -> int:
    # The log beside the file is megabytes whatever was written: of a few lives it would be most.
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(each.stat().st_size for each in database.parent.glob(f"{database.name}*"))


def _database_size(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        size: int = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    engine.dispose()
    return size


def _resident(pid: int) -> int:
    process = psutil.Process(pid)
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))
