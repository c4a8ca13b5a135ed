"""Handing orders over: one decision, dead links and right clocks for each, several at once, and never by halves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from desk.pages.board_words import STAYS_WORDS
from desk.pages.translation import say
from desk.people.keys import make_key
from models.case import Case
from models.exchange import Assignment, Inbox
from models.record import Decision
from models.vocabulary import Ask, NewsKind, ReassignReason, Role, Status, Target
from notifications.messages import Language
from tasks.casebook import editing
from tasks.dispatch.reassigning import REASON_WORDS
from tasks.dispatch.units import note_absence
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.front_door import front_door

CALLER = {"contact": "1", "may_call_back": True}
NOT_OURS: dict[str, Any] = {"reason": "not_our_duty", "evidence": "DUTIES-7"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def door(desk: ClockDesk) -> Iterator[TestClient]:
    """The pages over the same desk, as a supervisor."""
    with desk.place.database.writing() as session:
        key = make_key(session, "liu", Role.SUPERVISOR, None, desk.now)
    with front_door(desk.place, lambda: desk.now, headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


def ordinary(desk: ClockDesk, **more: Any) -> str:
    label = desk.take_in(**{"kind": "S09", "reporter": CALLER, **more})
    desk.run_due()
    return label


def lead(desk: ClockDesk, label: str) -> str:
    return next(unit for unit, leads in desk.departments(label).items() if leads)


def token(desk: ClockDesk, label: str, unit: str) -> str:
    return next(each.token for each in desk.rows(Assignment, label) if each.department == unit)


def move(desk: ClockDesk, label: str, to: str = "MARKET", reason: str = "load", **more: Any) -> None:
    desk.hears(label, "reassigned", "supervisor", department=to, reason=reason, **more)


def preview(door: TestClient, numbers: list[str], to: str = "MARKET", reason: str = "load", given_from: str = "EDU") -> httpx.Response:
    form = {"number": numbers, "department": to, "reason": reason, "given_from": given_from}
    return door.post("/cases/reassign?lang=en", data=form)


def confirm(door: TestClient, numbers: list[str], to: str = "MARKET", reason: str = "load", once: str = "o" * 20) -> httpx.Response:
    form = {"number": numbers, "department": to, "reason": reason, "given_from": "EDU", "once": once}
    return door.post("/cases/reassign/confirm?lang=en", data=form)


# One order


def test_an_order_handed_over_has_a_new_lead_a_decision_and_dead_links(desk: ClockDesk, door: TestClient) -> None:
    label = ordinary(desk)
    old = token(desk, label, "EDU")
    assert door.get(f"/o/{old}").status_code == 200
    move(desk, label, given_from="EDU")
    assert (lead(desk, label), desk.case(label).status) == ("MARKET", Status.DISPATCHED)
    assert "EDU" not in desk.departments(label), "the unit it was taken from does not come back as a helper"
    assert door.get(f"/o/{old}").status_code == 404
    (kept,) = [each for each in desk.rows(Decision, label) if each.outcome == "REASSIGNED"]
    assert kept.facts == {"by": "client:test-supervisor", "from": "EDU", "to": "MARKET", "reason": "load"}
    assert desk.told(label)["EDU", Ask.ORDER_WITHDRAWN] == 1
    assert desk.told(label)["MARKET", Ask.ACCEPT_ORDER] == 1
    assert desk.broken_chains() == []


def test_the_joint_clock_goes_on_and_acceptance_begins_anew(desk: ClockDesk) -> None:
    label = ordinary(desk)
    joint = desk.clock(label, Target.FEEDBACK)
    desk.advance(desk.now.replace(hour=3))
    move(desk, label)
    after = desk.clock(label, Target.FEEDBACK)
    assert (after.id, after.due_at, after.stopped_at) == (joint.id, joint.due_at, None)
    assert desk.clock(label, Target.ACCEPTANCE, "EDU").stop_reason == "withdrawn"
    assert desk.clock(label, Target.ACCEPTANCE, "MARKET").started_at == desk.now


@pytest.mark.parametrize("who", ["operator", "administrator", "EDU"])
def test_only_a_supervisor_hands_an_order_over(desk: ClockDesk, who: str) -> None:
    label = ordinary(desk)
    with pytest.raises(PermissionError):
        desk.say(label, "reassigned", who, department="MARKET", reason="load")
    assert lead(desk, label) == "EDU"


def test_suspected_harm_moves_only_to_a_unit_without_conflict_and_keeps_its_clocks(desk: ClockDesk) -> None:
    label = desk.take_in("邻居猥亵我女儿，我要举报。", kind="C01", child_age=11, reporter=CALLER)
    desk.run_due()
    running = {each.target for each in desk.clocks(label, Target.SUPERVISION) if each.stopped_at is None}
    desk.hears(label, "conflict_found", "supervisor", units=["CIVIL"])
    move(desk, label, "CIVIL")
    assert desk.refused(label)[NewsKind.REASSIGNED] == "conflict_of_interest"
    assert lead(desk, label) == "POLICE"
    move(desk, label, "PROC")
    assert lead(desk, label) == "PROC"
    assert running <= {each.target for each in desk.clocks(label, Target.SUPERVISION) if each.stopped_at is None}


def test_after_a_conflict_the_former_unit_hears_nothing_more(desk: ClockDesk) -> None:
    label = ordinary(desk)
    move(desk, label, "MARKET", "conflict")
    assert lead(desk, label) == "MARKET"
    assert "EDU" in desk.case(label).kept_from
    assert desk.told(label)["EDU", Ask.ORDER_WITHDRAWN] == 0


def test_a_unit_that_returned_an_order_does_not_get_it_back_by_this_door(desk: ClockDesk) -> None:
    label = ordinary(desk)
    desk.hears(label, "objected", "EDU", **NOT_OURS)
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="MARKET")
    move(desk, label, "EDU")
    assert desk.refused(label)[NewsKind.REASSIGNED] == "returned_it_before"


def test_an_absent_unit_s_deputy_takes_the_order_unless_it_is_the_one_relieved(desk: ClockDesk) -> None:
    first, second = ordinary(desk), ordinary(desk)
    with desk.place.database.writing() as session:
        note_absence(desk.place, session, "MARKET", "HEALTH", desk.now, None, "client:test", desk.now)
        note_absence(desk.place, session, "URBAN", "EDU", desk.now, None, "client:test", desk.now)
    move(desk, first, "MARKET")
    assert lead(desk, first) == "HEALTH"
    move(desk, second, "URBAN")
    assert (lead(desk, second), desk.refused(second)[NewsKind.REASSIGNED]) == ("EDU", "same_unit")


# Several at once


def test_the_preview_tells_which_move_and_which_do_not_and_why_and_changes_nothing(desk: ClockDesk, door: TestClient) -> None:
    goes, kept, closed, disputed, moved = (ordinary(desk) for _ in range(5))
    with editing(desk.place, desk.case(kept).id) as (_, case):
        case.kept_from = ["MARKET"]
    with editing(desk.place, desk.case(closed).id) as (_, case):
        case.status = Status.CLOSED
    desk.hears(disputed, "objected", "EDU", **NOT_OURS)
    move(desk, moved, "HEALTH")
    page = preview(door, [goes, kept, closed, disputed, moved, "W-099999"]).text
    for code in ("conflict_of_interest", "case_is_closed", "has_objection", "order_moved_on", "unknown_case"):
        assert say(STAYS_WORDS[code], Language.EN) in page, code
    assert page.partition("<main>")[2].count('name="number"') == 1 and f'name="number" value="{goes}"' in page
    with desk.place.database.reading() as session:
        assert len(session.exec(select(Inbox).where(Inbox.kind == NewsKind.REASSIGNED)).all()) == 1
    assert lead(desk, goes) == "EDU"


def test_confirmed_twice_each_order_moves_once(desk: ClockDesk, door: TestClient) -> None:
    labels = [ordinary(desk) for _ in range(3)]
    first = confirm(door, labels)
    assert "the desk is at work on it" in first.text
    desk.run_due()
    second = confirm(door, labels)
    desk.run_due()
    assert second.text.count("Handed over") == 3
    for label in labels:
        assert lead(desk, label) == "MARKET"
        assert max(each.round for each in desk.rows(Assignment, label)) == 2
        assert list(desk.decisions(label).values()).count("REASSIGNED") == 1


def test_one_that_changed_after_the_preview_stays_and_holds_up_no_other(desk: ClockDesk, door: TestClient) -> None:
    first, second, third = (ordinary(desk) for _ in range(3))
    preview(door, [first, second, third])
    desk.hears(second, "objected", "EDU", **NOT_OURS)
    confirm(door, [first, second, third])
    desk.run_due()
    page = confirm(door, [first, second, third]).text
    assert [lead(desk, each) for each in (first, second, third)] == ["MARKET", "EDU", "MARKET"]
    assert say(STAYS_WORDS["has_objection"], Language.EN) in page and page.count("Handed over") == 2


def test_what_one_is_kept_away_from_is_no_more_than_an_unknown_number(desk: ClockDesk, door: TestClient) -> None:
    label = ordinary(desk)
    assert door.post(f"/cases/{label}/not-mine").status_code == 200
    for answer in (preview(door, [label]), confirm(door, [label])):
        assert say(STAYS_WORDS["unknown_case"], Language.EN) in answer.text
    desk.run_due()
    assert lead(desk, label) == "EDU"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "Nothing was ticked."),
        ({"number": [f"W-{each:06d}" for each in range(1, 52)], "department": "MARKET", "reason": "load"}, "50 at once at most"),
        ({"number": "W-000001", "department": "", "reason": "load"}, "choose the unit and the reason"),
        ({"number": "W-000001", "department": "MARKET", "reason": "because"}, "choose the unit and the reason"),
    ],
)
def test_a_form_that_makes_no_sense_is_told_and_moves_nothing(desk: ClockDesk, door: TestClient, form: dict[str, Any], told: str) -> None:
    label = ordinary(desk)
    for path in ("/cases/reassign", "/cases/reassign/confirm"):
        answer = door.post(f"{path}?lang=en", data={**form, "once": "o" * 20})
        assert (answer.status_code, told in answer.text) == (422, True)
    desk.run_due()
    assert lead(desk, label) == "EDU"


def test_a_unit_that_may_not_lead_is_nobody_s_choice(desk: ClockDesk, door: TestClient) -> None:
    label = ordinary(desk)
    assert say(STAYS_WORDS["unit_may_not_lead"], Language.EN) in preview(door, [label], "COMMUNITY").text
    assert say(STAYS_WORDS["unknown_unit"], Language.EN) in preview(door, [label], "NOWHERE").text
    assert say(STAYS_WORDS["same_unit"], Language.EN) in preview(door, [label], "EDU").text


def test_every_reason_has_words_and_pages_speak_both_languages(desk: ClockDesk, door: TestClient) -> None:
    assert set(REASON_WORDS) == set(ReassignReason)
    label = ordinary(desk)
    form = {"number": label, "department": "MARKET", "reason": "reorganised", "given_from": "EDU"}
    page = door.post("/cases/reassign?lang=zh", data=form).text
    assert "机构职责调整" in page and "确认改派" in page


def test_the_list_offers_it_to_supervisors_for_one_unit_only(desk: ClockDesk, door: TestClient) -> None:
    label = ordinary(desk)
    assert f'name="number" value="{label}"' in door.get("/cases?lead=EDU").text
    assert f'value="{label}"' not in door.get("/cases").text
    with desk.place.database.writing() as session:
        key = make_key(session, "op", Role.OPERATOR, None, desk.now)
    assert f'value="{label}"' not in door.get("/cases?lead=EDU", headers={"Authorization": f"Bearer {key}"}).text


def test_the_case_itself_is_the_only_thing_told(desk: ClockDesk, door: TestClient) -> None:
    """One transaction a case: its inbox row and its being due, or neither."""
    label = ordinary(desk)
    confirm(door, [label])
    with desk.place.database.reading() as session:
        case = session.exec(select(Case).where(Case.number == int(label[2:]))).one()
        (told,) = session.exec(select(Inbox).where(Inbox.case_id == case.id, Inbox.kind == NewsKind.REASSIGNED))
        assert (case.wake_at, told.read_at) == (desk.now, None)
        assert told.codes == {"department": "MARKET", "reason": "load", "given_from": "EDU"}
