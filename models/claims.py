"""Which worker holds which case: leases taken, renewed and given back in the case database."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlmodel import col

from models.case import Case
from models.database import Database
from models.vocabulary import Status

_UNSEEN = case((col(Case.status) == Status.RECEIVED, 0), else_=1)
_FIRST = (col(Case.import_batch_id).is_not(None), _UNSEEN, col(Case.grade), col(Case.wake_at))
"""A live call before an imported file; what nobody has screened yet may be the gravest of all."""


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
    is_due = _is_due(now, wall_now, lease)
    if limit < 1 or not _anything_due(database, is_due):
        return []
    wanted = (
        select(col(Case.number))
        .where(is_due)
        .order_by(*_FIRST)
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


def _anything_due(database: Database, is_due: ColumnElement[bool]) -> bool:
    # A look without the writer's lock, so that idle workers do not queue for it.
    with database.reading() as session:
        return session.execute(select(col(Case.number)).where(is_due).limit(1)).first() is not None


def _is_due(now: datetime, wall_now: datetime, lease: timedelta) -> ColumnElement[bool]:
    unheld = and_(col(Case.wake_at) <= now, col(Case.lease_until).is_(None))
    # A lease that ended without being given back: its worker died in the middle of an activation.
    ended = col(Case.lease_until) < wall_now
    # Nobody takes one for so long: the clock was set back since. The second half is for machines whose
    # clocks differ.
    taken_in_the_future = col(Case.lease_until) > wall_now + 2 * lease
    return or_(unheld, ended, taken_in_the_future)
