"""Calendars for tests: the shipped one of China, and small offices of our own."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sla_rules
from models.rule_files import read_rule_file
from sla_rules.calendar import OpenHours, WorkingCalendar
from sla_rules.calendar_file import CalendarFile, calendar_of, parse_hours

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def china() -> WorkingCalendar:
    """The calendar that the desk ships with."""
    shipped = Path(sla_rules.__file__).parent / "calendars" / "china.yaml"
    return calendar_of(read_rule_file(shipped, CalendarFile))


def hours(written: str) -> tuple[OpenHours, ...]:
    """`09:00-12:00 13:00-18:00` as open hours; nothing written is closed."""
    return tuple(parse_hours(each) for each in written.split())


def office(
    week: Mapping[str, str],
    zone: str = "UTC",
    first: date = date(2024, 1, 1),
    last: date = date(2024, 12, 31),
    off: frozenset[date] = frozenset(),
    make_up: frozenset[date] = frozenset(),
    make_up_hours: str = "09:00-17:00",
    **more: Any,
) -> WorkingCalendar:
    """An office with these hours by weekday; `mon-fri` stands for five of them."""
    by_day: dict[int, tuple[OpenHours, ...]] = {}
    for days, written in week.items():
        begin, _, end = days.partition("-")
        for number in range(WEEKDAYS.index(begin), WEEKDAYS.index(end or begin) + 1):
            by_day[number] = hours(written)
    return WorkingCalendar(
        id="office",
        zone=ZoneInfo(zone),
        week=by_day,
        make_up_hours=hours(make_up_hours),
        off=off,
        make_up=make_up,
        published_from=first,
        published_to=last,
        **more,
    )


def local(written: str, calendar: WorkingCalendar) -> datetime:
    """A local time of the calendar's zone, the first of the two where it comes twice."""
    return datetime.fromisoformat(written).replace(tzinfo=calendar.zone)
