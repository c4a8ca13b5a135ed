"""Everything that a master key itself has sealed: found, sealed anew with the key in force, and proved to be.

Words are sealed with the keys of their cases, so replacing the master key touches some dozens of bytes a case and
no word. A key that was destroyed stays so: an empty place is never filled.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, SQLModel

from desk.people.accounts import place_of_pending, place_of_secret
from models.accounts import Account, WebSession
from models.case import Case
from models.database import Database
from models.drafts import IntakeDraft
from models.key_change import hold_key
from models.proactive import ProactiveOrder
from models.vault import MasterKeyError, Vault
from tasks.receiving.drafts import place_of_draft

BATCH = 500
"""Rows that one transaction holds: some milliseconds."""
READ_AT_ONCE = 5000


@dataclass(frozen=True)
class Held:
    """One column of what the master key seals.

    `key` is the column that sorts the rows, `sealed` the one with the bytes, `bound` the one whose value they are bound
    to: the id of a case or order, or else that of the row, of which `place` makes the place that it was sealed for.
    """

    name: str
    table: type[SQLModel]
    key: str
    bound: str
    sealed: str
    place: Callable[[str], str] | None = None

    def column(self, name: str) -> Any:
        """One of its columns, to ask by."""
        return getattr(self.table, name)

    def rows(self) -> Any:
        """Asks for key, bound value and bytes of every row that has any, in order."""
        wanted = [self.column(each) for each in (self.key, self.bound, self.sealed)]
        return select(*wanted).where(wanted[2].is_not(None)).order_by(wanted[0])

    def is_anew(self, vault: Vault, bound: Any, sealed: bytes) -> bool:
        """Whether the key that seals now has sealed it."""
        if self.place is None:
            return vault.is_wrapped_anew(bound, sealed)
        return vault.is_sealed_anew(self.place(bound), sealed)

    def anew(self, vault: Vault, bound: Any, sealed: bytes) -> bytes:
        """The same, sealed with the key that seals now.

        Raises:
            MasterKeyError: No key that is here opens it.
        """
        if self.place is None:
            return vault.wrapped_anew(bound, sealed)
        place = self.place(bound)
        return vault.seal_for_desk(place, vault.open_for_desk(place, sealed))


HELD = (
    Held("cases", Case, "number", "id", "wrapped_key"),
    Held("proactive orders", ProactiveOrder, "id", "uid", "wrapped_key"),
    Held("accounts", Account, "id", "id", "totp_ct", place_of_secret),
    Held("browsers", WebSession, "id", "id", "pending_ct", place_of_pending),
    Held("drafts", IntakeDraft, "id", "id", "typed_ct", place_of_draft),
)


@dataclass
class Found:
    """What a look at everything found: how much each key has sealed, by column.

    `broken` is sealed with no key that is here; whatever happened to it, no change of keys did.
    """

    anew: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def rewrap_all(database: Database, vault: Vault) -> Iterator[tuple[str, int]]:
    """Seal anew, batch by batch, what the key in force has not sealed yet; may be killed and begun again at any moment.

    Rows that somebody else is changing are passed over, so that nobody waits for us: look again with `look_at_all`.

    Yields:
        After each transaction the column and how many it sealed anew.
    """
    for held in HELD:
        last: Any = None
        while True:
            with database.writing() as session:
                hold_key(session, vault)
                rows = session.execute(_batch(held, last)).all()
                done = sum(_one_anew(session, vault, held, row) for row in rows)
            if not rows:
                break
            last = rows[-1][0]
            if done:
                yield held.name, done


def look_at_all(database: Database, vault: Vault) -> Found:
    """Try everything with the key in force, then with every key that is here; nothing is changed."""
    found = Found()
    for held in HELD:
        for key, bound, sealed in _every(database, held):
            if held.is_anew(vault, bound, sealed):
                found.anew[held.name] += 1
            elif _opens(vault, held, bound, sealed):
                found.before[held.name] += 1
            else:
                found.broken.append(f"{held.name} {key}")
    return found


def _every(database: Database, held: Held) -> Iterator[Any]:
    """Every row, some thousands in memory at a time: millions of cases must not be read at once."""
    last: Any = None
    while True:
        with database.reading() as session:
            rows = session.execute(_after(held, last).limit(READ_AT_ONCE)).all()
        if not rows:
            return
        yield from rows
        last = rows[-1][0]


def _after(held: Held, last: Any) -> Any:
    return held.rows() if last is None else held.rows().where(held.column(held.key) > last)


def _batch(held: Held, last: Any) -> Any:
    # SQLite has one writer at a time, and no such words.
    return _after(held, last).limit(BATCH).with_for_update(skip_locked=True)


def _one_anew(session: Session, vault: Vault, held: Held, row: Any) -> bool:
    key, bound, sealed = row
    if held.is_anew(vault, bound, sealed):
        return False
    try:
        fresh = held.anew(vault, bound, sealed)
    except MasterKeyError:
        # Told of by `look_at_all`; the others go on.
        return False
    # No new version of the row: whoever holds it in memory changes other columns, and reads with either key.
    session.execute(
        update(held.table)
        .where(held.column(held.key) == key, held.column(held.sealed) == sealed)
        .values({held.sealed: fresh})
        .execution_options(synchronize_session=False)
    )
    return True


def _opens(vault: Vault, held: Held, bound: Any, sealed: bytes) -> bool:
    try:
        held.anew(vault, bound, sealed)
    except MasterKeyError:
        return False
    return True
