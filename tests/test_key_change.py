"""Another master key in the place of the old one: nothing is lost on the way, whenever somebody is killed, and nothing after it needs the old key."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, text, update
from sqlmodel import Session, SQLModel, col, select
from typer.testing import CliRunner

from desk import rewrapping
from desk.cli.custody import app as custody
from desk.doctor.examination import look_at_database
from desk.doctor.findings import Finding, Level
from desk.people.accounts import keep_secret, make_account, secret_of
from desk.rewrapping import HELD, look_at_all
from desk.stack.home_lock import hold_home
from desk.watching.readiness import Readiness
from models.accounts import Account
from models.case import Case
from models.database import Database
from models.house import DeskFact
from models.key_change import INDEX, NEXT, OLD, Stage, hold_key, put_in_force, remembered
from models.migrations.running import migrate
from models.settings import DeskSettings
from models.vault import (
    KeyReplacedError,
    MasterKeyError,
    SealedForeverError,
    Vault,
    read_key_file,
    write_key_file,
)
from models.vocabulary import Role
from tasks.news.inbox import Speaker
from tasks.receiving.drafts import keep_draft, open_draft
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.words.progress_query import progress_code
from tasks.workplace import Workplace
from tests.small_desk import desk_on
from workers.key_watch import KeyWatch

NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
WORDS = "秘密的话"
CASES = 12
SECRET = "JBSWY3DPEHPK3PXP"
DRAFT = "d" * 32
OPERATOR = Speaker("operator", Role.OPERATOR)
SEALED = 3
OPEN = [number for number in range(1, CASES + 1) if number != SEALED]


class House:
    """One case database, two master keys, and the processes that a test starts on it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.old, self.new = folder / "old.key", folder / "new.key"
        for file in (self.old, self.new):
            write_key_file(file, os.urandom(32))
        self._open: list[Workplace] = []

    def started_with(self, key: Path) -> Workplace:
        """A desk or worker that was given this key when it started."""
        place = desk_on(self.folder / "home", self.url, key)
        self._open.append(place)
        return place

    def stop_all(self) -> None:
        """End every process of the house."""
        for each in self._open:
            each.database.close()
        self._open.clear()

    def custody(self, key: Path, *arguments: str) -> tuple[int, str]:
        """Exit code and what was said."""
        done = CliRunner().invoke(custody, list(arguments), env=self.env(key))
        return done.exit_code, done.output

    def env(self, key: Path) -> dict[str, str]:
        """What a command is told."""
        return {"WHISTLE_HOME": str(self.folder / "home"), "WHISTLE_DATABASE_URL": self.url, "WHISTLE_MASTER_KEY_FILE": str(key)}

    def settings(self, key: Path) -> DeskSettings:
        """The same as settings."""
        return DeskSettings(home=self.folder / "home", database_url=self.url, master_key="", master_key_file=key)

    def stage(self) -> Stage:
        """How far the change is."""
        database = Database(self.url)
        with database.reading() as session:
            stage = remembered(session).stage
        database.close()
        return stage

    def finding(self, key: Path) -> Finding:
        """What doctor says of the key."""
        (finding,) = [each for each in look_at_database(self.settings(key), NOW) if each.name == "master key"]
        return finding


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    (tmp_path / "home").mkdir()
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        database = Database(url)
        with database.engine.connect() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            connection.commit()
    else:
        url = f"sqlite:///{tmp_path / 'home' / 'cases.db'}"
        database = Database(url)
    migrate(database)
    database.close()
    house = House(tmp_path, url)
    yield house
    house.stop_all()


@pytest.fixture
def filled(house: House) -> House:
    """A house with everything that a master key seals, one case of it sealed for good, all processes ended."""
    place = house.started_with(house.old)
    for number in range(CASES):
        take_in(place, IntakeForm(text=f"{WORDS} {number}", reporter=PersonForm(contact=f"1380000{number:04}")), NOW, actor="client:t")
    with place.database.writing() as session:
        make_account(session, "sun", Role.SUPERVISOR, None, NOW)
        account = session.exec(select(Account)).one()
        keep_secret(session, place.vault, account, SECRET)
        sealed = case_of(session, SEALED)
        sealed.wrapped_key = sealed.text_ct = None
    keep_draft(place, DRAFT, {"text": WORDS}, OPERATOR, NOW)
    house.stop_all()
    return house


