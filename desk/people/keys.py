"""API keys: made once, shown once, kept as a hash; from a header to who speaks."""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime

from sqlmodel import Session, col, select

from models.house import ApiClient, Department
from models.vocabulary import Role
from tasks.news.inbox import Speaker

PREFIX = "whk"
# Stands in for the hash of a client that does not exist, so that a guess takes equally long.
_NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


class KeyRequestError(ValueError):
    """A key cannot be made or revoked as asked; the message says what to change."""


class NotAuthenticatedError(PermissionError):
    """No key, or none that is good; which of the two it was is not told."""


def make_key(session: Session, name: str, role: Role, department: str | None, now: datetime) -> str:
    """A new client's key, `whk_<id>_<secret>`: the only time that the secret is seen.

    Args:
        session: A writing session; the key works once it is committed.
        name: What people call the client; no two have the same, revoked ones included.
        role: What the client may do.
        department: The unit a client of the role `department` speaks for, else None.
        now: Aware time of making it.

    Raises:
        KeyRequestError: The name is taken, or role and department do not fit together.
    """
    _check_request(session, name, role, department)
    client_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    session.add(
        ApiClient(
            id=client_id,
            name=name,
            role=role,
            department=department,
            secret_hash=_hash(secret),
            created_at=now,
        )
    )
    session.flush()
    return f"{PREFIX}_{client_id}_{secret}"


def revoke_key(session: Session, client: str, now: datetime) -> ApiClient:
    """The client with this id or name, whose key no longer works once this is committed.

    Revoking a revoked key changes nothing, so that its first moment stays known.

    Raises:
        KeyRequestError: There is no such client.
    """
    found = session.get(ApiClient, client)
    found = found or session.exec(select(ApiClient).where(ApiClient.name == client)).first()
    if found is None:
        raise KeyRequestError("there is no API client with this id or name")
    found.revoked_at = found.revoked_at or now
    return found


def list_clients(session: Session) -> list[ApiClient]:
    """Every client that ever had a key, oldest first."""
    return list(session.exec(select(ApiClient).order_by(col(ApiClient.created_at), ApiClient.id)))


def authenticate(session: Session, header: str | None) -> Speaker:
    """Who sends this `Authorization` header: `Bearer <key>`, or `Basic` with the key as password.

    Raises:
        NotAuthenticatedError: There is no good key in it.
    """
    client_id, secret = _parts(header or "")
    client = session.get(ApiClient, client_id) if client_id else None
    known = client.secret_hash if client else _NOBODY
    fits = hmac.compare_digest(known, _hash(secret))
    if client is None or client.revoked_at is not None or not fits:
        raise NotAuthenticatedError("send a good API key")
    return Speaker(client.id, client.role, client.department)


def _check_request(session: Session, name: str, role: Role, department: str | None) -> None:
    if not name.strip() or len(name) > 80:
        raise KeyRequestError("name: give 1 to 80 characters")
    if (role is Role.DEPARTMENT) != (department is not None):
        raise KeyRequestError("department: the role department needs one, no other role may have one")
    if department is not None:
        unit = session.get(Department, department)
        if unit is None or not unit.active:
            raise KeyRequestError("department: not in the catalogue; list them with the desk's catalogue")
    if session.exec(select(ApiClient.id).where(ApiClient.name == name)).first():
        raise KeyRequestError("name: another client has it already; choose another one")


def _parts(header: str) -> tuple[str, str]:
    """Client id and secret of a header, both empty if it holds no key."""
    scheme, _, sent = header.partition(" ")
    if scheme.lower() not in ("bearer", "basic"):
        return "", ""
    key = _password(sent) if scheme.lower() == "basic" else sent.strip()
    prefix, _, rest = key.partition("_")
    client_id, _, secret = rest.partition("_")
    # A NUL in an id would be an error of the database, not an unknown client.
    if prefix != PREFIX or not secret or not (client_id.isascii() and client_id.isalnum()):
        return "", ""
    return client_id, secret


def _password(sent: str) -> str:
    try:
        return base64.b64decode(sent.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _hash(secret: str) -> str:
    # A plain hash is enough: the secret is 256 random bits, not a password somebody chose.
    return hashlib.sha256(secret.encode("utf-8", errors="surrogateescape")).hexdigest()
