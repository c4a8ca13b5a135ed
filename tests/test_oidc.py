"""Signing in at the house's provider: the way there and back, and everything that must not get anybody in."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pydantic import ValidationError
from sqlmodel import select

from desk.app import make_app
from desk.people.accounts import (
    AccountError,
    count_failure,
    disable,
    end_sessions,
    give_new_password,
    make_account,
    make_oidc_account,
    unbind,
)
from desk.people.oidc_provider import LEFT_ALONE_SECONDS, OidcError, Provider, is_safe
from models.accounts import Account, WebSession
from models.settings import DeskSettings
from models.vocabulary import Role
from tests.api_desk import NOW, ApiDesk, Wall, api_desk
from tests.harness.oidc_house import CLIENT, SECRET, Claims, House, oidc_house
from tests.test_signing_in import COOKIE, GOOD, cookie_of, enter, get, send

STARTED = f"{COOKIE}-oidc"
FAILED = "Not signed in. Try again"


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def house(wall: Wall) -> Iterator[House]:
    with oidc_house(lambda: wall.at.timestamp()) as open_house:
        yield open_house


@pytest.fixture
def desk(tmp_path: Path, wall: Wall, house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiDesk]:
    monkeypatch.setenv("WHISTLE_OIDC_ISSUER", house.issuer)
    monkeypatch.setenv("WHISTLE_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("WHISTLE_OIDC_CLIENT_SECRET", SECRET)
    with api_desk(tmp_path, now=lambda: wall.at) as fresh:
        person(fresh)
        yield fresh


def person(desk: ApiDesk, role: Role = Role.OPERATOR, name: str = "liu") -> None:
    with desk.place.database.writing() as session:
        make_oidc_account(session, name, role, None, NOW)


def account(desk: ApiDesk, name: str = "liu") -> Account:
    with desk.place.database.reading() as session:
        return session.exec(select(Account).where(Account.name == name)).one()


def leave(desk: ApiDesk, onwards: str = "/duty") -> tuple[str, str]:
    """Where the link leads, and what the browser carries."""
    desk.client.cookies.clear()
    answer = desk.client.get("/sign-in/oidc", params={"next": onwards, "lang": "en"}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], cookie_of(answer)


def let_in(address: str) -> str:
    """The provider's own answer to a browser: path and query of the way back."""
    back = httpx.get(address, follow_redirects=False).headers["location"]
    assert back.startswith("https://desk.example/sign-in/oidc/back?")
    return back.removeprefix("https://desk.example")


def come_back(desk: ApiDesk, path: str, started: str) -> httpx.Response:
    desk.client.cookies.clear()
    headers = {"Cookie": f"{STARTED}={started}"} if started else {}
    return desk.client.get(f"{path}&lang=en", headers=headers, follow_redirects=False)


def sign_in(desk: ApiDesk, onwards: str = "/duty") -> httpx.Response:
    address, started = leave(desk, onwards)
    return come_back(desk, let_in(address), started)


