"""Journal entries that do not hash to what they say: the one check a database cannot do by itself."""

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, bindparam, text


def altered_journals(connection: Connection) -> set[int]:
    """Numbers of the cases with an entry whose digest is not the digest of its content.

    Missing entries and broken links are counted by the database (`batches`); together the two see
    every change of a journal that does not also rewrite all its later entries and the case.
    """
    seen = _Seen()
    if connection.dialect.name == "sqlite":
        for row in connection.execute(text(_SQLITE)).yield_per(10_000):
            seen.look(*row)
    else:
        _copy(connection, seen)
    return _numbers(connection, seen.altered)


_FIELDS = "previous, CAST(case_id AS TEXT), seq, CAST(at AS TEXT), kind, actor, CAST(facts AS TEXT), digest"
_SQLITE = f"SELECT {_FIELDS} FROM event"
# PostgreSQL hashes by itself what it writes as JSON the way we do; only the rest is looked at here: entries with
# an actor or a moment that it writes otherwise, facts that are stored out of order, and those that were altered.
_HASHED = "encode(sha256(convert_to(concat({}), 'UTF8')), 'hex')".format(
    """'["', previous, '", "', case_id, '", ', seq, ', ', to_json(at), ', "', kind, '", ', to_json(actor), ', ', facts, ']'"""
)
_POSTGRES = f"COPY (SELECT {_FIELDS} FROM event WHERE {_HASHED} IS DISTINCT FROM digest) TO STDOUT"


def _numbers(connection: Connection, case_ids: set[str]) -> set[int]:
    found: set[int] = set()
    wanted = text('SELECT number FROM "case" WHERE CAST(id AS TEXT) IN :ids').bindparams(bindparam("ids", expanding=True))
    ordered = sorted(case_ids)
    for start in range(0, len(ordered), 1000):
        found |= set(connection.execute(wanted, {"ids": ordered[start : start + 1000]}).scalars())
    return found


class _Seen:
    """Looks at one entry after the other and keeps the numbers of altered cases."""

    def __init__(self) -> None:
        self.altered: set[str] = set()
        self._actors: dict[str, str] = {}

    def look(
        self, previous: str, case_id: str, seq: int | str, at: str, kind: str, actor: str, facts: str, digest: str
    ) -> None:
        moment = _iso(at)
        key = case_id if len(case_id) == 36 else _dashed(case_id)
        # Codes need no escaping; what an actor is called may.
        who = self._actors.get(actor) or self._actors.setdefault(actor, json.dumps(actor))
        before = f'["{previous}", "{key}", {seq}, "{moment}", "{kind}", {who}, '
        # As they are stored the facts are mostly in order already; only if not, they are sorted.
        if _is(f"{before}{facts}]", digest):
            return
        if not _is(f"{before}{json.dumps(json.loads(facts), sort_keys=True, ensure_ascii=True)}]", digest):
            self.altered.add(case_id)

    def write(self, line: bytes) -> None:
        """One line of PostgreSQL's COPY; its driver hands over a line at a time."""
        fields = line.decode().rstrip("\n").split("\t")
        self.look(*(_unescaped(each) if "\\" in each else each for each in fields))


def _iso(at: str) -> str:
    """A stored moment as the journal hashes it: ISO, in UTC, microseconds only where there are any."""
    # SQLite: `2026-11-24 07:10:00.120000`; PostgreSQL, set to UTC: `2026-11-24 07:10:00.12+00`.
    whole, _, parts = at.removesuffix("+00").replace(" ", "T").partition(".")
    parts = parts.rstrip("0")
    return f"{whole}.{parts:0<6}+00:00" if parts else f"{whole}+00:00"


def _copy(connection: Connection, seen: _Seen) -> None:
    # A SELECT would be held in memory whole by the driver, and converted value by value.
    raw: Any = connection.connection.cursor()
    raw.execute("SET TIME ZONE 'UTC'")
    raw.execute("SET DateStyle TO 'ISO'")
    raw.execute(_POSTGRES, stream=seen)


def _unescaped(field: str) -> str:
    # JSON has no raw control characters, so COPY doubles its backslashes and does nothing else.
    return field.replace("\\\\", "\\")


def _is(said: str, digest: str) -> bool:
    return hashlib.sha256(said.encode()).hexdigest() == digest


def _dashed(hexadecimal: str) -> str:
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
