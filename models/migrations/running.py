"""Bringing a case database to the version this code was written for."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, text
from sqlalchemy.exc import SAWarning
from sqlalchemy.schema import SchemaItem

from models.database import Database
from models.tables import METADATA

HERE = Path(__file__).parent
# Any number, the same in every process that migrates this database.
ONE_AT_A_TIME = 84_600_001


class DatabaseTooNewError(RuntimeError):
    """The database was migrated by a newer release; this one must not touch it."""


@dataclass(frozen=True)
class Migrated:
    """Which version the database had, None for an empty one, and which it has."""

    before: str | None
    after: str


def migrate(database: Database) -> Migrated:
    """Upgrade the database to this code's version, all of it or nothing.

    Several processes may try at once: the first one does it, the others wait and find it done.

    Raises:
        DatabaseTooNewError: The database knows a version this code does not.
    """
    with _alone(database) as connection:
        before = _version(connection)
        _check_known(before)
        if before != newest_version():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return Migrated(before, newest_version())


def version_of(database: Database) -> str | None:
    """The version of a database, None if it was never migrated."""
    with database.engine.connect() as connection:
        return _version(connection)


def newest_version() -> str:
    """The version this code was written for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError(f"{HERE / 'versions'} holds no migration; the installation is damaged")
    return head


def differences(connection: Connection) -> list[object]:
    """What separates the database from the tables in code; empty when they agree."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _belongs_to(connection)})
    with unreadable_indexes():
        found = list(compare_metadata(context, METADATA))
    return [*found, *(("add_index", name) for name in sorted(_BY_EXPRESSION - _index_names(connection)))]


@contextmanager
def unreadable_indexes() -> Iterator[None]:
    """SQLite tells nothing of an index over an expression, and that is all right: those are asked for by name."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index", SAWarning)
        yield


def _index_names(connection: Connection) -> set[str]:
    asked = "SELECT name FROM sqlite_master WHERE type = 'index'" if connection.dialect.name == "sqlite" else "SELECT indexname FROM pg_indexes"
    return set(connection.execute(text(asked)).scalars())


_BY_EXPRESSION = frozenset(
    str(index.name)
    for table in METADATA.tables.values()
    for index in table.indexes
    if not all(isinstance(each, Column) for each in index.expressions)
)
"""Indexes over expressions: databases tell them in words of their own, which nobody can compare."""


def _belongs_to(connection: Connection) -> Callable[..., bool]:
    """Alembic does not ask by itself whether an index is meant for another kind of database."""

    def belongs(thing: SchemaItem, name: str | None, kind: str, is_reflected: bool, _other: SchemaItem | None) -> bool:
        if kind == "index" and name in _BY_EXPRESSION:
            return False
        meant_for = getattr(thing, "_ddl_if", None)
        return is_reflected or kind != "index" or meant_for is None or meant_for.dialect == connection.dialect.name

    return belongs


def _check_known(version: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if version is not None and version not in known:
        raise DatabaseTooNewError(
            f"the case database has version {version}, this release knows only {newest_version()};"
            " start the newer release again or restore an older backup. Nothing was changed."
        )


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A connection in a transaction that no other migration can be in at the same time."""
    # Says an INFO line per step otherwise, to whoever set up logging.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with database.engine.connect().execution_options(whistle_writes=True) as connection, connection.begin():
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        yield connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
