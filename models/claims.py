"""Which worker holds which case: leases taken, renewed and given back in the case database."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    column,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
    values,
)
from sqlmodel import col

from models.case import CLAIM_RANK, CLAIM_RANKS, Case
from models.database import Database
from models.settings import LONGEST_LEASE_S

_RANK: ColumnElement[int] = literal_column(CLAIM_RANK)
Head = Select[Any, Any, Any]
"""Number, rank and moment of the first cases of one rank."""
CROWD = 4
"""Several workers look at one moment: each looks at so many times what it wants, and takes what nobody else has."""
FURTHEST_LEASE = 2 * timedelta(seconds=LONGEST_LEASE_S)
"""Ahead of now, a lease that somebody may hold: twice the longest, because the clocks of machines differ."""


def claim_due(
    database: Database, owner: str, now: datetime, wall_now: datetime, lease: timedelta, limit: int
) -> list[UUID]:
    """Take a lease on up to `limit` cases that need an activation, most urgent first.

    Args:
        database: The case database.
        owner: Unique name of the worker process.
        now: The desk's time, against which `wake_at` is due; in a rehearsal it runs fast.
        wall_now: The real time, against which leases run out.
        lease: How long the cases stay ours without being renewed; not above `LONGEST_LEASE_S`.
        limit: At most this many, 0 or more.

    Returns:
        Ids of cases nobody else can hold until the lease ends; empty when nothing is due.
    """
    if limit < 1 or not _anything_due(database, now, wall_now):
        return []
    seen = _first_due(now, wall_now, limit * CROWD, is_sqlite=database.is_sqlite).scalar_subquery()
    wanted = (
        select(col(Case.number))
        .where(col(Case.number).in_(seen), _is_due(now, wall_now))
        .order_by(_RANK, col(Case.wake_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with database.writing() as session:
        numbers = list(session.execute(wanted).scalars())
        taken = session.execute(
            update(Case)
            .where(col(Case.number).in_(numbers))
            .values(lease_owner=owner, lease_until=wall_now + lease)
            .returning(col(Case.id))
            .execution_options(synchronize_session=False)
        )
        return list(taken.scalars())


def renew(database: Database, owner: str, case_ids: Iterable[UUID], until: datetime) -> None:
    """Keep the leases of activations that are still running."""
    held = list(case_ids)
    if held:
        _set_lease(database, and_(col(Case.id).in_(held), col(Case.lease_owner) == owner), owner, until)


def release(database: Database, owner: str, case_id: UUID) -> None:
    """Give one case back; if news came meanwhile, `wake_at` already makes it due again."""
    mine = and_(col(Case.id) == case_id, col(Case.lease_owner) == owner)
    _set_lease(database, mine, None, None)


def _set_lease(
    database: Database, which: ColumnElement[bool], owner: str | None, until: datetime | None
) -> None:
    with database.writing() as session:
        session.execute(
            update(Case)
            .where(which)
            .values(lease_owner=owner, lease_until=until)
            .execution_options(synchronize_session=False)
        )


def _anything_due(database: Database, now: datetime, wall_now: datetime) -> bool:
    """A look without the writer's lock, so that idle workers do not queue for it.

    Each part has an index of its own and asks for the first in its order: asked whether there is any, PostgreSQL may read
    the table and hope to meet one soon, past a million closed cases.
    """
    firsts = [_head(_unheld(now), 1, col(Case.wake_at)), *_heads_of_orphans(wall_now, 1)]
    found = [each.with_only_columns(col(Case.number)).scalar_subquery().is_not(None) for each in firsts]
    with database.reading() as session:
        return bool(session.execute(select(or_(*found))).scalar())


def _first_due(now: datetime, wall_now: datetime, limit: int, *, is_sqlite: bool) -> Select[Any]:
    """The numbers of up to `limit` due cases, most urgent first, however many are due or asleep.

    Each rank is read from the index in the order of its moments and no further than needed. One query ordered by rank
    would read, and sort, everything that is due: in a flood that is thousands of cases for each one that is claimed.
    """
    waiting: Iterable[Head] = _heads_one_by_one(now, limit) if is_sqlite else (_heads_of_ranks(now, limit),)
    orphaned = _heads_of_orphans(wall_now, limit)
    heads = union_all(*(select(each.subquery()) for each in (*waiting, *orphaned))).subquery()
    return select(heads.c.number).order_by(heads.c.rank, heads.c.wake_at).limit(limit)


def _heads_one_by_one(now: datetime, limit: int) -> Iterator[Head]:
    """The first of each rank, as a query each: SQLite joins nothing sideways, and plans at no cost."""
    for each in CLAIM_RANKS:
        yield _head(and_(_RANK == literal_column(str(each)), _unheld(now)), limit, col(Case.wake_at))


def _heads_of_ranks(now: datetime, limit: int) -> Head:
    """The first of each rank, joined to a list of ranks: one plan, where PostgreSQL would plan a dozen each time."""
    ranks = values(column("rank", Integer), name="ranks").data([(each,) for each in CLAIM_RANKS])
    first = _head(and_(_RANK == ranks.c.rank, _unheld(now)), limit, col(Case.wake_at)).lateral("first")
    return select(first.c.number, first.c.rank, first.c.wake_at).select_from(ranks.join(first, true()))


def _heads_of_orphans(wall_now: datetime, limit: int) -> tuple[Head, Head]:
    """The first of those whose worker is gone, in the order of their own index: in that of `wake_at` all sleeping cases would be walked through."""
    ended, from_the_future = _orphaned(wall_now)
    return _head(ended, limit, col(Case.lease_until)), _head(from_the_future, limit, col(Case.lease_until))


def _head(which: ColumnElement[bool], limit: int, order: Any) -> Head:
    wanted: Head = select(col(Case.number).label("number"), _RANK.label("rank"), col(Case.wake_at).label("wake_at"))
    return wanted.where(which).order_by(order).limit(limit)


def _unheld(now: datetime) -> ColumnElement[bool]:
    return and_(col(Case.wake_at) <= now, col(Case.lease_until).is_(None))


def _orphaned(wall_now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """A lease that ended without being given back: its worker died. One that nobody takes for so long: the clock was set back since.

    Not of our own length: another worker may be set to hold its cases for longer.
    """
    return col(Case.lease_until) < wall_now, col(Case.lease_until) > wall_now + FURTHEST_LEASE


def _is_due(now: datetime, wall_now: datetime) -> ColumnElement[bool]:
    return or_(_unheld(now), *_orphaned(wall_now))