def case_of(session: Session, number: int) -> Case:
    return session.exec(select(Case).where(Case.number == number)).one()


def words(place: Workplace, number: int) -> str:
    with place.database.reading() as session:
        case = case_of(session, number)
    return place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct or b"")


def check_all_is_read(place: Workplace) -> None:
    """All that was sealed opens with what this process has, and what was destroyed stays so."""
    assert [words(place, number) for number in OPEN] == [f"{WORDS} {number - 1}" for number in OPEN]
    with pytest.raises(SealedForeverError):
        words(place, SEALED)
    with place.database.reading() as session:
        assert secret_of(place.vault, session.exec(select(Account)).one()) == SECRET
    draft = open_draft(place, DRAFT, OPERATOR, NOW)
    assert draft is not None
    assert draft.typed == {"text": WORDS}


def said(told: tuple[int, str], *words: str) -> None:
    """The command did it, and its words are these."""
    code, output = told
    assert code == 0, output
    for each in words:
        assert each in output


def refused(told: tuple[int, str], *words: str) -> None:
    """The command did nothing, and said why."""
    code, output = told
    assert code == 1, output
    for each in words:
        assert each in output


def test_a_key_is_replaced_while_desks_run_and_nothing_needs_the_old_one_after_it(filled: House):
    before = filled.started_with(filled.old)
    with before.database.reading() as session:
        code = progress_code(before, case_of(session, 1).id)

    said(filled.custody(filled.old, "rotate", str(filled.new)), "prepared")
    # One after the other is started again; both kinds take requests in, and read each other's.
    after = filled.started_with(filled.new)
    for place in (before, after):
        take_in(place, IntakeForm(text=WORDS), NOW, actor="client:t")
        check_all_is_read(place)
    assert words(before, CASES + 2) == words(after, CASES + 1) == WORDS
    before.database.close()

    said(filled.custody(filled.new, "rewrap"), f"{CASES + 1} cases", "1 accounts", "1 drafts", "with the old one: nothing")
    check_all_is_read(after)
    take_in(after, IntakeForm(text=WORDS), NOW, actor="client:t")
    said(filled.custody(filled.new, "retire"), "opens nothing here any more")

    filled.stop_all()
    alone = filled.started_with(filled.new)
    check_all_is_read(alone)
    assert words(alone, CASES + 3) == WORDS
    with alone.database.reading() as session:
        # What callers were told on the telephone works on, and so do all fingerprints.
        assert progress_code(alone, case_of(session, 1).id) == code
    with pytest.raises(MasterKeyError, match="not the one"):
        filled.started_with(filled.old)
    assert filled.finding(filled.new).level is Level.OK
    assert filled.finding(filled.old).level is Level.BAD


def test_a_second_change_keeps_the_fingerprints_of_the_first_key(filled: House):
    place = filled.started_with(filled.old)
    print_of_first = place.vault.index_key("x")
    filled.stop_all()
    third = filled.folder / "third.key"
    write_key_file(third, os.urandom(32))
    for old, new in ((filled.old, filled.new), (filled.new, third)):
        said(filled.custody(old, "rotate", str(new)))
        said(filled.custody(new, "rewrap"))
        said(filled.custody(new, "retire"))

    place = filled.started_with(third)
    check_all_is_read(place)
    assert place.vault.index_key("x") == print_of_first


KILLED = """
import os, signal, sys
from itertools import count
import desk.rewrapping as rewrapping
import desk.cli.custody as custody
at, one, seen = int(sys.argv[1]), rewrapping._one_anew, count(1)
rewrapping.BATCH = 4
def dying(*given):
    done = one(*given)
    if next(seen) == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
rewrapping._one_anew = dying
custody.app(["rewrap"])
"""


