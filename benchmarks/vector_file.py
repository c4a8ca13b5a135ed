"""Working-time vectors of other systems, read into our calendars and values.

A file has `calendars` by name and `vectors`. A calendar has `tz`, `week` (hours by weekday),
`over` (dated hours), `brk` (dated breaks), `hol` (dates off) and `holmd` (the same month and day
off every year); a vector has `cal`, `op`, `start`, `arg`, `exp` and perhaps `tz`, `pauses` and
`boundary`. Only `week` of a calendar and `cal`, `op` and `start` of a vector must be there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sla_rules.calendar import OpenHours, WorkingCalendar
from sla_rules.intervals import Interval
from sla_rules.open_time import AT_CLOSING, Boundary

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BOUNDARIES = {"close": Boundary.CLOSING, "open": Boundary.NEXT_OPENING}
ALWAYS_UTC = "UTC"


class Calendars:
    """The calendars of one file; each is worked out once for the years it is asked about."""

    def __init__(self, written: Mapping[str, Mapping[str, Any]]) -> None:
        self.written = written
        self._made: dict[tuple[str, int, int], WorkingCalendar] = {}

    def covering(self, name: str, first_year: int, last_year: int) -> WorkingCalendar:
        """The calendar of that name, published for these years and, as it may be shared, some more."""
        first, last = max(first_year // 10 * 10, 1), min(last_year // 10 * 10 + 9, 9998)
        key = name, first, last
        if key not in self._made:
            self._made[key] = _calendar(name, self.written[name], first, last)
        return self._made[key]


@dataclass(frozen=True)
class Vector:
    """One question; `raw` keeps what was written, and `zone` is where its local times belong."""

    id: str
    raw: Mapping[str, Any]
    calendars: Calendars
    zone: ZoneInfo

    @property
    def op(self) -> str:
        """add, sub, between or open."""
        return str(self.raw["op"])

    @property
    def start(self) -> datetime:
        """Where the question begins."""
        return self.instant(self.raw["start"])

    @property
    def length(self) -> timedelta:
        """The argument of add and sub, written in seconds."""
        return timedelta(seconds=self.raw.get("arg") or 0)

    @property
    def at_closing(self) -> Boundary:
        """The reading that the vector asks for; ours if it does not say."""
        written = self.raw.get("boundary")
        return BOUNDARIES[written] if written else AT_CLOSING

    @property
    def pauses(self) -> tuple[Interval, ...]:
        """When the clock stood still."""
        return tuple(
            Interval(self.instant(begins), self.instant(ends))
            for begins, ends in self.raw.get("pauses") or ()
        )

    def instant(self, written: str) -> datetime:
        """UTC; a local time that comes twice is the first of the two."""
        read = datetime.fromisoformat(written)
        return (read if read.tzinfo else read.replace(tzinfo=self.zone)).astimezone(UTC)

    def working_calendar(self, years: int) -> WorkingCalendar:
        """The calendar, published for so many years before and after the start."""
        year = self.start.year
        return self.calendars.covering(self.raw["cal"], year - years, year + years)


def read_vectors(path: Path) -> list[Vector]:
    """The vectors of a file, in its order."""
    content = json.loads(path.read_text(encoding="utf-8"))
    calendars = Calendars(content["calendars"])
    return [_vector(raw, calendars, at) for at, raw in enumerate(content["vectors"])]


def _vector(raw: Mapping[str, Any], calendars: Calendars, at: int) -> Vector:
    zone = ZoneInfo(raw.get("tz") or calendars.written[raw["cal"]].get("tz") or ALWAYS_UTC)
    return Vector(str(raw.get("id", f"#{at}")), raw, calendars, zone)


def _calendar(name: str, written: Mapping[str, Any], first_year: int, last_year: int) -> WorkingCalendar:
    return WorkingCalendar(
        id=name,
        zone=ZoneInfo(written.get("tz") or ALWAYS_UTC),
        week={WEEKDAYS.index(day[:3].lower()): _hours(hours) for day, hours in written["week"].items()},
        make_up_hours=(),
        off=_off(written, first_year, last_year),
        make_up=frozenset(),
        published_from=date(first_year, 1, 1),
        published_to=date(last_year, 12, 31),
        dated_hours=_dated(written.get("over")),
        breaks=_dated(written.get("brk")),
    )


def _off(written: Mapping[str, Any], first_year: int, last_year: int) -> frozenset[date]:
    days = {date.fromisoformat(day) for day in written.get("hol") or ()}
    for month_day in written.get("holmd") or ():
        for year in range(first_year, last_year + 1):
            # 29 February does not come every year.
            if month_day != "02-29" or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
                days.add(date.fromisoformat(f"{year:04}-{month_day}"))
    return frozenset(days)


def _dated(written: Mapping[str, Any] | None) -> dict[date, tuple[OpenHours, ...]]:
    return {date.fromisoformat(day): _hours(hours) for day, hours in (written or {}).items()}


def _hours(written: list[list[str]]) -> tuple[OpenHours, ...]:
    return tuple(
        sorted((OpenHours(_minutes(opens), _minutes(closes)) for opens, closes in written), key=_opening)
    )


def _opening(hours: OpenHours) -> int:
    return hours.opens


def _minutes(written: str) -> int:
    hours, minutes = written.split(":")[:2]
    return int(hours) * 60 + int(minutes)
