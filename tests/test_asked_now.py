"""What an order and its alert ask, and until when: of the unit, at this moment, on the clock that measures just that."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from desk.pages.order_words import ASKED_WORDS
from desk.pages.words import due_time
from models.exchange import Assignment, Notice
from models.record import Clock
from models.vocabulary import Ask, Target
from models.wall_clock import due_on, moment_on
from notifications.messages import Language, due_in_words
from tasks.asking import MEASURED_BY
from tasks.dispatch.asked_now import AskedNow
from tasks.story.timeline import shown_due
from tasks.workplace import use_workplace
from tests.harness.desk_on_paper import OPEN_CALLER
from tests.harness.front_door import front_door
from tests.harness.lone_desk import LoneDesk
from tests.harness.rule_sets import install
from tests.small_desk import small_desk

HOUR = timedelta(hours=1)
MENU = {"text": "学校食堂的饭菜价格能不能公示。", "kind": "S09", "nature": "COMPLAINT", "reporter": OPEN_CALLER}
PINCHED = {"text": "托育机构老师掐孩子胳膊", "kind": "S11", "nature": "REPORT"}
GOOD = "已到校核查：食堂于三月二日起在门口和家长群公示每日菜价，并由区教委每周抽查一次。"


@pytest.fixture
def desk(tmp_path: Path) -> LoneDesk:
    place = small_desk(tmp_path / "desk")
    install(place)
    use_workplace(place)
    return LoneDesk(place)


@pytest.fixture
def client(desk: LoneDesk) -> Iterator[TestClient]:
    with front_door(desk.place, lambda: desk.now) as opened:
        yield opened


def taken_in(desk: LoneDesk, **form: Any) -> str:
    number = desk.take_in(**(form or MENU))
    desk.run_due()
    return number


def due(desk: LoneDesk, number: str, target: Target, department: str | None = None) -> datetime:
    """The due time of the newest clock of this target."""
    fit = [each for each in desk.rows(Clock, number) if each.target is target and department in (None, each.department)]
    return fit[-1].due_at


def alert(desk: LoneDesk, number: str, ask: Ask, recipient: str | None = None) -> Notice:
    fit = [each for each in desk.rows(Notice, number) if each.ask is ask and recipient in (None, each.recipient)]
    return fit[-1]


def asked_on_page(desk: LoneDesk, client: TestClient, number: str, unit: str = "EDU") -> list[str]:
    """The lines of "asked now" on the unit's page."""
    [part] = [each for each in desk.rows(Assignment, number) if each.department == unit and each.withdrawn_at is None]
    page = client.get(f"/o/{part.token}?lang=en").text
    [found] = re.findall(r'<ul class="now">(.*?)</ul>', page, re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", each)).split()) for each in re.findall(r"<li>(.*?)</li>", found, re.DOTALL)]


def test_the_alert_of_an_order_names_the_time_to_accept_it_and_not_the_time_to_answer(desk: LoneDesk) -> None:
    number = taken_in(desk)
    accept = alert(desk, number, Ask.ACCEPT_ORDER)
    assert accept.due_at == due(desk, number, Target.ACCEPTANCE) == desk.now + 24 * HOUR
    assert due(desk, number, Target.FEEDBACK) > desk.now + 6 * 24 * HOUR


def test_lead_and_helpers_of_a_grave_case_are_asked_by_the_first_limit_they_have(desk: LoneDesk) -> None:
    number = taken_in(desk, **PINCHED)
    for part in desk.rows(Assignment, number):
        told = alert(desk, number, part.ask, part.department)
        assert told.due_at == due(desk, number, Target.ACCEPTANCE, part.department) == desk.now + HOUR / 2, part.department


def test_the_desk_is_asked_for_its_own_report_by_the_clock_of_that_report(desk: LoneDesk) -> None:
    number = taken_in(desk, **PINCHED)
    assert alert(desk, number, Ask.REPORT_TO_POLICE).due_at == desk.now + HOUR


def test_a_review_is_asked_for_by_the_clock_of_the_review(desk: LoneDesk) -> None:
    number = taken_in(desk, text="关于孩子的事情想说一下")
    assert alert(desk, number, Ask.REVIEW_CASE).due_at == due(desk, number, Target.REVIEW)


def test_a_hollow_reply_comes_back_and_its_time_is_the_old_one(desk: LoneDesk, client: TestClient) -> None:
    number = taken_in(desk)
    first = due(desk, number, Target.FEEDBACK)
    desk.jump(desk.now + 24 * HOUR)
    desk.say(number, "replied", "EDU", text="已收悉。", resolved=True)
    desk.run_due()
    again = alert(desk, number, Ask.REWORK)
    assert again.due_at == due(desk, number, Target.FEEDBACK) == first
    assert asked_on_page(desk, client, number) == [
        f"Speak to the caller by {due_on(due(desk, number, Target.FIRST_CONTACT))}",
        f"It came back: handle it again and answer by {due_on(again.due_at)}",
    ]


def test_an_objection_is_to_be_decided_within_the_time_of_the_rules(desk: LoneDesk) -> None:
    number = taken_in(desk)
    desk.say(number, "objected", "EDU", reason="not_our_duty", evidence="LIST-7")
    desk.run_due()
    # procedure.yaml: decide_within 4 h, natural time.
    assert alert(desk, number, Ask.DECIDE_OBJECTION).due_at == desk.now + 4 * HOUR


def test_the_page_asks_step_by_step_and_knows_what_has_just_been_said(desk: LoneDesk, client: TestClient) -> None:
    number = taken_in(desk)
    accept, contact, answer = (
        f"{words} by {due_on(due(desk, number, target))}"
        for words, target in (
            ("Accept the order", Target.ACCEPTANCE), ("Speak to the caller", Target.FIRST_CONTACT),
            ("Handle it and answer", Target.FEEDBACK),
        )
    )  # fmt: skip
    assert asked_on_page(desk, client, number) == [accept, contact, answer]
    desk.say(number, "acknowledged", "EDU")
    assert asked_on_page(desk, client, number) == [contact, answer], "said, though not taken in yet"
    desk.run_due()
    assert asked_on_page(desk, client, number) == [contact, answer]
    desk.say(number, "contacted", "EDU")
    assert asked_on_page(desk, client, number) == [answer]
    desk.run_due()
    desk.say(number, "replied", "EDU", text=GOOD, resolved=True)
    assert asked_on_page(desk, client, number) == ["Your answer has arrived and is being taken in; nothing to do now"]
    desk.run_due()
    assert asked_on_page(desk, client, number) == ["Your answer is with the desk, which checks it; nothing to do now"]
    desk.say(number, "called_back", "operator", reached=True, contacted=True, resolved=True, satisfied="satisfied")
    desk.run_due()
    assert asked_on_page(desk, client, number) == ["The order is over; nothing more to do"]


def test_a_late_step_says_so_and_an_objection_leaves_the_order_where_it_is(desk: LoneDesk, client: TestClient) -> None:
    number = taken_in(desk)
    desk.say(number, "objected", "EDU", reason="not_our_duty", evidence="LIST-7")
    desk.run_due()
    desk.jump(desk.now + 25 * HOUR)
    first, second, *_ = asked_on_page(desk, client, number)
    assert first == "The objection waits for a ruling; until then the order and its time stay with you"
    assert second.startswith("Accept the order by ") and second.endswith(" Overdue")


def test_a_helper_is_asked_for_its_own_part(desk: LoneDesk, client: TestClient) -> None:
    number = taken_in(desk, **PINCHED)
    [helper] = [each.department for each in desk.rows(Assignment, number) if not each.leads][:1]
    desk.say(number, "acknowledged", helper)
    desk.run_due()
    own = due_on(due(desk, number, Target.CO_HANDLER, helper))
    assert asked_on_page(desk, client, number, helper) == [f"Help the lead unit and answer for your part by {own}"]
    desk.say(number, "co_replied", helper, text="已安排专人到托育机构陪同，当日见到孩子，未再发现伤情。")
    desk.run_due()
    assert asked_on_page(desk, client, number, helper) == ["Nothing to do now"]


MIDNIGHT = datetime(2026, 12, 7, 16, 0, tzinfo=UTC)
"""00:00 of Tuesday 2026-12-08 in Beijing: as a due time, 24:00 of Monday."""


def test_a_due_time_at_midnight_is_one_and_the_same_day_everywhere() -> None:
    assert due_on(MIDNIGHT) == due_time(MIDNIGHT) == shown_due(MIDNIGHT) == "2026-12-07 24:00"
    assert due_in_words(MIDNIGHT, Language.ZH) == "2026-12-07（周一）24:00"
    assert due_in_words(MIDNIGHT, Language.EN) == "Mon 2026-12-07 24:00 (Beijing time)"
    assert moment_on(MIDNIGHT) == "2026-12-08 00:00", "what happens at midnight happens on the new day"


@pytest.mark.parametrize(("minutes", "shown"), [(-1, "2026-12-07 23:59"), (0, "2026-12-07 24:00"), (1, "2026-12-08 00:01")])
def test_only_midnight_itself_belongs_to_the_day_before(minutes: int, shown: str) -> None:
    assert due_on(MIDNIGHT + timedelta(minutes=minutes)) == shown


def test_page_story_and_reason_write_the_end_of_a_limit_of_days_alike(desk: LoneDesk, client: TestClient) -> None:
    number = taken_in(desk)
    [clock] = [each for each in desk.rows(Clock, number) if each.target is Target.FEEDBACK]
    shown = due_on(clock.due_at)
    assert shown.endswith("24:00") and shown in clock.reason_zh
    [line] = [each for each in asked_on_page(desk, client, number) if each.startswith("Handle")]
    assert line.endswith(shown)
    desk.say(number, "acknowledged", "EDU")
    desk.say(number, "contacted", "EDU")
    desk.run_due()
    assert f"until {shown}" in desk.case(number).waiting_for


def test_every_ask_has_its_clocks_and_everything_asked_now_its_words() -> None:
    assert set(MEASURED_BY) == set(Ask)
    assert set(ASKED_WORDS) == set(AskedNow)
