"""Journal entries that do not hash to what they say: the one check a database cannot do by itself."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

PAGE = 50_000
"""Entries read at a time; PostgreSQL's driver keeps a whole answer in memory."""


def altered_journals(connection: Connection) -> set[int]:
    """Numbers of the cases with an entry whose digest is not the digest of its content.

    Missing entries and broken links are counted by the database (`batches`); together the two see
    every change of a journal that does not also rewrite all its later entries and the case.
    """
    return {number for page in _pages(connection) for number in _altered_in(page)}


def _pages(connection: Connection) -> Iterator[list[Any]]:
    sqlite = connection.dialect.name == "sqlite"
    # Both write the moment as `2026-11-24T07:10:00.000000`, always in UTC.
    at = "replace(e.at, ' ', 'T')" if sqlite else "to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
    wanted = text(
        "SELECT e.id, c.number, e.previous, CAST(e.case_id AS TEXT), e.seq, "
        f"{at}, e.kind, e.actor, CAST(e.facts AS TEXT), e.digest "
        'FROM event e JOIN "case" c ON c.id = e.case_id WHERE e.id > :after ORDER BY e.id LIMIT :page'
    )
    after = 0
    while page := list(connection.execute(wanted, {"after": after, "page": PAGE})):
        yield page
        after = page[-1][0]


def _altered_in(page: list[Any]) -> Iterator[int]:
    for _id, number, previous, case_id, seq, at, kind, actor, facts, digest in page:
        moment = (at.removesuffix(".000000")) + "+00:00"
        key = case_id if len(case_id) == 36 else _dashed(case_id)
        before = f"{json.dumps([previous, key, seq, moment, kind, actor])[:-1]}, "
        # As it is stored it is mostly in order already; only if not, its keys are sorted first.
        if _is(f"{before}{facts}]", digest):
            continue
        if not _is(f"{before}{json.dumps(json.loads(facts), sort_keys=True, ensure_ascii=True)}]", digest):
            yield number


def _is(said: str, digest: str) -> bool:
    return hashlib.sha256(said.encode()).hexdigest() == digest


def _dashed(hexadecimal: str) -> str:
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
