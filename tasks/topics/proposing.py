"""The month's proposals, stored with the first issues of the month; what people have decided stays as it is."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from analysis.candidates.choosing import Candidate, candidates
from analysis.candidates.settings import delivered_settings
from analysis.early_warning.forecast import Forecaster
from analysis.early_warning.series import OFFICE_TIME
from analysis.early_warning.settings import delivered_school_year
from analysis.early_warning.settings import delivered_settings as warning_settings
from analysis.issues.issue import Issue
from models.case import Case
from models.journal import MACHINE
from models.topics import CandidateTopic, Progress, TopicMove

AHEAD_WEEKS = 4
LEARNED_WEEKS = 104
FEWEST_LATELY = 5
"""Below so many in the last four weeks a ratio of forecasts tells nothing."""


def propose_month(
    session: Session, issues: Sequence[Issue], records: Sequence[Mapping[str, Any]], as_of: date, now: datetime
) -> int:
    """Store the candidates of the month of `as_of`, unless that was done; how many there are.

    A topic that people have taken up keeps its progress and its owner; one that was dropped stays dropped.

    Args:
        session: A writing session; the issues are stored in it.
        issues: As found for `as_of`, which is a Monday.
        records: What is released of them; candidates are chosen by that alone, or the choice would tell more.
        as_of: The first run of a month proposes.
        now: Aware.
    """
    month = as_of.replace(day=1)
    if session.exec(select_rows(CandidateTopic.number).where(CandidateTopic.month == month)).first() is not None:
        return 0
    known = {each.number: each for each in session.exec(select_rows(CandidateTopic))}
    released = {each["number"] for each in records}
    ahead = seasons_ahead(session, [each for each in issues if each.number in released], as_of)
    found = candidates(records, delivered_settings(), {each.number: each.progress for each in known.values()}, ahead)
    for rank, each in enumerate(found):
        _store(session, known.get(each.number), record_of(each), rank, month, now)
    return len(found)


def _store(
    session: Session, topic: CandidateTopic | None, record: dict[str, Any], rank: int, month: date, now: datetime
) -> None:
    number, owner = record["number"], record["owner"]
    if topic is None:
        topic = CandidateTopic(
            number=number, first_month=month, month=month, rank=rank, record=record, owner=owner, moves=1, changed_at=now
        )
        session.add(topic)
        session.flush()
        session.add(TopicMove(number=number, seq=1, at=now, by=MACHINE, new=Progress.PROPOSED, owner=owner))
    topic.month, topic.rank, topic.record = month, rank, record
    if not topic.owner_assigned:
        topic.owner = owner


def record_of(found: Candidate) -> dict[str, Any]:
    """What may be told of a candidate."""
    return {
        "number": found.number, "topic": list(found.topic), "matters": found.matters, "score": found.score,
        "signs": [each.value for each in found.signs], "owner": found.owner, "owner_reason": found.owner_reason,
        "progress": found.progress.value,
    }  # fmt: skip


def seasons_ahead(session: Session, issues: Sequence[Issue], as_of: date) -> dict[str, float]:
    """By issue, the forecast of the coming four weeks of its usual kind against the last four; from two years by kind.

    An issue's own weeks are too few to know a season. Kinds with few requests lately have no figure.
    """
    weeks = [as_of - timedelta(weeks=back) for back in range(LEARNED_WEEKS, 0, -1)]
    counted = _by_kind_and_week(session, weeks[0], as_of)
    kinds = sorted(counted)
    if not kinds:
        return {}
    forecaster = Forecaster(len(kinds), delivered_school_year(), warning_settings().usual, AHEAD_WEEKS)
    for monday in weeks:
        forecaster.see(monday, np.array([counted[kind][monday] for kind in kinds], dtype=np.float64))
    coming = sum(each.mean for each in forecaster.forecast(weeks[-1]))
    lately = [sum(counted[kind][monday] for monday in weeks[-AHEAD_WEEKS:]) for kind in kinds]
    ratios = {
        kind: float(expected) / last
        for kind, expected, last in zip(kinds, np.atleast_1d(coming), lately, strict=True)
        if last >= FEWEST_LATELY
    }
    return {each.number: ratios[each.kinds[0]] for each in issues if each.kinds and each.kinds[0] in ratios}


def _by_kind_and_week(session: Session, first: date, until: date) -> dict[str, Counter[date]]:
    start, end = (datetime.combine(each, datetime.min.time(), OFFICE_TIME) for each in (first, until))
    wanted = select(col(Case.kind), col(Case.received_at)).where(
        col(Case.received_at) >= start, col(Case.received_at) < end, col(Case.kind).is_not(None)
    )
    found: dict[str, Counter[date]] = defaultdict(Counter)
    for kind, at in session.execute(wanted):
        day = at.astimezone(OFFICE_TIME).date()
        found[kind][day - timedelta(days=day.weekday())] += 1
    return found
