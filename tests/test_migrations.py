"""The migrations make what the models say, on both databases, and the journal refuses changes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from models import journal
from models.case import Case
from models.database import Database
from models.migrations.draft import steps_from
from models.migrations.running import DatabaseTooNewError, differences, migrate, newest_version, version_of
from models.record import Decision
from models.tables import METADATA
from models.vocabulary import DecisionKind, EventKind

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    else:
        found = Database(request.getfixturevalue("postgres_url"))
        with found.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield found
    found.close()


def differences_of(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        return differences(connection)


def add_case_with_history(database: Database) -> None:
    with database.writing() as session:
        case = Case(source="test", received_at=NOW)
        session.add(case)
        session.flush()
        journal.write(session, case, EventKind.RECEIVED, NOW, journal.MACHINE)
        session.add(
            Decision(
                case_id=case.id,
                key="screen",
                kind=DecisionKind.SCREEN,
                outcome="no_harm",
                rule_id="r",
                rule_hash="h",
                calendar_hash="c",
                code_version="v",
                reason_zh="无",
                reason_en="none",
                at=NOW,
            )
        )


def test_a_migrated_database_is_what_the_models_say(database: Database) -> None:
    migrate(database)
    assert differences_of(database) == []


def test_the_comparison_sees_a_missing_column(database: Database) -> None:
    migrate(database)
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE rule_set DROP COLUMN first_seen_at"))
    assert differences_of(database) != []


def test_migrations_make_the_same_columns_as_the_models_would(tmp_path: Path) -> None:
    migrated = Database(f"sqlite:///{tmp_path / 'migrated.db'}")
    made = Database(f"sqlite:///{tmp_path / 'made.db'}")
    migrate(migrated)
    METADATA.create_all(made.engine)
    ours, theirs = inspect(migrated.engine), inspect(made.engine)
    for table in METADATA.tables:
        columns = [
            {each["name"]: (str(each["type"]), each["nullable"]) for each in side.get_columns(table)}
            for side in (ours, theirs)
        ]
        assert columns[0] == columns[1], table


def test_an_empty_database_gets_every_migration_and_says_so(database: Database) -> None:
    assert version_of(database) is None
    done = migrate(database)
    assert (done.before, done.after) == (None, newest_version())
    assert version_of(database) == newest_version()


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate(database)
    add_case_with_history(database)
    assert migrate(database).before == newest_version()
    with database.reading() as session:
        assert session.get(Case, 1) is not None


def test_two_processes_may_migrate_at_once(database: Database) -> None:
    done: list[str] = []
    threads = [Thread(target=lambda: done.append(migrate(Database(database.url)).after)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [newest_version()] * 4
    assert differences_of(database) == []


def test_a_database_of_a_newer_release_is_left_alone(database: Database) -> None:
    migrate(database)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNewError, match="9999"):
        migrate(database)
    assert version_of(database) == "9999"


def test_a_migration_that_breaks_leaves_nothing_behind(database: Database) -> None:
    # A table of the last name that the first migration makes: it fails after many others.
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE evidence (id INTEGER)"))
    with pytest.raises(DBAPIError):
        migrate(database)
    assert set(inspect(database.engine).get_table_names()) <= {"evidence"}


@pytest.mark.parametrize("table", ["event", "decision"])
@pytest.mark.parametrize("act", ["UPDATE {} SET at = at", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_happened(database: Database, table: str, act: str) -> None:
    migrate(database)
    add_case_with_history(database)
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(text(act.format(table)))
    with database.reading() as session:
        assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 1
        assert list(journal.broken_chains(session)) == []


def test_postgres_refuses_to_truncate_the_journal(postgres_url: str) -> None:
    database = Database(postgres_url)
    migrate(database)
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(text("TRUNCATE event"))
    database.close()


def test_the_journal_still_takes_new_entries(database: Database) -> None:
    migrate(database)
    add_case_with_history(database)
    with database.reading() as session:
        assert list(journal.broken_chains(session)) == []


def test_what_a_database_lacks_is_drafted_without_our_classes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    migrate(database)
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE evidence"))
    with database.engine.connect() as connection:
        steps = steps_from(connection)
    assert "op.create_table('evidence'" in steps.replace('"', "'")
    assert "models." not in steps, "a migration must not depend on classes that change"
