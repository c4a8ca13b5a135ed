"""Counting one clock of a case from its start: its rule, its pauses, its extension, the joint clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from models import journal
from models.case import Case
from models.clock_table import CLOCK_TABLE
from models.exchange import Assignment
from models.grades import graver
from models.record import Clock
from models.vocabulary import Grade, Target
from models.wall_clock import DESK_ZONE
from sla_rules.due import due_at
from sla_rules.grade_rules import TargetRule
from sla_rules.intervals import Interval
from sla_rules.rule_book import RuleBook
from tasks.casebook import standing
from tasks.clocks.joint_clock import Count, fitted
from tasks.clocks.pauses import paused_intervals
from tasks.words.reaching_caller import lead_may_reach_caller
from tasks.workplace import Workplace

ZONE = DESK_ZONE


@dataclass(frozen=True)
class CountingCase:
    """What every clock of one case is counted with at one moment."""

    case: Case
    book: RuleBook
    parts: list[Assignment]
    paused: tuple[Interval, ...]
    lead_reaches_caller: bool

    def rule_for(self, target: Target, department: str, grade: Grade | None = None) -> TargetRule | None:
        """The rule of the case's grade, kind and nature; a joint clock is the lead department's.

        First contact is measured only where the lead is told who called: nobody is late with a call that
        the desk does not let them make.
        """
        if target is Target.FIRST_CONTACT and not self.lead_reaches_caller:
            return None
        lead = next((part.department for part in self.parts if part.leads), None)
        return self.book.target_rule(
            grade or self.case.grade,
            target,
            on=self.case.received_at.astimezone(ZONE).date(),
            kind=self.case.kind,
            department=department or lead,
            nature=self.case.nature,
        )

    def count(self, clock: Clock, rule: TargetRule, joint: Clock | None) -> Count:
        """When the clock runs out: from its start, whatever the order of the edits it has seen."""
        still = self.paused if may_pause(clock.target, rule) else ()
        due = due_at(clock.started_at, rule, self.book.calendar, still)
        count = Count(due.at, due.provisional, due.reason_zh, due.reason_en)
        count = _extended(count, granted(self.book, clock.grade, clock.extension_seconds))
        return fitted(count, clock.target, clock.started_at, joint, ZONE)


def counting(place: Workplace, session: Session, case: Case, now: datetime) -> CountingCase:
    """The case as its clocks are counted at `now`."""
    book = place.rules_for(case)
    paused = paused_intervals(journal.entries_of(session, case.id), book.pauses, now)
    return CountingCase(case, book, standing(session, case), paused, lead_may_reach_caller(session, case))


def keep_count(clock: Clock, count: Count) -> None:
    """Write what was counted into the clock."""
    clock.due_at, clock.provisional = count.at, count.provisional
    clock.reason_zh, clock.reason_en = count.reason_zh, count.reason_en


def may_pause(target: Target, rule: TargetRule) -> bool:
    """Whether hanging up stops this clock: the rule wants it and the table of clocks allows it."""
    return rule.pausable and CLOCK_TABLE[target].may_pause


def grade_of(clock: Clock, case: Case) -> Grade:
    """The grade a clock goes by: the case's, or, where nothing may be taken back, the gravest it had."""
    return graver(clock.grade, case.grade) if CLOCK_TABLE[clock.target].keeps_gravest else case.grade


def granted(book: RuleBook, grade: Grade, seconds: int) -> timedelta:
    """How much of the granted time this grade allows; none where it is never extended.

    The grant is kept whole beside the clock, so that a case that was graver for a while has it again.
    """
    rule = book.extension_for(grade)
    return min(timedelta(seconds=seconds), rule.limit.length * rule.how_many) if rule else timedelta(0)


def _extended(count: Count, by: timedelta) -> Count:
    if not by:
        return count
    return replace(
        count,
        at=count.at + by,
        reason_zh=f"{count.reason_zh}经批准延长{by.days}天。",
        reason_en=f"{count.reason_en} Extended by {by.days} d with approval.",
    )
