"""A reply that the gate sends back is no feedback: no clock stands still for it, and no figure counts it as an answer."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from analysis.compliance import Compliance, compliance
from analysis.windows import Window
from data_checks.batches import HouseBatches
from data_checks.sql import Sql
from desk.cli.explained import case_json
from desk.front import Front
from desk.pages.order import find_order
from models.clock_table import ClockEvent, going_on_after
from models.exchange import Assignment, Inbox
from models.record import Clock, Event
from models.vocabulary import Ask, EventKind, NewsKind, Status, Target
from tasks.clocks.explained import explained_clocks
from tests.harness.clock_desk import ClockDesk, clock_desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOLLOW = {"text": "已阅。", "resolved": True}
REPLY = {"text": "已责令公示并电话告知来电人", "resolved": True}
AGAIN = {"text": "已再次到校核实并监督整改，向来电人说明了结果。", "resolved": True}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def label(desk: ClockDesk) -> str:
    """U3, led by EDU, which is told who called."""
    label = desk.take_in(kind="S09", reporter={"contact": "1", "may_call_back": True, "keep_secret": False})
    desk.run_due()
    return label


def plain(clock: Clock) -> tuple[Any, ...]:
    return (clock.id, clock.started_at, clock.due_at, clock.cycle, clock.stopped_at, clock.stop_reason)


def agrees_with_journal(desk: ClockDesk) -> bool:
    """What the data checks ask of clocks: as many stops in the table as in the journal, at the same moments."""
    with desk.place.database.reading() as session:
        rows = session.execute(text(HouseBatches(Sql(is_sqlite=True)).select("clocks"))).mappings().all()
    return bool(rows) and all(
        each["clocks"] == each["starts"] and each["stopped"] == each["stops"] and abs(each["table_s"] - each["journal_s"]) <= each["stopped"]
        for each in rows
    )


def test_the_clocks_go_on_as_if_nothing_had_been_said(desk: ClockDesk, label: str) -> None:
    """Of the answer and of the first contact; the order counts as accepted, for somebody has read it."""
    before = {target: plain(desk.clock(label, target)) for target in (Target.FEEDBACK, Target.FIRST_CONTACT)}
    desk.jump(desk.now + HOUR)
    desk.hears(label, "replied", "EDU", **HOLLOW)
    assert desk.case(label).status is Status.REWORK
    assert {target: plain(desk.clock(label, target)) for target in before} == before
    assert len(desk.clocks(label, Target.FEEDBACK)) == 1, "no second clock with new time"
    assert desk.clock(label, Target.ACCEPTANCE).stop_reason == ClockEvent.ACCEPTED
    went_on = [each.facts["target"] for each in desk.rows(Event, label) if each.kind is EventKind.CLOCK_RESUMED]
    assert set(went_on) == set(going_on_after(ClockEvent.REPLY_REFUSED)) == {Target.FEEDBACK, Target.FIRST_CONTACT}
    assert agrees_with_journal(desk)
    desk.jump(desk.now + HOUR)
    desk.hears(label, "replied", "EDU", **REPLY)
    feedback = desk.clock(label, Target.FEEDBACK)
    assert (feedback.stopped_at, feedback.stop_reason, feedback.breached_at) == (desk.now, "replied", None)
    assert agrees_with_journal(desk)


def test_an_empty_reply_on_the_last_day_buys_no_time(desk: ClockDesk, label: str) -> None:
    """It runs out when it would have, is told as late, and counts as missed and not as kept."""
    began, due = desk.now, desk.clock(label, Target.FEEDBACK).due_at
    desk.advance(due - HOUR)
    desk.hears(label, "replied", "EDU", **HOLLOW)
    told = len(desk.levels(label, Target.FEEDBACK))
    desk.advance(due + 2 * DAY)
    assert desk.clock(label, Target.FEEDBACK).breached_at == due
    assert len(desk.levels(label, Target.FEEDBACK)) > told
    with desk.place.database.reading() as session:
        late = compliance(session, Window(began, due + DAY), desk.now)
    assert sum((each for key, each in late.items() if key.target is Target.FEEDBACK), Compliance()) == Compliance(late=1)
    desk.hears(label, "replied", "EDU", **REPLY)
    with desk.place.database.reading() as session:
        missed = compliance(session, Window(began, due + DAY), desk.now)
    assert sum((each for key, each in missed.items() if key.target is Target.FEEDBACK), Compliance()) == Compliance(missed=1)
    assert agrees_with_journal(desk)


def test_a_second_round_has_a_clock_of_its_own_which_an_empty_reply_does_not_stop_either(desk: ClockDesk, label: str) -> None:
    """The first reply was accepted: its contact and its answer stay what they were."""
    desk.hears(label, "replied", "EDU", **REPLY)
    first = [plain(each) for each in desk.rows(Clock, label) if each.target in (Target.FEEDBACK, Target.FIRST_CONTACT)]
    desk.jump(desk.now + HOUR)
    desk.hears(label, "called_back", "operator", reached=True, resolved=False)
    sent_back = desk.now
    desk.jump(desk.now + HOUR)
    desk.hears(label, "replied", "EDU", **HOLLOW)
    feedback = desk.clock(label, Target.FEEDBACK)
    assert (feedback.cycle, feedback.started_at, feedback.stopped_at) == (2, sent_back, None)
    assert [plain(each) for each in desk.rows(Clock, label) if each.target in (Target.FEEDBACK, Target.FIRST_CONTACT)][:2] == first
    desk.hears(label, "replied", "EDU", **AGAIN)
    assert desk.case(label).status is Status.CALLBACK


def test_a_share_that_says_nothing_is_none_and_its_clock_goes_on(desk: ClockDesk) -> None:
    """The case goes on waiting for it, and the unit is told."""
    label = desk.take_in(text="托育机构老师掐孩子胳膊", kind="S11", nature="REPORT", reporter={"contact": "1", "may_call_back": True})
    desk.run_due()
    helper = "EDU"
    for hollow in ("收到，谢谢", "收到，谢谢", "尽快处理"):
        desk.jump(desk.now + timedelta(minutes=1))
        desk.hears(label, "co_replied", helper, text=hollow)
    assert [each.refused for each in desk.rows(Inbox, label)] == ["share_only_received", "share_only_received", "share_only_promised"]
    assert desk.told(label)[helper, Ask.REWORK] == 3
    [clock] = [each for each in desk.clocks(label, Target.CO_HANDLER) if each.department == helper]
    assert clock.stopped_at is None
    desk.hears(label, "co_replied", helper, text="已到场协助")
    [clock] = [each for each in desk.clocks(label, Target.CO_HANDLER) if each.department == helper]
    assert (clock.stopped_at, clock.stop_reason) == (desk.now, ClockEvent.CO_REPLIED)
    assert agrees_with_journal(desk)


def test_each_refusal_is_told_anew_and_the_second_to_the_district_leader(desk: ClockDesk, label: str) -> None:
    """Though both belong to the same round."""
    for text_ in ("已阅。", "来信已收悉，感谢您的关心。"):
        desk.jump(desk.now + HOUR)
        desk.hears(label, "replied", "EDU", text=text_, resolved=True)
    case = desk.case(label)
    assert (case.status, case.cycle, case.rework_count) == (Status.REWORK, 1, 2)
    assert (desk.told(label)["EDU", Ask.REWORK], desk.told(label)["DISTRICT_LEADER", Ask.RAISE_LEVEL]) == (2, 1)


def test_why_it_is_due_then_says_which_reply_did_not_count(desk: ClockDesk, label: str) -> None:
    """On the command line in codes, on the unit's page in words."""
    desk.jump(desk.now + HOUR)
    replied_at = desk.now
    desk.hears(label, "replied", "EDU", **HOLLOW)
    with desk.place.database.reading() as session:
        explained = explained_clocks(desk.place, session, desk.case(label), desk.now)
    [feedback] = [each for each in explained if each.clock.target is Target.FEEDBACK]
    assert feedback.refused_at == (replied_at,) and feedback.agrees
    codes = next(each for each in case_json(label, explained)["clocks"] if each["target"] == "feedback")
    assert codes["refused_replies"] == [replied_at.isoformat()]
    [token] = [each.token for each in desk.rows(Assignment, label)]
    with desk.place.database.reading() as session:
        order = find_order(session, token, Front(desk.place, lambda: desk.now))
    assert order is not None and order.sent_back is not None
    assert [(each.kind, each.sent_back) for each in order.said] == [(NewsKind.REPLIED, True)]
    assert "时限没有停" in order.sent_back[0] and "the clock has not stopped" in order.sent_back[1]
