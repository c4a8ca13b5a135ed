"""Signing in at the house's provider: what a browser is sent off with, and what of its answer is believed.

The provider says who somebody is, never what they may do: roles are ours.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from joserfc import jws, jwt
from joserfc.errors import JoseError

from desk.people.oidc_provider import OidcError, Provider

SKEW = timedelta(seconds=60)
STARTED_LASTS = timedelta(minutes=10)
"""From the link to the answer; and how old a token may be."""
SIGNED_WITH = ("RS256", "ES256")
"""With a key that only the provider has; never `none`, never a secret that we share."""
SECOND_FACTORS = frozenset({"otp", "mfa", "hwk"})
LONGEST_TOKEN = 16 * 1024
LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Started:
    """What the browser carries, sealed, from the link to the answer."""

    state: str
    nonce: str
    verifier: str
    onwards: str
    at: float

    def to_text(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Started":
        """From what was sealed by us, so that it fits."""
        return cls(**json.loads(text))


@dataclass(frozen=True)
class Person:
    """Whom the provider vouches for. `subject` stays the same whatever the name becomes."""

    name: str
    subject: str
    has_second_factor: bool


def start(onwards: str, now: datetime) -> Started:
    """Fresh secrets for one way to the provider and back."""
    return Started(
        state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48), onwards=onwards,
        at=now.timestamp(),
    )  # fmt: skip


def address_to_go_to(provider: Provider, started: Started, client_id: str, back: str) -> str:
    """Where the browser goes to sign in.

    Raises:
        OidcError: The provider does not say where.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(started.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": client_id, "redirect_uri": back, "scope": "openid profile",
        "state": started.state, "nonce": started.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    address = provider.addresses().authorization
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def check_answer(answer: Mapping[str, str], started: Started, issuer: str, now: datetime) -> str:
    """The code in what the browser brought back.

    Raises:
        OidcError: It was not asked for by this browser, comes too late, from another provider, or is a refusal.
    """
    if not secrets.compare_digest(answer.get("state", "").encode(), started.state.encode()):
        raise OidcError("state")
    age = now.timestamp() - started.at
    if not 0 <= age < STARTED_LASTS.total_seconds():
        raise OidcError("too_late")
    # RFC 9207: a provider that names itself must be the one that was asked.
    if answer.get("iss", issuer) != issuer:
        raise OidcError("other_issuer")
    code = answer.get("code", "")
    if not code or "error" in answer:
        raise OidcError("refused")
    return code


def person_of(token: str, provider: Provider, client_id: str, claim: str, nonce: str, now: datetime) -> Person:
    """Whom an identity token names, if it is the provider's, for us, for this browser and for now.

    Raises:
        OidcError: It is not.
    """
    claims = _claims(token, provider)
    _check_parties(claims, provider.issuer, client_id)
    _check_times(claims, now)
    said = claims.get("nonce")
    if not isinstance(said, str) or not secrets.compare_digest(said.encode(), nonce.encode()):
        raise OidcError("nonce")
    subject, name = claims.get("sub"), claims.get(claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise OidcError("subject")
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        raise OidcError("name")
    # An address that nobody has confirmed may be anybody's.
    if claim == "email" and claims.get("email_verified") is not True:
        raise OidcError("email_not_verified")
    methods = claims.get("amr")
    means = {each for each in methods if isinstance(each, str)} if isinstance(methods, list) else set()
    return Person(name, f"{provider.issuer} {subject}", bool(means & SECOND_FACTORS))


def _claims(token: str, provider: Provider) -> dict[str, Any]:
    """What stands in the token, its signature checked with the provider's own key of the kind that the header names."""
    if len(token) > LONGEST_TOKEN:
        raise OidcError("token_too_large")
    registry = jws.JWSRegistry(algorithms=list(SIGNED_WITH), strict_check_header=False)
    try:
        header = jws.extract_compact(token.encode(), registry=registry).headers()
        if header.get("alg") not in SIGNED_WITH:
            raise OidcError("algorithm")
        kid = header.get("kid")
        key = provider.key(kid if isinstance(kid, str) else None)
        return dict(jwt.decode(token, key, algorithms=[header["alg"]], registry=registry).claims)
    except (JoseError, ValueError):
        raise OidcError("signature") from None


def _check_parties(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise OidcError("issuer")
    audience = claims.get("aud")
    for_whom = audience if isinstance(audience, list) else [audience]
    if client_id not in for_whom:
        raise OidcError("audience")
    if (len(for_whom) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise OidcError("authorised_party")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    moment, skew = now.timestamp(), SKEW.total_seconds()
    if moment >= expires + skew:
        raise OidcError("expired")
    if not moment - STARTED_LASTS.total_seconds() - skew <= issued <= moment + skew:
        raise OidcError("issued_at")
    if "nbf" in claims and moment + skew < _seconds(claims, "nbf"):
        raise OidcError("not_yet")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise OidcError(f"no_{name}")
    return float(said)
