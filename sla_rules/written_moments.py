"""Moments as supervisors write them: `Fri 2026-09-18 17:30`, in the calendar's zone, 24:00 allowed."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import PlainValidator, WithJsonSchema

from sla_rules.calendar_file import WEEKDAYS
from sla_rules.intervals import Interval


class NoSuchTimeError(ValueError):
    """The zone's clocks never show that time: daylight saving leaves it out."""


_MOMENT = re.compile(
    r"(?:(?P<before>[^\W\d_]+)\s+)?(?P<day>\d{4}-\d\d-\d\d)(?:\s+(?P<after>[^\W\d_]+))?"
    r"\s+(?P<hours>\d\d):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?"
)
_IN_CHINESE = "一二三四五六日"
PATTERN = r"^\s*([^\d\s]+\s+)?\d{4}-\d\d-\d\d(\s+[^\d\s]+)?\s+\d\d:\d\d(:\d\d)?\s*$"


def parse_moment(written: Any) -> datetime:
    """What the clock on the wall shows, without a zone.

    Raises:
        ValueError: It is no moment, no such day exists, or the day falls on another weekday.
    """
    if isinstance(written, datetime) and written.tzinfo is None:
        # YAML itself reads a moment with seconds; what it gives has a class of its own.
        return datetime.combine(written.date(), written.time())
    found = _MOMENT.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{str(written)!r} is no moment; write for example Fri 2026-09-18 17:30")
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        raise ValueError(f"no calendar has the day {found['day']}") from None
    for weekday in (found["before"], found["after"]):
        if weekday:
            _check_weekday(day, weekday)
    hours, minutes, seconds = (int(found[part] or 0) for part in ("hours", "minutes", "seconds"))
    if hours > 24 or (hours == 24 and (minutes or seconds)):
        raise ValueError(f"{written}: a day ends at 24:00")
    return datetime.combine(day, datetime.min.time()) + timedelta(
        hours=hours, minutes=minutes, seconds=seconds
    )


def parse_span(written: Any) -> tuple[datetime, datetime]:
    """The two ends of `2026-09-21 09:00 to 2026-09-22 12:00`, as `parse_moment` gives them."""
    parts = re.split(r"\s+to\s+|\s*至\s*", written) if isinstance(written, str) else []
    if len(parts) != 2:
        raise ValueError(
            f"{str(written)!r} is no span of time; write for example 2026-09-21 09:00 to 2026-09-22 12:00"
        )
    start, end = parse_moment(parts[0]), parse_moment(parts[1])
    if end <= start:
        raise ValueError(f"{written}: the end must come after the start")
    return start, end


WrittenMoment = Annotated[
    datetime, PlainValidator(parse_moment), WithJsonSchema({"type": "string", "pattern": PATTERN})
]
"""A moment on the calendar's wall in a file."""

WrittenSpan = Annotated[
    tuple[datetime, datetime],
    PlainValidator(parse_span),
    WithJsonSchema({"type": "string", "pattern": r"^.+\S\s*(\s+to\s+|至).+$"}),
]
"""A span of time on the calendar's wall in a file."""


def instant_in(zone: ZoneInfo, wall: datetime) -> datetime:
    """When the zone's clocks show `wall`, the first time if twice; aware UTC.

    Raises:
        NoSuchTimeError: They never do.
    """
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall:
        raise NoSuchTimeError(f"{wall:%Y-%m-%d %H:%M} does not exist in {zone}: daylight saving leaves it out")
    return instant


def interval_in(zone: ZoneInfo, span: tuple[datetime, datetime]) -> Interval:
    """The span between two walls of the zone; raises like `instant_in`."""
    return Interval(instant_in(zone, span[0]), instant_in(zone, span[1]))


def _check_weekday(day: date, written: str) -> None:
    meant = _weekday(written)
    if meant is None:
        raise ValueError(f"{written!r} is no weekday; write for example {WEEKDAYS[day.weekday()][:3].title()}")
    if meant != day.weekday():
        right, wrong = (WEEKDAYS[each].title() for each in (day.weekday(), meant))
        raise ValueError(f"{day} is a {right}, not a {wrong}")


def _weekday(written: str) -> int | None:
    name = written.lower()
    if name[:-1] in ("周", "星期", "礼拜"):
        return _IN_CHINESE.find(name[-1].replace("天", "日")) if name[-1] in _IN_CHINESE + "天" else None
    full = [weekday for weekday in WEEKDAYS if len(name) >= 3 and weekday.startswith(name)]
    return WEEKDAYS.index(full[0]) if full else None
