"""Journal entries that do not hash to what they say: the one check a database cannot do by itself."""

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, text


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
    return seen.altered


_FIELDS = "c.number, e.previous, CAST(e.case_id AS TEXT), e.seq, {at}, e.kind, e.actor, CAST(e.facts AS TEXT), e.digest"
_FROM = 'FROM event e JOIN "case" c ON c.id = e.case_id'
# Both write the moment as `2026-11-24T07:10:00.000000`, always in UTC.
_AT_SQLITE = "replace(e.at, ' ', 'T')"
_SQLITE = f"SELECT {_FIELDS.format(at=_AT_SQLITE)} {_FROM}"
_AT_POSTGRES = "to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
_POSTGRES = f"COPY (SELECT {_FIELDS.format(at=_AT_POSTGRES)} {_FROM}) TO STDOUT"


class _Seen:
    """Looks at one entry after the other and keeps the numbers of altered cases."""

    def __init__(self) -> None:
        self.altered: set[int] = set()
        self._actors: dict[str, str] = {}

    def look(
        self, number: int | str, previous: str, case_id: str, seq: int | str, at: str, kind: str, actor: str,
        facts: str, digest: str,
    ) -> None:  # fmt: skip
        moment = (at.removesuffix(".000000")) + "+00:00"
        key = case_id if len(case_id) == 36 else _dashed(case_id)
        # Codes need no escaping; what an actor is called may.
        who = self._actors.get(actor) or self._actors.setdefault(actor, json.dumps(actor))
        before = f'["{previous}", "{key}", {seq}, "{moment}", "{kind}", {who}, '
        # As they are stored the facts are mostly in order already; only if not, they are sorted.
        if _is(f"{before}{facts}]", digest):
            return
        if not _is(f"{before}{json.dumps(json.loads(facts), sort_keys=True, ensure_ascii=True)}]", digest):
            self.altered.add(int(number))

    def write(self, line: bytes) -> None:
        """One line of PostgreSQL's COPY; its driver hands over a line at a time."""
        fields = line.decode().rstrip("\n").split("\t")
        self.look(*(_unescaped(each) if "\\" in each else each for each in fields))


def _copy(connection: Connection, seen: _Seen) -> None:
    # A SELECT would be held in memory whole by the driver, and converted value by value.
    raw: Any = connection.connection.cursor()
    raw.execute(_POSTGRES, stream=seen)


def _unescaped(field: str) -> str:
    # JSON has no raw control characters, so COPY doubles its backslashes and does nothing else.
    return field.replace("\\\\", "\\")


def _is(said: str, digest: str) -> bool:
    return hashlib.sha256(said.encode()).hexdigest() == digest


def _dashed(hexadecimal: str) -> str:
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