def session_cookie(answer: httpx.Response) -> str:
    [kept] = [each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{COOKIE}=")]
    return kept.partition("=")[2].partition(";")[0]


def is_refused(answer: httpx.Response) -> bool:
    """The one neutral page, without a session."""
    assert answer.status_code == 401 and FAILED in answer.text, answer.text
    assert not any(each.startswith(f"{COOKIE}=") for each in answer.headers.get_list("set-cookie"))
    return True


def sessions(desk: ApiDesk) -> int:
    with desk.place.database.reading() as session:
        return len(session.exec(select(WebSession)).all())


# The way there and back.


def test_somebody_with_an_account_here_signs_in_at_the_provider(desk: ApiDesk) -> None:
    answer = sign_in(desk, "/duty?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/duty?lang=en")
    cookies = {each.partition("=")[0]: each.lower() for each in answer.headers.get_list("set-cookie")}
    for word in ("secure", "httponly", "samesite=lax", "path=/"):
        assert word in cookies[COOKIE], word
    assert "max-age=0" in cookies[STARTED], "what the browser left with is gone"
    assert get(desk, "/duty", session_cookie(answer)).status_code == 200


def test_the_browser_leaves_with_everything_that_ties_the_answer_to_it(desk: ApiDesk, house: House) -> None:
    answer = desk.client.get("/sign-in/oidc", follow_redirects=False)
    kept = answer.headers["set-cookie"].lower()
    assert kept.startswith(STARTED.lower()) and all(each in kept for each in ("secure", "httponly", "samesite=lax", "max-age=600", "path=/"))
    query = {name: value for name, [value] in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert answer.headers["location"].startswith(f"{house.issuer}/authorize?")
    assert (query["response_type"], query["client_id"], query["code_challenge_method"]) == ("code", CLIENT, "S256")
    assert query["redirect_uri"] == "https://desk.example/sign-in/oidc/back"
    again = {name: value for name, [value] in parse_qs(urlsplit(leave(desk)[0]).query).items()}
    for name in ("state", "nonce", "code_challenge"):
        assert len(query[name]) >= 43 and query[name] != again[name], name
        assert query[name] not in kept, "sealed in the cookie"


def test_roles_are_ours_whatever_the_token_says(desk: ApiDesk, house: House) -> None:
    house.claims |= {"role": "administrator", "roles": ["supervisor"], "groups": ["administrator"]}
    cookie = session_cookie(sign_in(desk))
    assert get(desk, "/reads", cookie).status_code == 403, "for supervisors only"
    assert account(desk).role is Role.OPERATOR


def test_an_es256_token_is_as_good(desk: ApiDesk, house: House) -> None:
    house.key = ECKey.generate_key("P-256", {"kid": "curve"})
    house.published = [house.key]
    assert sign_in(desk).status_code == 303


def test_another_claim_may_name_the_account(desk: ApiDesk, house: House) -> None:
    desk.place.settings.oidc_claim = "email"
    person(desk, name="liu@desk.example")
    house.claims |= {"email": "liu@desk.example"}
    assert is_refused(sign_in(desk)), "nobody has confirmed the address"
    house.claims |= {"email_verified": True}
    assert sign_in(desk).status_code == 303


def test_the_secret_may_stand_in_a_file_and_be_renewed(desk: ApiDesk, tmp_path: Path) -> None:
    desk.place.settings.oidc_client_secret_file = tmp_path / "secret"
    assert is_refused(sign_in(desk)), "no file, no secret"
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    assert sign_in(desk).status_code == 303


def test_the_provider_is_asked_for_its_keys_once_an_hour_and_once_more_for_a_new_one(desk: ApiDesk, house: House) -> None:
    for _ in range(3):
        assert sign_in(desk).status_code == 303
    assert house.asked.count("/keys") == 1
    house.published = [house.key]
    house.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "nobody-has-it"}, claims, house.key)
    for _ in range(3):
        assert is_refused(sign_in(desk))
    assert house.asked.count("/keys") == 1, "not within a minute of the last time"


