"""What benchmarks count: made-up finished cases are whole, the same on both databases, and the same every time."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, text
from sqlmodel import select

from analysis.callbacks import callbacks
from analysis.grouping import Dimension
from analysis.rate_rules import load_rate_rules
from analysis.windows import days
from benchmarks.many_cases import FIRST, LAST, fill, made_cases
from models.case import Case
from models.database import Database
from models.vocabulary import Status
from tests.figure_desk import empty_database

CASES = 400
INDEXES = {"sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'index'", "postgresql": "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database of each kind, empty but for its tables."""
    file = tmp_path_factory.mktemp("many") / "cases.db"
    found = empty_database(f"sqlite:///{file}" if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield found
    found.close()


def test_filling_leaves_whole_cases_and_every_index(database: Database) -> None:
    """Read through the tables' own types, which refuse codes they do not know; the first case is known by heart."""
    indexes = text(INDEXES[database.engine.dialect.name])
    with database.reading() as session:
        before = session.scalar(indexes)
    fill(database, CASES)
    with database.reading() as session:
        cases = session.exec(select(Case).order_by(Case.number)).all()
        found = callbacks(session, days(FIRST, LAST), load_rate_rules(), (Dimension.GRADE,))
        assert session.scalar(indexes) == before
        assert session.scalar(select(func.count()).select_from(Case).where(Case.status == Status.CLOSED)) == CASES
    assert len(cases) == CASES
    assert str(cases[0].id) == "36635f0c-05fd-f179-0000-000000000001"
    assert cases[0].received_at.isoformat() == "2026-09-18T15:02:33+00:00"
    assert 0.7 * CASES < sum(each.valid for each in found.tallies.values()) < 0.95 * CASES
    with database.engine.connect() as connection:
        if database.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_the_same_seed_gives_the_same_cases_and_another_one_others() -> None:
    once, again, others = (list(made_cases(20, seed)) for seed in (1, 1, 2))
    assert once == again
    assert once != others
