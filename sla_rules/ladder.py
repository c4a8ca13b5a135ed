"""The moments at which a clock's ladder fires, and which of them a late look still owes."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.vocabulary import KindOfTime
from sla_rules.calendar import WorkingCalendar
from sla_rules.due import when_published
from sla_rules.firing import Anchor, Firing
from sla_rules.grade_rules import TargetRule
from sla_rules.ladder_rules import Rung
from sla_rules.limits import Limit, Unit

FIRST_LATE_SECOND = timedelta(seconds=1)
"""An answer at exactly the due time is in time, so nobody is told of lateness before this."""

COUNTED_BY_THE_CLOCK = frozenset({KindOfTime.NATURAL, KindOfTime.CALENDAR_DAYS})
"""Here two hours before due are two hours; in the other kinds of time they are two open hours."""


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

    Warnings are counted backwards from `due` and levels after it forwards, by a length or a share
    of the limit in the clock's own time: one working hour before Monday 09:30 is Friday afternoon.
    A day of working days counts for as many hours as those days were open.

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
    firing = rung.at
    match firing.anchor:
        case Anchor.START:
            assert firing.by is not None
            return Moment(rung.level, start + firing.by.length, rung)
        case Anchor.DUE:
            return Moment(rung.level, due + FIRST_LATE_SECOND, rung)
        case Anchor.WARNING:
            away, is_before = Firing(Anchor.BEFORE, percent=rule.warn_before_percent), True
        case Anchor.BEFORE:
            away, is_before = firing, True
        case Anchor.LATE:
            away, is_before = firing, False

    def count(known: WorkingCalendar) -> datetime:
        return _away_from(due, away, rule, known, is_before=is_before)

    at, provisional = when_published(calendar, due, count)
    return Moment(rung.level, max(at, start), rung, provisional)


def _away_from(
    due: datetime, away: Firing, rule: TargetRule, calendar: WorkingCalendar, *, is_before: bool
) -> datetime:
    """So long before or after `due`, in the rule's own kind of time."""
    length = _length(due, away, rule, calendar)
    if rule.time in COUNTED_BY_THE_CLOCK:
        return due - length if is_before else due + length
    if is_before:
        return calendar.subtract_working_hours(due, length)
    return calendar.add_working_hours(due, length)


def _length(due: datetime, away: Firing, rule: TargetRule, calendar: WorkingCalendar) -> timedelta:
    if away.by is None:
        return _own_length(due, rule.limit, rule, calendar) * away.percent / 100
    return _own_length(due, away.by, rule, calendar)


def _own_length(due: datetime, limit: Limit, rule: TargetRule, calendar: WorkingCalendar) -> timedelta:
    if limit.unit is not Unit.DAYS or rule.time in COUNTED_BY_THE_CLOCK:
        return limit.length
    return calendar.working_time_of_last_days(due, limit.amount)
