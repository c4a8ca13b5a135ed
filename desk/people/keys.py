"""API keys: made once, shown once, kept as a hash; from a header to who speaks."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from models.house import ApiClient, Department
from models.vocabulary import SCOPES_OF, Role, Scope
from tasks.news.inbox import Speaker

PREFIX = "whk"
NOTED_EVERY = timedelta(minutes=1)
# Stands in for the hash of a client that does not exist, so that a guess takes equally long.
_NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


class KeyRequestError(ValueError):
    """A key cannot be made or revoked as asked; the message says what to change."""


class NotAuthenticatedError(PermissionError):
    """No key, or none that is good; which of the two it was is not told."""


def make_key(
    session: Session,
    name: str,
    role: Role,
    department: str | None,
    now: datetime,
    *,
    scopes: Iterable[Scope] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A new client's key, `whk_<id>_<secret>`: the only time that the secret is seen.

    Args:
        session: A writing session; the key works once it is committed.
        name: What people call the client; no two have the same, revoked ones included.
        role: What the client may do.
        department: The unit a client of the role `department` speaks for, else None.
        now: Aware time of making it.
        scopes: What it may be used for; None for all that the role has.
        expires_at: Aware; from then on the key is as good as unknown. None for never.

    Raises:
        KeyRequestError: The name is taken, role and department do not fit together, a scope is not the
            role's, or the key would be over before it began.
    """
    _check_request(session, name, role, department)
    wanted = SCOPES_OF[role] if scopes is None else frozenset(scopes)
    _check_limits(role, wanted, expires_at, now)
    client_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    session.add(
        ApiClient(
            id=client_id,
            name=name,
            role=role,
            department=department,
            secret_hash=_hash(secret),
            scopes=" ".join(sorted(wanted)),
            created_at=now,
            expires_at=expires_at,
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


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client as every request looks it up: read as plain columns, because an object of the database costs twice as much."""

    id: str
    role: Role
    department: str | None
    secret_hash: str
    scopes: str
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


Client = ApiClient | KnownClient
_LOOKED_UP = select(*(ApiClient.__table__.c[each.name] for each in fields(KnownClient)))  # type: ignore[attr-defined]
_BY_ID = _LOOKED_UP.where(col(ApiClient.id) == bindparam("client"))


def authenticate(session: Session, header: str | None, now: datetime) -> Speaker:
    """Who sends this `Authorization` header: `Bearer <key>`, or `Basic` with the key as password.

    Raises:
        NotAuthenticatedError: There is no good key in it.
    """
    return speaker_of(known_client(session, header, now))


def known_client(session: Session, header: str | None, now: datetime) -> KnownClient:
    """The client whose key stands in this `Authorization` header.

    Raises:
        NotAuthenticatedError: There is no good key in it.
    """
    client_id, secret = _parts(header or "")
    row = session.execute(_BY_ID, {"client": client_id}).first() if client_id else None
    known = row.secret_hash if row else _NOBODY
    fits = hmac.compare_digest(known, _hash(secret))
    if row is None or not fits:
        raise NotAuthenticatedError("send a good API key")
    client = KnownClient(*row)
    if not is_good(client, now):
        raise NotAuthenticatedError("send a good API key")
    return client


def is_good(client: Client, now: datetime) -> bool:
    """Whether the key still works: not revoked, not expired."""
    return client.revoked_at is None and (client.expires_at is None or now < client.expires_at)


def speaker_of(client: Client) -> Speaker:
    """Who speaks with this key, and what for."""
    return Speaker(client.id, client.role, client.department, scopes=scopes_of(client))


def scopes_of(client: Client) -> frozenset[Scope]:
    """What the key may be used for; never more than its role has, whatever is stored."""
    kept = set(client.scopes.split())
    return frozenset(each for each in SCOPES_OF[client.role] if each.value in kept)


def is_use_unknown(client: Client, now: datetime) -> bool:
    """Whether the last use is worth noting again."""
    return client.used_at is None or now - client.used_at >= NOTED_EVERY


def note_use(session: Session, client_id: str, now: datetime) -> None:
    """Remember that the key was used; a writing session."""
    client = session.get(ApiClient, client_id)
    if client is not None:
        client.used_at = max(client.used_at or now, now)


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


def _check_limits(role: Role, scopes: frozenset[Scope], expires_at: datetime | None, now: datetime) -> None:
    if not scopes:
        raise KeyRequestError("scope: a key without any opens nothing; name one, or leave all of them")
    beyond = sorted(scopes - SCOPES_OF[role])
    if beyond:
        own = " ".join(sorted(SCOPES_OF[role]))
        raise KeyRequestError(f"scope: the role {role} does not have {' '.join(beyond)}; it has {own}")
    if expires_at is not None and expires_at <= now:
        raise KeyRequestError("expires: lies in the past; name a day to come")


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
