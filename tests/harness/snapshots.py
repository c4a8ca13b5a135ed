"""Everything a case database holds, as plain values that can be compared."""

from typing import Any

from sqlalchemy import select

from models.database import Database
from models.tables import METADATA

NOT_FACTS = {"wake_at", "lease_owner", "lease_until", "version"}
"""When somebody looks next, and who is looking: a second look may change these."""
Rows = dict[str, list[tuple[Any, ...]]]


def snapshot(database: Database) -> Rows:
    """Every row of every table, by table."""
    with database.reading() as session:
        return {
            table.name: sorted(
                (
                    tuple(row)
                    for row in session.execute(select(*(c for c in table.c if c.name not in NOT_FACTS)))
                ),
                key=repr,
            )
            for table in METADATA.sorted_tables
        }
