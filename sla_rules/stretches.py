"""The time between a start and a due time in stretches that are each one thing: counted or not, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from models.vocabulary import EndOfDays, KindOfTime
from sla_rules.calendar import ONE_DAY, WorkingCalendar
from sla_rules.intervals import Interval
from sla_rules.written import TimedRule

WHOLE_DAYS = frozenset({KindOfTime.CALENDAR_DAYS, KindOfTime.WORKING_DAYS})


class DayKind(StrEnum):
    """What the calendar makes of a day."""

    WORKDAY = "workday"
    MAKE_UP = "make_up_workday"
    REST_DAY = "rest_day"
    HOLIDAY = "holiday"


class Part(StrEnum):
    """What a stretch is in the count."""

    COUNTED = "counted"
    CLOSED = "closed"
    FIRST_DAY = "first_day"
    PAUSED = "paused"
    NOT_TAKEN_IN = "not_taken_in"
    ROLLED = "rolled"
    EXTENDED = "extended"


@dataclass(frozen=True)
class Stretch:
    """A part of one local day, `[start, end)` in UTC.

    `counted` is what it added to the sum and `lost` what it would have added had the clock not
    stood still; a counted day is 24 hours in both, as in `Limit.length`. The names are those of a
    holiday or of the holiday that a make-up workday is worked for; `notices` announced them.
    """

    start: datetime
    end: datetime
    day: date
    kind: DayKind
    part: Part
    counted: timedelta = timedelta()
    lost: timedelta = timedelta()
    name_zh: str = ""
    name_en: str = ""
    notices: tuple[str, ...] = ()


def stretches_between(
    start: datetime, due: datetime, rule: TimedRule, calendar: WorkingCalendar, pauses: Sequence[Interval]
) -> Iterator[Stretch]:
    """Everything from `start` to `due`, without gaps or overlaps, in order.

    Args:
        start: Aware UTC; where the count begins.
        due: Aware UTC; where it ends.
        rule: What was counted.
        calendar: Must cover both, if the rule counts working time.
        pauses: United, none before `start`.
    """
    if rule.time in WHOLE_DAYS:
        return _days(start, due, rule, calendar, pauses)
    return _moments(start, due, rule, calendar, pauses)


def days_between(
    start: datetime, end: datetime, calendar: WorkingCalendar, part: Part = Part.CLOSED
) -> Iterator[Stretch]:
    """The local days from `start` to `end` (UTC), the first and the last one cut to them."""
    while start < end:
        day = _day(calendar.local_day(start), calendar)
        yield replace(day, start=start, end=min(day.end, end), part=part)
        start = day.end


def _day(day: date, calendar: WorkingCalendar) -> Stretch:
    """The whole day as the calendar has it, counted for nothing yet."""
    whole = Stretch(calendar.end_of(day - ONE_DAY), calendar.end_of(day), day, DayKind.WORKDAY, Part.CLOSED)
    if day in calendar.off:
        kind, named = DayKind.HOLIDAY, next((each for each in calendar.holidays if day in each.off), None)
    elif day in calendar.make_up:
        kind, named = DayKind.MAKE_UP, next((each for each in calendar.holidays if day in each.work), None)
    else:
        return whole if calendar.hours_on(day) else replace(whole, kind=DayKind.REST_DAY)
    if named is None:
        return replace(whole, kind=kind)
    return replace(whole, kind=kind, name_zh=named.zh, name_en=named.en, notices=named.notices)


def _days(
    start: datetime, due: datetime, rule: TimedRule, calendar: WorkingCalendar, pauses: Sequence[Interval]
) -> Iterator[Stretch]:
    stood_still = [(calendar.local_day(each.start), calendar.local_day(each.end)) for each in pauses]
    left = rule.limit.amount
    first = calendar.local_day(start)
    for whole in _with_last_day(start, due, rule, calendar):
        counts = rule.time is KindOfTime.CALENDAR_DAYS or bool(calendar.hours_on(whole.day))
        if whole.day == first:
            yield replace(whole, part=Part.FIRST_DAY)
        elif not left:
            yield replace(whole, part=Part.ROLLED)
        elif any(begun < whole.day <= ended for begun, ended in stood_still):
            yield replace(whole, part=Part.PAUSED, lost=counts * ONE_DAY)
        elif counts:
            left -= 1
            yield replace(whole, part=Part.COUNTED, counted=ONE_DAY)
        else:
            yield whole


def _with_last_day(
    start: datetime, due: datetime, rule: TimedRule, calendar: WorkingCalendar
) -> Iterator[Stretch]:
    yield from days_between(start, due, calendar)
    last = _day(calendar.local_day(due), calendar)
    if rule.ends is EndOfDays.SAME_CLOCK and last.start == due:
        # Begun at midnight, its last day is over as soon as it begins; it counts all the same.
        yield replace(last, end=due)


def _moments(
    start: datetime, due: datetime, rule: TimedRule, calendar: WorkingCalendar, pauses: Sequence[Interval]
) -> Iterator[Stretch]:
    for whole in days_between(start, due, calendar):
        if rule.time is KindOfTime.NATURAL:
            counting: Sequence[Interval] = (Interval(whole.start, whole.end),)
        else:
            counting = calendar.open_between(whole.start, whole.end)
        edges = {edge for each in (*counting, *pauses) for edge in (each.start, each.end)}
        inside = sorted({whole.start, whole.end, *(each for each in edges if whole.start < each < whole.end)})
        for begin, end in pairwise(inside):
            worth = _is_within(begin, counting) * (end - begin)
            yield _moment(replace(whole, start=begin, end=end), worth, stands=_is_within(begin, pauses))


def _moment(piece: Stretch, worth: timedelta, *, stands: bool) -> Stretch:
    if stands:
        return replace(piece, part=Part.PAUSED, lost=worth)
    return replace(piece, part=Part.COUNTED if worth else Part.CLOSED, counted=worth)


def _is_within(moment: datetime, spans: Sequence[Interval]) -> bool:
    return any(each.start <= moment < each.end for each in spans)
