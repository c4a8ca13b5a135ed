"""Somebody has seen a level of a ladder: its repeats end. The clock runs on; seeing is not answering."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from models import journal
from models.case import Case
from models.record import Clock, Escalation
from models.vocabulary import EventKind, NoticeState
from sla_rules.grade_rules import NEVER_PAUSED_TARGETS
from tasks.escalation.alerts import level_key, unsent, was_told
from tasks.news import of_departments as news_of_departments
from tasks.news.context import News, NewsRefusedError


def acknowledged(news: News) -> None:
    """A department has the order, and the levels it was told of; or the desk has seen levels.

    Raises:
        NewsRefusedError: The desk names, or has, no level that waits to be acknowledged.
    """
    if news.row.department is not None:
        news_of_departments.acknowledged(news)
        _acknowledge_what_it_was_told(news, news.row.department)
        return
    seen = list(_unacknowledged(news))
    if not seen:
        raise NewsRefusedError("nothing_to_acknowledge")
    for entry, clock in seen:
        _acknowledge(news, entry, clock)


def _acknowledge_what_it_was_told(news: News, department: str) -> None:
    for entry, clock in _unacknowledged(news):
        # Where a child's safety hangs on it, a department cannot have seen it for the duty supervisor.
        if clock.target in NEVER_PAUSED_TARGETS:
            continue
        if was_told(news.session, news.case, level_key(clock, entry.level), department):
            _acknowledge(news, entry, clock)


def _unacknowledged(news: News) -> Iterator[tuple[Escalation, Clock]]:
    """The levels meant: those told before this was said, of the target and level named, if any."""
    target, level = news.codes.get("target"), news.codes.get("level")
    for entry, clock in open_levels(news.session, news.case):
        meant = target in (None, clock.target) and level in (None, entry.level)
        if meant and entry.at <= news.said_at:
            yield entry, clock


def open_levels(session: Session, case: Case) -> list[tuple[Escalation, Clock]]:
    """Every level of the case that told somebody and that nobody has acknowledged, oldest first."""
    wanted = (
        select(Escalation, Clock)
        .join(Clock, col(Clock.id) == col(Escalation.clock_id))
        .where(
            Escalation.case_id == case.id,
            col(Escalation.superseded).is_(False),
            col(Escalation.acknowledged_at).is_(None),
        )
        .order_by(col(Escalation.id))
    )
    return [(entry, clock) for entry, clock in session.exec(wanted)]


def _acknowledge(news: News, entry: Escalation, clock: Clock) -> None:
    entry.acknowledged_at, entry.acknowledged_by = news.said_at, news.row.actor
    entry.repeat_at = None
    journal.write(
        news.session, news.case, EventKind.ESCALATION_ACKNOWLEDGED, news.now, news.row.actor,
        target=clock.target, department=clock.department, level=entry.level, cycle=entry.cycle,
    )  # fmt: skip
    _drop_waiting_repeats(news, level_key(clock, entry.level))


def _drop_waiting_repeats(news: News, key: str) -> None:
    # A repeat that quiet hours hold back must not ask again for what has been seen; the level's
    # own first alert still arrives, for it may be somebody else's.
    for notice in unsent(news.session, news.case, f"{key}:again").values():
        if notice.state is NoticeState.WAITING:
            notice.state = NoticeState.SUPERSEDED
