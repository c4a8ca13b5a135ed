"""API keys: who a header is from, and that nobody gets in otherwise."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
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
from models.migrations.running import HERE, migrate
from models.tables import METADATA
from models.vocabulary import SCOPES_OF, Role, Scope

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
    speaker = authenticate(session, f"Bearer {key}", NOW)
    assert (speaker.role, speaker.department) == (role, None)
    assert speaker.actor == f"client:{key.split('_')[1]}"


def test_a_department_speaks_for_its_unit(session: Session) -> None:
    key = make_key(session, "education", Role.DEPARTMENT, "EDU", NOW)
    assert authenticate(session, f"Bearer {key}", NOW).actor == "department:EDU"


def test_a_browser_sends_the_key_as_password(session: Session) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    assert authenticate(session, basic(key), NOW).role is Role.OPERATOR


def test_the_word_bearer_may_be_written_in_any_case(session: Session) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    assert authenticate(session, f"bearer {key}", NOW).role is Role.OPERATOR


def test_every_key_is_another_one_and_survives_underscores_in_its_secret(session: Session) -> None:
    keys = [make_key(session, f"client {number}", Role.OPERATOR, None, NOW) for number in range(60)]
    assert len(set(keys)) == 60
    assert any(key.count("_") > 2 for key in keys), "60 secrets of 43 characters hold an underscore"
    for key in keys:
        assert authenticate(session, f"Bearer {key}", NOW).client == key.split("_")[1]


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
            authenticate(session, header, NOW)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic", "Basic !!!", "Basic /w==", "Basic " + "eA==", "Digest x"])
def test_a_header_without_a_key_lets_nobody_in(session: Session, header: str | None) -> None:
    make_key(session, "desk one", Role.OPERATOR, None, NOW)
    with pytest.raises(NotAuthenticatedError):
        authenticate(session, header, NOW)


def test_a_key_under_another_scheme_or_as_user_name_lets_nobody_in(session: Session) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    for header in (f"Digest {key}", key, basic("", user=key)):
        with pytest.raises(NotAuthenticatedError):
            authenticate(session, header, NOW)


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_revoked_key_lets_nobody_in(session: Session, by: str) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    revoke_key(session, key.split("_")[1] if by == "id" else "desk one", LATER)
    with pytest.raises(NotAuthenticatedError):
        authenticate(session, f"Bearer {key}", NOW)


def test_revoking_again_keeps_the_first_moment(session: Session) -> None:
    make_key(session, "desk one", Role.OPERATOR, None, NOW)
    revoke_key(session, "desk one", NOW)
    assert revoke_key(session, "desk one", LATER).revoked_at == NOW


def test_revoking_one_key_leaves_the_others(session: Session) -> None:
    make_key(session, "desk one", Role.OPERATOR, None, NOW)
    other = make_key(session, "desk two", Role.OPERATOR, None, NOW)
    revoke_key(session, "desk one", LATER)
    assert authenticate(session, f"Bearer {other}", NOW).role is Role.OPERATOR


def test_nobody_can_be_revoked_who_is_not_there(session: Session) -> None:
    with pytest.raises(KeyRequestError):
        revoke_key(session, "desk one", NOW)


def test_wrong_and_revoked_and_missing_are_told_alike(session: Session) -> None:
    key = make_key(session, "desk one", Role.OPERATOR, None, NOW)
    revoke_key(session, "desk one", LATER)
    said = set()
    for header in (None, f"Bearer {key}", f"Bearer {key}x", "Bearer whk_abc_def"):
        with pytest.raises(NotAuthenticatedError) as caught:
            authenticate(session, header, NOW)
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


@pytest.mark.parametrize("role", list(Role))
def test_a_key_made_without_saying_what_for_has_all_that_its_role_has(session: Session, role: Role) -> None:
    key = make_key(session, "one", role, "EDU" if role is Role.DEPARTMENT else None, NOW)
    assert authenticate(session, f"Bearer {key}", NOW).scopes == SCOPES_OF[role]


def test_a_key_has_the_scopes_it_was_made_with_and_no_others(session: Session) -> None:
    key = make_key(session, "probe", Role.OPERATOR, None, NOW, scopes=[Scope.CASES_READ])
    assert authenticate(session, f"Bearer {key}", NOW).scopes == {Scope.CASES_READ}


@pytest.mark.parametrize("role", list(Role))
def test_no_key_gets_a_scope_that_its_role_lacks(session: Session, role: Role) -> None:
    unit = "EDU" if role is Role.DEPARTMENT else None
    for scope in set(Scope) - SCOPES_OF[role]:
        with pytest.raises(KeyRequestError, match=rf"^scope: .*{scope}"):
            make_key(session, "one", role, unit, NOW, scopes=[Scope.CASES_READ, scope])


def test_what_is_stored_never_gives_more_than_the_role_has(session: Session) -> None:
    key = make_key(session, "edu", Role.DEPARTMENT, "EDU", NOW)
    session.exec(select(ApiClient)).one().scopes = "cases:read words:full no:such"
    assert authenticate(session, f"Bearer {key}", NOW).scopes == {Scope.CASES_READ}


def test_a_key_for_nothing_and_a_key_that_is_over_are_not_made(session: Session) -> None:
    with pytest.raises(KeyRequestError, match=r"^scope:"):
        make_key(session, "one", Role.OPERATOR, None, NOW, scopes=[])
    with pytest.raises(KeyRequestError, match=r"^expires:"):
        make_key(session, "one", Role.OPERATOR, None, NOW, expires_at=NOW)


def test_an_expired_key_is_as_good_as_an_unknown_one(session: Session) -> None:
    key = make_key(session, "one", Role.OPERATOR, None, NOW, expires_at=LATER)
    assert authenticate(session, f"Bearer {key}", LATER - timedelta(microseconds=1)).role is Role.OPERATOR
    said = set()
    for sent in (key, "whk_abc_def"):
        with pytest.raises(NotAuthenticatedError) as caught:
            authenticate(session, f"Bearer {sent}", LATER)
        said.add(str(caught.value))
    assert len(said) == 1


def test_a_key_that_an_older_release_wrote_keeps_working_after_the_upgrade(tmp_path: Path) -> None:
    """The migration gives every key of before all that its role had."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(HERE))
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        for role in set(Role) - {Role.DECISION_MAKER}:
            row = {"id": f"old{role.value}", "role": role.value, "hash": hashlib.sha256(b"secret").hexdigest(), "at": "2026-01-01 00:00:00"}
            connection.execute(text("INSERT INTO api_client (id, name, role, secret_hash, created_at) VALUES (:id, :id, :role, :hash, :at)"), row)
    migrate(database)
    with database.reading() as opened:
        for role in set(Role) - {Role.DECISION_MAKER}:
            assert authenticate(opened, f"Bearer whk_old{role.value}_secret", NOW).scopes == SCOPES_OF[role]
    database.close()
