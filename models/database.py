"""One door to the case database, the same for SQLite and PostgreSQL."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

from models.postgres_connection import PostgresConnection
from models.server_socket import watched_socket

T = TypeVar("T")

BUSY_SECONDS = 30
LOOK_S, SOON_S, LOOK_LATER_S = 0.001, 2.0, 0.02
"""Seconds between two looks for the lock of the embedded database; whoever has it for longer than `SOON_S` will have it for long."""
IDLE_SECONDS = 0.2
POSTGRES_PORT = 5432
MOST_TRIES = 5
"""So often who comes second begins again with what the first has made of it."""

_ONE_COUNT_A_TABLE = """
    WITH whole AS (SELECT listed.name FROM sqlite_master AS held JOIN pragma_index_list(held.name) AS listed WHERE held.type = 'table' AND NOT partial)
    UPDATE sqlite_stat1 SET stat = (
        SELECT max(CAST(other.stat AS INTEGER)) FROM sqlite_stat1 AS other JOIN whole ON whole.name = other.idx
        WHERE other.tbl = sqlite_stat1.tbl
    ) || substr(stat, instr(stat, ' '))
    WHERE idx IN (SELECT name FROM whole)
"""
"""A sample guesses anew for each index how many rows its table has. By such chance SQLite would read a table in
the order of another index than the one that answers the question alone."""


def tried_again(attempt: Callable[[], T]) -> T:
    """What one transaction gives on a row that others may be changing too.

    Raises:
        StaleDataError: Others were faster every time; nothing has been stored.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            return attempt()
        except StaleDataError:
            continue
    return attempt()


class Database:
    """Sessions on one case database.

    `reading()` sees a consistent state and must not write. `writing()` commits when its block ends
    and rolls back on any error; on SQLite it takes the single writer's lock at once, so that two
    writers queue instead of failing half-way.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._said_of_us: dict[str, str] = {}
        self.engine = _sqlite_engine(url) if url.startswith("sqlite") else _server_engine(url, self._said_of_us)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to read with, which must not write; objects stay readable afterwards."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed together, or not at all."""
        connection = self.engine.connect().execution_options(whistle_writes=True)
        with connection, Session(bind=connection, expire_on_commit=False) as session, session.begin():
            yield session

    def tend(self) -> None:
        """Look at a sample of every index, so that the embedded database plans its queries by what is in it.

        Some milliseconds. PostgreSQL does this by itself.
        """
        if self.is_sqlite:
            with self.engine.connect().execution_options(whistle_writes=True) as connection, connection.begin():
                connection.exec_driver_sql("PRAGMA analysis_limit=400")
                connection.exec_driver_sql("ANALYZE")
                connection.exec_driver_sql(_ONE_COUNT_A_TABLE)
                connection.exec_driver_sql("ANALYZE sqlite_schema")  # which reads them again

    def say_who(self, name: str) -> None:
        """Tell PostgreSQL this name with every connection from now on; its `pg_stat_activity` shows it to our own role."""
        self._said_of_us["application_name"] = name
        # Those that are open would go on without it.
        self.engine.dispose()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _server_engine(url: str, said_of_us: Mapping[str, str]) -> Engine:
    # All are kept: one above the size of the pool would be opened for a single question, which costs more than the question.
    engine = create_engine(url, pool_size=16, max_overflow=0)

    if engine.dialect.driver == "pg8000":

        @event.listens_for(engine, "do_connect")
        def connect(dialect: Any, _record: Any, arguments: Any, given: dict[str, Any]) -> PostgresConnection:
            given = {**given, **said_of_us}
            if "unix_sock" in given:
                return PostgresConnection(*arguments, **given)
            try:
                way = watched_socket(given.get("host", "localhost"), given.get("port", POSTGRES_PORT))
            except OSError as error:
                # As the driver itself would say it, so that it is told from a fault of ours.
                raise dialect.loaded_dbapi.InterfaceError(f"no connection: {type(error).__name__}") from error
            return PostgresConnection(*arguments, **given, sock=way)

    @event.listens_for(engine, "checkin")
    def note_use(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def check_after_idling(connection: Any, record: Any, _proxy: Any) -> None:
        # A ping costs as much as a read, and an activation has dozens of transactions: only a
        # connection that was left alone for a moment must prove that its server is still there.
        if time.monotonic() - record.info.get("used_at", 0.0) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except (engine.dialect.loaded_dbapi.Error, OSError) as error:
            raise DisconnectionError from error

    return engine


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: `begin` below does, with the right lock.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("whistle_writes", False):
            _begin_to_write(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _begin_to_write(connection: Connection) -> None:
    """Take the one lock for writing, or wait for it, up to `BUSY_SECONDS`.

    SQLite's own waiting looks again less and less often, at last ten times a second: beside a process that writes without
    a pause that is a turn in a second or two. Whoever looks every millisecond finds the gap.
    """
    driver: Any = connection.connection.driver_connection
    began = time.monotonic()
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while (waited := time.monotonic() - began) < BUSY_SECONDS:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                    break
                time.sleep(random.uniform(0.5, 1.5) * (LOOK_S if waited < SOON_S else LOOK_LATER_S))
            else:
                return
        # Once more by way of the library, which tells what is wrong in its own words.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
