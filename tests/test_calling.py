"""The number to call is opened for one call, in its safe hours, on record; a call outside them cannot even be written down."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from models.house import AccessLog
from models.vocabulary import CallbackClass, Status
from tests.api_desk import ApiDesk, Wall

NUMBER = "000-87654321"


@pytest.fixture
def desk(clocked_desk: ApiDesk) -> ApiDesk:
    return clocked_desk


def waiting(desk: ApiDesk, **reporter: object) -> str:
    person = {"contact": NUMBER, "may_call_back": True, "note": "暗语：快递", **reporter}
    number = desk.take_in(text="x", reporter=person)
    desk.change(number, status=Status.CALLBACK)
    return number


def opened(desk: ApiDesk, number: str, who: str = "operator") -> tuple[int, str]:
    answer = desk.client.post(f"/cases/{number}/callback?lang=en", headers=desk.headers(who))
    return answer.status_code, answer.text


def called(desk: ApiDesk, number: str, **fields: object) -> int:
    return desk.post(f"/api/v1/cases/{number}/news/called_back", {"reached": True, "resolved": True, **fields}).status_code


def test_the_number_comes_with_what_must_be_minded_and_the_read_is_on_record(desk: ApiDesk) -> None:
    status, page = opened(desk, waiting(desk))
    assert status == 200 and NUMBER in page and "暗语：快递" in page and "none may be left" in page
    with desk.place.database.reading() as session:
        [read] = session.exec(select(AccessLog)).all()
    assert (read.what, read.purpose, read.allowed) == ("contact", "callback", True)


@pytest.mark.parametrize(("hours", "at", "fine"), [
    (("18:00", "20:00"), "10:00", True), (("18:00", "20:00"), "09:59", False), (("18:00", "20:00"), "12:00", False),
    (("22:00", "06:00"), "15:00", True), (("22:00", "06:00"), "04:00", False),
])  # fmt: skip
def test_outside_the_safe_hours_nobody_gets_the_number(
    desk: ApiDesk, wall: Wall, hours: tuple[str, str], at: str, fine: bool
) -> None:
    """Hours are Beijing's, `at` is UTC."""
    number = waiting(desk, safe_from=hours[0], safe_to=hours[1])
    wall.at = datetime.fromisoformat(f"2026-11-23T{at}:00+00:00")
    _, page = opened(desk, number)
    assert (NUMBER in page) is fine
    assert (called(desk, number) == 202) is (fine or at == "12:00"), "just after the hours a call may still be written down"


def test_long_after_the_safe_hours_no_call_is_written_down(desk: ApiDesk, wall: Wall) -> None:
    number = waiting(desk, safe_from="18:00", safe_to="20:00")
    wall.at = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    assert called(desk, number) == 403
    wall.at -= timedelta(seconds=1)
    assert called(desk, number) == 202


def test_nobody_is_called_in_class_x_and_no_household_number_ever(desk: ApiDesk) -> None:
    never = waiting(desk)
    desk.change(never, callback_class=CallbackClass.NONE)
    home = desk.take_in(text="x", reporter={"contact": NUMBER, "may_call_back": True}, child={"contact": "+86 " + NUMBER})
    desk.change(home, status=Status.CALLBACK, guardian_suspect=True)
    for number in (never, home):
        assert NUMBER not in opened(desk, number)[1]
        assert called(desk, number) == 403


def test_the_number_is_not_for_others_nor_before_its_time(desk: ApiDesk) -> None:
    number = waiting(desk)
    assert opened(desk, number, "administrator")[0] == 401
    desk.assign(number, "EDU")
    assert NUMBER not in opened(desk, number, "EDU")[1]
    desk.change(number, status=Status.IN_PROGRESS)
    status, page = opened(desk, number)
    assert status == 409 and NUMBER not in page


def test_satisfaction_is_not_asked_where_a_guardian_may_be_the_offender(desk: ApiDesk) -> None:
    number = waiting(desk)
    asked = desk.client.get(f"/?case={number}&lang=en", headers=desk.headers("operator")).text
    desk.change(number, guardian_suspect=True)
    unasked = desk.client.get(f"/?case={number}&lang=en", headers=desk.headers("operator")).text
    assert called(desk, number, satisfied="satisfied") == 403
    assert 'name="satisfied"' in asked and 'name="satisfied"' not in unasked
