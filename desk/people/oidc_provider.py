"""The house's own sign-in provider (OpenID Connect), as far as it answers over the network: where it is, its keys, one token."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

KEPT_SECONDS = 3600.0
LEAST_BETWEEN_REFETCHES = 60.0
"""An unknown key is looked for again at most this often: strangers must not make us call the provider."""
PATIENCE_SECONDS = 5.0
LEFT_ALONE_SECONDS = 10.0
"""A provider that did not answer is not asked again for so long: else everybody who waits for it would hold a thread of the desk."""
LARGEST_ANSWER = 256 * 1024
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
Key = RSAKey | ECKey


class OidcError(PermissionError):
    """Nobody is signed in; the message is a code for the log, never a value that was sent."""


@dataclass(frozen=True)
class Addresses:
    """Where the provider wants to be asked what."""

    authorization: str
    token: str
    keys: str
    secret_in_header: bool


@dataclass(frozen=True)
class _Known:
    addresses: Addresses
    keys: tuple[Key, ...]
    at: float


class Provider:
    """One provider, what it said of itself kept for an hour.

    Args:
        issuer: Its name, which is also its address.
        clock: Seconds that only go forward.
    """

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer, self._clock = issuer, clock
        self._known: _Known | None = None
        self._failed_at: float | None = None
        self._turn = Lock()

    def addresses(self) -> Addresses:
        """Where to send a browser, a code, a question for keys.

        Raises:
            OidcError: The provider does not answer, or not as it should.
        """
        return self._current().addresses

    def key(self, kid: str | None) -> Key:
        """The provider's key of that name; without a name, its only one.

        Raises:
            OidcError: It has no such key, even when asked again.
        """
        found = _pick(self._current().keys, kid)
        if found is None:
            found = _pick(self._current(older_than=LEAST_BETWEEN_REFETCHES).keys, kid)
        if found is None:
            raise OidcError("unknown_key")
        return found

    def token_for(self, code: str, verifier: str, back: str, client_id: str, secret: str) -> str:
        """The identity token that the provider gives for a code, unread.

        Raises:
            OidcError: It gives none.
        """
        where = self.addresses()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {"Accept": "application/json"}
        if where.secret_in_header:
            pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        else:
            form |= {"client_id": client_id, "client_secret": secret}
        token = _asked("POST", where.token, "token", data=form, headers=headers).get("id_token")
        if not isinstance(token, str):
            raise OidcError("no_token")
        return token

    def _current(self, older_than: float = KEPT_SECONDS) -> _Known:
        with self._turn:
            if self._known is not None and self._clock() - self._known.at < older_than:
                return self._known
            if self._failed_at is not None and self._clock() - self._failed_at < LEFT_ALONE_SECONDS:
                raise OidcError("left_alone")
            try:
                self._known, self._failed_at = self._asked_anew(), None
            except OidcError:
                self._failed_at = self._clock()
                raise
            return self._known

    def _asked_anew(self) -> _Known:
        said = _asked("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration", "discovery")
        if said.get("issuer") != self.issuer:
            raise OidcError("other_issuer")
        methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        addresses = Addresses(
            authorization=self._address(said.get("authorization_endpoint")),
            token=self._address(said.get("token_endpoint")),
            keys=self._address(said.get("jwks_uri")),
            secret_in_header="client_secret_basic" in methods,
        )
        return _Known(addresses, _keys(_asked("GET", addresses.keys, "keys")), self._clock())

    def _address(self, said: Any) -> str:
        """An address it named, if it is as safe as the provider's own."""
        if not isinstance(said, str) or not is_safe(said) or (urlsplit(self.issuer).scheme == "https" and not said.startswith("https://")):
            raise OidcError("unsafe_address")
        return said


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read or change what is sent there: HTTPS, or this very machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _asked(method: str, address: str, what: str, **more: Any) -> dict[str, Any]:
    """A JSON object from the provider; it is never followed to another address.

    Raises:
        OidcError: Anything else.
    """
    try:
        with (
            httpx.Client(timeout=PATIENCE_SECONDS, follow_redirects=False) as client,
            client.stream(method, address, **more) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise OidcError(f"{what}_refused")
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise OidcError(f"{what}_too_large")
        said = json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise OidcError(f"{what}_unreachable") from None
    except ValueError:
        raise OidcError(f"{what}_unreadable") from None
    if not isinstance(said, dict):
        raise OidcError(f"{what}_unreadable")
    return said


def _keys(said: dict[str, Any]) -> tuple[Key, ...]:
    """The keys that can sign, of the kinds we believe; others are passed over."""
    found = list[Key]()
    kinds: dict[str, type[RSAKey | ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    listed = said.get("keys")
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict) or each.get("kty") not in kinds or each.get("use", "sig") != "sig":
            continue
        try:
            found.append(kinds[each["kty"]].import_key(each))
        except (JoseError, ValueError, TypeError):
            continue
    return tuple(found)


def _pick(keys: tuple[Key, ...], kid: str | None) -> Key | None:
    fitting = [each for each in keys if kid is None or each.kid == kid]
    return fitting[0] if len(fitting) == 1 else None

