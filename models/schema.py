"""Bringing a case database to the schema of this release, and knowing whether it is there."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from models.database import Database
from models.tables import METADATA

HERE = Path(__file__).parent / "migrations"


class SchemaTooNewError(RuntimeError):
    """The database was made by a newer release; this one must not touch it."""


def migrate(database: Database) -> str:
    """Bring the database to the newest revision, all or nothing; returns that revision.

    Raises:
        SchemaTooNewError: The database is at a revision this release does not know.
    """
    config = Config()
    config.set_main_option("script_location", str(HERE))
    newest = newest_revision()
    with database.engine.connect().execution_options(whistle_writes=True) as connection, connection.begin():
        present = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in ScriptDirectory(str(HERE)).walk_revisions()}
        if present is not None and present not in known:
            raise SchemaTooNewError(
                f"the case database is at revision {present}, which this release does not know;"
                " start the newer release it was made with. Nothing was changed."
            )
        if present != newest:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return newest


def newest_revision() -> str:
    """The revision this release works with."""
    head = ScriptDirectory(str(HERE)).get_current_head()
    assert head is not None
    return head


def present_revision(database: Database) -> str | None:
    """The revision the database is at; None for one that was never prepared."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def differences(connection: Connection) -> list[object]:
    """What separates the database from the tables in code; empty when they agree."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))
