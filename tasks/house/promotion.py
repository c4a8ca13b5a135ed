"""A rule set goes live: stored whole with its reports, in one transaction with what it does to open cases."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, text, update
from sqlmodel import Session, col, select

from models import journal
from models.case import Case
from models.house import Promotion
from models.transitions import OPEN_STATUSES
from models.vocabulary import Ask, EventKind, OpenCases, Recipient
from tasks.house.notices import tell_house
from tasks.house.promoted_rules import live_number
from tasks.story.timeline import shown_time
from tasks.workplace import Workplace

Report = dict[str, Any]


class PromotionRefusedError(ValueError):
    """A rule set does not go live; the message says why and what to do."""


class OvertakenError(PromotionRefusedError):
    """Another rule set went live since the one at hand was drafted."""

    def __init__(self, live: Promotion, drafted_from: int | None) -> None:
        since = f"since your draft of version {drafted_from}" if drafted_from else "and your files name no draft"
        super().__init__(
            f"version {live.number} was promoted by {live.promoted_by} at {shown_time(live.at)} {since};"
            f" see `whistle rules history`, draft anew or pass --onto {live.number}"
        )


@dataclass(frozen=True)
class Candidate:
    """A whole rule set that is sound, with the reports that say so.

    `whatif` compares it with the version it is promoted onto.
    """

    files: dict[str, str]
    digest: str
    calendar_digest: str
    checked: Report
    tested: Report
    whatif: Report


@dataclass(frozen=True)
class Wish:
    """How a candidate is to go live: onto which version, by whom and why."""

    onto: int | None
    open_cases: OpenCases
    by: str
    reason: str
    rolls_back_to: int | None = None


def report_hash(report: Report) -> str:
    """SHA-256, in hex, of a report in JSON with sorted keys."""
    return hashlib.sha256(json.dumps(report, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def promote(place: Workplace, candidate: Candidate, wish: Wish, now: datetime) -> Promotion:
    """Make the candidate the live rule set, durable when this returns.

    Raises:
        OvertakenError: The live version is not the one the wish was made for; nothing was changed.
        PromotionRefusedError: The very same files are live already.
    """
    with place.database.writing() as session:
        live = _newest_alone(place, session)
        if live is not None:
            check_may_follow(live, candidate.files, wish.onto)
        row = _row(candidate, wish, (live.number if live else 0) + 1, now)
        session.add(row)
        session.flush()
        if live is None:
            _adopt_cases(session, row.number)
        elif wish.open_cases is OpenCases.RECALCULATE:
            move_open_cases(session, row.number, now)
        if live is not None:
            about, dedupe = f"RULES-{row.number}", f"rules-promoted:{row.number}"
            tell_house(place, session, Recipient.RULES_SUPERVISOR, Ask.RULES_PROMOTED, about, dedupe, now)
        return row


def check_may_follow(live: Promotion, files: Mapping[str, str], onto: int | None) -> None:
    """Return if these files, compared with version `onto`, may go live after `live`.

    Raises:
        OvertakenError: They were compared with another version.
        PromotionRefusedError: They would change nothing.
    """
    if onto != live.number:
        raise OvertakenError(live, onto)
    if files == live.files:
        raise PromotionRefusedError(f"nothing to promote: version {live.number}, which is live, has these files")


def _newest_alone(place: Workplace, session: Session) -> Promotion | None:
    """The live promotion, while nobody else can promote or take a case in."""
    if not place.database.is_sqlite:
        session.execute(text("LOCK TABLE promotion IN EXCLUSIVE MODE"))
    return session.exec(select(Promotion).order_by(col(Promotion.number).desc()).limit(1)).first()


def _row(candidate: Candidate, wish: Wish, number: int, now: datetime) -> Promotion:
    return Promotion(
        number=number,
        digest=candidate.digest,
        calendar_digest=candidate.calendar_digest,
        files=candidate.files,
        based_on=wish.onto,
        rolls_back_to=wish.rolls_back_to,
        open_cases=wish.open_cases,
        promoted_by=wish.by,
        reason=wish.reason,
        at=now,
        checked=candidate.checked,
        checked_hash=report_hash(candidate.checked),
        tested=candidate.tested,
        tested_hash=report_hash(candidate.tested),
        whatif=candidate.whatif,
        whatif_hash=report_hash(candidate.whatif),
    )


def _adopt_cases(session: Session, number: int) -> None:
    # Cases older than the first promotion: there is no other version that they could go by.
    session.execute(
        update(Case)
        .where(col(Case.rules_version).is_(None))
        .values(rules_version=number)
        .execution_options(synchronize_session=False)
    )


def move_open_cases(
    session: Session, number: int, now: datetime, *, of_versions: Iterable[int] | None = None
) -> int:
    """Let open cases go by that version and wake them to be counted again; how many.

    Args:
        session: A writing session.
        number: The version.
        now: Aware time; they are due at once.
        of_versions: Only cases that go by one of these now.
    """
    # In SQL, and counted like news: a case in the middle of an activation, which looked at the old
    # rules, must not go to sleep over this.
    moving = update(Case).where(col(Case.status).in_(OPEN_STATUSES))
    if of_versions is not None:
        moving = moving.where(col(Case.rules_version).in_(list(of_versions)))
    done: CursorResult[Any] = session.connection().execute(
        moving.values(rules_version=number, wake_at=now, news_count=Case.news_count + 1)
    )
    return done.rowcount


def take_live_rules(session: Session, case: Case, now: datetime, actor: str) -> None:
    """Let a case that is taken up again go by what is live now, in the caller's transaction.

    What was decided before it closed stays as it was; the new round is a new matter of time.
    """
    live = live_number(session)
    if live is None or case.rules_version == live:
        return
    case.rules_version = live
    journal.write(session, case, EventKind.RULES_CHANGED, now, actor, version=live)
