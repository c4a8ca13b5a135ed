"""Writers of the embedded database take turns: whoever waits is served soon, and told in the end that it was in vain."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models import database as database_module
from models.database import BUSY_SECONDS, Database


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with opened(url) as database, database.writing() as session:
        session.execute(text("CREATE TABLE said (word TEXT)"))
    return url


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def say(database: Database, word: str) -> None:
    with database.writing() as session:
        session.execute(text("INSERT INTO said VALUES (:word)"), {"word": word})


def test_whoever_waits_writes_as_soon_as_the_other_has_done(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        waiting = threading.Thread(target=say, args=(other, "second"))
        with one.writing() as session:
            session.execute(text("INSERT INTO said VALUES ('first')"))
            waiting.start()
            time.sleep(0.1)
            assert waiting.is_alive()
        waiting.join(BUSY_SECONDS)
        with one.reading() as session:
            assert session.execute(text("SELECT word FROM said ORDER BY rowid")).scalars().all() == ["first", "second"]


HURRIED = """
import sys
from sqlalchemy import text
from models.database import Database
database = Database(sys.argv[1])
while True:
    with database.writing() as session:
        session.execute(text("INSERT INTO said VALUES ('again')"))
"""


def test_beside_a_process_that_never_pauses_others_come_to_their_turn(url: str) -> None:
    """By SQLite's own way of waiting one of them would at times be passed by for seconds: thousands of times."""
    hurried = subprocess.Popen([sys.executable, "-c", HURRIED, url])
    try:
        with opened(url) as patient:
            while not passed(patient):
                time.sleep(0.05)
            counts = [passed(patient)]
            for _ in range(100):
                say(patient, "here")
                counts.append(passed(patient))
    finally:
        hurried.kill()
        hurried.wait()
    longest = max(later - earlier for earlier, later in pairwise(counts))
    assert counts[-1] > counts[0], "nobody was in the way"
    assert longest < 500


def passed(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM said WHERE word = 'again'")).scalar_one())


def test_waiting_ends_with_the_error_of_a_lock_that_is_never_free(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.2)
    with opened(url) as one, opened(url) as other:
        with one.writing() as session:
            session.execute(text("DELETE FROM said"))
            with pytest.raises(OperationalError, match="database is locked"):
                say(other, "never")
        say(other, "now")
        with other.reading() as session:
            assert session.execute(text("SELECT word FROM said")).scalars().all() == ["now"]


def test_other_statements_wait_as_before(url: str) -> None:
    with opened(url) as database, database.writing() as session:
        assert session.execute(text("PRAGMA busy_timeout")).scalar() == BUSY_SECONDS * 1000
