"""What the case database tells about the health of the desk."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, islice

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from desk.doctor.findings import Finding, Level, fine, worse
from models.case import Case
from models.database import Database
from models.exchange import Inbox
from models.journal import broken_chains
from models.migrations.running import differences, newest_version, version_of
from models.proactive import broken_orders
from models.transitions import OPEN_STATUSES
from notifications.outbox import dead_letters, oldest_waiting

SOON = timedelta(minutes=1)
MUCH_TOO_LONG = timedelta(minutes=10)
SHOWN = 5
A_WORKER_RUNS = "a worker runs (`whistle up`; of a spread desk `systemctl status 'whistle-worker@*'`)"


def look_at_schema(database: Database) -> Finding:
    """Whether the database has this release's version, and really its tables."""
    name = "database schema"
    present, newest = version_of(database), newest_version()
    if present != newest:
        words = f"it has version {present or 'none'}, this release works with {newest}"
        return worse(name, Level.BAD, words, "stop the desk and run `whistle prepare` (of a spread desk `whistle migrate`)")
    with database.engine.connect() as connection:
        drift = differences(connection)
    if drift:
        words = f"{len(drift)} tables or columns are not as version {newest} makes them"
        return worse(name, Level.BAD, words, "somebody changed them by hand; compare with a backup")
    return fine(name, f"version {newest}")


def look_at_cases(session: Session, now: datetime, wall_now: datetime) -> Iterator[Finding]:
    """Everything about the stored cases.

    Args:
        session: A reading session.
        now: The desk's time, for what is due.
        wall_now: The real time, for leases.
    """
    yield _chains(session)
    yield _forgotten(session)
    yield _due(session, now, wall_now)
    yield _left(session, wall_now)
    yield _unread(session, now)
    yield _flagged(session)
    yield _dead(session)
    yield _unsent(session, now)


def _chains(session: Session) -> Finding:
    name = "journals"
    broken = list(islice(chain(broken_chains(session), broken_orders(session)), SHOWN))
    if broken:
        advice = "keep the database as it is, compare it with your backups, and find out who changed it"
        return worse(name, Level.BAD, "; ".join(broken), advice)
    count = session.execute(select(func.count()).select_from(Case)).scalar_one()
    return fine(name, f"the hash chains of {count} cases are whole")


def _forgotten(session: Session) -> Finding:
    name = "open cases wake"
    asleep = select(Case).where(
        col(Case.status).in_(OPEN_STATUSES), col(Case.wake_at).is_(None), col(Case.lease_until).is_(None)
    )
    found = session.exec(asleep.order_by(col(Case.number)).limit(SHOWN)).all()
    if found:
        words = f"nothing will wake {', '.join(case.label for case in found)}"
        return worse(name, Level.BAD, words, "run `whistle case resume NUMBER` for each of them")
    return fine(name, "every open case has a time to wake, or is being worked on")


def _due(session: Session, now: datetime, wall_now: datetime) -> Finding:
    name = "due cases"
    free = or_(col(Case.lease_until).is_(None), col(Case.lease_until) <= wall_now)
    oldest = session.execute(
        select(func.min(Case.wake_at)).where(col(Case.wake_at) <= now, free)
    ).scalar()
    return _by_age(name, oldest, now, "due and not taken up", f"see that {A_WORKER_RUNS}")


def _left(session: Session, wall_now: datetime) -> Finding:
    name = "leases"
    left = select(func.min(col(Case.lease_until)), func.count()).where(col(Case.lease_until) <= wall_now)
    oldest, count = session.execute(left).one()
    if oldest is None or wall_now - oldest <= SOON:
        return fine(name, "no case was left behind by a worker that died")
    words = f"{count} cases are held by workers that died, the first since {_spoken(wall_now - oldest)}"
    return worse(name, Level.BAD, words, f"no worker takes them over: see that {A_WORKER_RUNS}, then its log")


def _unread(session: Session, now: datetime) -> Finding:
    name = "news"
    oldest = session.execute(select(func.min(Inbox.received_at)).where(col(Inbox.read_at).is_(None))).scalar()
    advice = "see that a worker runs, and look at flagged cases: `whistle case list --flagged`"
    return _by_age(name, oldest, now, "unread", advice)


def _flagged(session: Session) -> Finding:
    name = "flagged cases"
    count = session.execute(select(func.count()).where(col(Case.flag).is_not(None))).scalar_one()
    if count:
        advice = "look at `whistle case list --flagged`, then `whistle case resume NUMBER`"
        return worse(name, Level.WARN, f"{count} wait for a person", advice)
    return fine(name, "none")


def _dead(session: Session) -> Finding:
    name = "dead letters"
    count = len(dead_letters(session))
    if count:
        advice = "mend the channels, then `whistle notices dead` and `whistle notices resend --all`"
        return worse(name, Level.BAD, f"{count} alerts reached nobody", advice)
    return fine(name, "none")


def _unsent(session: Session, now: datetime) -> Finding:
    name = "outbox"
    oldest = oldest_waiting(session)
    return _by_age(
        name, oldest.next_try_at if oldest else None, now, "unsent", f"see that {A_WORKER_RUNS}"
    )


def _by_age(name: str, oldest: datetime | None, now: datetime, what: str, advice: str) -> Finding:
    age = now - oldest if oldest else timedelta()
    if age <= SOON:
        return fine(name, f"nothing is {what} for longer than a minute")
    level = Level.BAD if age > MUCH_TOO_LONG else Level.WARN
    return worse(name, level, f"the oldest is {what} for {_spoken(age)}", advice)


def _spoken(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
