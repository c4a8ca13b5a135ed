"""Preparing a desk: a first start, every later one, and each reason to refuse."""

import base64
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from desk import prepare as preparing
from desk.people.keys import authenticate, revoke_key
from desk.prepare import PrepareError, prepare
from models.database import Database
from models.house import ApiClient, Department, RuleSet
from models.migrations.running import DatabaseTooNewError, newest_version, version_of
from models.settings import DeskSettings
from models.vault import MasterKeyError
from models.vocabulary import Role
from tests.harness.rule_sets import judge_once
from tests.postgres_for_tests import postgres_in
from tests.small_desk import shipped_catalogue, shipped_rules

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
FIRST_ROLES = ["operator", "supervisor", "administrator"]


@pytest.fixture(autouse=True)
def read_rules_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # The programs that are run for real read the files; in here, once is enough.
    monkeypatch.setattr("tasks.workplace.load_catalogue", shipped_catalogue)
    monkeypatch.setattr("tasks.workplace.load_rule_book", shipped_rules)
    monkeypatch.setattr("tasks.house.installed_rules.judge", judge_once)


@pytest.fixture
def settings(tmp_path: Path) -> DeskSettings:
    return DeskSettings(home=tmp_path / "home", database_url="", master_key="")


@pytest.fixture
def prepared(settings: DeskSettings) -> DeskSettings:
    list(prepare(settings, NOW))
    return settings


@pytest.fixture
def database(prepared: DeskSettings) -> Iterator[Database]:
    found = Database(prepared.case_database_url)
    yield found
    found.close()


def key_of(settings: DeskSettings, role: str) -> str:
    return (settings.home / "keys" / f"{role}.key").read_text(encoding="ascii").strip()


