"""What the benchmark of the data checks plants is found, and a clean month is silent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.data_checks import check_all, count, department_codes, fill
from benchmarks.record_faults import FAULTS
from models.database import Database
from models.migrations.running import migrate

pytestmark = pytest.mark.long

CODES = department_codes(6)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database of each kind."""
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    else:
        found = Database(request.getfixturevalue("postgres_url"))
        with found.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    migrate(found)
    yield found
    found.close()


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def test_a_clean_month_is_silent(database: Database) -> None:
    planted = fill(database, 600, CODES, share=0.0, seed=7)
    outcomes = check_all(url_of(database), CODES)
    assert [each.error for each in outcomes] == [None] * 8
    assert [(r.rule, r.count) for each in outcomes for r in each.results if not r.success] == []
    assert count(database, planted).false_alarms == {}


def test_every_planted_fault_is_found_and_nothing_else(database: Database) -> None:
    planted = fill(database, 2400, CODES, share=0.5, seed=7)
    assert set(FAULTS) <= set(planted.counts()), "every class was planted"
    check_all(url_of(database), CODES)
    counted = count(database, planted)
    assert counted.found == planted.counts()
    assert counted.false_alarms == {}


def test_checking_again_finds_the_same_and_opens_nothing_twice(database: Database) -> None:
    fill(database, 300, CODES, share=0.3, seed=7)
    check_all(url_of(database), CODES)
    again = check_all(url_of(database), CODES)
    assert any(not r.success for each in again for r in each.results)
    assert sum(r.new + r.cleared for each in again for r in each.results) == 0
