"""Nobody is measured by a call they cannot make: first contact runs only where the lead is told who called."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from desk.people.keys import make_key
from models.case import Case
from models.exchange import Assignment
from models.record import Clock
from models.vocabulary import CallbackClass, Grade, Role, Status, Target
from tasks.news.inbox import Speaker
from tasks.words.reaching_caller import why_lead_is_not_told
from tasks.words.reading import read_slice
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.desk_on_paper import OPEN_CALLER
from tests.harness.front_door import front_door

MENU: dict[str, Any] = {"text": "学校食堂的饭菜价格能不能公示。", "kind": "S09", "nature": "COMPLAINT"}
HOUR = timedelta(hours=1)
SAFETY = {Target.SAFETY_KNOWN, Target.SUPERVISION}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


def taken_in(desk: ClockDesk, **form: Any) -> str:
    number = desk.take_in(**(MENU | form))
    desk.run_due()
    return number


def runs(desk: ClockDesk, number: str) -> set[Target]:
    return {each.target for each in desk.rows(Clock, number) if each.stopped_at is None}


def lead(desk: ClockDesk, number: str) -> Assignment:
    [part] = desk.rows_of_lead(number)
    return part


def sees_number(desk: ClockDesk, number: str) -> bool:
    """Whether the lead's own slice holds who called: what the clock must agree with."""
    unit = lead(desk, number).department
    people = read_slice(desk.place, number, Speaker(f"key-{unit}", Role.DEPARTMENT, unit), desk.now).people
    return any("contact" in told for role, told in people.items() if role == "reporter")


@pytest.mark.parametrize(
    ("form", "measured"),
    [
        ({"reporter": OPEN_CALLER}, True),
        ({"reporter": OPEN_CALLER | {"contact": ""}}, False),
        ({"reporter": OPEN_CALLER | {"anonymous": True}}, False),
        ({"reporter": OPEN_CALLER | {"keep_secret": True}}, False),
        ({"reporter": OPEN_CALLER | {"may_call_back": False}}, False),
        ({}, False),
        ({"reporter": OPEN_CALLER, "suspect_is_guardian": True}, False),
        ({"reporter": OPEN_CALLER, "text": "托育机构老师掐孩子胳膊", "kind": "S11", "nature": "REPORT"}, False),
    ],
    ids=["open", "no number", "anonymous", "secret", "no call wanted", "nobody named", "guardian", "harm"],
)
def test_the_clock_runs_just_where_the_unit_can_read_the_number(desk: ClockDesk, form: dict[str, Any], measured: bool) -> None:
    number = taken_in(desk, **form)
    assert {Target.ACCEPTANCE, Target.FEEDBACK} <= runs(desk, number)
    assert (Target.FIRST_CONTACT in runs(desk, number)) is measured
    assert sees_number(desk, number) is measured
    with desk.place.database.reading() as session:
        assert (why_lead_is_not_told(session, desk.case(number)) is None) is measured, "there is a reason just where there is one to tell"


@pytest.mark.parametrize(
    ("form", "house", "unit"),
    [
        ({"callback_class": CallbackClass.REPORTER_ONLY}, "in matters of this kind a guardian may be concerned", "In matters of this kind only the desk speaks to the caller"),
        ({"reporter": OPEN_CALLER | {"may_call_back": False}}, "the caller does not want to be called", "Who called is not passed on to you"),
        ({"reporter": OPEN_CALLER | {"keep_secret": True}}, "the caller wants to be kept secret", "Who called is not passed on to you"),
        ({"reporter": OPEN_CALLER | {"anonymous": True}}, "the caller stays anonymous", "Who called is not passed on to you"),
    ],
)
def test_the_house_reads_why_a_unit_is_not_told_and_the_unit_no_more_than_the_kind_says(
    desk: ClockDesk, form: dict[str, Any], house: str, unit: str
) -> None:
    form = dict(form)
    callback = form.pop("callback_class", CallbackClass.NORMAL)
    number = taken_in(desk, **({"reporter": OPEN_CALLER} | form))
    with desk.place.database.writing() as session:
        session.exec(select(Case)).one().callback_class = callback
        key = make_key(session, "operator", Role.OPERATOR, None, desk.now)
    with front_door(desk.place, lambda: desk.now) as client:
        assert house in client.get(f"/?case={number}&lang=en", auth=("x", key)).text
        order = client.get(f"/o/{lead(desk, number).token}?lang=en").text
    assert unit in order and house not in order


def test_where_danger_hides_the_caller_the_childs_safety_is_measured_instead(desk: ClockDesk) -> None:
    number = taken_in(desk, text="托育机构老师掐孩子胳膊", kind="S11", nature="REPORT", reporter=OPEN_CALLER)
    assert runs(desk, number) >= SAFETY


