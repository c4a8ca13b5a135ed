"""An entry that was changed past the desk is found on both databases, whatever moment and facts it has."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from data_checks.chains import altered_journals
from models import journal
from models.case import Case
from models.database import Database
from models.migrations.running import migrate
from models.vocabulary import EventKind

MOMENTS = [
    datetime(2026, 11, 24, 7, 10, tzinfo=UTC),
    datetime(2026, 11, 24, 7, 10, 0, 120_000, tzinfo=UTC),
    datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
]
FACTS = [
    {"z": 1, "a": {"y": [1, 2], "b": None}},
    {"quoted": 'a "word" \\ and a\ttab', "中文": "台账", "mixed": True, "half": 0.5},
    {},
]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Three cases, each with entries of every moment and every shape of facts."""
    sqlite = request.param == "sqlite"
    found = Database(f"sqlite:///{tmp_path / 'cases.db'}" if sqlite else request.getfixturevalue("postgres_url"))
    if not sqlite:
        with found.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    migrate(found)
    with found.writing() as session:
        for _ in range(3):
            case = Case(source="test", received_at=MOMENTS[0])
            session.add(case)
            session.flush()
            for at in MOMENTS:
                for facts in FACTS:
                    journal.write(session, case, EventKind.NEWS, at, "client:小王 \"x\"", **facts)
    yield found
    found.close()


def altered(database: Database) -> set[int]:
    with database.engine.connect() as connection:
        return altered_journals(connection)


def test_a_journal_that_nobody_touched_is_whole(database: Database) -> None:
    assert altered(database) == set()


@pytest.mark.parametrize("change", ["actor = 'client:other'", "facts = '{\"z\": 2}'", "digest = 'x'", "seq = 99"])
def test_any_change_of_an_entry_shows(database: Database, change: str) -> None:
    with database.engine.connect().execution_options(whistle_writes=True) as connection, connection.begin():
        # Whoever changes a journal gets past what refuses changes, too.
        connection.execute(text(f"DROP TRIGGER event_keeps{'_update' if database.is_sqlite else ' ON event'}"))
        entry = connection.execute(text('SELECT MIN(id) FROM event WHERE case_id = (SELECT id FROM "case" WHERE number = 2)'))
        connection.execute(text(f"UPDATE event SET {change} WHERE id = :id"), {"id": entry.scalar_one()})
    assert altered(database) == {2}
