"""What must hold between the entries of a calendar file."""

from collections.abc import Iterator
from datetime import date

from models.rule_problems import Location, Problem
from sla_rules.calendar_file import CalendarFile, HolidayEntry


def check_calendar(content: CalendarFile) -> Iterator[Problem]:
    """Off days apart from days worked, each under its own notice, every published year there."""
    entries = [entry for year in content.years.values() for entry in year.holidays]
    off = frozenset(day for entry in entries for days in entry.off for day in days)
    for number, year in content.years.items():
        for index, entry in enumerate(year.holidays):
            yield from _check_entry(("years", number, "holidays", index), number, entry, off)
    yield from _check_dated(content, off)
    if content.intake and content.intake.then_from >= content.intake.until:
        yield Problem(("intake", "then_from"), "must be earlier in the day than until")
    if content.published_to < content.published_from:
        yield Problem(("published_to",), "comes before published_from")
    for number in range(content.published_from.year, content.published_to.year + 1):
        if number not in content.years:
            yield Problem(("years",), f"{number} is published but has no entry")
    if not any(content.week.values()):
        yield Problem(("week",), "no day has open hours, so nothing would ever be due")


def _check_dated(content: CalendarFile, off: frozenset[date]) -> Iterator[Problem]:
    for name, dated in (("dated_hours", content.dated_hours), ("breaks", content.breaks)):
        for day in dated:
            if day in off:
                yield Problem(
                    (name, str(day)),
                    f"{day} is off and has {name}; an off day has no hours at all, so remove one of the two",
                )
            if not content.published_from <= day <= content.published_to:
                yield Problem((name, str(day)), f"{day} lies outside published_from to published_to")


def _check_entry(where: Location, year: int, entry: HolidayEntry, off: frozenset[date]) -> Iterator[Problem]:
    for at, day in enumerate(entry.work):
        if day in off:
            yield Problem((*where, "work", at), f"{day} is both off and a make-up workday")
        if not _belongs(day, year):
            yield Problem((*where, "work", at), f"{day} does not belong to the notice of {year}")
    for at, days in enumerate(entry.off):
        for day in days:
            if not _belongs(day, year):
                yield Problem((*where, "off", at), f"{day} does not belong to the notice of {year}")


def _belongs(day: date, year: int) -> bool:
    """A notice covers its year and may begin in the December before."""
    return date(year - 1, 12, 1) <= day <= date(year, 12, 31)
