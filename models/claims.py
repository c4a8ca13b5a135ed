"""Which worker holds which case: leases taken, renewed and given back in the case database."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select, union_all, update
from sqlmodel import Session, col

from models.case import CLAIM_RANK, CLAIM_RANKS, Case
from models.database import Database

_RANK: ColumnElement[int] = literal_column(CLAIM_RANK)
CROWD = 4
"""Several workers look at one moment: each looks at so many times what it wants, and takes what nobody else has."""


def claim_due(
    database: Database, owner: str, now: datetime, wall_now: datetime, lease: timedelta, limit: int
) -> list[UUID]:
    """Take a lease on up to `limit` cases that need an activation, most urgent first.

    Args:
        database: The case database.
        owner: Unique name of the worker process.
        now: The desk's time, against which `wake_at` is due; in a rehearsal it runs fast.
        wall_now: The real time, against which leases run out.
        lease: How long the cases stay ours without being renewed.
        limit: At most this many, 0 or more.

    Returns:
        Ids of cases nobody else can hold until the lease ends; empty when nothing is due.
    """
    if limit < 1 or not _anything_due(database, now, wall_now):
        return []
    with database.writing() as session:
        seen = _first_due(session, now, wall_now, limit * CROWD)
        wanted = (
            select(col(Case.number))
            .where(col(Case.number).in_(seen), _is_due(now, wall_now))
            .order_by(_RANK, col(Case.wake_at))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
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
    # A look without the writer's lock, so that idle workers do not queue for it.
    with database.reading() as session:
        return bool(_first_due(session, now, wall_now, 1))


def _first_due(session: Session, now: datetime, wall_now: datetime, limit: int) -> list[int]:
    """The numbers of up to `limit` due cases, most urgent first, however many are due or asleep.

    Each rank is read from the index in the order of its moments and no further than needed. One query ordered by rank
    would read, and sort, everything that is due: in a flood that is thousands of cases for each one that is claimed.
    """
    wakes: ColumnElement[Any] = col(Case.wake_at)
    waiting = [_head(and_(_RANK == literal_column(str(each)), _unheld(now)), limit, wakes) for each in CLAIM_RANKS]
    # In the order of its own index: in that of `wake_at` all sleeping cases would be walked through.
    orphaned = _head(col(Case.lease_until) < wall_now, limit, col(Case.lease_until))
    heads = union_all(*(select(each.subquery()) for each in (*waiting, orphaned))).subquery()
    wanted = select(heads.c.number).order_by(heads.c.rank, heads.c.wake_at).limit(limit)
    return list(session.execute(wanted).scalars())


def _head(which: ColumnElement[bool], limit: int, order: ColumnElement[Any]) -> Select[Any]:
    wanted = select(col(Case.number).label("number"), _RANK.label("rank"), col(Case.wake_at).label("wake_at"))
    return wanted.where(which).order_by(order).limit(limit)


def _unheld(now: datetime) -> ColumnElement[bool]:
    return and_(col(Case.wake_at) <= now, col(Case.lease_until).is_(None))


def _is_due(now: datetime, wall_now: datetime) -> ColumnElement[bool]:
    # A lease that ended without being given back: its worker died in the middle of an activation.
    return or_(_unheld(now), col(Case.lease_until) < wall_now)