def test_a_key_that_was_changed_is_found(desk: ApiDesk, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sign_in(desk).status_code == 303
    house.changes_its_key()
    monkeypatch.setattr("desk.people.oidc_provider.LEAST_BETWEEN_REFETCHES", 0.0)
    assert sign_in(desk).status_code == 303
    assert house.asked.count("/keys") == 2


# The second factor.


@pytest.mark.parametrize("means", [["pwd", "otp"], ["mfa"], ["hwk"]])
def test_a_supervisor_whose_provider_asked_for_two_factors_is_in(desk: ApiDesk, house: House, means: list[str]) -> None:
    person(desk, Role.SUPERVISOR, "su")
    house.claims |= {"preferred_username": "su", "sub": "s-2", "amr": means}
    assert get(desk, "/reads", session_cookie(sign_in(desk))).status_code == 200


@pytest.mark.parametrize("means", [None, [], ["pwd"], "mfa", {"mfa": 1}, [["mfa"]]])
def test_one_factor_is_not_enough_for_a_supervisor(desk: ApiDesk, house: House, wall: Wall, means: Any) -> None:
    """Then our own device is asked: set up the first time, its code every time after."""
    person(desk, Role.SUPERVISOR, "su")
    house.claims |= {"preferred_username": "su", "sub": "s-2", "amr": means}
    answer = sign_in(desk)
    half = session_cookie(answer)
    turned = get(desk, "/reads", half)
    assert answer.headers["location"].startswith("/account")
    assert turned.status_code == 303 and turned.headers["location"].startswith("/account?next=%2Freads&")
    page = get(desk, "/account?lang=en", half).text
    assert "Set the device up" in page and "Present password" not in page
    with desk.place.database.reading() as session:
        [kept] = [each for each in session.exec(select(WebSession)) if each.pending_ct]
        assert kept.pending_ct
        secret = desk.place.vault.open_for_desk(f"session.totp:{kept.id}", kept.pending_ct)
    done = send(desk, "/account/device", half, code=pyotp.TOTP(secret).at(wall.at))
    assert get(desk, "/reads", session_cookie(done)).status_code == 200

    wall.at += timedelta(seconds=60)
    half = session_cookie(sign_in(desk))
    assert get(desk, "/reads", half).status_code == 303 and "Confirm" in get(desk, "/account?lang=en", half).text
    assert send(desk, "/account/device", half, code=pyotp.TOTP(secret).at(wall.at)).status_code == 422, "no new device in between"
    assert send(desk, "/account/code", half, code="000000").status_code == 422
    whole = send(desk, "/account/code", half, code=pyotp.TOTP(secret).at(wall.at))
    assert whole.status_code == 303 and get(desk, "/reads", session_cookie(whole)).status_code == 200
    assert get(desk, "/account", half).status_code == 401, "the half cookie is dead"


def test_guessing_the_code_locks_here_too(desk: ApiDesk, house: House, wall: Wall) -> None:
    with desk.place.database.writing() as session:
        found = session.exec(select(Account)).one()
        secret = pyotp.random_base32()
        found.totp_ct = desk.place.vault.seal_for_desk(f"account.totp:{found.id}", secret)
    half = session_cookie(sign_in(desk))
    for _ in range(5):
        assert send(desk, "/account/code", half, code="000000").status_code == 422
    assert send(desk, "/account/code", half, code=pyotp.TOTP(secret).at(wall.at)).status_code == 422
    assert is_refused(sign_in(desk)), "and the provider does not open it either"


# What must not get anybody in.


@pytest.mark.parametrize("spoil", ["another", "cut", "none", "twice"])
def test_a_state_that_is_not_this_browsers_is_refused(desk: ApiDesk, house: House, spoil: str) -> None:
    address, started = leave(desk)
    path = let_in(address)
    state = parse_qs(urlsplit(path).query)["state"][0]
    changed = {
        "another": path.replace(state, parse_qs(urlsplit(leave(desk)[0]).query)["state"][0]), "cut": path.replace(state, state[:-1]),
        "none": path.replace(f"state={state}", ""), "twice": f"{path}&state=x",
    }[spoil]  # fmt: skip
    assert is_refused(come_back(desk, changed, started))
    assert "/token" not in house.asked, "the code is not even tried"


def test_an_answer_without_what_the_browser_left_with_is_refused(desk: ApiDesk, house: House) -> None:
    """Signing somebody in to the attacker's account by a link: the link alone is nothing."""
    address, started = leave(desk)
    path = let_in(address)
    other = desk.place.vault.seal_for_desk("elsewhere", "{}")
    for cookie in ("", "x", started[:-8], started[::-1], base64.urlsafe_b64encode(other).decode(), leave(desk)[1]):
        assert is_refused(come_back(desk, path, cookie)), cookie
    assert "/token" not in house.asked


@pytest.mark.parametrize("lax", [False, True])
def test_the_same_answer_never_works_twice(desk: ApiDesk, house: House, lax: bool) -> None:
    """Neither where the provider refuses a used code, nor where it forgets to."""
    house.takes_codes_twice = lax
    address, started = leave(desk)
    path = let_in(address)
    assert come_back(desk, path, started).status_code == 303
    assert is_refused(come_back(desk, path, started))
    assert sessions(desk) == 1


def test_a_stolen_code_is_worth_nothing_to_another_browser(desk: ApiDesk, house: House) -> None:
    """PKCE: the provider asks for the verifier that only the first browser's cookie holds."""
    stolen = parse_qs(urlsplit(let_in(leave(desk)[0])).query)["code"][0]
    address, started = leave(desk)
    own = let_in(address)
    code = parse_qs(urlsplit(own).query)["code"][0]
    assert is_refused(come_back(desk, own.replace(code, stolen), started))


def test_who_takes_too_long_begins_anew(desk: ApiDesk, wall: Wall) -> None:
    for late, works in ((timedelta(minutes=10) - timedelta(seconds=1), True), (timedelta(minutes=10), False)):
        address, started = leave(desk)
        path = let_in(address)
        wall.at += late
        answer = come_back(desk, path, started)
        assert answer.status_code == 303 if works else is_refused(answer)


SPOILT: dict[str, Claims] = {
    "another nonce": {"nonce": "x" * 43}, "no nonce": {"nonce": None}, "a nonce that is no word": {"nonce": 7},
    "another audience": {"aud": "somebody-else"}, "no audience": {"aud": None},
    "several audiences and nobody authorised": {"aud": [CLIENT, "other"]}, "another party authorised": {"azp": "other"},
    "another issuer": {"iss": "https://evil.example"}, "no issuer": {"iss": None},
    "no end": {"exp": None}, "an end in words": {"exp": "2099-01-01"}, "true as an end": {"exp": True},
    "no beginning": {"iat": None}, "no subject": {"sub": None}, "a subject that is no word": {"sub": 1}, "an empty subject": {"sub": ""},
    "no name": {"preferred_username": None}, "an empty name": {"preferred_username": " "}, "a list of names": {"preferred_username": ["liu"]},
    "a name with a NUL": {"preferred_username": "liu\0"}, "nobody we know": {"preferred_username": "zhang"},
    "almost the name": {"preferred_username": "Liu"},
}  # fmt: skip


@pytest.mark.parametrize("claims", SPOILT.values(), ids=SPOILT)
def test_a_token_that_does_not_fit_is_refused(desk: ApiDesk, house: House, claims: Claims) -> None:
    house.claims |= claims
    assert is_refused(sign_in(desk))
    assert sessions(desk) == 0


MINUTE, TEN = 60, 600
TIMES = [
    ("exp", -MINUTE, False), ("exp", -MINUTE + 1, True), ("iat", MINUTE, True), ("iat", MINUTE + 1, False),
    ("iat", -TEN - MINUTE, True), ("iat", -TEN - MINUTE - 1, False), ("nbf", MINUTE, True), ("nbf", MINUTE + 1, False),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "seconds", "works"), TIMES)
