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
    assert opened(desk, number, "administrator")[0] == 403
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


def at_night(wall: Wall, at: str) -> None:
    """`at` is Beijing's time."""
    wall.at = datetime.fromisoformat(f"2026-11-24T{at}:00+08:00")


@pytest.mark.parametrize(("at", "usual"), [("08:59", False), ("09:00", True), ("19:59", True), ("20:00", False), ("04:12", False)])
def test_who_named_no_hours_is_called_in_the_usual_ones_and_the_seat_is_warned_at_others(
    desk: ApiDesk, wall: Wall, at: str, usual: bool
) -> None:
    number = waiting(desk)
    at_night(wall, at)
    _, page = opened(desk, number)
    assert (NUMBER in page) is usual
    assert ("not the usual time" in page and "09:00–20:00" in page) is not usual


def test_what_cannot_wait_goes_on_after_the_warning_and_both_are_on_record(desk: ApiDesk, wall: Wall) -> None:
    number = waiting(desk)
    at_night(wall, "04:12")
    opened(desk, number)
    page = desk.client.post(f"/cases/{number}/callback?lang=en", headers=desk.headers("operator"), data={"anyway": "yes"}).text
    assert NUMBER in page and "not the usual time" in page, "the warning stays beside the number"
    with desk.place.database.reading() as session:
        reads = session.exec(select(AccessLog)).all()
    assert [(each.subject, each.allowed) for each in reads] == [("unusual_hour", False), ("unusual_hour", True)]
    told = desk.client.get("/reads?lang=en", headers=desk.headers("supervisor")).text
    assert "warned of the hour; not shown" in told and "shown after a warning of the hour" in told and ">refused<" not in told
    assert '<input type="hidden" name="anyway" value="yes">' in page.partition("<main>")[0], "the other language shows the number too"
    assert called(desk, number) == 202


def test_no_button_opens_a_number_outside_the_hours_its_owner_named(desk: ApiDesk, wall: Wall) -> None:
    number = waiting(desk, safe_from="18:00", safe_to="20:00")
    at_night(wall, "10:00")
    page = desk.client.post(f"/cases/{number}/callback?lang=en", headers=desk.headers("operator"), data={"anyway": "yes"}).text
    assert NUMBER not in page and "anyway" not in page.partition("<main>")[2]


def test_whoever_has_called_finds_the_form_for_what_the_call_found(desk: ApiDesk) -> None:
    number = waiting(desk)
    _, page = opened(desk, number)
    assert f'href="/?case={number}&amp;lang=en#say-called_back"' in page
    case = desk.client.get(f"/?case={number}&lang=en", headers=desk.headers("operator")).text
    assert 'id="say-called_back"' in case
