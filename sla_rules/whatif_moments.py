"""When the rungs of a ladder fire for whole columns of clocks: `sla_rules.ladder`, vectorised."""

from datetime import timedelta

import numpy as np

from models.vocabulary import KindOfTime
from sla_rules.calendar import MICROSECOND, WorkingCalendar
from sla_rules.due import FARTHEST_YEARS, stretched
from sla_rules.firing import Anchor, Firing
from sla_rules.grade_rules import TargetRule
from sla_rules.ladder import COUNTED_BY_THE_CLOCK, FIRST_LATE_SECOND
from sla_rules.ladder_rules import Rung
from sla_rules.limits import Limit, Unit
from sla_rules.wall_clock import DAY_US
from sla_rules.whatif_axis import axis_of
from sla_rules.whatif_chunk import UNKNOWN, Moments

_BACKWARDS = frozenset({Anchor.WARNING, Anchor.BEFORE})


def rung_moments(
    starts: Moments, dues: Moments, rule: TargetRule, rung: Rung, calendar: WorkingCalendar
) -> Moments:
    """When this rung fires for each clock; never before the clock began.

    Args:
        starts: When each clock began.
        dues: When each is due, after pauses and extensions.
        rule: The rule of all of them.
        rung: One rung of their ladder.
        calendar: The one that the due times were counted in; where it ends, plain weekends follow.
    """
    firing = rung.at
    if firing.anchor is Anchor.START:
        assert firing.by is not None
        return starts + firing.by.length // MICROSECOND
    if firing.anchor is Anchor.DUE:
        return dues + FIRST_LATE_SECOND // MICROSECOND
    away = firing
    if firing.anchor is Anchor.WARNING:
        away = Firing(Anchor.BEFORE, percent=rule.warn_before_percent)
    return np.maximum(_away(dues, away, rule, calendar, firing.anchor in _BACKWARDS), starts)


def _away(
    dues: Moments, away: Firing, rule: TargetRule, calendar: WorkingCalendar, is_before: bool
) -> Moments:
    if rule.time in COUNTED_BY_THE_CLOCK:
        length = _share(rule.limit.length, away) if away.by is None else away.by.length
        return dues - length // MICROSECOND if is_before else dues + length // MICROSECOND
    found = _away_on(dues, away, rule, calendar, is_before)
    # Past the published years the calendar is stretched, as `due_time` does for one clock.
    for decade in np.unique(_year_of(dues[found == UNKNOWN]) // 10 * 10):
        rows = np.flatnonzero((found == UNKNOWN) & (_year_of(dues) // 10 * 10 == decade))
        longer = stretched(calendar, int(decade), FARTHEST_YEARS)
        found[rows] = _away_on(dues[rows], away, rule, longer, is_before)
    return found


def _away_on(
    dues: Moments, away: Firing, rule: TargetRule, calendar: WorkingCalendar, is_before: bool
) -> Moments:
    axis = axis_of(calendar)
    lengths = _lengths(dues, away, rule, calendar)
    known = lengths != UNKNOWN
    lengths = np.where(known, lengths, 1)
    found = axis.before(dues, lengths) if is_before else axis.after(dues, lengths)
    return np.where(known, found, UNKNOWN)


def _lengths(dues: Moments, away: Firing, rule: TargetRule, calendar: WorkingCalendar) -> Moments:
    limit = away.by or rule.limit
    if _in_workdays(limit, rule):
        of_days = axis_of(calendar).of_last_days(dues, limit.amount)
        # Whole minutes times a whole percentage: the division has no rest.
        return of_days if away.by else np.where(of_days == UNKNOWN, UNKNOWN, of_days // 100 * away.percent)
    length = away.by.length if away.by else _share(rule.limit.length, away)
    return np.full(len(dues), length // MICROSECOND, np.int64)


def _in_workdays(limit: Limit, rule: TargetRule) -> bool:
    return limit.unit is Unit.DAYS and rule.time in (KindOfTime.WORKING_DAYS, KindOfTime.WORKING_HOURS)


def _share(length: timedelta, away: Firing) -> timedelta:
    return length * away.percent / 100


def _year_of(moments: Moments) -> Moments:
    return 1970 + moments // (DAY_US * 1461 // 4)
