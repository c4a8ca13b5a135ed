"""What supervisors do with a candidate topic: take it up or drop it, give it an owner, move it on; history kept."""

from datetime import datetime

from sqlmodel import Session, col, select

from analysis.candidates.progress import NEXT, ProgressError, check_may_move
from models.topics import CandidateTopic, Progress, TopicMove
from models.vocabulary import Role
from tasks.news.inbox import Speaker
from tasks.workplace import Workplace

DROP_REASONS: dict[str, tuple[str, str]] = {
    "being_solved": ("已在解决", "being solved already"),
    "not_ours": ("非本市职权", "not within the city's powers"),
    "too_wide": ("范围过大", "too wide for one month"),
    "not_common": ("不具普遍性", "not common enough"),
    "same_as_another": ("与其他题目重复", "the same as another topic"),
}
"""Why a topic is dropped; the codes that the history keeps."""


class TopicNotFoundError(LookupError):
    """There is no such topic."""


class TopicRefusedError(ValueError):
    """What was asked cannot be done with this topic; the message says why."""


def move_topic(
    place: Workplace, number: str, wanted: Progress | None, speaker: Speaker, now: datetime, *, owner: str = "", reason: str = ""
) -> CandidateTopic:
    """Move a topic on, or give it an owner, or both.

    Args:
        place: The desk.
        number: Of the issue it comes from.
        wanted: Where to; None leaves it where it is.
        speaker: A supervisor.
        now: Aware.
        owner: A unit that may lead; from `CHOSEN` on a topic must have one.
        reason: A code of `DROP_REASONS`, for dropping.

    Raises:
        TopicNotFoundError: No such topic.
        TopicRefusedError: Not a supervisor, no legal move, no such unit or reason.
    """
    if speaker.role is not Role.SUPERVISOR:
        raise TopicRefusedError("topics are for supervisors to decide on")
    with place.database.writing() as session:
        # PostgreSQL refuses to even compare a NUL.
        topic = None if "\0" in number else session.get(CandidateTopic, number, with_for_update=True)
        if topic is None:
            raise TopicNotFoundError(f"no topic {number}; list them with `whistle topics list`")
        if owner:
            _check_unit(place, owner)
        if wanted is None and not owner:
            raise TopicRefusedError("say where the topic goes, or who takes it")
        _check(topic, wanted, owner, reason)
        _write(session, topic, wanted or topic.progress, speaker, now, owner, reason)
        return topic


def _check_unit(place: Workplace, owner: str) -> None:
    known = place.catalogue.departments.get(owner)
    if known is None or not known.may_lead:
        raise TopicRefusedError(f"{owner} is no unit that may lead")


def _check(topic: CandidateTopic, wanted: Progress | None, owner: str, reason: str) -> None:
    if wanted is not None:
        try:
            check_may_move(topic.progress, wanted)
        except ProgressError as error:
            raise TopicRefusedError(str(error)) from None
    if wanted is Progress.DROPPED and reason not in DROP_REASONS:
        raise TopicRefusedError(f"dropping needs a reason: {', '.join(sorted(DROP_REASONS))}")
    if wanted is not Progress.DROPPED and reason:
        raise TopicRefusedError("only dropping has a reason")
    ends_up = wanted or topic.progress
    if ends_up not in {Progress.PROPOSED, Progress.DROPPED} and not (owner or topic.owner):
        raise TopicRefusedError("a topic that is taken up needs a unit that owns it")


def _write(
    session: Session, topic: CandidateTopic, then: Progress, speaker: Speaker, now: datetime, owner: str, reason: str
) -> None:
    topic.moves += 1
    session.add(
        TopicMove(
            number=topic.number, seq=topic.moves, at=now, by=speaker.actor, old=topic.progress, new=then,
            owner=owner or topic.owner, reason=reason,
        )
    )  # fmt: skip
    topic.progress, topic.changed_at = then, now
    if owner:
        topic.owner, topic.owner_assigned = owner, True


def topics_listed(session: Session, *, all_months: bool = False) -> list[CandidateTopic]:
    """Topics of the newest month and those at work, best scored first; with `all_months` every one."""
    topics = list(session.exec(select(CandidateTopic).order_by(col(CandidateTopic.rank), col(CandidateTopic.number))))
    newest = max((each.month for each in topics), default=None)
    done = {Progress.PROPOSED, Progress.DROPPED, Progress.DONE}
    return [each for each in topics if all_months or each.month == newest or each.progress not in done]


def history_of(session: Session, number: str) -> list[TopicMove]:
    """What was done with a topic, oldest first."""
    return list(session.exec(select(TopicMove).where(TopicMove.number == number).order_by(col(TopicMove.seq))))


def next_steps(topic: CandidateTopic) -> tuple[Progress, ...]:
    """Where a topic can go from here."""
    return tuple(each for each in Progress if each in NEXT[topic.progress])
