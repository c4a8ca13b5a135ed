"""The case database on PostgreSQL after its server dropped every connection, as a restart does."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from desk.cli import app as cli
from models.database import IDLE_SECONDS, Database
from models.server_socket import watched_socket
from tests.api_desk import api_desk
from tests.postgres_for_tests import postgres_in

DROP_OTHERS = text(
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where pid <> pg_backend_pid() and backend_type = 'client backend'"
)

NOBODY = "postgresql+pg8000://u:p@127.0.0.1:9/cases"


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


def test_connections_that_were_needed_at_once_are_kept(postgres: str):
    """One that is opened for a single question costs more than the question."""
    database = Database(postgres)

    def at_once() -> set[int]:
        with ExitStack() as held:
            sessions = [held.enter_context(database.reading()) for _ in range(16)]
            return {int(each.execute(text("select pg_backend_pid()")).scalar_one()) for each in sessions}

    first = at_once()
    assert len(first) == 16 and at_once() == first
    database.close()


def test_the_second_half_of_a_long_statement_does_not_wait_for_word_of_the_first():
    """Both at once: with Nagle's rule and a peer that acknowledges late, each statement longer than a buffer took 40 ms."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        way = watched_socket(*server.getsockname())
        assert way.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        way.close()


def _backend(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("select pg_backend_pid()")).scalar_one())


def test_a_database_where_nobody_listens_is_said_in_one_line_and_to_callers_as_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A caller who is told 503 sends again with the same key; 500 would be a fault of ours."""
    monkeypatch.setenv("WHISTLE_DATABASE_URL", NOBODY)
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path))
    told = CliRunner().invoke(cli.app, ["case", "list"])
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
    assert "see that it runs" in told.stderr

    with api_desk(tmp_path / "desk") as desk:
        desk.place.database.close()
        desk.place.database.engine = Database(NOBODY).engine
        answers = [desk.post("/api/v1/cases", {"text": "t"}), desk.get("/api/v1/cases")]
    assert [each.status_code for each in answers] == [503, 503]
    assert answers[0].headers["Retry-After"] == "5"
