"""API keys: made once, shown once, kept as a hash."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlmodel import Session

from models.house import ApiClient
from models.vocabulary import Role
from tasks.news import Speaker

PREFIX = "whk"


class KeyNotMadeError(ValueError):
    """A key cannot be made as asked; the message says why."""


def make_key(
    session: Session, name: str, role: Role, department: str | None, now: datetime
) -> str:
    """A new client's key, `whk_<id>_<secret>`; this is the only time it can be read.

    Raises:
        KeyNotMadeError: A department key without a department, or another one with it.
    """
    if (role is Role.DEPARTMENT) != (department is not None):
        raise KeyNotMadeError("a key has a department if, and only if, its role is department")
    client_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    session.add(
        ApiClient(
            id=client_id, name=name, role=role, department=department,
            secret_hash=_hash(secret), created_at=now,
        )
    )  # fmt: skip
    return f"{PREFIX}_{client_id}_{secret}"


def authenticate(session: Session, key: str) -> Speaker | None:
    """Who holds this key; None if nobody does, or it was revoked."""
    prefix, _, rest = key.partition("_")
    client_id, _, secret = rest.partition("_")
    client = session.get(ApiClient, client_id) if prefix == PREFIX else None
    # Compared even without a client, so that the time taken does not tell which ids exist.
    matches = hmac.compare_digest(client.secret_hash if client else _hash(""), _hash(secret))
    if client is None or not matches or client.revoked_at is not None:
        return None
    return Speaker(client.id, client.role, client.department)


def revoke(session: Session, client_id: str, now: datetime) -> bool:
    """End a client's key; False if there is no such client."""
    client = session.get(ApiClient, client_id)
    if client is None:
        return False
    client.revoked_at = client.revoked_at or now
    session.add(client)
    return True


def _hash(secret: str) -> str:
    # The secret has 256 random bits: a slow hash would protect nothing and cost every request.
    return hashlib.sha256(secret.encode()).hexdigest()
