"""What supervisors write into a calendar file, and what they are told about a mistake in it."""

import shutil
from datetime import date
from pathlib import Path

import pytest

import sla_rules
from models.rule_files import RuleFileError
from sla_rules.calendar import Intake, OpenHours
from sla_rules.loader import load_rule_book
from tests.offices import hours

SHIPPED = Path(sla_rules.__file__).parent
ADDED = """\
dated_hours:
  2026-02-13: [09:00-12:00]
  2026-02-28: [10:00-12:00, 13:00-24:00]
breaks:
  2026-06-01: [09:30-10:15, 13:00-14:00]
intake: {until: "17:00", then_from: "08:30"}

years:
"""


@pytest.fixture
def calendar_file(tmp_path: Path) -> Path:
    """The calendar file of a copy of the shipped rules."""
    for part in ("rules", "calendars"):
        shutil.copytree(SHIPPED / part, tmp_path / part)
    return tmp_path / "calendars" / "china.yaml"


def write(path: Path, old: str, new: str) -> int:
    """Replaces the first `old`, which must be there; the line it stands on."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_dated_hours_breaks_and_intake_are_read(calendar_file):
    write(calendar_file, "years:\n", ADDED)
    calendar = load_rule_book(calendar_file.parents[1]).calendar
    assert calendar.hours_on(date(2026, 2, 13)) == hours("09:00-12:00")
    # A Saturday worked for Spring Festival, with hours of its own up to midnight.
    assert calendar.hours_on(date(2026, 2, 28)) == (OpenHours(600, 720), OpenHours(780, 1440))
    assert calendar.hours_on(date(2026, 6, 1)) == hours("09:00-09:30 10:15-12:00 14:00-18:00")
    assert calendar.intake == Intake(17 * 60, 8 * 60 + 30)


def test_the_shipped_calendar_needs_none_of_them():
    calendar = load_rule_book().calendar
    assert (dict(calendar.dated_hours), dict(calendar.breaks), calendar.intake) == ({}, {}, None)


@pytest.mark.parametrize(
    ("old", "new", "below", "column", "told"),
    [
        ("2026-02-13: [09", "2026-02-16: [09", 0, 3, "2026-02-16 is off and has dated_hours"),
        ("2026-06-01: [09", "2026-10-01: [09", 0, 3, "2026-10-01 is off and has breaks"),
        ("2026-02-13: [09", "2027-02-12: [09", 0, 3, "2027-02-12 lies outside published_from"),
        ("[09:00-12:00]", "[09:00-25:00]", 0, 16, "closes after it opens|close after it opens"),
        ("2026-02-13: ", "13 February: ", 0, 3, "13 February. is not a day"),
        ("2026-02-13: ", "20260213: ", 0, 3, "20260213. is not a day"),
        ("[09:00-12:00]", "[9-12]", 0, 16, "write for example 09:00-12:00"),
        ("[09:00-12:00]", "[]", 0, 3, "at least 1 item|must not be empty"),
        ("[09:30-10:15, 13:00-14:00]", "[13:00-14:00, 09:30-10:15]", -1, 1, "2026-06-01: hours must be in order"),
        ('then_from: "08:30"', 'then_from: "17:00"', 0, 26, "must be earlier in the day than until"),
        ('until: "17:00"', 'until: "24:00"', 0, 10, "is not a time of day"),
        ('until: "17:00"', "until: 5 pm", 0, 10, "is not a time of day"),
        ('intake: {until: "17:00", ', 'intake: {untill: "17:00", ', 0, 10, "untill|Extra"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_column(calendar_file, old, new, below, column, told):
    write(calendar_file, "years:\n", ADDED)
    line = write(calendar_file, old, new) + below
    with pytest.raises(RuleFileError, match=rf"china\.yaml:{line}:{column}: .*({told})"):
        load_rule_book(calendar_file.parents[1])


def test_a_day_cannot_be_off_and_made_up(calendar_file):
    line = write(calendar_file, "work: [2018-04-08]", "work: [2018-04-06]")
    with pytest.raises(
        RuleFileError, match=rf"china\.yaml:{line}:\d+: .*2018-04-06 is both off and a make-up"
    ):
        load_rule_book(calendar_file.parents[1])
