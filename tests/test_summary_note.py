"""The desk says how many clauses its draft left out, at saving and on the page of the case, and never which words."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from desk.pages.summary_note import gaps_of, told_at_saving
from desk.people.keys import make_key
from models.vocabulary import Role
from tasks.receiving.intake_form import IntakeForm
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.front_door import front_door

CANTEEN = "学校食堂的饭菜价格一直没有公示，家长们多次提出都没有回应，希望有关部门核查处理。"
TWO_CLAUSES = f"我是班主任，我家住在学校旁边。{CANTEEN}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def door(desk: ClockDesk) -> Iterator[TestClient]:
    with desk.place.database.writing() as session:
        key = make_key(session, "话务员", Role.OPERATOR, None, desk.now)
    with front_door(desk.place, lambda: desk.now, headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


def notes(door: TestClient, number: str, more: str = "") -> str:
    page = door.get(f"/?case={number}&lang=zh{more}").text
    return " ".join(re.findall(r'<p class="(?:note|said)"[^>]*>(.*?)</p>', page))


@pytest.mark.parametrize(
    ("form", "gaps"),
    [
        (IntakeForm(text=CANTEEN), ""),
        (IntakeForm(text=TWO_CLAUSES), "2"),
        (IntakeForm(text="我是班主任，我家住楼上。"), "none"),
        (IntakeForm(text=CANTEEN, danger_now=True), "person"),
        (IntakeForm(text="我是班主任，我家住楼上。", danger_now=True), "none"),
        (IntakeForm(text=TWO_CLAUSES, summary="食堂价格未公示，请核查。"), ""),
        (IntakeForm(text=TWO_CLAUSES, answer="已当场答复"), ""),
    ],
    ids=["nothing of the caller", "two clauses", "nothing else", "only a person may", "nor could the machine", "a person wrote it", "nobody gets it"],
)
def test_saving_counts_what_the_draft_will_leave_out(form: IntakeForm, gaps: str) -> None:
    assert gaps_of(form) == gaps


@pytest.mark.parametrize(("asked", "told"), [("2", 2), ("none", -1), ("person", -2), ("", None), ("999", None), ("x", None), ("-2", None), ("²", None)])
def test_an_address_tells_a_small_number_or_nothing(asked: str, told: int | None) -> None:
    assert told_at_saving(asked) == told


def test_the_operator_is_told_at_saving_and_the_address_holds_no_word(desk: ClockDesk, door: TestClient) -> None:
    typed = {"once": "c" * 20, "danger_now": "false", "text": TWO_CLAUSES, "kind": "S09"}
    saved = door.post("/intake?lang=zh", data=typed, follow_redirects=False)
    assert saved.headers["location"].endswith("&saved=1&gaps=2&lang=zh")
    told = notes(door, "W-000001", "&saved=1&gaps=2")
    assert "略去 2 句" in told and "班主任" not in told


def test_the_page_of_the_case_counts_until_a_person_has_written(desk: ClockDesk, door: TestClient) -> None:
    label = desk.take_in(TWO_CLAUSES, kind="S09", nature="COMPLAINT")
    assert "句涉及来电人" not in notes(door, label), "nobody reads anything yet"
    desk.run_due()
    assert "略去了 2 句" in notes(door, label)
    desk.hears(label, "summary_written", "operator", text="学校食堂价格未公示，请核查。")
    assert "略去了" not in notes(door, label)


def test_a_grave_case_says_that_departments_have_nothing_to_read(desk: ClockDesk, door: TestClient) -> None:
    label = desk.take_in("孩子被父亲打得浑身是伤，邻居每晚都听到哭声。", kind="F01", nature="REPORT")
    desk.run_due()
    assert "承办单位还没有摘要可看" in notes(door, label)
    desk.hears(label, "summary_written", "operator", text="孩子疑遭家庭暴力，身上有伤，请立即处置。")
    assert "还没有摘要" not in notes(door, label)


def test_a_plain_draft_says_nothing(desk: ClockDesk, door: TestClient) -> None:
    label = desk.take_in(CANTEEN, kind="S09", nature="COMPLAINT")
    desk.run_due()
    assert notes(door, label) == ""
