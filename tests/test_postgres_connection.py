"""The connection to PostgreSQL that asks once: the same answers in fewer turns, and no harm when something goes wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from models import postgres_connection
from models.database import Database


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[Database]:
    """A PostgreSQL with one small table."""
    database = Database(postgres_url)
    with database.writing() as session:
        session.execute(
            text("CREATE TABLE thing (id INTEGER PRIMARY KEY, word TEXT, at TIMESTAMPTZ, facts JSONB)")
        )
    yield database
    database.close()


@pytest.fixture(autouse=True)
def empty(database: Database) -> None:
    """No things."""
    with database.writing() as session:
        session.execute(text("DELETE FROM thing"))


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often somebody waited for the server: a growing list."""
    waited: list[int] = []
    flush = postgres_connection._flush

    def counted(sock: Any) -> None:
        waited.append(1)
        flush(sock)

    monkeypatch.setattr(postgres_connection, "_flush", counted)
    return waited


def put(database: Database, number: int, word: str | None = None) -> None:
    """Store one thing."""
    with database.writing() as session:
        session.execute(
            text("INSERT INTO thing (id, word) VALUES (:id, :word)"), {"id": number, "word": word}
        )


def words(database: Database, least: int = 0) -> list[str | None]:
    """The words of the things from a number on."""
    with database.reading() as session:
        asked = text("SELECT word FROM thing WHERE id >= :least ORDER BY id")
        return list(session.execute(asked, {"least": least}).scalars())


def test_an_answer_is_the_same_the_first_and_the_third_time(database: Database) -> None:
    """Whole numbers, words in Chinese, nothing at all, moments and JSON."""
    at = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
    with database.writing() as session:
        session.execute(
            text("INSERT INTO thing VALUES (:id, :word, :at, CAST(:facts AS JSONB))"),
            [
                {"id": 1, "word": "孩子", "at": at, "facts": '{"a": [1, null]}'},
                {"id": 2, "word": None, "at": None, "facts": None},
            ],
        )
    for _ in range(3):
        with database.reading() as session:
            rows = session.execute(
                text("SELECT id, word, at, facts FROM thing WHERE id > :least ORDER BY id"), {"least": 0}
            )
            assert [tuple(row) for row in rows] == [(1, "孩子", at, {"a": [1, None]}), (2, None, None, None)]


def test_a_known_question_takes_two_turns_with_its_transaction(database: Database, turns: list[int]) -> None:
    """pg8000 alone would take seven."""
    words(database)
    turns.clear()
    words(database)
    assert len(turns) == 2


def test_a_new_question_takes_no_more(database: Database, turns: list[int]) -> None:
    """It is parsed, described and run at once."""
    words(database)
    turns.clear()
    with database.reading() as session:
        session.execute(text("SELECT id + :more FROM thing WHERE id = :id"), {"more": 1, "id": 1})
    assert len(turns) == 2


def test_a_refused_statement_is_undone_and_the_connection_goes_on(database: Database) -> None:
    """Whether the statement was new or known to the server."""
    put(database, 1, "first")
    for _ in range(2):
        with pytest.raises(IntegrityError):
            put(database, 1, "again")
        assert words(database) == ["first"]
    put(database, 2, "second")
    assert words(database) == ["first", "second"]


def test_a_statement_refused_when_it_is_first_seen_is_known_all_the_same(database: Database) -> None:
    """The server keeps what it has parsed; another name for the next try would be kept beside it."""
    put(database, 1)
    refused = text("INSERT INTO thing (id, word) VALUES (:id, 'never before')")
    for number in (1, 1, 2):
        try:
            with database.writing() as session:
                session.execute(refused, {"id": number})
        except IntegrityError:
            assert number == 1
    with database.reading() as session:
        kept = session.execute(
            text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%never before%'")
        )
        assert kept.scalar_one() == 1


def test_a_lost_race_is_told_from_a_defect(database: Database) -> None:
    """A step that lost one is tried again; pg8000 alone calls both the same."""
    put(database, 1)
    with pytest.raises(IntegrityError):
        put(database, 1)
    with pytest.raises(OperationalError), database.writing() as session, database.writing() as other:
        asked = text("SELECT id FROM thing WHERE id = :id FOR UPDATE NOWAIT")
        session.execute(asked, {"id": 1})
        other.execute(asked, {"id": 1})
    with pytest.raises(DBAPIError) as defect, database.reading() as session:
        session.execute(text("SELECT 1 / (id - :id) FROM thing"), {"id": 1})
    assert not isinstance(defect.value, IntegrityError | OperationalError)


def test_what_cannot_be_parsed_is_not_taken_for_known(database: Database) -> None:
    """And its transaction, begun in the same turn, is rolled back."""
    for _ in range(2):
        with pytest.raises(DBAPIError, match="no_such_table"), database.reading() as session:
            session.execute(text("SELECT * FROM no_such_table WHERE id = :id"), {"id": 1})
    put(database, 1, "goes on")
    assert words(database) == ["goes on"]


def test_the_server_keeps_no_more_statements_than_we_remember(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The longest unused one is given up for a new one."""
    monkeypatch.setattr(postgres_connection, "MOST_PREPARED", 3)
    database.engine.dispose()
    put(database, 1, "a")
    with database.reading() as session:
        for each in range(9):
            session.execute(text(f"SELECT {each} + id FROM thing WHERE id = :id"), {"id": 1})
        held = session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
    assert held == 3
    assert words(database) == ["a"]


def test_a_table_changed_under_a_known_question_costs_one_try(database: Database) -> None:
    """Whoever asked rolls back and asks again, as after any passing error."""
    put(database, 1, "7")
    assert words(database) == ["7"]
    with database.writing() as session:
        session.execute(text("ALTER TABLE thing ALTER COLUMN word TYPE INTEGER USING word::INTEGER"))
    try:
        with pytest.raises(DBAPIError, match="cached plan"):
            words(database)
        assert words(database) == [7]
    finally:
        with database.writing() as session:
            session.execute(text("ALTER TABLE thing ALTER COLUMN word TYPE TEXT"))
        database.engine.dispose()


def test_every_question_is_planned_for_its_own_parameters(database: Database) -> None:
    """A plan for all of them would read whole tables where an index has three rows."""
    with database.reading() as session:
        assert session.execute(text("SHOW plan_cache_mode")).scalar_one() == "force_custom_plan"


def test_a_connection_the_server_ended_is_replaced(database: Database) -> None:
    """The transaction is lost, and the pool notices."""
    with pytest.raises(DBAPIError) as lost, database.writing() as session:
        session.execute(text("INSERT INTO thing (id) VALUES (:id)"), {"id": 5})
        own = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with Database(database.url).writing() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})
        session.execute(text("INSERT INTO thing (id) VALUES (:id)"), {"id": 6})
    assert lost.value.connection_invalidated
    assert words(database) == []


def test_two_transactions_in_a_row_are_two(database: Database) -> None:
    """One that was rolled back leaves nothing in the next, whose `BEGIN` travels with its first statement."""
    with database.engine.connect() as connection:
        connection.execute(text("INSERT INTO thing (id) VALUES (:id)"), {"id": 1})
        connection.rollback()
        connection.execute(text("INSERT INTO thing (id) VALUES (:id)"), {"id": 2})
        connection.commit()
        connection.rollback()
    with database.reading() as session:
        assert list(session.execute(text("SELECT id FROM thing")).scalars()) == [2]
