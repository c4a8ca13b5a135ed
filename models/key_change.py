"""A new master key in the place of the old one: what the database remembers of it, and which key seals.

Three steps, each one transaction. *Prepared*: the old key lies in the database, sealed with the new one, so that whoever
has the new key can read everything; the old one goes on sealing. *In force*: the new one seals, what the old one
sealed is sealed anew in batches. *Over*: the old key is taken out of the database. Whoever has the old key only
never learns the new one from any of this.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.house import DeskFact
from models.vault import KeyReplacedError, MasterKeyError, Vault

CHECK = "master_key_check"
NEXT = "master_key_next"
OLD = "master_key_old"
INDEX = "master_key_index"
CHANGED = "master_key_changed"
FACTS = (CHECK, NEXT, OLD, INDEX, CHANGED)
TURN = 7_238_041
"""Number of the advisory lock: shared by whoever seals, alone for whoever puts another key in force."""


class KeyChangeError(ValueError):
    """A step of the change is not possible now; the message says which one is."""


class Stage(StrEnum):
    """How far a change of the master key is."""

    NONE = "none"
    PREPARED = "prepared"
    IN_FORCE = "in_force"


@dataclass(frozen=True)
class Remembered:
    """What the database knows of its master keys; nothing of it reveals one.

    `check` recognises the key in force. `changed_at` is when the last change was over.
    """

    check: str | None
    next: str | None
    old: str | None
    index: str | None
    changed_at: datetime | None

    @property
    def stage(self) -> Stage:
        """How far a change is."""
        if self.next is not None:
            return Stage.PREPARED
        return Stage.IN_FORCE if self.old is not None else Stage.NONE


def remembered(session: Session) -> Remembered:
    """The facts about master keys, as of one moment."""
    rows = session.exec(select(DeskFact).where(col(DeskFact.name).in_(FACTS))).all()
    known = {each.name: each.value for each in rows}
    changed = known.get(CHANGED)
    return Remembered(
        known.get(CHECK), known.get(NEXT), known.get(OLD), known.get(INDEX),
        datetime.fromisoformat(changed) if changed else None,
    )  # fmt: skip


def vault_of(known: Remembered, key: bytes) -> Vault | None:
    """The vault of a process that was given this key; None if it is neither the key in force nor the next one."""
    alone = Vault(key)
    if known.check is not None and alone.recognises(known.check):
        root = _opened(alone, INDEX, known.index)
        return Vault(key, beside=_opened(alone, OLD, known.old), index_root=root)
    told = json.loads(known.next) if known.next else None
    if known.check is None or told is None or not alone.recognises(told["check"]):
        return None
    both = Vault(key, beside=_opened(alone, OLD, told["old"]), index_root=_opened(alone, INDEX, told["index"]))
    both.seal_by(known.check)
    return both


def hold_key(session: Session, vault: Vault) -> None:
    """Seal by the key in force until this transaction ends; another one can be put in force only after that.

    Raises:
        KeyReplacedError: That key is not here.
    """
    if _is_postgres(session):
        session.execute(text("SELECT pg_advisory_xact_lock_shared(:turn)"), {"turn": TURN})
    check = session.exec(select(DeskFact.value).where(DeskFact.name == CHECK)).first()
    if check is None:
        raise KeyReplacedError
    vault.seal_by(check)


def prepare_change(session: Session, old: bytes, new: bytes) -> bool:
    """Remember the next key; False if it is the key in force, and what was prepared is taken back.

    Repeating it, also with another new key, changes nothing else: nothing is sealed with it yet.

    Raises:
        KeyChangeError: The change before this one is not over.
        MasterKeyError: `old` is not the key in force.
    """
    _take_turn(session)
    known = remembered(session)
    vault = vault_of(known, old)
    if vault is None or known.check is None or not Vault(old).recognises(known.check):
        raise MasterKeyError("the key that is set is not the one in force; a change begins with that one set")
    if known.stage is Stage.IN_FORCE:
        raise KeyChangeError("the change before this one is not over: `whistle custody rewrap`, then `whistle custody retire`")
    fresh = Vault(new)
    if fresh.recognises(known.check):
        _forget(session, NEXT)
        return False
    told = {"check": fresh.check_value(), "old": _closed(fresh, OLD, old), "index": _closed(fresh, INDEX, vault.index_root())}
    session.merge(DeskFact(name=NEXT, value=json.dumps(told)))
    return True


def check_may_seal(known: Remembered, vault: Vault) -> None:
    """Nothing, if this vault's own key is the one that was prepared, or is in force by now.

    Raises:
        KeyChangeError: Nothing was prepared, or this process has the old key.
    """
    if known.stage is Stage.NONE:
        raise KeyChangeError("no new key was prepared; `whistle custody rotate NEW-KEY` begins")
    if known.next is not None and not vault.has_made(json.loads(known.next)["check"]):
        raise KeyChangeError("the key that is set is still the old one; set the new one here as on every host, then repeat this")


def put_in_force(session: Session, vault: Vault) -> bool:
    """Let the next key seal from now on; False if it does already.

    Raises:
        KeyChangeError: Nothing was prepared, or this process has the old key.
    """
    _take_turn(session)
    known = remembered(session)
    check_may_seal(known, vault)
    if known.next is not None:
        told = json.loads(known.next)
        for name, value in ((CHECK, told["check"]), (OLD, told["old"]), (INDEX, told["index"])):
            session.merge(DeskFact(name=name, value=value))
        _forget(session, NEXT)
        session.flush()
    hold_key(session, vault)
    return known.next is not None


def end_change(session: Session, now: datetime) -> None:
    """Take the old key out of the database: whoever calls has seen that nothing is sealed with it."""
    _take_turn(session)
    _forget(session, OLD)
    session.merge(DeskFact(name=CHANGED, value=now.isoformat()))


def name_for(vault: Vault) -> str:
    """What a process tells PostgreSQL of itself: by which key it was started."""
    return f"whistle key {vault.key_id()}"


def others_at_work(session: Session, vault: Vault) -> list[str]:
    """Who is connected to the database with our role and was not started with this vault's own key; none on SQLite."""
    if not _is_postgres(session):
        return []
    return [
        f"{count} from {host or 'this machine'} ({name or 'nameless'})"
        for name, host, count in session.execute(text(_OTHERS), {"name": name_for(vault)})
    ]


_OTHERS = """
    SELECT application_name, host(client_addr), count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND backend_type = 'client backend'
      AND pid <> pg_backend_pid() AND application_name <> :name
    GROUP BY 1, 2 ORDER BY 1, 2
"""


def _take_turn(session: Session) -> None:
    # On SQLite there is one writer at a time anyway.
    if _is_postgres(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})


def _forget(session: Session, name: str) -> None:
    known = session.get(DeskFact, name)
    if known is not None:
        session.delete(known)


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _closed(vault: Vault, what: str, secret: bytes) -> str:
    return base64.b64encode(vault.seal_for_desk(what, base64.b64encode(secret).decode())).decode()


def _opened(vault: Vault, what: str, closed: str | None) -> bytes | None:
    return base64.b64decode(vault.open_for_desk(what, base64.b64decode(closed))) if closed else None
