"""When nobody works between two moments: what a picture shades behind its bars."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sla_rules.calendar import WorkingCalendar
from sla_rules.explanation import reaching
from sla_rules.stretches import DayKind, days_between

NIGHTS_UP_TO = timedelta(days=6)
"""In a longer picture a night is a stripe too thin to tell anything: only whole days are shaded."""


@dataclass(frozen=True)
class ClosedSpan:
    """A stretch (UTC) in which nobody works; a holiday has its names, all else none."""

    start: datetime
    end: datetime
    is_holiday: bool
    name_zh: str = ""
    name_en: str = ""


def closed_spans(start: datetime, end: datetime, calendar: WorkingCalendar) -> tuple[ClosedSpan, ...]:
    """Every closed stretch from `start` to `end` (aware), in order; years nobody has published have plain weekends."""
    known = reaching(calendar, start, end)
    found = _nights(start, end, known) if end - start <= NIGHTS_UP_TO else _days(start, end, known)
    return tuple(_joined(found))


def _days(start: datetime, end: datetime, calendar: WorkingCalendar) -> Iterator[ClosedSpan]:
    for day in days_between(start, end, calendar):
        if day.kind in (DayKind.REST_DAY, DayKind.HOLIDAY):
            yield ClosedSpan(day.start, day.end, day.kind is DayKind.HOLIDAY, day.name_zh, day.name_en)


def _nights(start: datetime, end: datetime, calendar: WorkingCalendar) -> Iterator[ClosedSpan]:
    for day in days_between(start, end, calendar):
        at, holiday = day.start, day.kind is DayKind.HOLIDAY
        for each in calendar.open_between(day.start, day.end):
            if each.start > at:
                yield ClosedSpan(at, each.start, holiday, day.name_zh, day.name_en)
            at = each.end
        if at < day.end:
            yield ClosedSpan(at, day.end, holiday, day.name_zh, day.name_en)


def _joined(spans: Iterator[ClosedSpan]) -> Iterator[ClosedSpan]:
    last: ClosedSpan | None = None
    for span in spans:
        if last and last.end == span.start and (last.is_holiday, last.name_en) == (span.is_holiday, span.name_en):
            last = replace(last, end=span.end)
            continue
        if last:
            yield last
        last = span
    if last:
        yield last
