"""Why the clocks of a stored case are due when they are, each by the rules it was counted with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models import journal
from models.case import Case
from models.record import Clock, Event
from models.vocabulary import EventKind
from sla_rules.explanation import Explanation, explain
from sla_rules.grade_rules import TargetRule
from sla_rules.rule_book import RuleBook
from tasks.clocks.counting import granted, may_pause
from tasks.clocks.pauses import ends_by, paused_intervals
from tasks.clocks.running import clocks_of
from tasks.house.promoted_rules import promotions
from tasks.workplace import Workplace


@dataclass(frozen=True)
class ExplainedClock:
    """A clock as it is, or was when it stopped, and why.

    `rule` and `explanation` are None if the rules it was counted by are no longer kept: then there
    is only the sentence on record. `is_paused` says that it stands still, so that the due time is
    what would be if it went on at once. `refused_at` are the replies that were not accepted: it counts as if they had
    not been said.
    """

    clock: Clock
    rule: TargetRule | None
    explanation: Explanation | None
    is_paused: bool
    refused_at: tuple[datetime, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the explained due time is the recorded one; a clock may be cut to the joint one."""
        return self.explanation is not None and self.explanation.due == self.clock.due_at


def explained_clocks(
    place: Workplace, session: Session, case: Case, now: datetime
) -> tuple[ExplainedClock, ...]:
    """Every clock the case ever had, oldest first; a stopped one as it was at that moment."""
    events = journal.entries_of(session, case.id)
    found = []
    for clock in clocks_of(session, case):
        book = _book_of(place, session, case, clock)
        rule = book.rule(clock.rule_id) if book else None
        if book is None or rule is None:
            found.append(ExplainedClock(clock, None, None, is_paused=False))
            continue
        until, refused = clock.stopped_at or now, tuple(_refused(events, clock))
        known = [event for event in events if event.at <= until]
        pauses = may_pause(clock.target, rule)
        explanation = explain(
            clock.started_at,
            rule,
            book.calendar,
            paused_intervals(known, book.pauses, until) if pauses else (),
            granted(book, clock.grade, clock.extension_seconds),
        )
        ends = ends_by(known, book.pauses, until) if pauses and clock.stopped_at is None else None
        found.append(ExplainedClock(clock, rule, explanation, is_paused=ends is not None and ends > now, refused_at=refused))
    return tuple(found)


def _refused(events: Sequence[Event], clock: Clock) -> Iterator[datetime]:
    """When replies were given that stopped this clock until they were found to be none."""
    for event in events:
        facts = event.facts
        if event.kind is EventKind.CLOCK_RESUMED and (facts["target"], facts["department"]) == (clock.target, clock.department):
            replied_at = datetime.fromisoformat(facts["stopped_at"])
            if clock.started_at <= replied_at and (clock.stopped_at is None or replied_at <= clock.stopped_at):
                yield replied_at


def _book_of(place: Workplace, session: Session, case: Case, clock: Clock) -> RuleBook | None:
    """The rule book with the digests that the clock stored."""
    counted_by = (clock.rule_hash, clock.calendar_hash)
    for book in _books(place, session, case, counted_by):
        if (book.digest, book.calendar_digest) == counted_by:
            return book
    return None


def _books(
    place: Workplace, session: Session, case: Case, counted_by: tuple[str, str]
) -> Iterator[RuleBook]:
    yield place.rules_for(case)
    for row in promotions(session):
        if (row.digest, row.calendar_digest) == counted_by:
            yield place.rules_of_version(session, row.number)
