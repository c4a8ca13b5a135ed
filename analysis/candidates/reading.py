"""The candidate topics that may be shown, as reports and pages read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, or_, select

from models.topics import CandidateTopic, Progress

_AT_WORK = (Progress.CHOSEN, Progress.PLANNED, Progress.UNDER_WAY, Progress.EVALUATED)


def published_candidates(session: Session, month: date) -> tuple[Mapping[str, Any], ...]:
    """The topics proposed in a month, and those at work by now, best scored first; dropped ones are left out.

    Args:
        session: A session that may read.
        month: Any day of it.

    Returns:
        Records: number, topic (words), matters (the multiple of the limit that was reached), score, signs (codes),
        owner, owner_reason, progress.
    """
    wanted = (
        select(CandidateTopic)
        .where(
            col(CandidateTopic.first_month) <= month,
            or_(
                col(CandidateTopic.month) == month.replace(day=1), col(CandidateTopic.progress).in_(_AT_WORK)
            ),
            col(CandidateTopic.progress) != Progress.DROPPED,
        )
        .order_by(col(CandidateTopic.rank), col(CandidateTopic.number))
    )
    return tuple(record_of(each) for each in session.exec(wanted))


def record_of(topic: CandidateTopic) -> dict[str, Any]:
    """What may be told of one topic as it stands."""
    assigned = {"owner": topic.owner, "owner_reason": "named by a supervisor"} if topic.owner_assigned else {}
    return {**topic.record, **assigned, "progress": topic.progress.value}
