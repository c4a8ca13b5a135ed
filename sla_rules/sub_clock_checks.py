"""Whether the clocks inside a case's feedback clock can end before it does."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from models.rule_problems import Location, Problem
from models.vocabulary import Grade, KindOfTime, Target
from sla_rules.calendar import WorkingCalendar
from sla_rules.due import due_time
from sla_rules.grade_rules import GradeRules, GradesFile, TargetRule
from sla_rules.reach import Cell, Ground, Reach, common, shares

INSIDE_FEEDBACK = (Target.ACCEPTANCE, Target.FIRST_CONTACT, Target.CO_HANDLER)
"""The lead answers once these have happened; one that may end later would leave it no time."""

ORDINARY_MONDAY = date(2001, 6, 4)
"""Any Monday will do: the week it begins has no holiday, and no zone changes its clocks in June."""
HOURS_OF_DAY = (0, 8, 10, 12, 16, 18, 20, 23)
MORNING = time(10)
YEAR = timedelta(days=365)


class _Pair(NamedTuple):
    """A rule and the feedback rule that some request has beside it."""

    inner: TargetRule
    feedback: TargetRule
    where: Location


def check_sub_clocks(content: GradesFile, calendar: WorkingCalendar, today: date | None) -> Iterator[Problem]:
    """An error where it cannot fit in a week without holidays, a warning where one makes it longer.

    Args:
        content: The rules.
        calendar: What they are counted in.
        today: The published holidays of the year after it are looked at, then, as they come again,
            those of the year before; without it none.
    """
    ordinary = _without_holidays(calendar)
    for grade, rules in content.grades.items():
        for pair in _pairs(grade, rules):
            if _always_fits(pair.inner, pair.feedback):
                continue
            late = _late_in_ordinary_week(pair, ordinary)
            if late is not None:
                yield _never_fits(pair, late)
            elif today is not None:
                yield from _late_for_holidays(pair, calendar, today)


def _pairs(grade: Grade, rules: GradeRules) -> Iterator[_Pair]:
    feedback = [rule for _, rule in rules.of(Target.FEEDBACK)]
    for target in INSIDE_FEEDBACK if feedback else ():
        inner = rules.of(target)
        ground = Ground([*(rule for _, rule in inner), *feedback])
        outer_shares = shares(feedback, ground)
        for (index, rule), share in zip(inner, shares([rule for _, rule in inner], ground), strict=True):
            for outer, outer_share in zip(feedback, outer_shares, strict=True):
                if _meet(share, outer_share, target):
                    yield _Pair(rule, outer, ("grades", grade.value, "rules", index, "limit"))


def _meet(inner: Reach, outer: Reach, target: Target) -> bool:
    """Whether some request has both; a co-handler is another department than the lead."""
    if target is Target.CO_HANDLER:
        inner, outer = _of_any_department(inner), _of_any_department(outer)
    return bool(common(inner, outer))


def _of_any_department(reach: Reach) -> Reach:
    found: Reach = {}
    for cell, kinds in reach.items():
        anybody = Cell(None, cell.nature, cell.since)
        found[anybody] = found.get(anybody, 0) | kinds
    return found


def _always_fits(inner: TargetRule, feedback: TargetRule) -> bool:
    """Whether the limits alone show it, without counting."""
    if inner.time is feedback.time and inner.ends is feedback.ends:
        return inner.limit.length <= feedback.limit.length and inner.roll_over <= feedback.roll_over
    # A count of n days takes n times 24 hours at least: its first day is not counted.
    days = (KindOfTime.CALENDAR_DAYS, KindOfTime.WORKING_DAYS)
    by_clock = inner.time is KindOfTime.NATURAL and feedback.time in days
    return by_clock and inner.limit.length <= feedback.limit.length


def _late_in_ordinary_week(pair: _Pair, ordinary: WorkingCalendar) -> datetime | None:
    """A start from which the inner clock ends after the outer one."""
    for number in range(7):
        day = ORDINARY_MONDAY + timedelta(days=number)
        for hour in HOURS_OF_DAY:
            start = datetime.combine(day, time(hour), ordinary.zone)
            if _ends_late(pair, start, ordinary, guess=True):
                return start
    return None


def _late_for_holidays(pair: _Pair, calendar: WorkingCalendar, today: date) -> Iterator[Problem]:
    for first, last in ((today, today + YEAR), (today - YEAR, today)):
        day = max(first, calendar.published_from)
        while day <= min(last, calendar.published_to):
            start = datetime.combine(day, MORNING, calendar.zone)
            if _ends_late(pair, start, calendar, guess=False):
                yield _longer_by_holiday(pair, day, calendar)
                return
            day += timedelta(days=1)


def _ends_late(pair: _Pair, start: datetime, calendar: WorkingCalendar, *, guess: bool) -> bool:
    """Whether the inner clock ends last; `guess` for an answer that needs unpublished days as well."""
    inner, inner_guessed = due_time(start, pair.inner, calendar)
    outer, outer_guessed = due_time(start, pair.feedback, calendar)
    return inner > outer and (guess or not (inner_guessed or outer_guessed))


def _never_fits(pair: _Pair, start: datetime) -> Problem:
    return Problem(
        pair.where,
        f"{_named(pair.inner)} does not fit inside {_named(pair.feedback)}: begun on a"
        f" {start:%A} at {start:%H:%M} it ends later, even in a week without holidays",
        "shorten it, or give feedback more time",
    )


def _longer_by_holiday(pair: _Pair, day: date, calendar: WorkingCalendar) -> Problem:
    start = datetime.combine(day, MORNING, calendar.zone)
    ends = calendar.local_day(due_time(start, pair.inner, calendar)[0])
    between = [each.en for each in calendar.holidays if any(day <= off <= ends for off in each.off)]
    holidays = f" ({', '.join(between)})" if between else ""
    return Problem(
        pair.where,
        f"{_named(pair.inner)} can end after {_named(pair.feedback)}: it does when begun on"
        f" {day}{holidays}",
        "the lead then answers before those who help must; shorten it, or count both in the same time",
        "warning",
    )


def _named(rule: TargetRule) -> str:
    return f"{rule.id} ({rule.limit}, {rule.time})"


def _without_holidays(calendar: WorkingCalendar) -> WorkingCalendar:
    """The same weekly hours and nothing else, for a stretch that any usual limit ends in."""
    return WorkingCalendar(
        id=calendar.id,
        zone=calendar.zone,
        week=calendar.week,
        make_up_hours=calendar.make_up_hours,
        off=frozenset(),
        make_up=frozenset(),
        published_from=ORDINARY_MONDAY - timedelta(days=7),
        published_to=ORDINARY_MONDAY + timedelta(days=400),
        intake=calendar.intake,
    )
