"""Rows by the million into a case database that has none: values already as text, indexes made afterwards."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlmodel import SQLModel

from models.database import Database

NOTHING = "~"
CACHE_KIB = 800_000


@dataclass(frozen=True, eq=False)
class Shape:
    """Rows of one table: the columns that differ between them, and what stands in all others."""

    table: str
    varying: tuple[str, ...]
    same: Mapping[str, Any]

    @classmethod
    def of(cls, example: SQLModel, varying: tuple[str, ...]) -> "Shape":
        """Like `example` but for these columns; a number that the database gives is left to it."""
        told = {name: _plain(value) for name, value in example.model_dump().items() if name not in varying}
        own = {name: value for name, value in told.items() if name != "id" or value is not None}
        if "version" in own:
            own["version"] = 1
        return cls(str(type(example).__tablename__), varying, own)


Rows = Mapping[Shape, Sequence[tuple[Any, ...]]]


def _plain(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")[:26]
    return value


@contextmanager
def bulk_writer(database: Database, shapes: Sequence[Shape]) -> Iterator[Callable[[Rows], None]]:
    """What writes rows of these shapes; while the block runs, the database has no index it can do without.

    Values are numbers, text, booleans or None; moments are text in UTC.
    """
    tables = sorted({each.table for each in shapes})
    opened = _on_sqlite(database, tables) if database.is_sqlite else _on_server(database, tables)
    with opened as connection:

        def write(rows: Rows) -> None:
            for shape, each in rows.items():
                _write(connection, shape, each)

        yield write


def _write(connection: Connection, shape: Shape, rows: Sequence[tuple[Any, ...]]) -> None:
    if connection.dialect.name == "postgresql":
        _copy(connection, shape, rows)
    else:
        connection.connection.cursor().executemany(_insert(connection, shape), rows)


@contextmanager
def _on_sqlite(database: Database, tables: Sequence[str]) -> Iterator[Connection]:
    usual = ("foreign_keys", "synchronous", "cache_size", "journal_mode")
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        before = {name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in usual}
        # No page is written twice. What breaks off in the middle leaves a file to be thrown away.
        for name, value in zip(usual, ("OFF", "OFF", -CACHE_KIB, "OFF"), strict=True):
            raw.execute(f"PRAGMA {name}={value}").fetchall()
        marks = ", ".join("?" * len(tables))
        indexes = raw.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})", tables).fetchall()
        raw.execute("BEGIN IMMEDIATE")
        for name, _ in indexes:
            raw.execute(f'DROP INDEX "{name}"')
        yield connection
        for _, sql in indexes:
            raw.execute(sql)
        raw.execute("COMMIT")
        for name, value in reversed(before.items()):
            raw.execute(f"PRAGMA {name}={value}").fetchall()


@contextmanager
def _on_server(database: Database, tables: Sequence[str]) -> Iterator[Connection]:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no foreign keys
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
        names = ", ".join(f"'{each}'" for each in tables)
        indexes = connection.exec_driver_sql(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid"
            f" WHERE relname IN ({names}) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"
        ).all()
        for name, _ in indexes:
            connection.exec_driver_sql(f"DROP INDEX {name}")
        yield connection
        for _, sql in indexes:
            connection.exec_driver_sql(sql)


def _insert(connection: Connection, shape: Shape) -> str:
    raw: Any = connection.connection.driver_connection
    said = [raw.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in shape.same.values()]
    names = ", ".join(f'"{name}"' for name in (*shape.varying, *shape.same))
    return f'INSERT INTO "{shape.table}" ({names}) VALUES ({", ".join([*"?" * len(shape.varying), *said])})'


def _copy(connection: Connection, shape: Shape, rows: Sequence[tuple[Any, ...]]) -> None:
    stream = io.StringIO()
    same = tuple(_cell(value) for value in shape.same.values())
    csv.writer(stream).writerows((*(NOTHING if value is None else value for value in row), *same) for row in rows)
    names = ", ".join(f'"{name}"' for name in (*shape.varying, *shape.same))
    raw: Any = connection.connection.cursor()
    raw.execute(
        f"COPY \"{shape.table}\" ({names}) FROM STDIN WITH (FORMAT csv, NULL '{NOTHING}')", stream=io.BytesIO(stream.getvalue().encode())
    )


def _cell(value: Any) -> Any:
    if value is None:
        return NOTHING
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value
