"""The stretches of an explanation in as few lines as a person wants to read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sla_rules.calendar import MICROSECOND
from sla_rules.explanation import Explanation
from sla_rules.explanation_words import (
    Lang,
    clock_words,
    day_words,
    kind_words,
    moment_words,
    named,
    said,
    why_words,
)
from sla_rules.stretches import DayKind, Part, Stretch

LONG_RUN_DAYS = 14
"""Ordinary weeks that go on for longer than this are told in one line."""


@dataclass(frozen=True)
class Row:
    """Neighbouring stretches that are told together, in order."""

    stretches: tuple[Stretch, ...]

    @property
    def first(self) -> Stretch:
        """The earliest stretch."""
        return self.stretches[0]

    @property
    def start(self) -> datetime:
        """Where the row begins (UTC)."""
        return self.first.start

    @property
    def end(self) -> datetime:
        """Where the row ends (UTC)."""
        return self.stretches[-1].end

    @property
    def counted(self) -> timedelta:
        """What the row added to the sum."""
        return sum((each.counted for each in self.stretches), timedelta())

    @property
    def is_mixed(self) -> bool:
        """Whether it tells of counted and uncounted time at once: ordinary weeks in one line."""
        return len({each.part for each in self.stretches}) > 1


def rows_of(explanation: Explanation) -> tuple[Row, ...]:
    """Every line worth telling; nights and noons of workdays are left out where hours count."""
    told = [each for each in explanation.stretches if not _goes_without_saying(each, explanation)]
    rows = [Row(tuple(group)) for _, group in groupby(told, key=lambda each: _sameness(each, explanation))]
    return tuple(_without_long_runs(rows))


def when_words(row: Row, explanation: Explanation, lang: Lang) -> str:
    """`Fri 2026-06-05 16:00–18:00`, `Sat 2026-06-06 – Sun 2026-06-07`, as short as is clear."""
    first, last = row.first.day, row.stretches[-1].day
    timed = row.first.part in (Part.EXTENDED, Part.NOT_TAKEN_IN)
    if (explanation.in_days and not timed) or _is_whole(row, explanation):
        return _days(first, last, lang)
    local = [each.astimezone(explanation.calendar.zone) for each in (row.start, row.end)]
    if first == last:
        ends = "24:00" if local[1].date() != first else clock_words(local[1])
        return f"{day_words(first, lang)} {clock_words(local[0])}–{ends}"
    if row.is_mixed:
        return _days(first, last, lang)
    edges = [moment_words(row.start, explanation.calendar, lang)]
    edges.append(moment_words(row.end, explanation.calendar, lang, ends=True))
    return " – ".join(edges)


def row_words(row: Row, explanation: Explanation, lang: Lang) -> str:
    """Why the row counted, or did not; for a long run how many days of it did."""
    if not row.is_mixed:
        return why_words(row.first, explanation, lang)
    work = len({each.day for each in row.stretches if each.part is Part.COUNTED})
    rest = len({each.day for each in row.stretches} - {e.day for e in row.stretches if e.counted})
    return said(lang, f"{work} 个工作日计入，{rest} 个休息日不计", f"{work} workdays, {rest} rest days not counted")


def _goes_without_saying(stretch: Stretch, explanation: Explanation) -> bool:
    is_gap = stretch.part is Part.CLOSED and stretch.kind in (DayKind.WORKDAY, DayKind.MAKE_UP)
    return is_gap and not explanation.in_days


def _sameness(stretch: Stretch, explanation: Explanation) -> tuple[object, ...]:
    if stretch.part in (Part.EXTENDED, Part.NOT_TAKEN_IN):
        return (stretch.part,)
    holiday = stretch.name_en if stretch.kind is DayKind.HOLIDAY else ""
    if stretch.part is Part.PAUSED or explanation.every_day_counts:
        return stretch.part, holiday
    if stretch.part is Part.COUNTED and not explanation.in_days:
        return stretch.part, stretch.start
    return stretch.part, stretch.kind, stretch.name_en


def _without_long_runs(rows: Iterable[Row]) -> Iterator[Row]:
    for ordinary, group in groupby(rows, key=_is_ordinary):
        run = tuple(group)
        if ordinary and (run[-1].end - run[0].start).days > LONG_RUN_DAYS:
            yield Row(tuple(stretch for row in run for stretch in row.stretches))
        else:
            yield from run


def _is_ordinary(row: Row) -> bool:
    return row.first.kind in (DayKind.WORKDAY, DayKind.REST_DAY) and row.first.part in (
        Part.COUNTED,
        Part.CLOSED,
    )


def _is_whole(row: Row, explanation: Explanation) -> bool:
    calendar = explanation.calendar
    begins = calendar.local_day(row.start - MICROSECOND) != calendar.local_day(row.start)
    return begins and calendar.end_of(row.stretches[-1].day) == row.end


def _days(first: date, last: date, lang: Lang) -> str:
    return day_words(first, lang) if first == last else f"{day_words(first, lang)} – {day_words(last, lang)}"


def announced(explanation: Explanation, lang: Lang) -> dict[tuple[str, ...], list[str]]:
    """By the notices that announced them: holidays and, where they matter, make-up workdays met."""
    found: dict[tuple[tuple[str, ...], DayKind, str], list[date]] = {}
    for each in explanation.stretches:
        name = said(lang, each.name_zh, each.name_en)
        if name and not (each.kind is DayKind.MAKE_UP and explanation.every_day_counts):
            found.setdefault((each.notices, each.kind, name), []).append(each.day)
    lines: dict[tuple[str, ...], list[str]] = {}
    for (notices, kind, name), days in found.items():
        made_up = kind is DayKind.MAKE_UP
        what = kind_words(kind, lang) + named(name, lang) if made_up else name
        when = _each(days, lang) if made_up else _days(days[0], days[-1], lang)
        lines.setdefault(notices, []).append(said(lang, f"{what}：{when}", f"{what}: {when}"))
    return lines


def _each(days: list[date], lang: Lang) -> str:
    return said(lang, "、", ", ").join(day_words(day, lang) for day in dict.fromkeys(days))