def run(home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WHISTLE_")}
    return subprocess.run(
        [sys.executable, "-m", "desk.prepare"],
        cwd=ROOT,
        env={**clean, "WHISTLE_HOME": str(home), **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_program_prepares_a_bare_home_and_is_quiet_on_stderr(tmp_path: Path) -> None:
    done = run(tmp_path / "home")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"made, version {newest_version()}" in done.stdout
    assert str(tmp_path / "home" / "keys" / "operator.key") in done.stdout
    assert "whk_" not in done.stdout, "a log must not hold a key"


def test_the_program_refuses_with_2_and_one_message(tmp_path: Path) -> None:
    done = run(tmp_path / "home", WHISTLE_DATABASE_URL="postgresql+pg8000://u:hunter2@127.0.0.1:1/x")
    assert done.returncode == 2
    assert done.stderr.startswith("cannot prepare: the case database postgresql+pg8000://u:***@127.0.0.1:1/x")
    assert "hunter2" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_setting_that_is_not_valid_is_named(tmp_path: Path) -> None:
    done = run(tmp_path / "home", WHISTLE_PORT="eighty")
    assert done.returncode == 2
    assert "WHISTLE_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_first_start_makes_everything(prepared: DeskSettings, database: Database) -> None:
    assert version_of(database) == newest_version()
    assert stat.S_IMODE(prepared.home.stat().st_mode) == 0o700
    assert (prepared.home / "master.key").exists()
    with database.reading() as session:
        departments = session.exec(select(Department)).all()
        assert {"EDU", "POLICE"} <= {each.code for each in departments}
        assert all(each.active and each.name_zh and each.name_en for each in departments)
        rule_sets = {each.name: each.first_seen_at for each in session.exec(select(RuleSet))}
    assert rule_sets == {"catalogue": NOW, "sla_rules": NOW, "calendar": NOW}


@pytest.mark.parametrize("role", FIRST_ROLES)
def test_the_first_keys_work_and_only_their_owner_can_read_them(
    prepared: DeskSettings, database: Database, role: str
) -> None:
    path = prepared.home / "keys" / f"{role}.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with database.reading() as session:
        assert authenticate(session, f"Bearer {key_of(prepared, role)}", NOW).role is Role(role)


def test_a_second_start_changes_nothing(prepared: DeskSettings, database: Database) -> None:
    before = {role: key_of(prepared, role) for role in FIRST_ROLES}
    later = datetime(2026, 12, 1, tzinfo=UTC)
    lines = list(prepare(prepared, later))
    assert any("up to date" in line for line in lines)
    assert any("(0 changed)" in line for line in lines)
    assert {role: key_of(prepared, role) for role in FIRST_ROLES} == before
    with database.reading() as session:
        assert len(session.exec(select(ApiClient)).all()) == 3
        assert {each.first_seen_at for each in session.exec(select(RuleSet))} == {NOW}


def test_a_first_key_that_was_revoked_does_not_come_back(prepared: DeskSettings, database: Database) -> None:
    with database.writing() as session:
        revoke_key(session, "first operator", NOW)
    (prepared.home / "keys" / "operator.key").unlink()
    list(prepare(prepared, NOW))
    assert not (prepared.home / "keys" / "operator.key").exists()


def test_a_start_killed_between_key_file_and_commit_is_made_good(settings: DeskSettings) -> None:
    keys = settings.home / "keys"
    keys.mkdir(parents=True)
    (keys / "operator.key").write_text("whk_of_nobody\n", encoding="ascii")
    list(prepare(settings, NOW))
    database = Database(settings.case_database_url)
    with database.reading() as session:
        assert authenticate(session, f"Bearer {key_of(settings, 'operator')}", NOW).role is Role.OPERATOR
    assert stat.S_IMODE((keys / "operator.key").stat().st_mode) == 0o600
    database.close()


def test_a_unit_that_left_the_catalogue_is_retired_and_a_renamed_one_corrected(
    prepared: DeskSettings, database: Database
) -> None:
    with database.writing() as session:
        session.add(Department(code="GONE", name_zh="旧", name_en="Gone"))
        renamed = session.get_one(Department, "EDU")
        renamed.name_en, renamed.active = "Schools", False
    assert any("(2 changed)" in line for line in prepare(prepared, NOW))
    with database.reading() as session:
        assert session.get_one(Department, "GONE").active is False
        assert session.get_one(Department, "EDU").active is True
        assert session.get_one(Department, "EDU").name_en != "Schools"


def test_a_new_version_of_the_rules_is_recorded_beside_the_old(
    prepared: DeskSettings, database: Database
) -> None:
    with database.writing() as session:
        session.exec(select(RuleSet).where(RuleSet.name == "sla_rules")).one().digest = "of last year"
    assert "rules: first seen now: sla_rules" in list(prepare(prepared, NOW))
    with database.reading() as session:
        assert len(session.exec(select(RuleSet).where(RuleSet.name == "sla_rules")).all()) == 2


def test_another_master_key_is_refused(prepared: DeskSettings) -> None:
    (prepared.home / "master.key").write_text(base64.b64encode(b"x" * 32).decode(), encoding="ascii")
    with pytest.raises(MasterKeyError, match="not the one"):
        list(prepare(prepared, NOW))


def test_a_lost_master_key_is_refused_and_no_new_one_made(prepared: DeskSettings) -> None:
    (prepared.home / "master.key").unlink()
    with pytest.raises(MasterKeyError, match="missing"):
        list(prepare(prepared, NOW))
    assert not (prepared.home / "master.key").exists()


def test_a_database_of_a_newer_release_is_refused(prepared: DeskSettings, database: Database) -> None:
    with database.engine.connect().execution_options(whistle_writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNewError, match="9999"):
        list(prepare(prepared, NOW))


@pytest.mark.parametrize("url", ["nonsense", "oracle+nosuch://x", "mydb://x"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    settings = DeskSettings(home=tmp_path, database_url=url, master_key="")
    with pytest.raises(PrepareError, match="WHISTLE_DATABASE_URL"):
        list(prepare(settings, NOW))


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(PrepareError, match="WHISTLE_HOME"):
        list(prepare(DeskSettings(home=tmp_path / "file" / "home", database_url="", master_key=""), NOW))


def test_a_broken_rule_file_is_told_and_ends_with_2(
    settings: DeskSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHISTLE_HOME", str(settings.home))
    monkeypatch.delenv("WHISTLE_DATABASE_URL", raising=False)
    monkeypatch.setattr("tasks.workplace.load_catalogue", lambda: preparing_breaks())
    assert preparing.main() == 2
    assert "kinds.yaml:3:5: grade: Field required" in capsys.readouterr().err


def preparing_breaks() -> None:
    raise preparing.RuleFileError(["kinds.yaml:3:5: grade: Field required"])


def test_a_postgres_is_prepared_the_same_way(tmp_path: Path) -> None:
    with postgres_in(tmp_path / "postgres") as url:
        settings = DeskSettings(home=tmp_path / "home", database_url=url, master_key="")
        assert any("first operator key" in line for line in prepare(settings, NOW))
        assert not any("first" in line for line in prepare(settings, NOW))
        database = Database(url)
        with database.reading() as session:
            assert authenticate(session, f"Bearer {key_of(settings, 'operator')}", NOW).role is Role.OPERATOR
        database.close()
