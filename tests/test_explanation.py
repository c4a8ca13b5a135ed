"""Explanations: what was counted adds up to the limit, and reads well as text, JSON and picture."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from desk.cli import app as cli
from desk.cli import rules_explain as cli_rules_explain
from models.case import Case
from models.record import Clock
from models.vocabulary import Grade, KindOfTime, Target
from sla_rules.calendar import Holiday, Intake, OpenHours, WorkingCalendar
from sla_rules.due import due_at
from sla_rules.explanation import Explanation, explain
from sla_rules.explanation_svg import explanation_svg
from sla_rules.explanation_text import explanation_json, explanation_text
from sla_rules.intervals import Interval
from sla_rules.matching import Request, passed_over
from sla_rules.picture_ticks import ticks
from sla_rules.stretches import DayKind, Part
from sla_rules.written import TimedRule
from tasks import workplace
from tasks.clocks.explained import explained_clocks
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.times import moment
from tests.small_desk import shipped_catalogue, shipped_rules

CHINA = shipped_rules().calendar
NEW_YORK = ZoneInfo("America/New_York")
OFFICE = (OpenHours(8 * 60 + 30, 12 * 60), OpenHours(12 * 60 + 30, 17 * 60))
AMERICAN = WorkingCalendar(
    id="american",
    zone=NEW_YORK,
    week=dict.fromkeys(range(5), OFFICE),
    make_up_hours=OFFICE,
    off=frozenset({date(2026, 7, 3), date(2026, 11, 26)}),
    make_up=frozenset({date(2026, 11, 28)}),
    published_from=date(2026, 1, 1),
    published_to=date(2026, 12, 31),
    dated_hours={date(2026, 12, 24): (OpenHours(9 * 60, 12 * 60),), date(2026, 3, 8): (OpenHours(0, 1440),)},
    breaks={date(2026, 6, 10): (OpenHours(10 * 60, 11 * 60),)},
    intake=Intake(until=17 * 60, then_from=8 * 60 + 30),
)
"""Daylight saving, a night shift over its beginning, breaks, dated hours and an intake that closes."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SVG = "{http://www.w3.org/2000/svg}"


def rule(time: str, limit: str, **more: object) -> TimedRule:
    return TimedRule.model_validate({"time": time, "limit": limit, **more})


def pause(start: str, end: str) -> Interval:
    return Interval(moment(start), moment(end))


def told(explanation: Explanation, lang: str = "en") -> list[str]:
    """The lines of the table, blanks joined."""
    lines = explanation_text(explanation, "zh" if lang == "zh" else "en").split("\n\n")[1].splitlines()
    return [" ".join(line.split()) for line in lines]


def any_rule(chance: random.Random) -> TimedRule:
    time = chance.choice(list(KindOfTime))
    if time in (KindOfTime.NATURAL, KindOfTime.WORKING_HOURS):
        return rule(time, f"{chance.randint(1, 60 * 90)} min")
    ends = chance.choice(["day_end", "same_clock"])
    rolls = time is KindOfTime.CALENDAR_DAYS and chance.random() < 0.4
    return rule(time, f"{chance.randint(1, 45)} d", ends=ends, roll_over=rolls)


def any_pauses(chance: random.Random, start: datetime) -> list[Interval]:
    begins = [start + timedelta(minutes=chance.randint(-3000, 40_000)) for _ in range(chance.randrange(4))]
    return [Interval(at, at + timedelta(seconds=chance.randint(0, 500_000))) for at in begins]


@pytest.mark.parametrize("calendar", [CHINA, AMERICAN], ids=["china", "american"])
@pytest.mark.parametrize("seed", range(8))
def test_what_was_counted_is_the_limit_and_ends_when_it_is_due(seed: int, calendar: WorkingCalendar) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        # Some starts lie past the published calendar, some run into it, some fall on full minutes.
        start = datetime(2025, 11, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(700 * 1440))
        if chance.random() < 0.3:
            start = calendar.end_of(calendar.local_day(start))
        counted, pauses = any_rule(chance), any_pauses(chance, start)
        found = explain(start, counted, calendar, pauses)
        due = due_at(start, counted, calendar, pauses)
        case = (start, counted, pauses)
        assert found.counted == counted.limit.length, case
        assert (found.due, found.provisional) == (due.at, due.provisional), case
        assert found.stretches[0].start == start and found.stretches[-1].end == due.at, case
        assert all(one.end == two.start for one, two in pairwise(found.stretches)), case
        lost = sum((each.lost for each in found.stretches), timedelta())
        assert sum((each.cost for each in found.pauses), timedelta()) == lost, case


def test_pauses_cost_what_they_move_the_due_time_by_in_the_clocks_own_time() -> None:
    weekend = pause("Fri 2026-06-05 16:00", "Mon 2026-06-08 10:00")
    found = explain(moment("Fri 2026-06-05 15:00"), rule("working_hours", "2 h"), CHINA, [weekend])
    assert [each.cost for each in found.pauses] == [3 * HOUR]
    found = explain(moment("Fri 2026-06-05 15:00"), rule("natural", "2 h"), CHINA, [weekend])
    assert [each.cost for each in found.pauses] == [66 * HOUR]
    found = explain(moment("Thu 2026-06-04 15:00"), rule("working_days", "3 d"), CHINA, [weekend])
    assert [each.cost for each in found.pauses] == [DAY]  # Monday; Saturday and Sunday are free anyway
    found = explain(moment("Thu 2026-06-04 15:00"), rule("calendar_days", "3 d"), CHINA, [weekend])
    assert [each.cost for each in found.pauses] == [3 * DAY]


def test_a_pause_after_the_due_time_is_none_of_its_business() -> None:
    later = pause("Mon 2026-06-01 14:00", "Mon 2026-06-01 15:00")
    assert explain(moment("Mon 2026-06-01 10:00"), rule("natural", "4 h"), CHINA, [later]).pauses == ()


def test_days_carry_the_name_of_their_holiday_and_its_notice() -> None:
    found = explain(moment("Wed 2026-09-30 10:00"), rule("working_days", "3 d"), CHINA)
    by_day = {each.day: each for each in found.stretches}
    national, made_up = by_day[date(2026, 10, 1)], by_day[date(2026, 10, 10)]
    assert (national.kind, national.part, national.name_zh) == (DayKind.HOLIDAY, Part.CLOSED, "国庆节")
    assert (made_up.kind, made_up.part, made_up.name_en) == (DayKind.MAKE_UP, Part.COUNTED, "National Day")
    assert made_up.notices == ("https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm",)
    assert by_day[date(2026, 9, 30)].part is Part.FIRST_DAY


def test_working_hours_list_each_open_stretch_and_the_days_between() -> None:
    found = explain(moment("Fri 2026-06-05 10:00"), rule("working_hours", "9 h"), CHINA)
    assert told(found) == [
        "Fri 2026-06-05 10:00–12:00 2 h open hours",
        "Fri 2026-06-05 13:00–18:00 5 h open hours",
        "Sat 2026-06-06 – Sun 2026-06-07 – weekend",
        "Mon 2026-06-08 09:00–11:00 2 h open hours",
        "───",
        "sum 9 h the limit: 9 working hours",
    ]


def test_working_days_name_what_does_not_count_in_chinese() -> None:
    found = explain(moment("Wed 2026-09-30 10:00"), rule("working_days", "3 d"), CHINA)
    assert told(found, "zh") == [
        "2026-09-30 周三 – 开始当日，不计入",
        "2026-10-01 周四 – 2026-10-07 周三 – 国庆节",
        "2026-10-08 周四 – 2026-10-09 周五 2 天 工作日",
        "2026-10-10 周六 1 天 调休上班（国庆节）",
        "────",
        "合计 3 天 即时限 3个工作日",
    ]


def test_calendar_days_that_roll_over_say_which_days_did_not_count() -> None:
    found = explain(moment("Wed 2026-09-30 10:00"), rule("calendar_days", "7 d", roll_over=True), CHINA)
    assert told(found)[1:3] == [
        "Thu 2026-10-01 – Wed 2026-10-07 7 d National Day, counted all the same",
        "Thu 2026-10-08 – last day was a rest day, moved to the next workday",
    ]


def test_a_start_after_intake_counts_from_the_next_morning() -> None:
    start = datetime(2026, 6, 5, 18, 0, tzinfo=NEW_YORK)  # a Friday
    found = explain(start, rule("working_days", "2 d", ends="same_clock"), AMERICAN)
    assert found.due == datetime(2026, 6, 10, 8, 30, tzinfo=NEW_YORK)
    assert told(found)[0].startswith("Fri 2026-06-05 18:00 – Mon 2026-06-08 08:30 – rest day or after intake")
    assert found.reason_en == (
        "Due 2026-06-10 08:30: 2 working days from 2026-06-05 18:00; the first day not counted;"
        " counted as received 2026-06-08 08:30; the time of day kept."
    )
    assert "视为2026-06-08 08:30收到" in found.reason_zh


def test_ordinary_weeks_take_one_line() -> None:
    found = explain(moment("Mon 2026-03-02 10:00"), rule("working_days", "20 d"), CHINA)
    assert told(found)[1:-2] == ["Tue 2026-03-03 – Mon 2026-03-30 20 d 20 workdays, 8 rest days not counted"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_half_a_year_with_pauses_fits_a_screen(lang: str) -> None:
    still = [pause("Mon 2026-03-02 10:00", "Thu 2026-04-02 10:00")]
    found = explain(moment("Mon 2026-01-05 10:00"), rule("working_days", "120 d"), CHINA, still)
    text = explanation_text(found, "zh" if lang == "zh" else "en")
    assert len(text.splitlines()) < 45
    assert ("cost 23 d" in text) is (lang == "en")


def test_an_extension_is_shown_after_what_was_counted() -> None:
    found = explain(moment("Mon 2026-06-01 10:00"), rule("natural", "4 h"), CHINA, (), 24 * HOUR)
    assert (found.due, found.counted) == (moment("Tue 2026-06-02 14:00"), 4 * HOUR)
    assert "Extended by 24 h, to Tue 2026-06-02 14:00." in explanation_text(found, "en")
    assert found.stretches[-1].part is Part.EXTENDED


def test_a_provisional_due_time_says_so_everywhere() -> None:
    found = explain(moment("Mon 2026-12-28 10:00"), rule("working_days", "5 d"), CHINA)
    assert "PROVISIONAL" in explanation_text(found, "en").splitlines()[0]
    assert explanation_json(found)["provisional"] is True
    assert "（暂定）" in explanation_svg([("", found)], "zh")


def test_json_has_every_stretch_and_adds_up() -> None:
    found = explain(moment("Fri 2026-06-05 15:30"), rule("working_hours", "30 min"), CHINA)
    told_json = json.loads(json.dumps(explanation_json(found)))
    assert (told_json["unit"], told_json["limit"], told_json["counted"]) == ("seconds", 1800, 1800)
    assert told_json["stretches"] == [
        {
            "start": "2026-06-05T15:30:00+08:00", "end": "2026-06-05T16:00:00+08:00", "day": "2026-06-05",
            "kind": "workday", "part": "counted", "counted": 1800.0, "lost": 0.0, "name_zh": "",
            "name_en": "", "notices": [],
        }
    ]  # fmt: skip
    days = explanation_json(explain(moment("Fri 2026-06-05 15:30"), rule("calendar_days", "7 d"), CHINA))
    assert (days["unit"], days["limit"], sum(each["counted"] for each in days["stretches"])) == ("days", 7, 7)


PICTURES = {
    "a quarter of an hour": ("Fri 2026-09-18 17:30", "natural", "15 min", []),
    "four hours over a weekend": ("Fri 2026-06-05 16:00", "working_hours", "4 h", []),
    "National Day": ("Mon 2026-09-28 10:00", "calendar_days", "7 d", []),
    "sixty days": ("Thu 2026-08-20 10:00", "working_days", "60 d", []),
    "half a year": (
        "Mon 2026-01-05 10:00",
        "calendar_days",
        "180 d",
        [pause("Mon 2026-03-02 10:00", "Thu 2026-04-02 10:00"), pause("Thu 2026-06-18 10:00", "Sat 2026-06-20 12:00")],
    ),
    "thirty years": ("Mon 2026-01-05 10:00", "calendar_days", "9999 d", []),
}


def drawn(name: str) -> str:
    start, time, limit, pauses = PICTURES[name]
    return explanation_svg([("feedback", explain(moment(start), rule(time, limit), CHINA, pauses))], "en")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_stands_alone_within_a_thousand_pixels(name: str) -> None:
    picture = ElementTree.fromstring(drawn(name))
    assert int(picture.attrib["width"]) <= 1000
    assert picture.attrib["role"] == "img"
    assert picture.findtext(f"{SVG}title", "").startswith("feedback · Due ")
    assert picture.findtext(f"{SVG}desc", "").startswith("Due ")
    tags = {each.tag.removeprefix(SVG) for each in picture.iter()}
    assert tags <= {"svg", "title", "desc", "style", "defs", "pattern", "clipPath", "path", "rect", "g", "text"}
    assert "prefers-color-scheme:dark" in drawn(name)
    assert not re.search(r"href|@import|@font-face|url\((?!#)", drawn(name))


@pytest.mark.parametrize("name", PICTURES)
def test_no_two_words_on_the_axis_touch(name: str) -> None:
    lines: dict[str, list[tuple[float, float]]] = {}
    for each in ElementTree.fromstring(drawn(name)).iter(f"{SVG}text"):
        if each.attrib["class"] in ("wx-tick-text", "wx-end-text"):
            x, width = float(each.attrib["x"]), 6.2 * len(each.text or "")
            left = {"start": x, "middle": x - width / 2, "end": x - width}[each.attrib["text-anchor"]]
            lines.setdefault(each.attrib["y"], []).append((left, left + width))
    assert len(lines) == 2
    for spans in lines.values():
        spans.sort()
        assert all(one[1] < two[0] for one, two in pairwise(spans))
        assert spans[0][0] >= 0 and spans[-1][1] <= 1000


def test_the_bar_is_filled_from_edge_to_edge() -> None:
    bars = [
        (float(each.attrib["x"]), float(each.attrib["width"]))
        for each in ElementTree.fromstring(drawn("four hours over a weekend")).iter(f"{SVG}rect")
        if each.attrib.get("class") in ("wx-counted", "wx-closed") and each.attrib["height"] == "30"
    ]
    assert bars[0][0] == 24
    assert sum(width for _, width in bars) == pytest.approx(952, abs=0.5)
    # Two hours of 67 are counted at either end.
    assert bars[0][1] == pytest.approx(952 * 2 / 67, abs=0.1)


def test_holidays_make_up_days_and_pauses_are_marked_and_named() -> None:
    assert "Spring Festival" in drawn("half a year")
    assert "paused 31 d" in drawn("half a year")
    assert "url(#h" in drawn("sixty days") and "wx-make_up" in drawn("sixty days")


def test_words_from_a_calendar_file_cannot_break_out_of_the_picture() -> None:
    day = date(2026, 6, 2)
    evil = replace(CHINA, off=frozenset({day}), make_up=frozenset(), holidays=(
        Holiday("<script>", "</text><script>alert('x')</script>", frozenset({day})),
    ))  # fmt: skip
    picture = explanation_svg([("<b>", explain(moment("Mon 2026-06-01 10:00"), rule("calendar_days", "3 d"), evil))], "en")
    assert "script" not in {each.tag.removeprefix(SVG) for each in ElementTree.fromstring(picture).iter()}
    assert "&lt;script&gt;" in picture


def test_pictures_in_one_page_share_no_ids() -> None:
    ids = [set(re.findall(r'id="([^"]+)"', drawn(name))) for name in PICTURES]
    assert sum(map(len, ids)) == len(set().union(*ids))


@pytest.mark.parametrize("length", [timedelta(minutes=1), HOUR, DAY, 3 * DAY, 40 * DAY, 400 * DAY, 10_000 * DAY])
def test_an_axis_has_some_marks_and_never_too_many(length: timedelta) -> None:
    start = moment("Mon 2026-03-02 09:07")
    found, _ = ticks(start, start + length, CHINA.zone, most=10)
    assert 1 <= len(found) <= 11


# The command line.


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same files, read once for all tests instead of once per command."""
    monkeypatch.setattr(cli_rules_explain, "load_catalogue", shipped_catalogue)
    monkeypatch.setattr(workplace, "load_catalogue", shipped_catalogue)
    monkeypatch.setattr(workplace, "load_rule_book", shipped_rules)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClockDesk]:
    for name in ("WHISTLE_DATABASE_URL", "WHISTLE_MASTER_KEY", "PREFECT_API_URL", "WHISTLE_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path / "desk"))
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


def whistle(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["rules", *arguments])


@pytest.fixture
def paused_case(desk: ClockDesk) -> str:
    """In work since Mon 2026-03-02 09:00, hung up from then to Thursday, extended by a day."""
    label = desk.take_in(kind="S09")
    desk.run_due()
    desk.hears(label, "contacted", "EDU")
    desk.hears(label, "hung_up", "operator", reason="awaiting_expert_opinion", review_at=desk.now + 3 * DAY)
    desk.now += 3 * DAY
    desk.run_due()
    desk.hears(label, "extension_asked", "EDU", reason="needs_inspection", days=1, caller_told=True)
    desk.hears(label, "extension_decided", "supervisor", granted=True, days=1)
    return label


def test_every_clock_of_a_living_case_is_explained_to_its_recorded_due_time(desk: ClockDesk, paused_case: str) -> None:
    desk.hears(paused_case, "help_asked", "EDU", department="HEALTH")
    with desk.place.database.reading() as session:
        case = session.get_one(Case, int(paused_case.removeprefix("W-")))
        found = explained_clocks(desk.place, session, case, desk.now)
        assert len(found) >= 5
        assert all(each.agrees for each in found), [(each.clock.target, each.explanation) for each in found]
        assert any(each.explanation and each.explanation.pauses for each in found)
        assert any(each.explanation and each.explanation.extension for each in found)
        assert {each.clock.stopped_at is None for each in found} == {True, False}


def test_a_stored_case_is_explained_in_codes(desk: ClockDesk, paused_case: str, tmp_path: Path) -> None:
    picture = tmp_path / "bar.svg"
    result = whistle("explain", paused_case, "--target", "feedback", "--lang", "en", "--svg", str(picture))
    assert result.exit_code == 0, result.output
    assert f"## {paused_case} feedback" in result.stdout
    assert "Tue 2026-03-03 – Thu 2026-03-05 – paused" in " ".join(result.stdout.split())
    assert "cost 3 d" in result.stdout
    assert "on record" not in result.stdout
    ElementTree.fromstring(picture.read_text(encoding="utf-8"))


def test_a_case_as_json_names_rule_set_and_calendar(desk: ClockDesk, paused_case: str) -> None:
    told_json = json.loads(whistle("explain", paused_case, "--json").stdout)
    book = shipped_rules()
    assert told_json["number"] == paused_case
    assert {each["rule_hash"] for each in told_json["clocks"]} == {book.digest}
    assert all(each["explanation"]["counted"] == each["explanation"]["limit"] for each in told_json["clocks"])


def test_a_clock_of_rules_no_longer_kept_tells_its_recorded_sentence(desk: ClockDesk, paused_case: str) -> None:
    with desk.place.database.writing() as session:
        clock = session.get_one(Clock, desk.clock(paused_case, Target.FEEDBACK).id)
        clock.rule_hash = "0" * 64
    result = whistle("explain", paused_case, "--target", "feedback", "--lang", "en")
    assert "on record as due" in result.stdout
    assert "7 calendar days" in result.stdout


def test_a_case_nobody_has_is_refused() -> None:
    assert whistle("explain").exit_code == 1
    assert whistle("explain", "5", "--start", "Fri 2026-09-18 17:30").exit_code == 1


SCHOOL_FIRST = """
      - id: u3-feedback-bullying
        target: feedback
        time: calendar_days
        limit: 6 d
        kinds: [S01, S02]
        source: a rule for the test
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The desk's rules with one more for two kinds, above the general one."""
    chosen = tmp_path / "rules"
    for name, text in shipped_files().items():
        path = chosen / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == "rules/grades.yaml":
            text = text.replace("\n      - id: u3-feedback\n", f"{SCHOOL_FIRST}      - id: u3-feedback\n")
        path.write_text(text, encoding="utf-8")
    return chosen


def shipped_files() -> dict[str, str]:
    source = Path(__file__).parents[1] / "sla_rules"
    names = [*source.glob("rules/*.yaml"), *source.glob("calendars/*.yaml"), source / "examples.yaml"]
    return {path.relative_to(source).as_posix(): path.read_text(encoding="utf-8") for path in names}


def asked(folder: Path, *more: str) -> Result:
    return whistle("explain", "--rules", str(folder), "--grade", "U3", "--lang", "en", *more)


def test_a_request_that_might_be_says_which_rule_it_goes_by_and_why_not_another(folder: Path) -> None:
    general = asked(folder, "--start", "Fri 2026-09-18 17:30", "--kind", "S05", "--department", "education")
    assert general.exit_code == 0, general.output
    assert "rule u3-feedback (" in general.stdout
    assert "not u3-feedback-bullying: only kinds S01, S02" in general.stdout
    assert "due Fri 2026-09-25 24:00" in general.stdout
    special = asked(folder, "--start", "2026-09-18 17:30", "--kind", "S01")
    assert "rule u3-feedback-bullying (" in special.stdout
    assert "due Thu 2026-09-24 24:00" in special.stdout


def test_rules_are_passed_over_for_their_dates_and_for_every_condition_not_met() -> None:
    book = shipped_rules()
    general = book.grades[Grade.U3].rules[3]
    ended = general.model_copy(update={"id": "ended", "effective_to": date(2026, 8, 31)})
    narrow = general.model_copy(
        update={"id": "narrow", "departments": ("CIVIL",), "kinds": tuple(f"S{each:02}" for each in range(1, 10))}
    )
    u3 = book.grades[Grade.U3].model_copy(update={"rules": (ended, narrow, *book.grades[Grade.U3].rules)})
    request = Request(Grade.U3, Target.FEEDBACK, date(2026, 9, 18), "F01", "EDU")
    assert [(each.rule.id, each.en) for each in passed_over(replace(book, grades={Grade.U3: u3}), request)] == [
        ("ended", "in force only until 2026-08-31"),
        ("narrow", "only kinds S01, S02, S03, S04, S05, S06 and 3 more; only departments CIVIL"),
    ]


def test_a_pause_that_might_be_moves_only_clocks_that_pause(folder: Path) -> None:
    still = ("--start", "Fri 2026-09-18 17:30", "--pause", "2026-09-21 09:00 to 2026-09-22 12:00")
    assert "due Sat 2026-09-26 24:00" in asked(folder, *still).stdout
    never = asked(folder, *still, "--target", "review")
    assert "this clock never pauses" in never.stdout
    # Half an hour on Friday, three and a half on the make-up Sunday, noon left out.
    assert "due Sun 2026-09-20 13:30" in never.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--start", "Thu 2026-09-18 17:30"], "2026-09-18 is a Friday, not a Thursday"),
        (["--start", "yesterday"], "--start: 'yesterday' is no moment"),
        (["--start", "Fri 2026-09-18 17:30", "--pause", "lunch"], "--pause: 'lunch' is no span of time"),
        (["--start", "Fri 2026-09-18 17:30", "--department", "Nobody"], "no department is called 'Nobody'"),
        (["--start", "Fri 2026-09-18 17:30", "--kind", "S99"], "no kind is called 'S99'"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(arguments: list[str], said: str, folder: Path) -> None:
    result = asked(folder, *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_what_a_grade_does_not_measure_is_said(folder: Path) -> None:
    result = asked(folder, "--start", "Fri 2026-09-18 17:30", "--target", "supervision")
    assert (result.exit_code, result.stdout.strip()) == (1, "U3 does not measure supervision")
