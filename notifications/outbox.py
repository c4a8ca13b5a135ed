"""The outbox in the database: claiming what is due, holding back, recording what came of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlmodel import Session, col

from models.database import Database
from models.exchange import Notice
from models.grades import GRAVITY
from models.vocabulary import Ask, NoticeState, Recipient
from notifications.channels import Channels, Trouble, Way
from notifications.parcels import Parcel, bundled, claimed
from notifications.quiet import BREAKS_THROUGH, earliest_send

LEASE = timedelta(seconds=120)
_OPEN = (NoticeState.WAITING, NoticeState.SENDING)
_GRAVEST_FIRST = case(
    *((col(Notice.grade) == grade, place) for grade, place in GRAVITY.items()), else_=len(GRAVITY)
)


class NoticeNotDeadError(LookupError):
    """Only a dead letter can be sent again."""

    def __init__(self, notice_id: int) -> None:
        super().__init__(f"notice {notice_id} is not a dead letter; list them with `whistle notices dead`")


@dataclass(frozen=True)
class Sent:
    """How one pass over the outbox ended for the alerts it touched.

    `waiting` counts alerts held back until later and those to be tried again.
    """

    sent: int = 0
    waiting: int = 0
    dead: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.sent + other.sent, self.waiting + other.waiting, self.dead + other.dead)


def claim_due(
    database: Database,
    channels: Channels,
    now: datetime,
    *,
    limit: int,
    only_case: UUID | None = None,
    wall_now: datetime | None = None,
) -> tuple[list[Parcel], int]:
    """Take what may go out now, so that no other worker sends it meanwhile.

    Returns:
        The parcels, gravest first, and how many alerts quiet hours and digests hold back.
    """
    lease_now = wall_now or now
    with database.writing() as session:
        # PostgreSQL locks the rows and others skip them; SQLite has one writer at a time anyway.
        due = _due(now, lease_now, only_case).limit(limit).with_for_update(skip_locked=True)
        notices = _whole_parcels(session, list(session.execute(due).scalars()))
        ready = [notice for notice in notices if not _hold_back(notice, channels, now)]
        parcels = [claimed(group, channels, lease_now + LEASE) for group in bundled(ready, channels)]
        return parcels, len(notices) - len(ready)


def record(
    database: Database, channels: Channels, parcel: Parcel, trouble: Trouble | None, now: datetime
) -> Sent:
    """Store what came of a parcel: sent, to be tried again, or a dead letter somebody is told of.

    An alert that is no longer ours (its lease ran out, or it was superseded) is left alone.
    """
    outcome = Sent()
    with database.writing() as session:
        for notice in _still_ours(session, parcel):
            way = channels.way_to(notice.recipient, notice.by_channel)
            outcome += _settle(session, notice, way, trouble, now)
    return outcome


def put_back(database: Database, parcel: Parcel) -> Sent:
    """Return a parcel that was not tried, to be claimed again at once."""
    with database.writing() as session:
        notices = _still_ours(session, parcel)
        for notice in notices:
            notice.state, notice.sending_until = NoticeState.WAITING, None
        return Sent(waiting=len(notices))


def resend(database: Database, notice_id: int, now: datetime) -> None:
    """Give a dead letter a new life, with all its attempts and the same id for its receiver.

    Raises:
        NoticeNotDeadError: There is no such dead letter.
    """
    with database.writing() as session:
        notice = session.get(Notice, notice_id, with_for_update=True)
        if notice is None or notice.state is not NoticeState.DEAD:
            raise NoticeNotDeadError(notice_id)
        notice.state, notice.attempts, notice.next_try_at = NoticeState.WAITING, 0, now
        notice.parcel = notice.channel = notice.error_code = None


def dead_letters(session: Session) -> list[Notice]:
    """Alerts nobody could be reached with, oldest first."""
    dead = select(Notice).where(col(Notice.state) == NoticeState.DEAD).order_by(col(Notice.id))
    return list(session.execute(dead).scalars())


def oldest_waiting(session: Session) -> Notice | None:
    """The unsent alert that should have gone out first; None if the outbox is empty."""
    unsent = select(Notice).where(col(Notice.state).in_(_OPEN))
    return session.execute(unsent.order_by(col(Notice.next_try_at), col(Notice.id)).limit(1)).scalar()


def anything_due(session: Session, now: datetime, lease_now: datetime) -> bool:
    """Whether an alert could be claimed: due at `now`, or claimed by one whose claim ran out by `lease_now`."""
    return session.execute(_due(now, lease_now, None).limit(1)).first() is not None


def _due(now: datetime, lease_now: datetime, only_case: UUID | None) -> Select[Notice]:
    waiting = and_(col(Notice.state) == NoticeState.WAITING, col(Notice.next_try_at) <= now)
    # A claim for longer than anybody takes one was made before the clock was set back.
    is_over = or_(col(Notice.sending_until) <= lease_now, col(Notice.sending_until) > lease_now + 2 * LEASE)
    abandoned = and_(col(Notice.state) == NoticeState.SENDING, is_over)
    due = select(Notice).where(or_(waiting, abandoned)).order_by(_GRAVEST_FIRST, col(Notice.id))
    return due if only_case is None else due.where(col(Notice.case_id) == only_case)


def _whole_parcels(session: Session, notices: list[Notice]) -> list[Notice]:
    """The notices, with every digest tried before either complete or left out.

    The limit, or another worker's lock, may have cut a digest in two; a part must not travel
    under the id of the whole.
    """
    keys = {notice.parcel for notice in notices if notice.parcel and notice.parcel != notice.dedupe_key}
    if not keys:
        return notices
    cut = and_(col(Notice.parcel).in_(keys), col(Notice.state).in_(_OPEN))
    members = select(Notice).where(cut).order_by(col(Notice.id)).with_for_update(skip_locked=True)
    locked = list(session.execute(members).scalars())
    counted = select(col(Notice.parcel), func.count()).where(cut).group_by(col(Notice.parcel))
    whole_size = {key: size for key, size in session.execute(counted)}
    here = Counter(notice.parcel for notice in locked)
    whole = [notice for notice in locked if whole_size[notice.parcel] == here[notice.parcel]]
    return [notice for notice in notices if notice.parcel not in keys] + whole


def _hold_back(notice: Notice, channels: Channels, now: datetime) -> bool:
    """Whether the notice must wait longer; if so it is put to sleep until then.

    The digest is counted from when the notice became ready, or it would move away for ever;
    quiet hours are looked at once more now, because a pass may come late.
    """
    channel, _ = channels.way_to(notice.recipient, notice.by_channel).at(notice.attempts)
    ready_at = earliest_send(notice.grade, channel.rule, notice.next_try_at)
    quiet = channel.rule.quiet_hours
    if ready_at <= now and quiet and quiet.holds(now) and not BREAKS_THROUGH[notice.grade]:
        ready_at = quiet.end_after(now)
    if ready_at <= now:
        return False
    notice.state, notice.sending_until, notice.next_try_at = NoticeState.WAITING, None, ready_at
    return True


def _still_ours(session: Session, parcel: Parcel) -> list[Notice]:
    ours = select(Notice).where(
        col(Notice.id).in_(parcel.notice_ids),
        col(Notice.state) == NoticeState.SENDING,
        col(Notice.sending_until) == parcel.until,
    )
    return list(session.execute(ours.order_by(col(Notice.id)).with_for_update()).scalars())


def _settle(session: Session, notice: Notice, way: Way, trouble: Trouble | None, now: datetime) -> Sent:
    """Move one notice on; `error_code` of a sent one tells why it went another way than meant."""
    channel, _ = way.at(notice.attempts)
    notice.sending_until = None
    notice.attempts += 1
    if trouble is None:
        notice.state, notice.sent_at = NoticeState.SENT, now
        if channel == way.channels[0]:
            notice.error_code = way.trouble
        return Sent(sent=1)
    notice.error_code = trouble
    if notice.attempts >= way.attempts_in_all:
        notice.state = NoticeState.DEAD
        _tell_administrator(session, notice, now)
        return Sent(dead=1)
    _, own_failures = way.at(notice.attempts)
    # A fallback is tried at once: whoever waits for the alert has waited through the main channel.
    wait = channel.rule.back_off.after(own_failures) if own_failures else timedelta()
    notice.state, notice.next_try_at = NoticeState.WAITING, now + wait
    return Sent(waiting=1)


def _tell_administrator(session: Session, notice: Notice, now: datetime) -> None:
    """One alert about a dead letter, once in its life; none about a dead alert about one."""
    key = f"dead:{notice.id}"
    known = select(col(Notice.id)).where(col(Notice.dedupe_key) == key)
    if notice.ask is Ask.DEAD_LETTER or session.execute(known).first():
        return
    about = Notice(
        case_id=notice.case_id,
        case_label=notice.case_label,
        dedupe_key=key,
        recipient=Recipient.ADMINISTRATOR,
        ask=Ask.DEAD_LETTER,
        grade=notice.grade,
        link=notice.link,
        created_at=now,
        next_try_at=now,
    )
    session.add(about)
