"""Backup and restore to a moment, with the scripts of deploy/backup on a real PostgreSQL, and the key from two people."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from typer.testing import CliRunner

from benchmarks.postgres import (
    Postgres,
    PostgresMissingError,
    as_server_user,
    hand_over,
    postgres_on,
    postgres_programs,
    scratch_postgres,
)
from desk.cli import app as cli
from models.case import Case
from models.database import Database
from models.journal import broken_chains
from models.migrations.running import migrate
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace
from tests.small_desk import desk_on

SCRIPTS = Path(__file__).resolve().parents[1] / "deploy" / "backup"
PATIENCE_S = 120.0
WORDS = "秘密的话"


class Backups:
    """A server with an archive, and the scripts as its own user runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.wal, self.base = folder, folder / "wal", folder / "base"
        # That user may not be let into the folder of this repository.
        self.scripts = folder / "scripts"
        shutil.copytree(SCRIPTS, self.scripts)
        for own in (self.wal, self.base):
            own.mkdir(mode=0o700)
            hand_over(own)
        self.settings = {
            "archive_mode": "on",
            "archive_command": f"WHISTLE_WAL_ARCHIVE={self.wal} {self.scripts}/archive_wal.sh %p %f",
        }

    def run(self, script: str, *arguments: str, postgres: Postgres | None = None) -> str:
        """What a script printed."""
        env = {
            "PATH": f"{postgres_programs()}:{os.environ['PATH']}",
            "WHISTLE_WAL_ARCHIVE": str(self.wal),
            **(
                {
                    "PGHOST": "127.0.0.1",
                    "PGPORT": str(postgres.port),
                    "PGUSER": "whistle",
                    "PGPASSWORD": postgres.password,
                }
                if postgres
                else {}
            ),
        }
        command = as_server_user(str(self.scripts / script), *arguments)
        done = subprocess.run(command, env=env, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def backups() -> Iterator[Backups]:
    # Not pytest's own folder: the server's user must be able to walk down to its data.
    with tempfile.TemporaryDirectory(prefix="whistle-backups-") as folder:
        Path(folder).chmod(0o711)
        yield Backups(Path(folder))


@pytest.fixture
def postgres(backups: Backups) -> Iterator[Postgres]:
    try:
        with scratch_postgres(backups.folder, settings=backups.settings) as server:
            yield server
    except PostgresMissingError as error:
        pytest.skip(str(error))


def test_a_desk_is_restored_to_the_moment_before_the_mistake(
    backups: Backups, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    key = tmp_path / "master.key"
    whistle("custody", "new", str(key))
    whistle("custody", "split", str(key), str(tmp_path / "part-1"), str(tmp_path / "part-2"))
    desk = _desk(tmp_path / "home", postgres.case_url, key)

    first = _take_in(desk)
    base = backups.run("base_backup.sh", str(backups.base), postgres=postgres)
    second = _take_in(desk)
    before_the_mistake = _moment(desk)
    _take_in(desk)
    with desk.database.writing() as session:
        # Whoever owns the table can: the chain is what tells.
        session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        session.execute(text("UPDATE event SET at = at + interval '1 day'"))
    assert _broken(desk), "the mistake that is to be undone"
    _archive_everything(desk, backups)
    desk.database.close()

    key.unlink()
    whistle(
        "custody", "join", str(tmp_path / "part-2"), str(tmp_path / "part-1"), str(tmp_path / "joined.key")
    )
    restored = backups.base / "restored"
    backups.run("restore.sh", base, str(restored), before_the_mistake)
    with postgres_on(restored, postgres.password, backups.settings) as server:
        _wait_until_recovered(server)
        monkeypatch.setenv("WHISTLE_DATABASE_URL", server.case_url)
        whistle("custody", "check", str(tmp_path / "joined.key"))
        again = _desk(tmp_path / "home2", server.case_url, tmp_path / "joined.key")
        with again.database.reading() as session:
            assert sorted(case.label for case in session.exec(select(Case))) == [first, second]
        assert not _broken(again)
        assert _words(again, second) == WORDS
        assert _take_in(again) not in {first, second}
        again.database.close()


def test_a_segment_is_never_archived_over_another_one(tmp_path: Path):
    wal = tmp_path / "wal"
    wal.mkdir()
    segment = tmp_path / "segment"
    command = [str(SCRIPTS / "archive_wal.sh"), str(segment), "000000010000000000000001"]
    codes = []
    for content in (b"one", b"one", b"other"):
        segment.write_bytes(content)
        codes.append(
            subprocess.run(
                command, env={**os.environ, "WHISTLE_WAL_ARCHIVE": str(wal)}, check=False, capture_output=True
            ).returncode
        )

    assert codes == [0, 0, 1]
    assert (wal / "000000010000000000000001").read_bytes() == b"one"
    assert [each.name for each in wal.iterdir()] == ["000000010000000000000001"]


def whistle(*arguments: str) -> None:
    done = CliRunner().invoke(cli.app, list(arguments))
    assert done.exit_code == 0, done.output


def _desk(home: Path, url: str, key: Path) -> Workplace:
    migrate(database := Database(url))
    database.close()
    return desk_on(home, url, key)


def _take_in(desk: Workplace) -> str:
    return take_in(desk, IntakeForm(text=WORDS, kind="S02"), datetime.now(UTC), actor="client:t").label


def _words(desk: Workplace, label: str) -> str:
    with desk.database.reading() as session:
        case = session.exec(select(Case).where(Case.number == int(label[2:]))).one()
        assert case.text_ct is not None
        return desk.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct)


def _broken(desk: Workplace) -> list[str]:
    with desk.database.reading() as session:
        return list(broken_chains(session))


def _moment(desk: Workplace) -> str:
    """The server's own time, and then a little later."""
    with desk.database.reading() as session:
        moment = session.execute(text("SELECT clock_timestamp()::text")).scalar_one()
    time.sleep(0.1)
    return str(moment)


def _archive_everything(desk: Workplace, backups: Backups) -> None:
    with desk.database.engine.connect() as connection:
        last = connection.execute(text("SELECT pg_walfile_name(pg_switch_wal())")).scalar_one()
        connection.rollback()
    deadline = time.monotonic() + PATIENCE_S
    while not (backups.wal / str(last)).exists():
        assert time.monotonic() < deadline, "nothing was archived"
        time.sleep(0.1)


def _wait_until_recovered(server: Postgres) -> None:
    database, deadline = Database(server.case_url), time.monotonic() + PATIENCE_S
    try:
        while True:
            try:
                with database.reading() as session:
                    if not session.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
                        return
            except DBAPIError:
                pass
            assert time.monotonic() < deadline, server.data.with_name(f"{server.data.name}.log").read_text()[
                -2000:
            ]
            time.sleep(0.2)
    finally:
        database.close()
