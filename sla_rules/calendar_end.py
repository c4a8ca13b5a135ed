"""Whether the holidays are published far enough ahead."""

from collections.abc import Iterator
from datetime import date, timedelta

from models.rule_problems import Problem
from sla_rules.calendar_file import CalendarFile

AHEAD = timedelta(days=90)
"""A quarter: the State Council's notice for a year came out in October or November of late."""


def check_calendar_end(content: CalendarFile, today: date) -> Iterator[Problem]:
    """A warning when the calendar has ended or will soon; due times past it are provisional."""
    last = content.published_to
    if last - today > AHEAD:
        return
    ended = "ended on" if last < today else "ends on"
    missing = last.year if (last.month, last.day) != (12, 31) else last.year + 1
    yield Problem(
        ("published_to",),
        f"the calendar {ended} {last}; due times in working time after that day are provisional",
        f"when the holidays of {missing} are announced, add years.{missing} with its notices and"
        f" holidays, and move published_to to {missing}-12-31",
        "warning",
    )
