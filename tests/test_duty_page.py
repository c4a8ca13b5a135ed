"""The duty board: what burns stands there, in its heap, with who holds it; words of people never do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from desk.pages.duty import NEAR, SHOWN, heaps
from models.case import Case
from models.record import Clock
from models.vocabulary import Flag, Grade, Status, Target
from tasks.settling import APPROVAL
from tests.api_desk import NOW, ApiDesk, api_desk

CANARY = "CANARY张三13900000000"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def case(desk: ApiDesk, status: Status = Status.IN_PROGRESS, grade: Grade = Grade.U3, **fields: object) -> str:
    number = desk.take_in(text=CANARY)
    desk.change(number, status=status, grade=grade, **{"summary_ct": b"sealed", **fields})
    return number


def clock(desk: ApiDesk, number: str, due_in: timedelta, *, stopped: bool = False) -> None:
    with desk.place.database.writing() as session:
        of = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        session.add(
            Clock(
                case_id=of.id, target=Target.FEEDBACK, started_at=NOW - timedelta(days=9), due_at=NOW + due_in,
                stopped_at=NOW if stopped else None, grade=of.grade, rule_id="r", rule_hash="d", calendar_hash="c",
                reason_zh="因", reason_en="why",
            )
        )  # fmt: skip


def found(desk: ApiDesk) -> dict[str, list[str]]:
    with desk.place.database.reading() as session:
        return {each.name: [row.number for row in each.rows] for each in heaps(session, NOW)}


def test_every_case_stands_where_it_burns(desk: ApiDesk) -> None:
    danger = case(desk, grade=Grade.U1)
    late, near, calm, met = (case(desk) for _ in range(4))
    for number, due_in in ((late, timedelta(0)), (near, NEAR), (calm, NEAR + timedelta(seconds=1))):
        clock(desk, number, due_in)
    clock(desk, met, -timedelta(days=1), stopped=True)
    disputed, asked = case(desk, Status.DISPUTED), case(desk, Status.EXTENSION_ASKED)
    review, callback = case(desk, Status.NEEDS_REVIEW), case(desk, Status.CALLBACK)
    flagged = case(desk, flag=Flag.ACTIVATION_FAILS)
    unwritten = case(desk, summary_ct=None)
    approval = case(desk, Status.CALLBACK, waiting_for=f"Awaiting {APPROVAL} (U1)")
    hung_up = case(desk, Status.HUNG_UP, hung_up_until=NOW + timedelta(days=3))
    over = case(desk, Status.CLOSED, Grade.U1)
    clock(desk, over, -timedelta(days=1))
    assert found(desk) == {
        "duty_danger": [danger], "duty_late": [late], "duty_near": [near], "duty_disputed": [disputed],
        "duty_extension_asked": [asked], "duty_needs_review": [review], "duty_callback": [callback], "duty_flagged": [flagged], "duty_unwritten": [unwritten],
        "duty_approval": [approval], "duty_follow_up": [], "duty_hung_up": [hung_up],
    }  # fmt: skip


def test_a_hung_up_case_does_not_burn(desk: ApiDesk) -> None:
    clock(desk, case(desk, Status.HUNG_UP, hung_up_until=NOW + timedelta(days=3)), -timedelta(days=1))
    assert found(desk)["duty_late"] == []


def test_hanging_hides_no_clock_that_may_never_pause(desk: ApiDesk) -> None:
    number = case(desk, Status.HUNG_UP, Grade.U1)
    clock(desk, number, -timedelta(days=1))
    assert found(desk)["duty_late"] == [number]


def test_the_page_names_the_holder_and_no_words(desk: ApiDesk) -> None:
    number = case(desk)
    desk.assign(number, "EDU")
    clock(desk, number, -timedelta(hours=1))
    page = desk.client.get("/duty?lang=en", auth=("x", desk.keys["supervisor"])).text
    assert number in page and "<code>EDU</code>" in page and "Late" in page
    assert "CANARY" not in page and "<script" not in page


def test_a_long_heap_is_cut_and_says_so(desk: ApiDesk) -> None:
    for _ in range(SHOWN + 2):
        case(desk, Status.DISPUTED)
    page = desk.client.get("/duty?lang=en", auth=("x", desk.keys["operator"])).text
    assert f"{SHOWN + 2} · the first {SHOWN}" in page
    assert len(found(desk)["duty_disputed"]) == SHOWN


@pytest.mark.parametrize("who", ["EDU", ""])
def test_it_is_for_the_house_only(desk: ApiDesk, who: str) -> None:
    number = case(desk, Status.DISPUTED)
    answer = desk.client.get("/duty", auth=("x", desk.keys[who]) if who else None)
    assert answer.status_code == 401 and number not in answer.text


def test_a_calm_desk_says_so(desk: ApiDesk) -> None:
    assert "Nothing needs anybody now" in desk.client.get("/duty?lang=en", auth=("x", desk.keys["operator"])).text
