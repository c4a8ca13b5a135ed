"""Objections lived through on a desk without Prefect: disputes, transfers, and what goes round."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desk.pages.waiting_words import waiting_words
from models.assigning import Objection
from models.exchange import Notice
from models.record import Clock, Event
from models.vocabulary import Ask, NewsKind, Status, Target
from models.wall_clock import due_on
from notifications.messages import Language
from tasks.story.telling import story_of
from tests.harness.clock_desk import ClockDesk, clock_desk

CALLER = {"contact": "1", "may_call_back": True}
NOT_OURS: dict[str, Any] = {"reason": "not_our_duty", "evidence": "DUTIES-7"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


def ordinary(desk: ClockDesk) -> str:
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    return label


def harm(desk: ClockDesk) -> str:
    label = desk.take_in("邻居猥亵我女儿，我要举报。", kind="C01", child_age=11, reporter=CALLER)
    desk.run_due()
    assert desk.case(label).harm
    return label


def lead(desk: ClockDesk, label: str) -> str:
    return next(unit for unit, leads in desk.departments(label).items() if leads)


def running_safety(desk: ClockDesk, label: str) -> set[Target]:
    targets = {Target.SAFETY_KNOWN, Target.SUPERVISION, Target.MANDATORY_REPORT, Target.FEEDBACK}
    return {each.target for each in desk.rows(Clock, label) if each.stopped_at is None} & targets


def test_an_objection_needs_a_reference_to_its_evidence(desk: ClockDesk) -> None:
    label = ordinary(desk)
    desk.hears(label, "objected", "EDU", reason="not_our_duty")
    assert desk.refused(label) == {NewsKind.OBJECTED: "evidence_missing"}
    assert desk.case(label).status is Status.DISPATCHED


def test_a_unit_with_an_interest_of_its_own_needs_no_evidence_to_say_so(desk: ClockDesk) -> None:
    label = ordinary(desk)
    desk.hears(label, "objected", "EDU", reason="own_interest")
    assert desk.case(label).status is Status.DISPUTED


def test_the_ruling_keeps_who_ruled_what_and_for_whom(desk: ClockDesk) -> None:
    label = ordinary(desk)
    desk.hears(label, "objected", "EDU", **NOT_OURS, suggests="MARKET")
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="MARKET")
    (kept,) = desk.rows(Objection, label)
    assert (kept.department, kept.evidence, kept.suggests) == ("EDU", "DUTIES-7", "MARKET")
    assert (kept.adjudicator, kept.upheld, kept.given_to) == ("client:test-supervisor", True, "MARKET")
    assert kept.decided_at == desk.now


def test_what_is_awaited_is_the_ruling_by_its_own_limit_and_not_by_the_units(desk: ClockDesk) -> None:
    """The page named a day two weeks off, the alert the same morning."""
    label = ordinary(desk)
    desk.hears(label, "objected", "EDU", **NOT_OURS)
    [told] = [each for each in desk.rows(Notice, label) if each.ask is Ask.DECIDE_OBJECTION]
    assert told.due_at is not None
    awaited = f"Awaiting DUTY_SUPERVISOR ruling on an objection until {due_on(told.due_at)} (U3 objection)"
    assert desk.case(label).waiting_for == awaited
    assert waiting_words(awaited, Language.ZH) == f"班长裁定异议，至 {due_on(told.due_at)}"


def test_there_is_one_objection_at_a_time(desk: ClockDesk) -> None:
    label = harm(desk)
    desk.hears(label, "objected", "POLICE", **NOT_OURS)
    desk.hears(label, "objected", "POLICE", **NOT_OURS)
    assert desk.refused(label) == {NewsKind.OBJECTED: "objection_is_open"}


def test_suspected_harm_cannot_be_returned_only_accepted_recorded_and_transferred(desk: ClockDesk) -> None:
    label = harm(desk)
    safety = running_safety(desk, label)
    desk.hears(label, "objected", "POLICE", **NOT_OURS, suggests="CIVIL")
    case = desk.case(label)
    assert (case.status, lead(desk, label)) == (Status.ACCEPTED, "POLICE")
    assert Status.DISPUTED not in {each.facts.get("new") for each in desk.rows(Event, label)}
    assert desk.told(label)["DUTY_SUPERVISOR", Ask.DECIDE_TRANSFER] == 1
    assert "TRANSFER_ASKED" in desk.decisions(label).values()
    assert running_safety(desk, label) == safety
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="CIVIL")
    assert (desk.case(label).status, lead(desk, label)) == (Status.DISPATCHED, "CIVIL")
    assert running_safety(desk, label) >= safety - {Target.FEEDBACK}


@pytest.mark.parametrize("upheld", [True, False])
def test_after_the_ruling_the_designated_unit_does_not_return_it_again(desk: ClockDesk, upheld: bool) -> None:
    label = harm(desk)
    desk.hears(label, "objected", "POLICE", **NOT_OURS)
    desk.hears(label, "objection_decided", "supervisor", upheld=upheld, department="CIVIL" if upheld else None)
    designated = lead(desk, label)
    desk.hears(label, "objected", designated, **NOT_OURS)
    assert desk.refused(label) == {NewsKind.OBJECTED: "already_ruled"}
    assert lead(desk, label) == designated


def test_the_third_try_goes_to_the_arbiter_who_rules_for_good(desk: ClockDesk) -> None:
    """The rule book allows two before the arbiter; tries against a ruling count."""
    label = ordinary(desk)
    desk.hears(label, "objected", "EDU", **NOT_OURS)
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="MARKET")
    desk.hears(label, "objected", "MARKET", **NOT_OURS)
    assert desk.case(label).status is Status.DISPATCHED
    assert desk.told(label)["DUTY_SUPERVISOR", Ask.ARBITRATE] == 0
    desk.hears(label, "objected", "MARKET", **NOT_OURS)
    assert desk.case(label).status is Status.DISPUTED
    assert desk.told(label)["DUTY_SUPERVISOR", Ask.ARBITRATE] == 1
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="HEALTH")
    assert lead(desk, label) == "HEALTH"
    desk.hears(label, "objected", "HEALTH", **NOT_OURS, suggests="EDU")
    assert desk.refused(label)[NewsKind.OBJECTED] == "arbiter_has_ruled"


def test_sending_it_back_to_who_returned_it_is_for_the_arbiter(desk: ClockDesk) -> None:
    """A→B→A, when B suggests A; the safety clocks are not touched by any of it."""
    label = harm(desk)
    desk.hears(label, "objected", "POLICE", **NOT_OURS)
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="CIVIL")
    before = running_safety(desk, label)
    desk.hears(label, "objected", "CIVIL", **NOT_OURS, suggests="POLICE")
    assert desk.refused(label) == {}
    assert "ARBITER" in desk.decisions(label).values()
    assert lead(desk, label) == "CIVIL"
    assert running_safety(desk, label) == before


def test_a_ruling_that_goes_round_is_not_made_but_given_to_the_arbiter(desk: ClockDesk) -> None:
    """EDU returned it; CULTURE took it over from MARKET, which had a conflict; a ruling names EDU again."""
    label = ordinary(desk)
    desk.hears(label, "objected", "EDU", **NOT_OURS)
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="MARKET")
    desk.hears(label, "conflict_found", "supervisor", units=["MARKET"], department="CULTURE")
    assert lead(desk, label) == "CULTURE"
    desk.hears(label, "objected", "CULTURE", **NOT_OURS)
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="EDU")
    assert (desk.case(label).status, lead(desk, label)) == (Status.DISPUTED, "CULTURE")
    assert desk.told(label)["DUTY_SUPERVISOR", Ask.ARBITRATE] == 1
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="EDU")
    assert (desk.case(label).status, lead(desk, label)) == (Status.DISPATCHED, "EDU")


def test_the_arbiter_sees_all_reasons_side_by_side(desk: ClockDesk) -> None:
    """Those turned down as well, in both languages, and no department sees any of it."""
    label = ordinary(desk)
    desk.hears(label, "objected", "EDU", **NOT_OURS)
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="MARKET")
    desk.hears(label, "objected", "MARKET", reason="facts_wrong", evidence="SITE-9")
    with desk.place.database.reading() as session:
        story = story_of(session, desk.case(label), desk.place.catalogue, desk.now)
        theirs = story_of(session, desk.case(label), desk.place.catalogue, desk.now, part_of="MARKET")
    told = [(each.department, each.reason, each.evidence, each.outcome) for each in story.objections]
    assert told == [
        ("EDU", "not_our_duty", "DUTIES-7", "upheld"),
        ("MARKET", "facts_wrong", "SITE-9", "turned_down"),
    ]
    assert story.objections[0].reason_zh == "不属本单位职责"
    assert story.objections[0].adjudicator == "client:test-supervisor"
    assert theirs.objections == ()


def test_a_unit_that_replies_all_the_same_has_let_its_objection_go(desk: ClockDesk) -> None:
    """Sent back for rework, it may object anew instead of being told that one is open."""
    label = ordinary(desk)
    desk.hears(label, "objected", "EDU", **NOT_OURS)
    desk.hears(label, "replied", "EDU", text="经核查，已要求学校公示菜价并整改，已向来电人反馈说明。", resolved=True)
    desk.hears(label, "called_back", "operator", reached=True, resolved=False)
    assert desk.case(label).status is Status.REWORK
    desk.hears(label, "objected", "EDU", **NOT_OURS)
    assert desk.refused(label) == {}
    assert desk.case(label).status is Status.DISPUTED
