"""API keys: who a header is from, and that nobody gets in otherwise."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from desk.people.keys import (
    KeyRequestError,
    NotAuthenticatedError,
    authenticate,
    list_clients,
    make_key,
    revoke_key,
)
from models.database import Database
from models.house import ApiClient, Department
from models.tables import METADATA
from models.vocabulary import Role

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    METADATA.create_all(database.engine)
    with database.writing() as open_session:
        open_session.add(Department(code="EDU", name_zh="教育", name_en="Education"))
        open_session.add(Department(code="OLD", name_zh="旧", name_en="Retired", active=False))
        yield open_session
    database.close()


def basic(password: str, user: str = "anybody") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPARTMENT])
def test_a_bearer_key_tells_who_speaks(session: Session, role: Role) -> None:
    key = make_key(session, "desk one", role, None, NOW)
    speaker = authenticate(session, f"Bearer {key}")
    assert (speaker.role, speaker.department) == (role, None)
    assert speaker.actor == f"client:{key.split('_')[1]}"


def test_a_department_speaks_for_its_unit(session: Session) -> None:
    key = make_key(session, "education", Role.DEPARTMENT, "EDU", NOW)
    assert authenticate(session, f"Bearer {key}").actor == "department:EDU"


def test_a_browser_sends_the_key_as_password(session: Session) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    assert authenticate(session, basic(key)).role is Role.OPERATOR


def test_the_word_bearer_may_be_written_in_any_case(session: Session) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    assert authenticate(session, f"bearer {key}").role is Role.OPERATOR


def test_every_key_is_another_one_and_survives_underscores_in_its_secret(session: Session) -> None:
    keys = [make_key(session, f"client {number}", Role.OPERATOR, None, NOW) for number in range(60)]
    assert len(set(keys)) == 60
    assert any(key.count("_") > 2 for key in keys), "60 secrets of 43 characters hold an underscore"
    for key in keys:
        assert authenticate(session, f"Bearer {key}").client == key.split("_")[1]


def test_only_the_hash_of_the_secret_is_kept(session: Session) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    secret = key.split("_", 2)[2]
    stored = session.exec(select(ApiClient)).one()
    assert stored.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in stored.model_dump_json()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1],
        lambda key: key + "x",
        lambda key: key.replace("whk_", "wxk_"),
        lambda key: key.rsplit("_", 1)[0],
        lambda key: "whk_000000000000_" + key.split("_", 2)[2],
        lambda key: f"whk_{key.split('_')[1]}_",
        lambda key: f"whk_\0{key[5:]}",
        lambda key: "whk__",
        lambda key: "ключ",
        lambda key: "",
    ],
)
def test_a_key_that_is_not_whole_lets_nobody_in(session: Session, spoil: Callable[[str], str]) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    for header in (f"Bearer {spoil(key)}", basic(spoil(key))):
        with pytest.raises(NotAuthenticatedError):
            authenticate(session, header)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic", "Basic !!!", "Basic /w==", "Basic " + "eA==", "Digest x"])
def test_a_header_without_a_key_lets_nobody_in(session: Session, header: str | None) -> None:
    make_key(session, "desk one", Role.OPERATOR, None, NOW)
    with pytest.raises(NotAuthenticatedError):
        authenticate(session, header)


def test_a_key_under_another_scheme_or_as_user_name_lets_nobody_in(session: Session) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    for header in (f"Digest {key}", key, basic("", user=key)):
        with pytest.raises(NotAuthenticatedError):
            authenticate(session, header)


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_revoked_key_lets_nobody_in(session: Session, by: str) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    revoke_key(session, key.split("_")[1] if by == "id" else "desk one", LATER)
    with pytest.raises(NotAuthenticatedError):
        authenticate(session, f"Bearer {key}")


def test_revoking_again_keeps_the_first_moment(session: Session) -> None:
    make_key(session, "desk one", Role.OPERATOR, None, NOW)
    revoke_key(session, "desk one", NOW)
    assert revoke_key(session, "desk one", LATER).revoked_at == NOW


def test_revoking_one_key_leaves_the_others(session: Session) -> None:
    make_key(session, "desk one", Role.OPERATOR, None, NOW)
    other = make_key(session, "desk two", Role.OPERATOR, None, NOW)
    revoke_key(session, "desk one", LATER)
    assert authenticate(session, f"Bearer {other}").role is Role.OPERATOR


def test_nobody_can_be_revoked_who_is_not_there(session: Session) -> None:
    with pytest.raises(KeyRequestError):
        revoke_key(session, "desk one", NOW)


def test_wrong_and_revoked_and_missing_are_told_alike(session: Session) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    revoke_key(session, "desk one", LATER)
    said = set()
    for header in (None, f"Bearer {key}", f"Bearer {key}x", "Bearer whk_abc_def"):
        with pytest.raises(NotAuthenticatedError) as caught:
            authenticate(session, header)
        said.add(str(caught.value))
    assert len(said) == 1


@pytest.mark.parametrize(
    ("role", "department", "field"),
    [
        (Role.DEPARTMENT, None, "department"),
        (Role.OPERATOR, "EDU", "department"),
        (Role.DEPARTMENT, "NOSUCH", "department"),
        (Role.DEPARTMENT, "OLD", "department"),
    ],
)
def test_role_and_department_must_fit(session: Session, role: Role, department: str | None, field: str) -> None:
    with pytest.raises(KeyRequestError, match=f"^{field}:"):
        make_key(session, "one", role, department, NOW)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_client_needs_a_name_of_sensible_length(session: Session, name: str) -> None:
    with pytest.raises(KeyRequestError, match=r"^name:"):
        make_key(session, name, Role.OPERATOR, None, NOW)


def test_a_name_is_given_once_even_after_revoking(session: Session) -> None:
    make_key(session, "desk one", Role.OPERATOR, None, NOW)
    revoke_key(session, "desk one", NOW)
    with pytest.raises(KeyRequestError, match=r"^name:"):
        make_key(session, "desk one", Role.OPERATOR, None, LATER)


def test_clients_are_listed_oldest_first_with_the_revoked_ones(session: Session) -> None:
    make_key(session, "second", Role.OPERATOR, None, LATER)
    make_key(session, "first", Role.OPERATOR, None, NOW)
    revoke_key(session, "first", LATER)
    assert [each.name for each in list_clients(session)] == ["first", "second"]
