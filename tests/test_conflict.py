"""Conflict of interest: who is kept away, everywhere, from the first moment or from the moment it is known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from sqlmodel import select

from catalogue.loader import Catalogue
from desk.boards.case_pages import Wanted, newest_cases
from desk.front import Front
from desk.pages.order import find_order
from models.case import Case
from models.exchange import Assignment, Notice
from models.vocabulary import Ask, CallbackClass, Nature, NewsKind, NoticeState, Role, Safety, Status
from tasks.casebook import editing, tell
from tasks.classifying.emergency import police_for
from tasks.closing.callback_plan import Reporter, plan_callback
from tasks.dispatch.conflict import KeptBecause, exclusions, is_kept_from, stand_ins, unit_instead
from tasks.news.inbox import CaseNotFoundError, Speaker, find_case
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.times import moment
from tests.small_desk import shipped_catalogue

CALLER = {"contact": "1", "may_call_back": True}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


def tied(**ties: tuple[str, ...]) -> Catalogue:
    """The shipped catalogue with these ties."""
    shipped = shipped_catalogue()
    units = {
        code: unit.model_copy(update={"tied_to": ties.get(code, ())}) for code, unit in shipped.departments.items()
    }
    return replace(shipped, departments=MappingProxyType(units))


@pytest.mark.parametrize(
    ("complained_of", "facts", "kept"),
    [
        ([], (), {}),
        (["SCHOOL"], (), {"SCHOOL": "complained_of"}),
        (["EDU"], (), {"EDU": "complained_of", "SCHOOL": "below", "NURSERY": "below"}),
        (["MARKET"], (), {"MARKET": "complained_of", "TOBACCO": "tied"}),
        (["TOBACCO"], (), {"TOBACCO": "complained_of", "MARKET": "tied"}),
        ([], ("street_tied",), {"STREET": "tied_by_fact", "COMMUNITY": "tied_by_fact"}),
        (["STRUCKOFF"], (), {"STRUCKOFF": "complained_of"}),
    ],
)
def test_whom_a_case_is_kept_from(complained_of: list[str], facts: tuple[str, ...], kept: dict[str, str]) -> None:
    """The unit above may handle a complaint about the one below it, never the other way round."""
    catalogue = tied(TOBACCO=("MARKET",))
    assert exclusions(complained_of, facts, catalogue) == {unit: KeptBecause(why) for unit, why in kept.items()}


def test_the_alternatives_are_tried_one_by_one_and_end() -> None:
    catalogue = shipped_catalogue()
    assert list(stand_ins("EDU", catalogue)) == ["PROC", "JUSTICE"]
    assert list(stand_ins("EDU", catalogue, ["YOUTH", "PROC"])) == ["YOUTH", "PROC", "JUSTICE"]
    for unit in catalogue.departments:
        assert unit not in list(stand_ins(unit, catalogue))


def test_the_police_complained_of_are_not_called_in_an_emergency(desk: ClockDesk) -> None:
    """Nor the unit after them, if it is complained of as well."""
    case = Case(source="x", received_at=moment("Mon 2026-03-02 09:00"), complained_of="POLICE", kept_from=["PROC"])
    assert police_for(desk.place, case) == "JUSTICE"
    assert unit_instead(case, "EDU", desk.place.catalogue) == "EDU"
    assert is_kept_from(case, "CHIEF:PROC")
    assert not is_kept_from(case, None)


def test_several_units_may_be_complained_of_and_none_gets_sees_or_hears_of_it(desk: ClockDesk) -> None:
    label = desk.take_in(kind="S03", complained_of="EDU", also_complained_of="HEALTH, POLICE", reporter=CALLER)
    desk.run_due()
    assert desk.departments(label) == {"PROC": True}
    desk.hears(label, "help_asked", "PROC", department="SCHOOL")
    assert desk.refused(label) == {NewsKind.HELP_ASKED: "conflict_of_interest"}
    desk.advance(moment("Tue 2026-03-10 12:00"))
    told = {each.recipient.removeprefix("CHIEF:") for each in desk.rows(Notice, label)}
    assert told.isdisjoint({"EDU", "HEALTH", "POLICE", "SCHOOL"})


def test_a_conflict_found_later_moves_the_order_and_shuts_the_unit_out_at_once(desk: ClockDesk) -> None:
    """List, case, link and alerts."""
    label = desk.take_in(kind="S03", reporter=CALLER)
    desk.run_due()
    (held,) = [each for each in desk.rows(Assignment, label) if each.leads]
    assert held.department == "EDU"
    desk.hears(label, "conflict_found", "operator", units=["EDU"])
    assert desk.departments(label) == {"PROC": True, "POLICE": False, "HEALTH": False}
    assert desk.case(label).status is Status.DISPATCHED
    before = [each.id for each in desk.rows(Notice, label) if each.recipient == "EDU"]
    with desk.place.database.reading() as session:
        assert find_order(session, held.token, Front(desk.place, lambda: held.assigned_at)) is None
        assert newest_cases(session, 5, Wanted(department="EDU")) == []
        assert [each.number for each in newest_cases(session, 5, Wanted(department="PROC"))] == [label]
        with pytest.raises(CaseNotFoundError):
            find_case(session, label, Speaker("key", Role.DEPARTMENT, "EDU"))
    desk.advance(moment("Tue 2026-03-10 12:00"))
    assert [each.id for each in desk.rows(Notice, label) if each.recipient == "EDU"] == before


def test_a_co_handler_with_a_conflict_leaves_and_the_lead_stays(desk: ClockDesk) -> None:
    label = desk.take_in(kind="S03", reporter=CALLER)
    desk.run_due()
    desk.hears(label, "conflict_found", "operator", units=["HEALTH"])
    assert desk.departments(label) == {"EDU": True, "POLICE": False}


def test_what_a_unit_answered_about_itself_is_no_answer(desk: ClockDesk) -> None:
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    desk.hears(label, "replied", "EDU", text="经查不属实，我局工作规范，没有问题，请来电人放心。", resolved=True)
    assert desk.case(label).status in {Status.REPLIED, Status.CALLBACK}
    desk.hears(label, "conflict_found", "supervisor", units=["EDU"])
    assert (desk.case(label).status, desk.departments(label)) == (Status.DISPATCHED, {"PROC": True})


def test_with_nobody_left_the_units_are_out_and_a_person_is_told(desk: ClockDesk) -> None:
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    desk.hears(label, "conflict_found", "supervisor", units=["EDU", "PROC", "JUSTICE"])
    assert desk.departments(label) == {}
    assert desk.told(label)["DUTY_SUPERVISOR", Ask.REVIEW_CASE] == 1
    desk.hears(label, "conflict_found", "supervisor", units=["EDU"], department="WOMEN")
    assert desk.departments(label) == {"WOMEN": True}


def test_a_new_request_that_nobody_may_lead_waits_for_a_person(desk: ClockDesk) -> None:
    """A report of harm is not lowered or ended by that."""
    label = desk.take_in(
        "老师用教鞭把孩子打出血了", kind="S03", complained_of="EDU", also_complained_of=("PROC", "JUSTICE"), reporter=CALLER
    )
    desk.run_due()
    case = desk.case(label)
    assert (case.status, desk.departments(label)) == (Status.NEEDS_REVIEW, {})
    assert desk.told(label)["DUTY_SUPERVISOR", Ask.REVIEW_CASE] == 1
    desk.hears(label, "review_decided", "supervisor", kind="S03", outcome="DISPATCHED", department="EDU")
    assert desk.refused(label) == {NewsKind.REVIEW_DECIDED: "conflict_of_interest"}
    desk.hears(label, "review_decided", "supervisor", kind="S03", outcome="DISPATCHED", department="POLICE")
    assert desk.departments(label)["POLICE"]


def test_a_tie_the_caller_tells_of_keeps_the_street_office_from_reading(desk: ClockDesk) -> None:
    """It would have been a co-handler."""
    label = desk.take_in("继父打孩子，他在街道办上班，没人敢管。", kind="F01", reporter=CALLER)
    desk.run_due()
    assert "STREET" not in desk.departments(label)
    assert {"STREET", "COMMUNITY"} <= set(desk.case(label).kept_from)


@pytest.mark.parametrize(
    ("reporter", "suspect", "called"),
    [
        ("138-0000-0001", "13800000001", False),
        ("+86 138 0000 0001", "13800000001", False),
        ("138-0000-0002", "13800000001", True),
        ("wx:mother", "WX:mother", False),
    ],
)
def test_the_person_complained_of_is_never_who_is_called_back(
    desk: ClockDesk, reporter: str, suspect: str, called: bool
) -> None:
    label = desk.take_in(
        kind="S09", reporter={"contact": reporter, "may_call_back": True}, suspect={"contact": suspect}
    )
    desk.run_due()
    desk.hears(label, "replied", "EDU", text="经核查，已要求学校公示菜价并整改，已向来电人反馈说明。", resolved=True)
    assert (desk.told(label)["DESK", Ask.CALL_BACK] == 1) is called
    plan = plan_callback(CallbackClass.NORMAL, Nature.COMPLAINT, False, Reporter(True, True, not called))
    assert plan.allowed is called
    assert desk.case(label).safety is Safety.UNKNOWN


def test_an_alert_that_still_waits_for_a_unit_with_a_conflict_is_not_sent(desk: ClockDesk) -> None:
    """Quiet hours had held it back."""
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    with editing(desk.place, desk.case(label).id) as (session, case):
        tell(desk.place, session, case, "CHIEF:EDU", Ask.REMINDER, "held-back", desk.now)
        for notice in session.exec(select(Notice).where(Notice.recipient == "CHIEF:EDU")):
            notice.next_try_at = desk.now + timedelta(hours=9)
    desk.hears(label, "conflict_found", "supervisor", units=["EDU"])
    (held,) = [each for each in desk.rows(Notice, label) if each.recipient == "CHIEF:EDU"]
    assert held.state is NoticeState.SUPERSEDED