@pytest.mark.parametrize(("at", "cases"), [(1, 0), (6, 4), (11, 8), (12, 11), (13, 11)])
def test_killed_in_the_middle_both_kinds_are_read_and_the_next_try_ends_it(filled: House, at: int, cases: int):
    """Four rows share a transaction; the eleven cases come first, then the account and the draft."""
    said(filled.custody(filled.old, "rotate", str(filled.new)))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(at)], env={**os.environ, **filled.env(filled.new)}, check=False, capture_output=True,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    place = filled.started_with(filled.new)
    check_all_is_read(place)
    found = look_at_all(place.database, place.vault)
    assert found.before
    # Whole transactions only.
    assert found.anew["cases"] == cases
    assert filled.finding(filled.new).level is Level.WARN
    refused(filled.custody(filled.new, "retire"), "still sealed with the old key", "rewrap")

    said(filled.custody(filled.new, "rewrap"), "with the old one: nothing")
    said(filled.custody(filled.new, "retire"))
    filled.stop_all()
    check_all_is_read(filled.started_with(filled.new))


def test_nobody_who_has_only_the_old_key_seals_anything_once_the_new_one_is_in_force(filled: House):
    late = filled.started_with(filled.old)
    said(filled.custody(filled.old, "rotate", str(filled.new)))
    assert KeyWatch(late, None).look()  # type: ignore[arg-type]
    new = filled.started_with(filled.new)
    with new.database.writing() as session:
        put_in_force(session, new.vault)

    with pytest.raises(KeyReplacedError):
        take_in(late, IntakeForm(text=WORDS), NOW, actor="client:t")
    with pytest.raises(KeyReplacedError):
        keep_draft(late, "e" * 32, {"text": WORDS}, OPERATOR, NOW)
    assert not KeyWatch(late, None).look()  # type: ignore[arg-type]
    assert Readiness(late).problem() == "wrong_master_key"
    assert KeyWatch(new, None).look()  # type: ignore[arg-type]
    assert Readiness(new).problem() is None
    assert take_in(new, IntakeForm(text=WORDS), NOW, actor="client:t").is_new


def test_a_new_key_waits_for_a_request_that_is_being_stored_under_the_old_one(filled: House):
    slow = filled.started_with(filled.old)
    said(filled.custody(filled.old, "rotate", str(filled.new)))
    new = filled.started_with(filled.new)

    def change() -> float:
        with new.database.writing() as session:
            put_in_force(session, new.vault)
        return time.monotonic()

    with ThreadPoolExecutor(1) as pool:
        with slow.database.writing() as session:
            hold_key(session, slow.vault)
            changed = pool.submit(change)
            time.sleep(0.5)
            still_waits = not changed.done()
            stored = time.monotonic()
        assert changed.result(30) > stored
    assert still_waits


def test_nothing_is_put_in_force_while_somebody_is_at_work_who_would_not_read_it(filled: House):
    said(filled.custody(filled.old, "rotate", str(filled.new)))
    if filled.url.startswith("sqlite"):
        (filled.folder / "home" / "run").mkdir(exist_ok=True)
        with hold_home(filled.folder / "home"):
            refused(filled.custody(filled.new, "rewrap"), "another whistle runs")
    else:
        old = filled.started_with(filled.old)
        check_all_is_read(old)
        refused(filled.custody(filled.new, "rewrap"), "connected without key", f"whistle key {old.vault.key_id()}")
        filled.stop_all()
    assert filled.stage() is Stage.PREPARED
    said(filled.custody(filled.new, "rewrap"))


WRONG_STEPS: dict[str, tuple[Callable[[House], tuple[int, str]], str]] = {
    "seal anew before anything is prepared": (lambda house: house.custody(house.old, "rewrap"), "rotate NEW-KEY"),
    "retire before anything is prepared": (lambda house: house.custody(house.old, "retire"), "no old key"),
}


@pytest.mark.parametrize(("step", "words"), WRONG_STEPS.values(), ids=WRONG_STEPS)
def test_a_step_out_of_turn_is_refused(filled: House, step: Callable[[House], tuple[int, str]], words: str):
    refused(step(filled), words)
    assert filled.stage() is Stage.NONE


def test_a_prepared_key_is_not_put_in_force_by_whoever_has_the_old_one_and_may_be_taken_back(filled: House):
    said(filled.custody(filled.old, "rotate", str(filled.new)))
    refused(filled.custody(filled.old, "rewrap"), "still the old one")
    refused(filled.custody(filled.new, "retire"), "rewrap")
    assert filled.finding(filled.old).words.startswith("opens this database, as the old one of two")
    assert filled.finding(filled.new).words.startswith("opens this database, as the new one of two")

    said(filled.custody(filled.old, "rotate", str(filled.old)), "no other one is prepared")

    assert filled.stage() is Stage.NONE
    check_all_is_read(filled.started_with(filled.old))
    with pytest.raises(MasterKeyError):
        filled.started_with(filled.new)