def test_clocks_may_differ_by_a_minute(desk: ApiDesk, house: House, claim: str, seconds: int, works: bool) -> None:
    house.claims |= {claim: int(NOW.timestamp()) + seconds}
    answer = sign_in(desk)
    assert answer.status_code == 303 if works else is_refused(answer)


def packed(part: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def unsigned(house: House, claims: Claims) -> str:
    return f"{packed({'alg': 'none'})}.{packed(claims)}."


def with_the_public_key_as_secret(house: House, claims: Claims) -> str:
    text = f"{packed({'alg': 'HS256', 'kid': 'first'})}.{packed(claims)}"
    signed = hmac.new(house.key.as_pem(private=False), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"


def with_the_client_secret(house: House, claims: Claims) -> str:
    text = f"{packed({'alg': 'HS256'})}.{packed(claims)}"
    signed = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"


def with_another_key_of_that_name(house: House, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, RSAKey.generate_key(2048, {"kid": "first"}))


def with_a_key_it_brings_along(house: House, claims: Claims) -> str:
    own = RSAKey.generate_key(2048, {"kid": "first"})
    return jwt.encode({"alg": "RS256", "kid": "first", "jwk": own.as_dict(private=False)}, claims, own)


def with_an_algorithm_nobody_agreed_on(house: House, claims: Claims) -> str:
    return jwt.encode({"alg": "RS384", "kid": "first"}, claims, house.key, algorithms=["RS384"])


def changed_afterwards(house: House, claims: Claims) -> str:
    head, _, signed = house.honestly(claims | {"preferred_username": "zhang"}).split(".")
    return f"{head}.{packed(claims)}.{signed}"


def of_a_curve_by_the_name_of_an_rsa_key(house: House, claims: Claims) -> str:
    return jwt.encode({"alg": "ES256", "kid": "first"}, claims, ECKey.generate_key("P-256", {"kid": "first"}), algorithms=["ES256"])


def no_token_at_all(house: House, claims: Claims) -> str:
    return "three.odd.parts"


def very_long(house: House, claims: Claims) -> str:
    return house.honestly(claims | {"padding": "x" * 20_000})


FORGED: list[Callable[[House, Claims], str]] = [
    unsigned, with_the_public_key_as_secret, with_the_client_secret, with_another_key_of_that_name, with_a_key_it_brings_along,
    with_an_algorithm_nobody_agreed_on, changed_afterwards, of_a_curve_by_the_name_of_an_rsa_key, no_token_at_all, very_long,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGED, ids=lambda each: each.__name__)
def test_a_forged_token_is_refused(desk: ApiDesk, house: House, forge: Callable[[House, Claims], str]) -> None:
    house.sign = lambda claims: forge(house, claims)
    assert is_refused(sign_in(desk))
    house.sign = house.honestly
    assert sign_in(desk).status_code == 303, "the honest one still works"


def test_an_ended_a_locked_and_a_password_account_are_not_opened(desk: ApiDesk, house: House, wall: Wall) -> None:
    with desk.place.database.writing() as session:
        make_account(session, "by password", Role.OPERATOR, None, NOW)
    house.claims |= {"preferred_username": "by password"}
    assert is_refused(sign_in(desk)), "whoever owns that name at the provider is not asked"
    house.claims |= {"preferred_username": "liu"}
    with desk.place.database.writing() as session:
        found = session.exec(select(Account).where(Account.name == "liu")).one()
        for _ in range(5):
            count_failure(found, wall.at)
    assert is_refused(sign_in(desk))
    wall.at += timedelta(minutes=15)
    cookie = session_cookie(sign_in(desk))
    with desk.place.database.writing() as session:
        disable(session, "liu", wall.at)
    assert is_refused(sign_in(desk)) and get(desk, "/duty", cookie).status_code == 401


def test_a_name_given_to_somebody_else_opens_nothing(desk: ApiDesk, house: House) -> None:
    assert sign_in(desk).status_code == 303
    house.claims |= {"sub": "s-99"}
    assert is_refused(sign_in(desk))
    with desk.place.database.writing() as session:
        unbind(session, "liu", NOW)
    assert sign_in(desk).status_code == 303, "until somebody of the house says so"


def test_no_password_opens_or_locks_such_an_account(desk: ApiDesk) -> None:
    for tried in ("", "x", GOOD, "$argon2id$"):
        for _ in range(3):
            assert enter(desk, password=tried).status_code == 401
    assert account(desk).failures == 0 and sign_in(desk).status_code == 303
    with desk.place.database.writing() as session, pytest.raises(AccountError, match="provider"):
        give_new_password(session, "liu")
    cookie = session_cookie(sign_in(desk))
    assert send(desk, "/account/password", cookie, old="", new=GOOD, again=GOOD).status_code == 422
    assert enter(desk).status_code == 401


@pytest.mark.parametrize("onwards", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/a\r\nX: y", ""])
def test_the_way_back_leads_nowhere_else(desk: ApiDesk, onwards: str) -> None:
    assert sign_in(desk, onwards).headers["location"] == "/"


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"}, {"issuer": None}, {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:x"}, {"jwks_uri": None}, {"token_endpoint": "ftp://provider.example/token"},
    ],
)  # fmt: skip
def test_a_provider_that_describes_itself_oddly_is_not_asked(desk: ApiDesk, house: House, said: Claims) -> None:
    house.discovery = said
    assert is_refused(desk.client.get("/sign-in/oidc?lang=en", follow_redirects=False))


