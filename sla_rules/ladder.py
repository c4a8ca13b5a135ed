"""The moments at which a clock's ladder fires, and which of them a late look still owes."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.vocabulary import KindOfTime
from sla_rules.calendar import WorkingCalendar
from sla_rules.due import when_published
from sla_rules.firing import Anchor
from sla_rules.grade_rules import TargetRule
from sla_rules.ladder_rules import Rung

FIRST_LATE_SECOND = timedelta(seconds=1)
"""An answer at exactly the due time is in time, so nobody is told of lateness before this."""


@dataclass(frozen=True)
class Moment:
    """When one level of one clock fires (UTC); `provisional` like that of a due time."""

    level: int
    at: datetime
    rung: Rung
    provisional: bool = False


def moments(
    start: datetime,
    due: datetime,
    rule: TargetRule,
    rungs: Sequence[Rung],
    calendar: WorkingCalendar,
) -> tuple[Moment, ...]:
    """When each rung fires, earliest first.

    Warnings are counted backwards from `due` and levels after it forwards, as a share of the
    limit in the clock's own time: a quarter of four working hours before Monday 09:30 is Friday
    afternoon. A day of a working-days limit counts for as many hours as those days were open.

    Args:
        start: Aware; when the clock began. No moment lies before it.
        due: Aware; after pauses and extensions.
        rule: The clock's own rule.
        rungs: The clock's ladder.
        calendar: The one that `due` was counted in.
    """
    start, due = start.astimezone(UTC), due.astimezone(UTC)
    found = [_moment(start, due, rule, rung, calendar) for rung in rungs]
    return tuple(sorted(found, key=lambda each: (each.at, each.level)))


def missed(
    all_moments: Sequence[Moment], fired_levels: AbstractSet[int], now: datetime
) -> tuple[Moment | None, tuple[Moment, ...]]:
    """What to fire now, and what that makes pointless.

    Returns:
        The highest level whose moment has come, unless it or a higher one has fired before (then
        None), and the lower levels that never fired and now never will: to be recorded as
        superseded, together with the one that fires, so that each level counts once.
    """
    come = [each for each in all_moments if each.at <= now and each.level not in fired_levels]
    highest = max(come, key=lambda each: each.level, default=None)
    if highest is None:
        return None, ()
    if any(level > highest.level for level in fired_levels):
        return None, tuple(come)
    return highest, tuple(each for each in come if each is not highest)


def _moment(
    start: datetime, due: datetime, rule: TargetRule, rung: Rung, calendar: WorkingCalendar
) -> Moment:
    match rung.at.anchor:
        case Anchor.START:
            return Moment(rung.level, start + rung.at.after, rung)
        case Anchor.DUE:
            return Moment(rung.level, due + FIRST_LATE_SECOND, rung)
        case Anchor.WARNING:
            percent = -rule.warn_before_percent
        case Anchor.LATE:
            percent = rung.at.percent
    at, provisional = when_published(calendar, due, lambda known: _share_from(due, percent, rule, known))
    return Moment(rung.level, max(at, start), rung, provisional)


def _share_from(due: datetime, percent: int, rule: TargetRule, calendar: WorkingCalendar) -> datetime:
    """`percent` of the limit after `due` (before it, if negative), in the rule's kind of time."""
    if rule.time in (KindOfTime.NATURAL, KindOfTime.CALENDAR_DAYS):
        return due + rule.limit.length * percent / 100
    share = _working_length(due, rule, calendar) * abs(percent) / 100
    if percent < 0:
        return calendar.subtract_working_hours(due, share)
    return calendar.add_working_hours(due, share)


def _working_length(due: datetime, rule: TargetRule, calendar: WorkingCalendar) -> timedelta:
    if rule.time is KindOfTime.WORKING_HOURS:
        return rule.limit.length
    return calendar.working_time_of_last_days(due, rule.limit.amount)