def test_no_third_key_begins_before_the_second_is_alone(filled: House):
    third = filled.folder / "third.key"
    write_key_file(third, os.urandom(32))
    said(filled.custody(filled.old, "rotate", str(filled.new)))
    said(filled.custody(filled.new, "rewrap"))
    refused(filled.custody(filled.new, "rotate", str(third)), "not over")
    check_all_is_read(filled.started_with(filled.new))


def test_whoever_has_the_old_key_and_a_copy_of_the_database_reads_nothing_of_what_comes_after(filled: House):
    """The reason for all of it: from the preparing on, nothing there leads from the old key to the new one."""
    thief = Vault(read_key_file(filled.old))
    said(filled.custody(filled.old, "rotate", str(filled.new)))
    database = Database(filled.url)
    with database.reading() as session:
        told = json.loads(session.get_one(DeskFact, NEXT).value)
    assert thief.recognises(told["check"]) is False
    for what, closed in ((OLD, told["old"]), (INDEX, told["index"])):
        with pytest.raises(MasterKeyError):
            thief.open_for_desk(what, base64.b64decode(closed))
    database.close()
    said(filled.custody(filled.new, "rewrap"))
    with pytest.raises(MasterKeyError):
        filled.started_with(filled.old)
    with database.reading() as session:
        facts = {each.name: each.value for each in session.exec(select(DeskFact))}
        for case in session.exec(select(Case).where(Case.number != SEALED)):
            with pytest.raises(MasterKeyError):
                thief.open(case.id, case.wrapped_key, "case.text", case.text_ct or b"")
    database.close()
    for what in (OLD, INDEX):
        with pytest.raises(MasterKeyError):
            thief.open_for_desk(what, base64.b64decode(facts[what]))


def test_what_neither_key_opens_is_told_left_alone_and_holds_nobody_up(filled: House):
    database = Database(filled.url)
    with database.writing() as session:
        session.execute(update(Case).where(col(Case.number) == 5).values(wrapped_key=b"spoiled" * 9))
    database.close()
    said(filled.custody(filled.old, "rotate", str(filled.new)))
    said(filled.custody(filled.new, "rewrap"), "opened by neither key", "cases 5")
    said(filled.custody(filled.new, "retire"), "cases 5", f"{len(OPEN) - 1} cases")
    place = filled.started_with(filled.new)
    with place.database.reading() as session:
        assert case_of(session, 5).wrapped_key == b"spoiled" * 9
    assert words(place, 6) == f"{WORDS} 5"


def test_a_case_that_is_sealed_for_good_while_keys_change_stays_so(filled: House):
    """Retention is quicker than the batch that has read the row: the empty place is not filled."""
    said(filled.custody(filled.old, "rotate", str(filled.new)))
    place = filled.started_with(filled.new)
    with place.database.writing() as session:
        put_in_force(session, place.vault)
        case = case_of(session, 7)
        row = (case.number, case.id, case.wrapped_key)
        session.execute(update(Case).where(col(Case.number) == 7).values(wrapped_key=None, text_ct=None))
        rewrapping._one_anew(session, place.vault, HELD[0], row)
    with place.database.reading() as session:
        assert case_of(session, 7).wrapped_key is None


def test_every_column_of_bytes_is_known_to_be_sealed_by_the_master_key_or_by_a_case():
    """Whoever adds one decides: what the master key seals must be sealed anew with the next one."""
    by_master = {f"{each.table.__tablename__}.{each.sealed}" for each in HELD}
    all_bytes = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    by_case = {
        "case.text_ct", "case.answer_ct", "case.summary_ct", "person.name_ct", "person.contact_ct", "person.identity_ct",
        "person.address_ct", "person.note_ct", "inbox.text_ct", "evidence.content_ct", "evidence.name_ct", "proactive_text.text_ct",
    }  # fmt: skip
    assert all_bytes - by_master - by_case == {"house_version.blob"}
    assert by_master <= all_bytes
