"""Sealing words, and refusing to start with a missing, wrong or broken master key."""

import base64
import os
import stat
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.pool import QueuePool

from models.case import Case
from models.database import Database
from models.house import DeskFact
from models.keeping import unlock
from models.key_parts import join_key, split_key
from models.settings import DeskSettings
from models.vault import KEY_BYTES, MasterKeyError, SealedForeverError, Vault, read_master_key
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace
from tests.harness.desk_on_paper import START
from tests.small_desk import small_desk

WORDS = "孩子在三楼 on the third floor"


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A desk with one case."""
    place = small_desk(tmp_path / "desk")
    take_in(place, IntakeForm(text=WORDS), START, actor="client:test")
    return place


def settings_of(place: Workplace, key: str = "") -> DeskSettings:
    return DeskSettings(home=place.settings.home, database_url="", master_key=key)


def new_key() -> str:
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def test_words_come_back_as_they_were_and_only_in_their_place() -> None:
    """Moved to another field or another case, the sealed bytes open nothing."""
    vault, case_id = Vault(os.urandom(KEY_BYTES)), uuid4()
    wrapped = vault.new_case_key(case_id)
    sealed = vault.seal(case_id, wrapped, "case.text", WORDS)
    assert vault.open(case_id, wrapped, "case.text", sealed) == WORDS
    assert WORDS.encode() not in sealed
    assert vault.seal(case_id, wrapped, "case.text", WORDS) != sealed
    with pytest.raises(MasterKeyError):
        vault.open(case_id, wrapped, "case.answer", sealed)
    with pytest.raises(MasterKeyError):
        vault.open(uuid4(), wrapped, "case.text", sealed)


def test_one_changed_byte_is_noticed() -> None:
    """And the error does not repeat a word."""
    vault, case_id = Vault(os.urandom(KEY_BYTES)), uuid4()
    wrapped = vault.new_case_key(case_id)
    sealed = bytearray(vault.seal(case_id, wrapped, "case.text", WORDS))
    sealed[-1] ^= 1
    with pytest.raises(MasterKeyError) as refusal:
        vault.open(case_id, wrapped, "case.text", bytes(sealed))
    assert "floor" not in str(refusal.value)


def test_destroying_the_case_key_seals_the_case_for_ever(place: Workplace) -> None:
    """The master key does not help any more."""
    with place.database.writing() as session:
        case = session.get_one(Case, 1)
        case.wrapped_key = None
    assert case.text_ct is not None
    with pytest.raises(SealedForeverError):
        place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct)


def test_the_key_file_is_readable_by_its_owner_only(place: Workplace) -> None:
    """Made at the first start, 0600."""
    path = place.settings.home / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_wrong_key_is_refused_before_anything_is_changed(place: Workplace) -> None:
    """It would seal new words that the right key cannot open; and it leaves no connection for others to wait for."""
    with pytest.raises(MasterKeyError, match="not the one the case database was made with"):
        unlock(place.database, settings_of(place, new_key()))
    assert isinstance(place.database.engine.pool, QueuePool)
    assert place.database.engine.pool.checkedin() == 0


def test_a_missing_key_is_not_made_anew_once_there_are_cases(place: Workplace) -> None:
    """Also when the database has lost its memory of the key."""
    (place.settings.home / "master.key").unlink()
    with pytest.raises(MasterKeyError, match=r"master\.key is missing"):
        unlock(place.database, settings_of(place))
    with place.database.writing() as session:
        session.delete(session.get_one(DeskFact, "master_key_check"))
    with pytest.raises(MasterKeyError, match="already has cases"):
        unlock(place.database, settings_of(place))
    assert not (place.settings.home / "master.key").exists()


def test_the_right_key_opens_again_from_file_and_from_the_environment(place: Workplace) -> None:
    """The environment's key goes before the file's."""
    written = (place.settings.home / "master.key").read_text().strip()
    with place.database.reading() as session:
        case = session.get_one(Case, 1)
    assert case.text_ct is not None
    for settings in (settings_of(place), settings_of(place, written)):
        vault = unlock(Database(settings.case_database_url), settings)
        assert vault.open(case.id, case.wrapped_key, "case.text", case.text_ct) == WORDS


@pytest.mark.parametrize("broken", ["not base64 at all!", base64.b64encode(b"short").decode(), "密钥"])
def test_what_is_not_a_key_is_refused_without_being_repeated(tmp_path: Path, broken: str) -> None:
    """From the environment and from the file alike."""
    with pytest.raises(MasterKeyError) as refusal:
        read_master_key(tmp_path, broken, may_create=True)
    assert broken not in str(refusal.value)
    (tmp_path / "master.key").write_text(broken, encoding="utf-8")
    with pytest.raises(MasterKeyError, match=r"master\.key"):
        read_master_key(tmp_path, "", may_create=True)


def test_equal_values_have_equal_fingerprints_under_one_key_only() -> None:
    """So that a caller can be recognised without being stored."""
    one, other = Vault(os.urandom(KEY_BYTES)), Vault(os.urandom(KEY_BYTES))
    assert one.blind_index("13800000000") == one.blind_index("13800000000")
    assert one.blind_index("13800000000") != one.blind_index("13800000001")
    assert one.blind_index("13800000000") != other.blind_index("13800000000")


def test_two_parts_give_the_key_in_either_order_and_one_of_them_is_not_it() -> None:
    key = os.urandom(KEY_BYTES)
    first, second = split_key(key)

    assert join_key(first, second) == join_key(second, first) == key
    assert key not in first and key not in second


def test_parts_of_two_splits_of_one_key_do_not_fit_each_other() -> None:
    key = os.urandom(KEY_BYTES)
    (first, second), (other_first, other_second) = split_key(key), split_key(key)

    for one, other in ((first, other_second), (other_first, second), (first, first), (second, other_second)):
        with pytest.raises(MasterKeyError, match="do not belong together"):
            join_key(one, other)
    with pytest.raises(MasterKeyError, match="not two parts"):
        join_key(first, key)


def test_a_key_file_that_was_named_must_be_there_and_is_never_made(tmp_path: Path) -> None:
    named = tmp_path / "store" / "master.key"

    with pytest.raises(MasterKeyError, match=r"store/master\.key cannot be read"):
        read_master_key(tmp_path, "", may_create=True, from_file=named)

    assert list(tmp_path.iterdir()) == []
