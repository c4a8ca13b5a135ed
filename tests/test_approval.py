"""Danger and harm close only when a second pair of eyes agrees, once for each state of the facts."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.record import Event
from models.vocabulary import Ask, CloseReason, EventKind, Flag, Grade, Recipient, Role, Status
from tasks.closing.approval import SAYS_NOTHING_NEW
from tasks.news.forms import ClosingDecided
from tasks.news.inbox import NewsNotAllowedError, Speaker, post_news
from tasks.news.what_fits import NewsDoesNotFitError
from tasks.settling import APPROVAL
from tests.harness.clock_desk import ClockDesk, clock_desk

HOUR = timedelta(hours=1)
SUPERVISOR = Recipient.DUTY_SUPERVISOR


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


def replied(desk: ClockDesk, safe_by: str = "operator", **safety: str) -> str:
    """A case of suspected harm that everybody has done their part of; nobody may be called back."""
    label = desk.take_in("爸爸打我", kind="F01", suspect_is_guardian=True, reporter={"contact": "1", "may_call_back": False})
    desk.run_due()
    desk.hears(label, "police_notified", "operator", at=desk.now, channel="platform", receipt="R-1")
    desk.hears(label, "safety_recorded", safe_by, **(safety or {"safety": "safe", "source": "police"}))
    for unit in ("CIVIL", "EDU", "HEALTH", "STREET", "WOMEN"):
        desk.hears(label, "co_replied", unit, text="已到场协助")
    desk.hears(label, "replied", "POLICE", text="已出具告诫书并安排临时照护", resolved=True, acts=["child_seen", "evidence_preserved"])
    return label


def asked(desk: ClockDesk, label: str) -> int:
    return desk.told(label)[SUPERVISOR, Ask.DECIDE_CLOSING]


def test_a_grave_case_that_is_done_waits_for_a_supervisor_who_is_asked_once(desk: ClockDesk) -> None:
    label = replied(desk)
    desk.advance(desk.now + HOUR)
    assert desk.case(label).status is Status.REPLIED
    assert APPROVAL in desk.case(label).waiting_for
    assert asked(desk, label) == 1


def test_it_closes_when_another_person_agrees(desk: ClockDesk) -> None:
    label = replied(desk)
    desk.hears(label, "closing_decided", "supervisor", approved=True)
    case = desk.case(label)
    assert (case.status, case.close_reason) == (Status.CLOSED, CloseReason.REPLY_ACCEPTED)
    assert desk.decisions(label)["close:1"] == "CLOSED"
    assert [key for key, outcome in desk.decisions(label).items() if outcome == "APPROVED"] != []


@pytest.mark.parametrize("who", ["operator", "EDU", "POLICE", "administrator"])
def test_nobody_but_a_supervisor_decides(desk: ClockDesk, who: str) -> None:
    label = replied(desk)
    with pytest.raises(NewsNotAllowedError):
        desk.say(label, "closing_decided", who, approved=True)


def test_whoever_recorded_the_child_as_safe_may_not_agree_and_hears_why(desk: ClockDesk) -> None:
    label = replied(desk, safe_by="supervisor")
    with pytest.raises(NewsDoesNotFitError, match="another supervisor") as told:
        desk.say(label, "closing_decided", "supervisor", approved=True)
    assert (told.value.field, told.value.code) == ("approved", "four_eyes")
    second = Speaker("second", Role.SUPERVISOR)
    post_news(desk.place, label, "closing_decided", ClosingDecided(approved=True), second, "k", desk.now)
    desk.run_due()
    assert desk.case(label).status is Status.CLOSED


def test_whoever_recorded_the_child_as_safe_may_still_send_it_back(desk: ClockDesk) -> None:
    label = replied(desk, safe_by="supervisor")
    desk.hears(label, "closing_decided", "supervisor", approved=False, reason="risk_remains")
    assert desk.case(label).status is Status.REWORK


def test_whoever_lowered_the_grade_may_not_agree_although_another_recorded_the_child_as_safe(desk: ClockDesk) -> None:
    label = desk.take_in("爸爸打我", kind="F01", danger_now=True, reporter={"contact": "1", "may_call_back": False})
    desk.run_due()
    desk.hears(label, "grade_decided", "supervisor", grade="U1", reason="less_grave")
    desk.hears(label, "safety_recorded", "operator", safety="safe", source="police")
    with pytest.raises(NewsDoesNotFitError, match="another supervisor"):
        desk.say(label, "closing_decided", "supervisor", approved=True)


def test_a_refusal_needs_a_listed_reason_and_names_those_there_are(desk: ClockDesk) -> None:
    label = replied(desk)
    for given in ({}, {"reason": "because"}):
        with pytest.raises(NewsDoesNotFitError, match="child_not_seen, measures_unclear"):
            desk.say(label, "closing_decided", "supervisor", approved=False, **given)


def test_a_refusal_sends_it_back_with_the_reason_and_the_next_round_is_decided_anew(desk: ClockDesk) -> None:
    label = replied(desk)
    desk.hears(label, "closing_decided", "supervisor", approved=False, reason="measures_unclear")
    assert desk.case(label).status is Status.REWORK
    assert desk.told(label)["POLICE", Ask.REWORK] == 1
    [seen] = [each for each in desk.rows(Event, label) if each.facts.get("refused")]
    assert (seen.kind, seen.actor, seen.facts["refused"], seen.facts["department"]) == (
        EventKind.CLOSURE_CHECKED, "machine", "measures_unclear", "POLICE",
    )  # fmt: skip
    desk.hears(label, "replied", "POLICE", text="补充：已见到儿童并落实保护措施，附记录编号。", resolved=True)
    assert desk.case(label).status is Status.REPLIED
    assert asked(desk, label) == 2
    desk.hears(label, "closing_decided", "supervisor", approved=True)
    assert desk.case(label).status is Status.CLOSED


def test_news_of_new_harm_voids_the_asking_and_the_case_does_not_close_on_it(desk: ClockDesk) -> None:
    label = replied(desk)
    desk.say(label, "safety_recorded", "operator", safety="unsafe", source="school")
    desk.say(label, "closing_decided", "supervisor", approved=True)
    desk.run_due()
    assert desk.case(label).status is Status.REPLIED
    assert set(desk.refused(label).values()) == {"closing_lacks_child_safe"}
    assert APPROVAL not in desk.case(label).waiting_for, "first the child"
    desk.hears(label, "safety_recorded", "operator", safety="safe", source="police")
    assert asked(desk, label) == 2


def test_an_agreement_is_void_once_something_new_is_read_before_it_closes(desk: ClockDesk) -> None:
    """Both came while the worker was busy: what was agreed to is not what the case is now."""
    label = replied(desk)
    desk.say(label, "closing_decided", "supervisor", approved=True)
    desk.say(label, "safety_recorded", "operator", safety="unsafe", source="school")
    desk.run_due()
    assert desk.case(label).status is Status.REPLIED


def test_a_harmless_note_does_not_void_it(desk: ClockDesk) -> None:
    label = replied(desk)
    desk.say(label, "acknowledged", "EDU")
    desk.say(label, "closing_decided", "supervisor", approved=True)
    desk.run_due()
    assert desk.case(label).status is Status.CLOSED
    assert {"closing_decided", "acknowledged", "followed_up"} <= SAYS_NOTHING_NEW


def test_a_second_decision_on_the_same_facts_changes_nothing(desk: ClockDesk) -> None:
    label = replied(desk)
    desk.say(label, "closing_decided", "supervisor", approved=True)
    desk.say(label, "closing_decided", "supervisor", approved=False, reason="risk_remains")
    desk.run_due()
    assert desk.case(label).status is Status.CLOSED
    assert desk.refused(label) == {"closing_decided": "not_awaiting_approval"}


def test_who_leaves_it_lying_is_asked_again_and_told_of_to_the_district_leader(desk: ClockDesk) -> None:
    """Rule: again every 8 h, the leader after 24 h; whatever was slept through comes once."""
    label, start = replied(desk), desk.now
    desk.advance(start + 8 * HOUR - timedelta(seconds=1))
    assert asked(desk, label) == 1
    desk.advance(start + 8 * HOUR)
    assert asked(desk, label) == 2
    assert desk.told(label)[Recipient.DISTRICT_LEADER, Ask.RAISE_LEVEL] == 0
    desk.advance(start + 24 * HOUR)
    assert asked(desk, label) == 4
    assert desk.told(label)[Recipient.DISTRICT_LEADER, Ask.RAISE_LEVEL] == 1
    desk.jump(start + 50 * HOUR)
    desk.run_due()
    assert asked(desk, label) == 5
    assert desk.told(label)[Recipient.DISTRICT_LEADER, Ask.RAISE_LEVEL] == 1


def test_a_grave_case_whose_caller_nobody_reaches_is_closed_by_a_supervisor_as_not_reached(desk: ClockDesk) -> None:
    label = desk.take_in("老师掐孩子胳膊", kind="S11", reporter={"contact": "1", "may_call_back": True})
    desk.run_due()
    desk.hears(label, "police_notified", "operator", at=desk.now, channel="platform", receipt="R-2")
    desk.hears(label, "safety_recorded", "operator", safety="safe", source="police")
    for unit in ("EDU", "HEALTH"):
        desk.hears(label, "co_replied", unit, text="已到场协助")
    desk.hears(label, "replied", "POLICE", text="已出警核查并控制涉事人员", resolved=True, acts=["evidence_preserved", "site_inspected"])
    for _ in range(3):
        desk.hears(label, "called_back", "operator", reached=False)
    assert desk.case(label).flag is Flag.CLOSURE_BLOCKED
    desk.hears(label, "closing_decided", "supervisor", approved=True)
    case = desk.case(label)
    assert (case.status, case.close_reason, case.flag) == (Status.CLOSED, CloseReason.NOT_REACHED, None)


def test_an_ordinary_case_asks_no_supervisor(desk: ClockDesk) -> None:
    label = desk.take_in(kind="S09", reporter={"contact": "1", "may_call_back": False})
    desk.run_due()
    desk.hears(label, "replied", "EDU", text="已责令公示并电话告知来电人", resolved=True)
    desk.hears(label, "called_back", "operator", reached=True, resolved=True)
    case = desk.case(label)
    assert (case.status, case.grade, asked(desk, label)) == (Status.CLOSED, Grade.U3, 0)
    assert case.close_reason is CloseReason.RESOLVED


def test_a_child_handed_to_a_case_owner_needs_somebody_who_is_there(desk: ClockDesk) -> None:
    label = replied(desk, safety="interim", source="police")
    assert APPROVAL not in desk.case(label).waiting_for
    for owner, code in ((None, "missing"), ("NOBODY", "unknown_owner")):
        with pytest.raises(NewsDoesNotFitError) as told:
            desk.say(label, "safety_recorded", "operator", safety="interim", source="case_owner", owner=owner)
        assert (told.value.field, told.value.code) == ("owner", code)
    desk.hears(label, "safety_recorded", "operator", safety="interim", source="case_owner", owner="CIVIL")
    desk.hears(label, "closing_decided", "supervisor", approved=True)
    case = desk.case(label)
    assert (case.status, case.safety_owner, case.close_reason) == (Status.CLOSED, "CIVIL", CloseReason.SAFETY_HANDED_OVER)
