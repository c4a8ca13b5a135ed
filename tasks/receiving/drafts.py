"""Forms that are not finished: sealed for the desk, shown to their owner, forgotten after a day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.drafts import IntakeDraft
from models.key_change import hold_key
from tasks.news.inbox import Speaker
from tasks.workplace import Workplace

KEPT_FOR = timedelta(hours=24)
"""A night shift and the day after it; what a caller said must not lie beside the records for longer (L-PIPL 19)."""
MOST_KEPT = 50
"""For one owner; the oldest make room, so that nobody fills the database with forms."""


@dataclass(frozen=True)
class DraftShown:
    """A draft in the list of its owner: no word of it."""

    id: str
    kept_at: datetime


@dataclass(frozen=True)
class Draft:
    """What was typed, by field; the id is the token that saves the form once."""

    id: str
    typed: Mapping[str, str]
    kept_at: datetime


def keep_draft(place: Workplace, draft_id: str, typed: Mapping[str, str], speaker: Speaker, now: datetime) -> bool:
    """Keep what was typed, over what was kept before; False if there is nothing to keep, or the id is somebody else's."""
    if not typed:
        return False
    words = json.dumps(dict(typed), ensure_ascii=False)
    try:
        return _store(place, draft_id, words, speaker, now)
    except IntegrityError:
        # The same form came twice at once, and the other one was stored first.
        return _store(place, draft_id, words, speaker, now)


def _store(place: Workplace, draft_id: str, words: str, speaker: Speaker, now: datetime) -> bool:
    with place.database.writing() as session:
        hold_key(session, place.vault)
        sealed = place.vault.seal_for_desk(place_of_draft(draft_id), words)
        forget_old_drafts(session, now)
        known = session.get(IntakeDraft, draft_id)
        if known is not None and known.owner != speaker.client:
            return False
        if known is None:
            session.add(IntakeDraft(id=draft_id, owner=speaker.client, typed_ct=sealed, made_at=now, kept_at=now))
        else:
            known.typed_ct, known.kept_at = sealed, now
        session.flush()
        _make_room(session, speaker)
    return True


def drafts_of(place: Workplace, speaker: Speaker, now: datetime) -> tuple[DraftShown, ...]:
    """The speaker's own drafts that are still kept, newest first."""
    with place.database.reading() as session:
        wanted = _own(speaker, now).order_by(col(IntakeDraft.kept_at).desc())
        return tuple(DraftShown(each.id, each.kept_at) for each in session.exec(wanted))


def open_draft(place: Workplace, draft_id: str, speaker: Speaker, now: datetime) -> Draft | None:
    """One draft of the speaker's own; None for any other id, whosever it is."""
    with place.database.reading() as session:
        found = session.exec(_own(speaker, now).where(IntakeDraft.id == draft_id)).first()
    if found is None:
        return None
    typed: dict[str, str] = json.loads(place.vault.open_for_desk(place_of_draft(draft_id), found.typed_ct))
    return Draft(found.id, typed, found.kept_at)


def drop_draft(place: Workplace, draft_id: str, speaker: Speaker) -> None:
    """Forget one draft of the speaker's own; any other id changes nothing."""
    with place.database.writing() as session:
        session.execute(delete(IntakeDraft).where(col(IntakeDraft.id) == draft_id, col(IntakeDraft.owner) == speaker.client))


def forget_old_drafts(session: Session, now: datetime) -> int:
    """Delete every draft, whosever, whose day is over; how many there were."""
    over = select(IntakeDraft.id).where(col(IntakeDraft.kept_at) <= now - KEPT_FOR)
    ids = session.exec(over).all()
    if ids:
        session.execute(delete(IntakeDraft).where(col(IntakeDraft.kept_at) <= now - KEPT_FOR))
    return len(ids)


def _own(speaker: Speaker, now: datetime) -> SelectOfScalar[IntakeDraft]:
    return select(IntakeDraft).where(
        IntakeDraft.owner == speaker.client, col(IntakeDraft.kept_at) > now - KEPT_FOR
    )


def _make_room(session: Session, speaker: Speaker) -> None:
    newest_first = (
        select(IntakeDraft.id)
        .where(IntakeDraft.owner == speaker.client)
        .order_by(col(IntakeDraft.kept_at).desc(), col(IntakeDraft.made_at).desc())
    )
    too_many = session.exec(newest_first.offset(MOST_KEPT).limit(MOST_KEPT)).all()
    if too_many:
        session.execute(delete(IntakeDraft).where(col(IntakeDraft.id).in_(too_many)))


def place_of_draft(draft_id: str) -> str:
    """What a draft is sealed for: its row, so that a sealed form copied into another row does not open."""
    return f"intake_draft:{draft_id}"
