"""The catalogue and the classifier go live as numbered versions, stored whole with their reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.house import HouseVersion
from models.vocabulary import Ask, Recipient, Versioned
from tasks.house.in_force import NotTakenUp
from tasks.house.notices import tell_house
from tasks.house.promotion import PromotionRefusedError, Report, report_hash
from tasks.story.timeline import shown_time
from tasks.workplace import Workplace


class VersionOvertakenError(PromotionRefusedError):
    """Another version went live since the one at hand was drafted."""

    def __init__(self, live: HouseVersion, drafted_from: int | None) -> None:
        since = f"since your draft of version {drafted_from}" if drafted_from else "and your files name no draft"
        super().__init__(
            f"version {live.number} of the {live.what} was promoted by {live.promoted_by} at"
            f" {shown_time(live.at)} {since}; see `whistle {live.what} history`, then draft anew or pass"
            f" --onto {live.number}"
        )


class UnknownVersionError(LookupError):
    """There is no version of that number."""

    def __init__(self, what: Versioned, number: int) -> None:
        super().__init__(f"no {what} went live as version {number}; see `whistle {what} history`")


class NoVersionLiveError(LookupError):
    """No version ever went live here."""

    def __init__(self, what: Versioned) -> None:
        super().__init__(f"no {what} is live yet; run `whistle prepare`")


@dataclass(frozen=True)
class HouseCandidate:
    """A whole version that is sound, with the reports that say so, by name."""

    files: Mapping[str, str]
    digest: str
    reports: Mapping[str, Report]
    blob: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class HouseWish:
    """How a candidate is to go live: onto which version (None: there is none yet), by whom and why."""

    onto: int | None
    by: str
    reason: str
    rolls_back_to: int | None = None


def promote_version(
    place: Workplace, what: Versioned, candidate: HouseCandidate, wish: HouseWish, now: datetime
) -> HouseVersion:
    """Make the candidate live, durable when this returns; this process takes it up at once.

    Raises:
        VersionOvertakenError: The live version is not the one the wish was made for; nothing was
            changed.
        PromotionRefusedError: The very same content is live already.
    """
    with place.database.writing() as session:
        if not place.database.is_sqlite:
            session.execute(text("LOCK TABLE house_version IN EXCLUSIVE MODE"))
        live = live_version(session, what)
        check_may_follow(live, candidate, wish.onto)
        row = _row(what, candidate, wish, (live.number if live else 0) + 1, now)
        session.add(row)
        session.flush()
        if live is not None:
            about, dedupe = f"{what.upper()}-{row.number}", f"version-promoted:{what}:{row.number}"
            tell_house(place, session, Recipient.RULES_SUPERVISOR, Ask.VERSION_PROMOTED, about, dedupe, now)
    take_up_versions(place, now)
    return row


def roll_back_version(
    place: Workplace,
    what: Versioned,
    number: int,
    wish: HouseWish,
    reports: Mapping[str, Report],
    now: datetime,
) -> HouseVersion:
    """Make the content of an earlier version live again, under a new number.

    Args:
        place: The desk.
        what: Which thing.
        number: The version to put back.
        wish: As for any promotion.
        reports: Made anew: the desk may have changed since that version was live.
        now: Aware time.

    Raises:
        UnknownVersionError: There is no such version.
        PromotionRefusedError: As `promote_version`.
    """
    with place.database.reading() as session:
        earlier = version(session, what, number)
    candidate = HouseCandidate(earlier.files, earlier.digest, reports, earlier.blob)
    back = HouseWish(wish.onto, wish.by, wish.reason, rolls_back_to=number)
    return promote_version(place, what, candidate, back, now)


def check_may_follow(live: HouseVersion | None, candidate: HouseCandidate, onto: int | None) -> None:
    """Return if this content, compared with version `onto`, may go live after `live`.

    Raises:
        VersionOvertakenError: It was compared with another version.
        PromotionRefusedError: It would change nothing.
    """
    if live is None:
        return
    if onto != live.number:
        raise VersionOvertakenError(live, onto)
    if (candidate.digest, dict(candidate.files), candidate.blob) == (live.digest, live.files, live.blob):
        raise PromotionRefusedError(
            f"nothing to promote: version {live.number} of the {live.what}, which is live, is the same"
        )


def live_version(session: Session, what: Versioned) -> HouseVersion | None:
    """The newest version; None if there is none."""
    wanted = select(HouseVersion).where(HouseVersion.what == what).order_by(col(HouseVersion.number).desc())
    return session.exec(wanted.limit(1)).first()


def the_live_version(session: Session, what: Versioned) -> HouseVersion:
    """The newest version.

    Raises:
        NoVersionLiveError: There is none: this database was never prepared by this release.
    """
    live = live_version(session, what)
    if live is None:
        raise NoVersionLiveError(what)
    return live


def version(session: Session, what: Versioned, number: int) -> HouseVersion:
    """That version.

    Raises:
        UnknownVersionError: There is none.
    """
    wanted = select(HouseVersion).where(HouseVersion.what == what, HouseVersion.number == number)
    row = session.exec(wanted).first()
    if row is None:
        raise UnknownVersionError(what, number)
    return row


def versions_of(session: Session, what: Versioned) -> list[HouseVersion]:
    """Every version that ever went live, oldest first, each whole."""
    wanted = select(HouseVersion).where(HouseVersion.what == what).order_by(col(HouseVersion.number))
    return list(session.exec(wanted))


def take_up_versions(place: Workplace, now: datetime) -> None:
    """Let this process go by what is live now, and tell of a version that cannot be read, once."""
    for each in place.take_up():
        if each not in place.house.told:
            _tell_unreadable(place, each, now)
            place.house.told.add(each)


def _tell_unreadable(place: Workplace, found: NotTakenUp, now: datetime) -> None:
    about, dedupe = f"{found.what.upper()}-{found.number}", f"version-unreadable:{found.what}:{found.number}"
    try:
        with place.database.writing() as session:
            tell_house(place, session, Recipient.RULES_SUPERVISOR, Ask.VERSION_UNREADABLE, about, dedupe, now)
    except IntegrityError:
        # Another process, which met the same version at the same moment, has told.
        return


def _row(
    what: Versioned, candidate: HouseCandidate, wish: HouseWish, number: int, now: datetime
) -> HouseVersion:
    reports: dict[str, Any] = dict(candidate.reports)
    return HouseVersion(
        what=what,
        number=number,
        digest=candidate.digest,
        files=dict(candidate.files),
        blob=candidate.blob,
        based_on=wish.onto,
        rolls_back_to=wish.rolls_back_to,
        promoted_by=wish.by,
        reason=wish.reason,
        at=now,
        reports=reports,
        reports_hash=report_hash(reports),
    )
