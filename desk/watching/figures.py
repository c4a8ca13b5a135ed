"""Figures of the case database, counted when somebody asks: few queries, each from an index.

Labels are codes (status, grade, target, flag, state); no case, no unit, no person.
"""

import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import Session, col

from models.case import Case
from models.checks import CheckRun
from models.exchange import Inbox, Notice
from models.house import Promotion
from models.record import Clock
from models.rule_files import RuleFileError
from models.vocabulary import NoticeState, Target
from tasks.workplace import Workplace

_UNSENT = (NoticeState.WAITING, NoticeState.SENDING)


def house_figures(place: Workplace, now: datetime, wall_now: datetime) -> list[Metric]:
    """Everything that is counted of the stored cases, as it is now.

    Args:
        place: The desk.
        now: The desk's time, for what is due.
        wall_now: The real time, for leases.
    """
    with place.database.reading() as session:
        return [
            *_cases(session),
            *_due(session, now, wall_now),
            *_leases(session, wall_now),
            *_clocks(session, now),
            *_outbox(session, now),
            *_inbox(session, now),
            *_flags(session),
            *_checks(session),
            *_versions(place, session),
            *_calendar(place, session, now),
            _disk(place),
        ]


def _cases(session: Session) -> Iterator[Metric]:
    counted = session.execute(select(col(Case.status), col(Case.grade), func.count()).group_by(col(Case.status), col(Case.grade)))
    yield _gauge("whistle_cases", "Cases by status and grade", ("status", "grade"), (((str(s), str(g)), n) for s, g, n in counted))


def _due(session: Session, now: datetime, wall_now: datetime) -> Iterator[Metric]:
    free = or_(col(Case.lease_until).is_(None), col(Case.lease_until) <= wall_now)
    count, oldest = session.execute(select(func.count(), func.min(col(Case.wake_at))).where(col(Case.wake_at) <= now, free)).one()
    yield _one("whistle_cases_due", "Cases that are due and that no worker has taken up", count)
    yield _one("whistle_oldest_due_case_seconds", "For how long the oldest of them has been due", _age(oldest, now))


def _leases(session: Session, wall_now: datetime) -> Iterator[Metric]:
    held = case((col(Case.lease_until) >= wall_now, 1), else_=0)
    all_, alive = session.execute(select(func.count(), func.sum(held)).where(col(Case.lease_until).is_not(None))).one()
    yield _one("whistle_leases_held", "Cases that a worker holds", alive or 0)
    yield _one("whistle_leases_expired", "Cases whose worker died on them, not yet taken over", all_ - (alive or 0))


def _clocks(session: Session, now: datetime) -> Iterator[Metric]:
    late, past = col(Clock.breached_at).is_not(None), col(Clock.due_at) <= now
    counted = session.execute(
        select(
            col(Clock.target), func.count(), _sum(late), _sum(and_(past, col(Clock.breached_at).is_(None))),
            func.min(case((late, col(Clock.due_at)), else_=None)),
        ).where(col(Clock.stopped_at).is_(None)).group_by(col(Clock.target))
    )  # fmt: skip
    # Every target has its line, so that a figure of nought is not taken for a missing one.
    found = {target: (running, overdue, unjudged, oldest) for target, running, overdue, unjudged, oldest in counted}
    rows = [(((str(each),)), found.get(each, (0, 0, 0, None))) for each in Target]
    yield _gauge("whistle_clocks_running", "Clocks that run, by target", ("target",), ((name, row[0]) for name, row in rows))
    yield _gauge("whistle_clocks_overdue", "Clocks that run and have run out, by target", ("target",), ((name, row[1]) for name, row in rows))
    yield _gauge(
        "whistle_clocks_due", "Clocks past their due time that are paused, or that no activation has judged yet", ("target",),
        ((name, row[2]) for name, row in rows),
    )  # fmt: skip
    yield _gauge(
        "whistle_oldest_overdue_clock_seconds", "For how long the oldest overdue clock has been so", ("target",),
        ((name, _age(row[3], now)) for name, row in rows),
    )  # fmt: skip