def test_harm_told_by_a_second_caller_takes_the_first_one_and_the_clock_from_the_unit(desk: ClockDesk) -> None:
    number = taken_in(desk, reporter=OPEN_CALLER)
    assert sees_number(desk, number)
    desk.jump(desk.now + HOUR)
    taken_in(desk, text="食堂师傅天天打孩子，孩子身上有伤", kind="S11", nature="REPORT", same_matter_as=number)
    assert desk.case(number).harm and not sees_number(desk, number)
    [contact] = desk.clocks(number, Target.FIRST_CONTACT)
    assert (contact.stopped_at, contact.breached_at) == (desk.now, None)


def test_a_case_that_is_accepted_waits_for_the_answer_where_no_call_is_asked(desk: ClockDesk) -> None:
    secret, known = taken_in(desk, reporter=OPEN_CALLER | {"keep_secret": True}), taken_in(desk, reporter=OPEN_CALLER)
    for number in (secret, known):
        desk.hears(number, "acknowledged", "EDU")
        assert desk.case(number).status is Status.ACCEPTED
    assert "EDU feedback until" in desk.case(secret).waiting_for
    assert "EDU first contact until" in desk.case(known).waiting_for


def test_the_order_says_how_a_caller_is_asked_whom_the_unit_is_not_told(desk: ClockDesk) -> None:
    secret, known = taken_in(desk, reporter=OPEN_CALLER | {"keep_secret": True}), taken_in(desk, reporter=OPEN_CALLER)
    with front_door(desk.place, lambda: desk.now) as client:
        pages = [client.get(f"/o/{lead(desk, each).token}?lang=en").text for each in (secret, known)]
    assert ["the desk asks the caller" in page for page in pages] == [True, False]
    assert ["Speak to the caller" in page for page in pages] == [False, True]


@pytest.mark.parametrize(
    ("grade", "reason", "owed"),
    [("U1", "harm_suspected", ["MR9"]), ("U1", "time_critical", ["MR9"]), ("U0", "harm_suspected", ["MR9"]), ("U0", "child_at_risk", [])],
)
def test_a_person_who_raises_a_case_to_danger_takes_the_caller_from_the_unit_for_good(
    desk: ClockDesk, grade: str, reason: str, owed: list[str]
) -> None:
    number = taken_in(desk, reporter=OPEN_CALLER)
    assert sees_number(desk, number) and not desk.case(number).mandatory_report
    desk.hears(number, "grade_decided", "supervisor", grade=grade, reason=reason)
    case = desk.case(number)
    assert case.harm and case.mandatory_report == owed, "a kind that names no situation: other serious harm, unless nobody did it"
    assert not sees_number(desk, number)
    assert runs(desk, number) >= SAFETY and (Target.MANDATORY_REPORT in runs(desk, number)) is bool(owed)
    assert Target.FIRST_CONTACT not in runs(desk, number)
    desk.hears(number, "grade_decided", "supervisor", grade="U3", reason="facts_checked")
    assert not sees_number(desk, number), "lowering does not take it back"


@pytest.mark.parametrize("grade", [Grade.U0, Grade.U1])
def test_no_unit_is_told_who_called_while_the_grade_says_danger_however_it_came_about(desk: ClockDesk, grade: Grade) -> None:
    number = taken_in(desk, reporter=OPEN_CALLER)
    with desk.place.database.writing() as session:
        case = session.exec(select(Case)).one()
        case.grade, case.harm = grade, False
    assert not sees_number(desk, number)


def test_a_co_handler_reads_what_holds_for_it_and_owes_no_act_of_the_lead(desk: ClockDesk) -> None:
    number = taken_in(desk, text="托育机构老师掐孩子胳膊", kind="S11", nature="REPORT", reporter=OPEN_CALLER)
    parts = [each for each in desk.rows(Assignment, number) if each.withdrawn_at is None]
    with front_door(desk.place, lambda: desk.now) as client:
        pages = {each.leads: client.get(f"/o/{each.token}?lang=en").text for each in parts}
    assert "not passed on to a co-handler" in pages[False] and "Objections are raised by the lead unit only" in pages[False]
    assert "The lead unit has to report this" in pages[False] and "This kind closes only when" not in pages[False]
    assert "This kind closes only when" in pages[True] and "Objections are raised by" not in pages[True]


def test_a_unit_reads_what_it_can_mend_until_it_has_answered_again(desk: ClockDesk) -> None:
    number = taken_in(desk, text="托育机构老师掐孩子胳膊", kind="S11", nature="REPORT")
    unit, token = lead(desk, number).department, lead(desk, number).token
    desk.hears(number, "replied", unit, text="已到场调取监控并询问老师，老师已停职。", resolved=True)
    assert desk.case(number).status is Status.REWORK
    with front_door(desk.place, lambda: desk.now) as client:
        back = client.get(f"/o/{token}?lang=en").text
        desk.say(number, "replied", unit, text="已见到孩子本人，伤情已拍照固定，老师已停职并离开孩子。", resolved=True)
        again = client.get(f"/o/{token}?lang=en").text
    [why] = re.findall(r"Sent back because: (.*?)</p>", back)
    assert "what this kind asks for" in why
    assert not any(other in why for other in ("known to be safe", "police", "co-handler"))
    assert "Sent back because" not in again
