"""A little OpenID Connect provider on loopback, with keys of its own, that a test can make lie."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "whistle", "s3cret/with+odd=characters"
Claims = dict[str, Any]


@cache
def first_key() -> RSAKey:
    """Made once: it takes longer than most tests."""
    return RSAKey.generate_key(2048, {"kid": "first"})


class House:
    """The provider. `claims` change what the next tokens say; `sign` how they are signed."""

    def __init__(self, address: str, now: Callable[[], float]) -> None:
        self.issuer, self.now = address, now
        self.key: RSAKey | ECKey = first_key()
        self.published: list[RSAKey | ECKey] = [self.key]
        self.discovery: Claims = {}
        self.claims: Claims = {"sub": "s-1", "preferred_username": "liu"}
        self.sign: Callable[[Claims], str] = self.honestly
        self.codes: dict[str, dict[str, str]] = {}
        self.used: set[str] = set()
        self.takes_codes_twice = False
        self.asked: list[str] = []

    def honestly(self, claims: Claims) -> str:
        """A token as it should be."""
        algorithm = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        return jwt.encode({"alg": algorithm, "kid": self.key.kid}, claims, self.key, algorithms=[algorithm])

    def changes_its_key(self, kid: str = "second") -> None:
        """The next tokens are signed with another key, which is published."""
        self.key = RSAKey.generate_key(2048, {"kid": kid})
        self.published.append(self.key)

    def described(self) -> Claims:
        """What `/.well-known/openid-configuration` says."""
        said = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        }  # fmt: skip
        return said | self.discovery

    def keys(self) -> Claims:
        """What `/keys` says: public halves only."""
        return {"keys": [each.as_dict(private=False) | {"use": "sig"} for each in self.published]}

    def lets_in(self, query: dict[str, str]) -> str:
        """Where the browser goes back to, with a code that is bound to what was asked."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> Claims | None:
        """The answer to a code, None if anything about it is wrong."""
        query = self.codes.get(form.get("code", ""))
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        pair = base64.b64encode(urlencode({CLIENT: SECRET}).replace("=", ":", 1).encode()).decode()
        again = form.get("code", "") in self.used and not self.takes_codes_twice
        if query is None or again or query["code_challenge"] != proof or query["code_challenge_method"] != "S256":
            return None
        if authorization != f"Basic {pair}" or form["redirect_uri"] != query["redirect_uri"]:
            return None
        self.used.add(form["code"])
        at = int(self.now())
        whole = {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": query["nonce"]} | self.claims
        return {"token_type": "Bearer", "access_token": "x", "id_token": self.sign({k: v for k, v in whole.items() if v is not None})}


@contextmanager
def oidc_house(now: Callable[[], float]) -> Iterator[House]:
    """A provider that answers until the test is over."""

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            house.asked.append(parts.path)
            if parts.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", house.lets_in(query))
                self.end_headers()
                return
            said = {"/.well-known/openid-configuration": house.described, "/keys": house.keys}.get(parts.path)
            self.answer(said() if said else None)

        def do_POST(self) -> None:
            house.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(house.token(form, self.headers.get("Authorization", "")))

        def answer(self, said: Claims | None) -> None:
            body = json.dumps(said or {"error": "invalid_grant"}).encode()
            self.send_response(200 if said else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    house = House(f"http://127.0.0.1:{server.server_port}", now)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield house
    finally:
        server.shutdown()
        server.server_close()
