"""The calendar YAML that supervisors edit, and the calendar made from it."""

import re
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, PlainValidator, field_validator

from models.rule_files import RuleModel
from sla_rules.calendar import Holiday, Intake, OpenHours, WorkingCalendar

Day = Annotated[date, Field(strict=True)]
"""A day written as 2026-01-31, not as text or a number."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def parse_hours(written: Any) -> OpenHours:
    """`09:00-12:00` as minutes after midnight; 24:00 may end a day."""
    found = _HOURS.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{str(written)!r} is not open hours; write for example 09:00-12:00")
    opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if not opens < closes <= 1440:
        raise ValueError(f"{written}: must close after it opens, and by 24:00")
    return OpenHours(opens, closes)


def parse_clock(written: Any) -> int:
    """`17:00` as minutes after midnight; before 24:00."""
    found = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f'{str(written)!r} is not a time of day; write for example "17:00"')
    return int(found[1]) * 60 + int(found[2])


def parse_days(written: Any) -> tuple[date, ...]:
    """The days of `2026-01-01`, or of `2026-02-15 to 2026-02-23` with both ends."""
    if isinstance(written, date) and not isinstance(written, datetime):
        return (written,)
    parts = written.split(" to ") if isinstance(written, str) else []
    if len(parts) != 2:
        raise ValueError(f"{str(written)!r} is not a day; write 2026-01-01 or 2026-01-01 to 2026-01-03")
    first, last = (date.fromisoformat(part.strip()) for part in parts)
    if last <= first:
        raise ValueError(f"{written}: the last day must come after the first")
    return tuple(first + timedelta(days=count) for count in range((last - first).days + 1))


class HolidayEntry(RuleModel):
    """What one notice says of one holiday: the days off, and the weekend days worked for them."""

    zh: str
    en: str
    off: tuple[Annotated[tuple[date, ...], PlainValidator(parse_days)], ...]
    work: tuple[Day, ...] = ()


class NoticeYear(RuleModel):
    """One year's holidays and where they were announced."""

    notices: Annotated[tuple[str, ...], Field(min_length=1)]
    holidays: tuple[HolidayEntry, ...]


Hours = tuple[Annotated[OpenHours, PlainValidator(parse_hours)], ...]


def _with_days_as_text(written: Any) -> Any:
    """So that a mistake at 2026-02-13 is told to be there; pydantic would name the key by its repr."""
    return {str(day): hours for day, hours in written.items()} if isinstance(written, dict) else written


def _day_of_key(written: Any) -> date:
    """2026-01-31, and no other form of it."""
    if not isinstance(written, str) or _DAY.fullmatch(written) is None:
        raise ValueError(f"{str(written)!r} is not a day; write for example 2026-01-31")
    return date.fromisoformat(written)


DatedHours = Annotated[
    dict[Annotated[Day, BeforeValidator(_day_of_key)], Annotated[Hours, Field(min_length=1)]],
    BeforeValidator(_with_days_as_text),
]
ClockTime = Annotated[int, PlainValidator(parse_clock)]


class IntakeEntry(RuleModel):
    """From when on a day's post counts as come the next workday, and at what time of it."""

    until: ClockTime
    then_from: ClockTime


class CalendarFile(RuleModel):
    """A whole calendar file; a weekday that is not listed is a rest day.

    `dated_hours` are the hours of single days, instead of those of the week; `breaks` are taken
    out of whatever hours their days have.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    zone: str
    published_from: Day
    published_to: Day
    week: dict[str, Hours]
    make_up_hours: Annotated[Hours, Field(min_length=1)]
    dated_hours: DatedHours = Field(default_factory=dict)
    breaks: DatedHours = Field(default_factory=dict)
    intake: IntakeEntry | None = None
    years: dict[int, NoticeYear]

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone is called {zone!r}") from None
        return zone

    @field_validator("week")
    @classmethod
    def _weekdays_exist(cls, week: dict[str, Hours]) -> dict[str, Hours]:
        unknown = sorted(set(week) - set(WEEKDAYS))
        if unknown:
            raise ValueError(f"not a weekday: {', '.join(unknown)}; write {', '.join(WEEKDAYS)}")
        for day, hours in week.items():
            _in_order(day, hours)
        return week

    @field_validator("make_up_hours")
    @classmethod
    def _make_up_in_order(cls, hours: Hours) -> Hours:
        _in_order("make_up_hours", hours)
        return hours

    @field_validator("dated_hours", "breaks")
    @classmethod
    def _dated_in_order(cls, dated: DatedHours) -> DatedHours:
        for day, hours in dated.items():
            _in_order(str(day), hours)
        return dated


def calendar_of(content: CalendarFile) -> WorkingCalendar:
    """The calendar that a checked file describes."""
    holidays = [entry for year in content.years.values() for entry in year.holidays]
    return WorkingCalendar(
        id=content.id,
        zone=ZoneInfo(content.zone),
        week={WEEKDAYS.index(day): hours for day, hours in content.week.items()},
        make_up_hours=content.make_up_hours,
        off=frozenset(day for entry in holidays for days in entry.off for day in days),
        make_up=frozenset(day for entry in holidays for day in entry.work),
        published_from=content.published_from,
        published_to=content.published_to,
        holidays=tuple(
            _holiday(entry, year.notices) for year in content.years.values() for entry in year.holidays
        ),
        dated_hours=content.dated_hours,
        breaks=content.breaks,
        intake=Intake(content.intake.until, content.intake.then_from) if content.intake else None,
    )


def _holiday(entry: HolidayEntry, notices: tuple[str, ...]) -> Holiday:
    off = frozenset(day for days in entry.off for day in days)
    return Holiday(entry.zh, entry.en, off, frozenset(entry.work), notices)


def _in_order(where: str, hours: Hours) -> None:
    for earlier, later in pairwise(hours):
        if later.opens < earlier.closes:
            raise ValueError(f"{where}: hours must be in order and must not overlap")
