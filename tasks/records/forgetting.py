"""What the desk notes about itself and need not keep for good: forgotten bit by bit, nothing of a case with words.

Cases, their decisions and their journals stay: of a sealed case codes, times and hashes. What grows beside them with every
request, every browser and every read ends here.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_
from sqlmodel import Session, col, select

from models.accounts import WebSession
from models.case import Case
from models.house import AccessLog, WrittenOnce
from models.vocabulary import Status

ANSWERS_KEPT = timedelta(days=30)
"""An answer to an idempotency key: a sender that lost its connection repeats within hours. With a `source_ref` a request
is known for ever. [P]"""
SESSIONS_KEPT = timedelta(days=30)
"""A browser's session after it was last seen; it ended by itself long before. [P]"""
READS_KEPT = timedelta(days=1095)
"""Who read what: at least the six months of network logs, and as long as an impact assessment (L-PIPL 56), [P];
never shorter than the words themselves are kept."""
AT_ONCE = 2000
"""Rows in one transaction: whoever takes a call meanwhile must not wait."""


def forget_answers(session: Session, now: datetime) -> int:
    """Delete at most `AT_ONCE` old answers to idempotency keys; how many there were."""
    oldest = (
        select(WrittenOnce.client, WrittenOnce.key)
        .where(col(WrittenOnce.at) <= now - ANSWERS_KEPT)
        .limit(AT_ONCE)
    )
    keys_of: dict[str, list[str]] = {}
    for client, key in session.exec(oldest):
        keys_of.setdefault(client, []).append(key)
    for client, keys in keys_of.items():
        session.execute(
            delete(WrittenOnce).where(col(WrittenOnce.client) == client, col(WrittenOnce.key).in_(keys))
        )
    return sum(map(len, keys_of.values()))


def forget_sessions(session: Session, now: datetime) -> int:
    """Delete at most `AT_ONCE` sessions of browsers that were long signed out; how many there were."""
    ids = session.exec(
        select(WebSession.id).where(col(WebSession.seen_at) <= now - SESSIONS_KEPT).limit(AT_ONCE)
    ).all()
    session.execute(delete(WebSession).where(col(WebSession.id).in_(ids)))
    return len(ids)


def forget_reads(session: Session, now: datetime) -> int:
    """Delete at most `AT_ONCE` entries of the access log whose time is over; how many there were."""
    ids = session.exec(
        select(AccessLog.id).where(_is_over(now)).order_by(col(AccessLog.at)).limit(AT_ONCE)
    ).all()
    session.execute(delete(AccessLog).where(col(AccessLog.id).in_(ids)))
    return len(ids)


def _is_over(now: datetime) -> ColumnElement[bool]:
    has_words = exists().where(col(Case.id) == col(AccessLog.case_id), col(Case.status) != Status.SEALED)
    return and_(col(AccessLog.at) <= now - READS_KEPT, or_(col(AccessLog.case_id).is_(None), ~has_words))