def _outbox(session: Session, now: datetime) -> Iterator[Metric]:
    ready = and_(col(Notice.state).in_(_UNSENT), col(Notice.next_try_at) <= now)
    states = (*_UNSENT, NoticeState.DEAD)
    counted = session.execute(
        select(col(Notice.state), func.count(), _sum(ready), func.min(case((ready, col(Notice.next_try_at)), else_=None)))
        .where(col(Notice.state).in_(states))
        .group_by(col(Notice.state))
    )
    found = {NoticeState(state): (count, due, oldest) for state, count, due, oldest in counted}
    unsent = [found[each] for each in _UNSENT if each in found]
    yield _one("whistle_outbox_unsent", "Alerts that have not gone out, those that wait for a later moment too", sum(row[0] for row in unsent))
    yield _one("whistle_outbox_due", "Alerts that should have gone out by now", sum(row[1] for row in unsent))
    oldest = min((row[2] for row in unsent if row[2] is not None), default=None)
    yield _one("whistle_outbox_oldest_due_seconds", "For how long the oldest of them should have been out", _age(oldest, now))
    yield _one("whistle_dead_letters", "Alerts that reached nobody", found.get(NoticeState.DEAD, (0,))[0])


def _inbox(session: Session, now: datetime) -> Iterator[Metric]:
    count, oldest = session.execute(select(func.count(), func.min(col(Inbox.received_at))).where(col(Inbox.read_at).is_(None))).one()
    yield _one("whistle_inbox_unread", "News that its case has not digested", count)
    yield _one("whistle_inbox_oldest_unread_seconds", "Age of the oldest of them", _age(oldest, now))


def _flags(session: Session) -> Iterator[Metric]:
    counted = session.execute(select(col(Case.flag), func.count()).where(col(Case.flag).is_not(None)).group_by(col(Case.flag)))
    yield _gauge("whistle_cases_flagged", "Cases that wait for a person, by flag", ("flag",), (((str(flag),), count) for flag, count in counted))


def _versions(place: Workplace, session: Session) -> Iterator[Metric]:
    live = session.execute(select(col(Promotion.number), col(Promotion.digest)).order_by(col(Promotion.number).desc()).limit(1)).first()
    number, digest = live or (0, "none")
    info = InfoMetricFamily("whistle_build", "What runs: the release with the fingerprint of its code, and the live rules and catalogue")
    info.add_metric([], {"code": place.code_version, "rules": f"{number}:{digest[:12]}", "catalogue": place.catalogue.digest[:12]})
    yield info


def _checks(session: Session) -> Iterator[Metric]:
    """By whether the hourly check ran it is told from outside whether anything runs by the clock."""
    last = session.execute(select(func.max(col(CheckRun.started_at))).where(col(CheckRun.department) == "")).scalar_one()
    yield _one("whistle_checks_last_run_timestamp_seconds", "When the checks of our own tables last began; 0 if never", last.timestamp() if last else 0)


def _calendar(place: Workplace, session: Session, now: datetime) -> Iterator[Metric]:
    try:
        calendar = place.live_rules().calendar
    except RuleFileError:
        # `whistle doctor` says which; a figure that nobody knows is left out.
        return
    left = calendar.published_to - calendar.local_day(now)
    yield _one("whistle_calendar_left_seconds", "Seconds until the last published day of the live calendar, in whole days", left.days * 86_400)


def _disk(place: Workplace) -> Metric:
    return _one("whistle_disk_free_bytes", "Room left on the disk of the desk's data", shutil.disk_usage(place.settings.home).free)


def _sum(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _age(since: datetime | None, now: datetime) -> float:
    """Seconds; 0 if there is nothing."""
    return max((now - since).total_seconds(), 0.0) if since else 0.0


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _gauge(name: str, about: str, labels: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family