def test_a_provider_that_failed_is_left_alone_for_a_while(house: House) -> None:
    """Else everybody who asks would hold a thread of the desk for as long as the provider hangs."""
    seconds = 0.0
    provider = Provider(house.issuer, lambda: seconds)
    house.discovery = {"issuer": "https://evil.example"}
    for _ in range(3):
        with pytest.raises(OidcError):
            provider.addresses()
    assert len(house.asked) == 1
    house.discovery, seconds = {}, LEFT_ALONE_SECONDS
    assert provider.addresses().token == f"{house.issuer}/token"


def test_a_provider_that_does_not_answer_is_the_same_page(desk: ApiDesk, house: House) -> None:
    house.discovery = {"token_endpoint": "http://127.0.0.1:9/token"}
    assert is_refused(sign_in(desk))


def test_whatever_went_wrong_the_page_is_the_same_to_the_byte(desk: ApiDesk, house: House) -> None:
    pages = set()
    for claims in ({"nonce": "x"}, {"preferred_username": "zhang"}, {"exp": 0}, {"sub": ""}):
        before, house.claims = house.claims, house.claims | claims
        pages.add(sign_in(desk).text)
        house.claims = before
    pages.add(come_back(desk, "/sign-in/oidc/back?error=access_denied", "").text)
    assert len(pages) == 1
    assert "未能登录" in desk.client.get("/sign-in/oidc/back").text


