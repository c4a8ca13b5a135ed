"""The page of a case: its clocks as bars that tell the truth, and its story in words without a name."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from desk.pages.clock_bars import ClockBars, Shape, clock_bars
from desk.pages.journal_words import NEWS_WORDS, SAFETY_WORDS
from desk.people.keys import make_key
from models.record import Clock
from models.vocabulary import Grade, NewsKind, Role, Safety, Target
from sla_rules.closed_time import closed_spans
from sla_rules.intervals import Interval
from tasks.story.state import ClockState
from tasks.story.values import ClockStory
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.front_door import front_door
from tests.harness.times import moment
from tests.offices import china
from tests.small_desk import shipped_rules

MONDAY = moment("Mon 2026-03-02 09:00")
CALLER = {"contact": "1", "may_call_back": True, "keep_secret": False}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def door(desk: ClockDesk) -> Iterator[TestClient]:
    with desk.place.database.writing() as session:
        key = make_key(session, "刘班长", Role.SUPERVISOR, None, desk.now)
    with front_door(desk.place, lambda: desk.now, headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


def clock(hours: float, stopped: float | None = None, state: ClockState = ClockState.OK, target: Target = Target.FEEDBACK) -> ClockStory:
    rule = next(each for each in shipped_rules().grades[Grade.U3].rules if each.target is target)
    return ClockStory(
        target=target, department="", cycle=1, started_at=MONDAY, due_at=MONDAY + timedelta(hours=hours),
        stopped_at=MONDAY + timedelta(hours=stopped) if stopped is not None else None, breached_at=None, provisional=False, state=state,
        rule_id=rule.id, reason_zh="因", reason_en="why",
    )  # fmt: skip


def drawn(clocks: list[ClockStory], now: float, *pauses: tuple[float, float]) -> ClockBars:
    still = [Interval(MONDAY + timedelta(hours=first), MONDAY + timedelta(hours=last)) for first, last in pauses]
    found = clock_bars(clocks, still, shipped_rules(), MONDAY + timedelta(hours=now))
    assert found is not None
    return found


def bars(found: ClockBars) -> dict[str, Shape]:
    return {each.look: each for each in found.drawings[0].shapes if each.height == 12.0}


def test_a_running_clock_is_filled_up_to_now_and_no_further() -> None:
    found = drawn([clock(100)], 25)
    parts = bars(found)
    assert set(parts) == {"cb-planned", "cb-run"}
    assert round(parts["cb-run"].width / parts["cb-planned"].width, 3) == 0.25
    now = found.drawings[0].now
    assert now is not None and round(now - parts["cb-run"].x, 1) == round(parts["cb-run"].width, 1)


def test_what_is_late_begins_at_the_due_time_and_ends_now() -> None:
    parts = bars(drawn([clock(10, state=ClockState.LATE)], 40))
    assert parts["cb-late"].x == pytest.approx(parts["cb-planned"].x + parts["cb-planned"].width)
    assert parts["cb-late"].width == pytest.approx(3 * parts["cb-planned"].width)


def test_a_clock_that_was_stopped_late_stays_late_up_to_then_and_there_is_no_now() -> None:
    found = drawn([clock(10, 15, ClockState.MISSED)], 400)
    parts = bars(found)
    assert parts["cb-late"].width == pytest.approx(parts["cb-planned"].width / 2)
    assert found.drawings[0].now is None
    assert [each.look for each in found.drawings[0].marks] == ["cb-due", "cb-stop"]


def test_a_pause_is_drawn_inside_the_clock_and_only_where_its_rule_knows_pauses() -> None:
    paused = bars(drawn([clock(100)], 60, (20, 40)))
    assert paused["cb-pause"].width == pytest.approx(paused["cb-planned"].width / 5)
    assert "cb-pause" not in bars(drawn([clock(24, target=Target.ACCEPTANCE)], 60, (2, 40)))


def test_everything_stays_inside_the_picture_in_both_sizes() -> None:
    many = [clock(0.5, 0.1, ClockState.MET, Target.ACCEPTANCE), clock(900), clock(1, state=ClockState.LATE)]
    for each in drawn(many, 300, (10, 20)).drawings:
        for shape in each.shapes:
            assert each.left <= shape.x and shape.x + shape.width <= each.width + 3.1
            assert 0 <= shape.y and shape.y + shape.height <= each.height


def test_a_case_without_clocks_has_no_picture() -> None:
    assert clock_bars([], [], shipped_rules(), MONDAY) is None


def test_a_long_picture_shades_rest_days_and_names_holidays_and_a_short_one_shades_nights() -> None:
    """Qingming 2026: Saturday 4 to Monday 6 April."""
    long = closed_spans(moment("Mon 2026-03-30 00:00"), moment("Wed 2026-04-08 00:00"), china())
    assert [(each.start, each.end, each.is_holiday) for each in long] == [
        (moment("Sat 2026-04-04 00:00"), moment("Tue 2026-04-07 00:00"), True)
    ]
    assert long[0].name_en
    short = closed_spans(moment("Mon 2026-03-02 00:00"), moment("Tue 2026-03-03 00:00"), china())
    assert short and all(not each.is_holiday for each in short)


def page(desk: ClockDesk, door: TestClient, label: str, language: str = "en") -> str:
    return door.get(f"/?case={label}&lang={language}").text


def lived(desk: ClockDesk) -> str:
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    desk.hears(label, "acknowledged", "EDU")
    desk.jump(moment("Tue 2026-03-03 10:15"))
    desk.hears(label, "contacted", "EDU")
    return label


def test_the_story_says_what_happened_in_both_languages(desk: ClockDesk, door: TestClient) -> None:
    label = lived(desk)
    english = page(desk, door, label)
    for words in ("Received 2026-03-02 09:00", "grade U3 (general)", "With Education since 2026-03-02 09:00", "accepted 2026-03-02 09:00", "spoke to the caller 2026-03-03 10:15", "Next due: All units on it, answer of the lead (the joint clock)"):
        assert words in english, words
    chinese = page(desk, door, label, "zh")
    for words in ("2026-03-02 09:00 受理", "派教育主办", "2026-03-03 10:15 联系来电人", "下一时限：全部承办单位，反馈"):
        assert words in chinese, words
    assert "Awaiting" not in chinese, "no English message on a Chinese page"


def test_a_case_handed_over_and_late_says_so(desk: ClockDesk, door: TestClient) -> None:
    label = lived(desk)
    desk.hears(label, "reassigned", "supervisor", department="MARKET", reason="wrong_unit")
    desk.jump(moment("Mon 2026-03-16 10:00"))
    desk.run_due()
    told = page(desk, door, label)
    for words in ("Given to Market supervision since 2026-03-03 10:15", "taken back 2026-03-03 10:15", "Late, now or before:", "not accepted yet"):
        assert words in told, words


def test_the_journal_has_words_and_roles_and_no_name(desk: ClockDesk, door: TestClient) -> None:
    label = lived(desk)
    assert door.post(f"/cases/{label}/say/safety_recorded", data={"once": "s" * 20, "safety": "safe", "source": "police"}).status_code == 200
    desk.run_due()
    told = page(desk, door, label)
    assert "supervisor</span>" in told and "刘班长" not in told and "client:" not in told
    for words in ("status changed", "from Dispatched", "to Accepted", "clock first contact", "news Record the child&#39;s safety"):
        assert words in told, words


def test_every_decision_names_its_rule_and_the_rule_set(desk: ClockDesk, door: TestClient) -> None:
    label = lived(desk)
    told = page(desk, door, label)
    assert told.count("rule <code>") >= 5
    digest = desk.place.rules_for(desk.case(label)).digest[:12]
    assert f"rule set <code>{digest}</code>" in told


def test_the_picture_has_its_text_and_no_style_of_its_own(desk: ClockDesk, door: TestClient) -> None:
    told = page(desk, door, lived(desk))
    assert told.count("<svg class=\"clocks") == 2
    ids = re.findall(r'\bid="([^"]+)"', told)
    assert len(ids) == len(set(ids))
    for each in re.findall(r'aria-labelledby="([^"]+)"', told):
        assert set(each.split()) <= set(ids)
    assert re.search(r"<desc id=[^>]+>[^<]*answer of the lead \(the joint clock\): 2026-03-02 09:00", told)
    assert "style=" not in told and "<style" not in told and "<script" not in told


def test_every_kind_of_news_and_state_of_safety_has_words() -> None:
    assert set(NEWS_WORDS) == set(NewsKind) and set(SAFETY_WORDS) == set(Safety)


def test_the_page_tells_the_type_of_the_call_and_to_whom_it_was_handed_over(desk: ClockDesk, door: TestClient) -> None:
    label = desk.take_in(
        "邻居家男人现在正在打孩子", danger_now=True, call_type="adult_about_child", handed_over={"to": "120", "receipt": "120-77"}
    )
    desk.run_due()
    desk.hears(label, "handed_over", "operator", to="110", at=desk.now, receipt="JJ-1")
    page = door.get(f"/?case={label}&lang=zh").text
    head = re.sub(r"<[^>]+>", "", page[: page.index("收到消息")])
    assert "来电类型：成年人说孩子的事" in head
    for said in ("120 急救", "120-77", "110 公安", "JJ-1", "紧急移交"):
        assert said in head, said
    assert 'action="/cases/' in page and "/say/handed_over" in page


def test_rules_hashes_and_codes_are_folded_away_for_whoever_checks(desk: ClockDesk, door: TestClient) -> None:
    told = page(desk, door, lived(desk))
    folded = told[told.index('<details class="record">') :]
    assert "rule <code>" in folded and "<code>S09</code>" in folded
    open_part = told[: told.index('<details class="record">')]
    for code in ("rule <code>", "<code>S09</code>", "kind S09", desk.place.rules_for(desk.case("W-000001")).digest[:12]):
        assert code not in open_part, code


def test_a_case_nobody_has_looked_at_has_no_grade_yet(desk: ClockDesk, door: TestClient) -> None:
    label = desk.take_in(kind="S09")
    for path in (f"/?case={label}&lang=zh", "/?lang=zh", "/cases?lang=zh"):
        row = door.get(path).text
        assert "尚未定级" in row and '<b class="badge U3"' not in row.split("<tbody", 1)[-1], path
    desk.run_due()
    assert "尚未定级" not in page(desk, door, label, "zh")


def test_whose_clock_is_next_is_said(desk: ClockDesk, door: TestClient) -> None:
    label = desk.take_in("托育机构老师掐孩子胳膊", kind="S11", nature="REPORT")
    desk.run_due()
    told = page(desk, door, label)
    first = min((each for each in desk.rows(Clock, label) if each.stopped_at is None), key=lambda each: each.due_at)
    units = desk.place.catalogue.departments
    assert f"Next due: {units[first.department].name_en if first.department else 'The desk'}, " in told
    assert '<th role="columnheader">Whose time</th>' in told


def test_the_log_says_from_whom_the_childs_safety_is_known_and_what_a_look_at_closing_found(desk: ClockDesk, door: TestClient) -> None:
    label = lived(desk)
    desk.hears(label, "safety_recorded", "operator", safety="safe", source="police")
    desk.hears(label, "replied", "EDU", text="已到校核查，食堂自三月起在门口公示每日菜价，并已电话告知家长。", resolved=True)
    told = page(desk, door, label, "zh")
    log = told[told.index("流水") if "流水" in told else 0 :]
    assert "消息来源 公安" in log and "受理途径 公安" not in log
    assert re.search(r"办结核查 <span class=\"quiet\">所需齐备", log)
    assert "次数" not in log


def test_a_call_in_which_nobody_asks_for_anything_has_no_order_to_send_out(desk: ClockDesk, door: TestClient) -> None:
    silent = desk.take_in("无声，有呼吸声", call_type="silent")
    asked = desk.take_in(kind="S09")
    hurt = desk.take_in("孩子被爸爸打得浑身是伤，救命", call_type="hang_up")
    desk.run_due()
    assert [bool(desk.clocks(each, Target.DISPATCH)) for each in (silent, asked, hurt)] == [False, True, True]


def test_a_chinese_page_has_chinese_colons(desk: ClockDesk, door: TestClient) -> None:
    shown = re.sub(r"<[^>]+>", "", page(desk, door, lived(desk), "zh"))
    assert "等待：" in shown
    assert not re.findall(r"[\u4e00-\u9fff]: ", shown)
