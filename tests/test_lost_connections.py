"""The case database on PostgreSQL after its server dropped every connection, as a restart does."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from models.database import IDLE_SECONDS, Database
from tests.postgres_for_tests import postgres_in

DROP_OTHERS = text(
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where pid <> pg_backend_pid() and backend_type = 'client backend'"
)


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    with postgres_in(tmp_path / "pg") as url:
        yield url


def test_a_connection_that_was_dropped_while_idle_is_replaced_unnoticed(postgres: str):
    database, other = Database(postgres), Database(postgres)
    first = _backend(database)

    with other.writing() as session:
        session.execute(DROP_OTHERS)
    time.sleep(IDLE_SECONDS * 1.5)

    assert _backend(database) != first
    database.close()
    other.close()


def test_a_connection_in_steady_use_is_kept(postgres: str):
    database = Database(postgres)

    assert _backend(database) == _backend(database)
    database.close()


def _backend(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("select pg_backend_pid()")).scalar_one())