def test_what_one_desk_has_taken_another_desk_of_the_house_refuses(desk: ApiDesk, wall: Wall) -> None:
    address, started = leave(desk)
    path = let_in(address)
    with TestClient(make_app(desk.place, lambda: wall.at)) as second:
        other = replace(desk, client=second)
        assert come_back(desk, path, started).status_code == 303
        assert is_refused(come_back(other, path, started))
        assert sign_in(other).status_code == 303


def test_no_log_holds_a_code_a_state_a_token_or_a_name(desk: ApiDesk, house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    tokens = list[str]()
    house.sign = lambda claims: tokens.append(house.honestly(claims)) or tokens[-1]  # type: ignore[func-returns-value]
    house.claims |= {"sub": "subject-canary"}
    address, started = leave(desk)
    path = let_in(address)
    caplog.clear()
    come_back(desk, path, started)
    come_back(desk, path, started)
    said = " ".join(each.getMessage() for each in caplog.records if not each.name.startswith("httpx"))
    secrets_in_it = [value for values in parse_qs(urlsplit(path).query).values() for value in values if value != house.issuer]
    assert "oidc refused: replayed" in said
    for secret in (*secrets_in_it, *tokens, started, SECRET, "subject-canary"):
        assert secret not in said


def test_the_page_offers_the_provider_only_where_there_is_one(desk: ApiDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 'href="/sign-in/oidc?lang=en' in desk.client.get("/sign-in?lang=en").text
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"WHISTLE_OIDC_{name}")
    with api_desk(tmp_path / "other") as plain:
        assert "/sign-in/oidc" not in plain.client.get("/sign-in").text
        assert {plain.client.get(path).status_code for path in ("/sign-in/oidc", "/sign-in/oidc/back")} == {404}


def test_settings_that_are_half_or_unsafe_are_refused_at_the_start() -> None:
    for fields in ({"oidc_client_id": ""}, {"oidc_client_secret": ""}, {"oidc_issuer": "http://provider.example"}):
        with pytest.raises(ValidationError, match="OIDC"):
            DeskSettings(**({"oidc_issuer": "https://provider.example", "oidc_client_id": "x", "oidc_client_secret": "y"} | fields))


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://a.example/x", True), ("http://127.0.0.1:80/x", True), ("http://a.example/", False), ("https:///x", False),
        ("http://127.0.0.1.evil.example/", False), ("http://127.0.0.1@evil.example/", False), ("ftp://a.example", False), ("http://[", False),
    ],
)  # fmt: skip
def test_only_addresses_that_nobody_can_listen_in_on_are_asked(address: str, safe: bool) -> None:
    assert is_safe(address) is safe


def test_all_sessions_of_somebody_can_be_ended(desk: ApiDesk) -> None:
    cookies = [session_cookie(sign_in(desk)) for _ in range(2)]
    with desk.place.database.writing() as session:
        assert end_sessions(session, "liu", NOW) == 2
        assert end_sessions(session, "liu", NOW) == 0
        with pytest.raises(AccountError):
            end_sessions(session, "nobody", NOW)
    assert {get(desk, "/duty", each).status_code for each in cookies} == {401}
