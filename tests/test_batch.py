"""Due times of many cases at once are those of each case alone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sla_rules import batch
from sla_rules.batch import due_many, local_to_utc, utc_to_local
from sla_rules.calendar import Intake, WorkingCalendar, instant_of, moment_of
from sla_rules.due import due_time
from sla_rules.open_time import Boundary
from sla_rules.written import TimedRule
from tests.offices import china, hours, office

CHINA = china()

CALENDARS: dict[str, WorkingCalendar] = {
    "Asia/Shanghai": CHINA,
    "Europe/Berlin": office(
        {"mon-fri": "08:00-13:00 14:00-18:00", "sun": "01:30-02:30"},
        "Europe/Berlin",
        first=date(2020, 1, 1),
        last=date(2023, 12, 31),
        off=frozenset({date(2021, 12, 24), date(2022, 5, 1), date(2023, 12, 29)}),
        breaks={date(2022, 3, 28): hours("09:00-09:30")},
        intake=Intake(16 * 60, 9 * 60),
    ),
    "America/New_York": office(
        {"mon-sat": "00:00-24:00", "sun": "02:00-03:00"},
        "America/New_York",
        first=date(2020, 1, 1),
        last=date(2023, 12, 31),
        make_up=frozenset({date(2021, 3, 14)}),
        dated_hours={date(2021, 11, 7): hours("00:00-01:30 04:00-24:00")},
        intake=Intake(17 * 60, 8 * 60 + 30),
    ),
    "America/Sao_Paulo": office(
        {"mon-fri": "09:00-18:00"}, "America/Sao_Paulo", first=date(2014, 1, 1), last=date(2019, 12, 31)
    ),
}

RULES = [
    {"time": "natural", "limit": "24 h"},
    {"time": "working_hours", "limit": "15 min"},
    {"time": "working_hours", "limit": "8 h"},
    {"time": "working_hours", "limit": "9999 h"},
    {"time": "working_days", "limit": "1 d"},
    {"time": "working_days", "limit": "15 d"},
    {"time": "working_days", "limit": "5 d", "ends": "same_clock"},
    {"time": "calendar_days", "limit": "7 d"},
    {"time": "calendar_days", "limit": "7 d", "roll_over": True},
    {"time": "calendar_days", "limit": "365 d", "ends": "same_clock"},
    {"time": "calendar_days", "limit": "3 d", "ends": "same_clock", "roll_over": True},
]


def rule(**written: object) -> TimedRule:
    return TimedRule.model_validate(written)


def starts_in_and_around(calendar: WorkingCalendar, seed: int, many: int) -> np.ndarray:
    """Random moments from two years before the published span to two years after it.

    Half of them are cut to the hour, which meets openings, closings, midnights and, with the
    hours around changes of the clocks that are added, the edges of daylight saving.
    """
    chance = np.random.default_rng(seed)
    first = moment_of(datetime(calendar.published_from.year - 2, 1, 1, tzinfo=UTC))
    last = moment_of(datetime(calendar.published_to.year + 2, 1, 1, tzinfo=UTC))
    found = chance.integers(first, last, many)
    hour = 3_600_000_000
    found[: many // 2] -= found[: many // 2] % hour
    changes = [each for each in calendar.table.clock.switches if first <= each <= last]
    around = [each + step * hour // 2 for each in changes for step in range(-60, 60)]
    return np.concatenate([found, np.array(around, dtype=np.int64)])


@pytest.mark.parametrize("zone", CALENDARS)
@pytest.mark.parametrize("written", RULES, ids=str)
def test_many_due_times_are_those_of_each_start_alone(zone, written):
    calendar, tried = CALENDARS[zone], rule(**written)
    starts = starts_in_and_around(calendar, len(str(written)), 400)
    dues, provisional = due_many(starts, tried, calendar)
    for start, due, unsure in zip(starts.tolist(), dues.tolist(), provisional.tolist(), strict=True):
        assert (instant_of(due), unsure) == due_time(instant_of(start), tried, calendar), instant_of(start)


@pytest.mark.parametrize(
    "written",
    [{"time": "working_days", "limit": "9999 d"}, {"time": "working_hours", "limit": "9999 h"}],
    ids=str,
)
def test_the_longest_limits_are_counted_far_past_the_published_calendar(written):
    starts = np.array([moment_of(datetime(year, 6, 1, 2, tzinfo=UTC)) for year in (2012, 2019, 2026)])
    dues, provisional = due_many(starts, rule(**written), CHINA)
    expected = [due_time(instant_of(start), rule(**written), CHINA) for start in starts.tolist()]
    assert [instant_of(due) for due in dues.tolist()] == [due for due, _ in expected]
    assert provisional.tolist() == [unsure for _, unsure in expected]


@pytest.mark.parametrize("reading", Boundary)
def test_many_follow_the_one_constant_that_says_what_is_due_at_closing(monkeypatch, reading):
    monkeypatch.setattr(batch, "AT_CLOSING", reading)
    hour = timedelta(hours=1)
    starts = [datetime(2026, 9, 1, tzinfo=UTC) + count * hour for count in range(600)]
    dues, _ = due_many(
        np.array([moment_of(each) for each in starts]), rule(time="working_hours", limit="4 h"), CHINA
    )
    assert [instant_of(due) for due in dues.tolist()] == [
        CHINA.add_working_hours(each, 4 * hour, reading) for each in starts
    ]


def test_what_needs_unpublished_years_is_marked_and_the_rest_is_not():
    starts = [datetime(2026, 12, 30, 2, tzinfo=UTC), datetime(2026, 12, 31, 2, tzinfo=UTC)]  # Wed, Thu
    asked = np.array([moment_of(start) for start in starts])
    dues, provisional = due_many(asked, rule(time="working_days", limit="1 d"), CHINA)
    assert provisional.tolist() == [False, True]
    # 24:00 in Shanghai; 1 January 2027 is a Friday that nobody has declared off yet.
    assert [f"{instant_of(due):%Y-%m-%d %H}" for due in dues.tolist()] == ["2026-12-31 16", "2027-01-01 16"]


def test_the_starts_are_left_as_they_were_and_none_is_fine():
    starts = np.array([moment_of(datetime(2026, 6, 1, 2, tzinfo=UTC))])
    kept = starts.copy()
    for written in RULES:
        due_many(starts, rule(**written), CHINA)
        empty, nothing = due_many(np.array([], dtype=np.int64), rule(**written), CHINA)
        assert (empty.size, nothing.size) == (0, 0)
    assert (starts == kept).all()


@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe"]
)
def test_walls_and_moments_agree_with_the_standard_library(zone):
    known = ZoneInfo(zone)
    chance = np.random.default_rng(7)
    day = 86_400_000_000
    moments = chance.integers(0, 365 * 75 * day, 2000) // 60_000_000 * 60_000_000
    walls = utc_to_local(moments, known)
    back = local_to_utc(walls.astype("datetime64[us]"), known)
    for moment, wall, found in zip(moments.tolist(), walls.tolist(), back.tolist(), strict=True):
        shown = instant_of(moment).astimezone(known)
        assert shown.replace(tzinfo=UTC, fold=0) == instant_of(wall)
        assert instant_of(found) == shown.replace(fold=0).astimezone(UTC)


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("2024-03-10T01:59", "2024-03-10T06:59"),
        ("2024-03-10T02:30", "2024-03-10T07:30"),  # left out: moved to 03:30
        ("2024-03-10T03:00", "2024-03-10T07:00"),
        ("2024-11-03T01:30", "2024-11-03T05:30"),  # comes twice: the first time
        ("2024-11-03T02:00", "2024-11-03T07:00"),
    ],
)
def test_walls_around_a_change_of_the_clocks(wall, utc):
    found = local_to_utc(np.array([wall], dtype="datetime64[us]"), ZoneInfo("America/New_York"))
    assert found.astype("datetime64[us]").astype("datetime64[m]").astype(str).tolist() == [utc]


def test_a_quarter_of_a_million_due_times_take_less_than_a_second():
    calendar = CHINA
    starts = starts_in_and_around(calendar, 1, 250_000)
    due_many(starts[:10], rule(time="working_hours", limit="8 h"), calendar)
    begun = datetime.now(UTC)
    due_many(starts, rule(time="working_hours", limit="8 h"), calendar)
    # Far less where nothing else runs; benchmarks/sla.py measures it.
    assert datetime.now(UTC) - begun < timedelta(seconds=1)
