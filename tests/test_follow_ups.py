"""After a grave case is closed somebody looks again: planned with the closing, asked once, never forgotten, dropped in time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from desk.boards.heaps import heaps
from desk.boards.needs import Moment
from desk.pages.house_forms import awaited, sayable, sheet_for
from desk.pages.house_waits import AtHouse
from flows.follow_ups import follow_up
from models.case import Case
from models.following import FollowUp
from models.vocabulary import (
    Ask,
    CallbackClass,
    CloseReason,
    FollowUpOutcome,
    FollowUpState,
    Grade,
    NewsKind,
    Recipient,
    Role,
    Safety,
    Status,
)
from tasks.casebook import editing
from tasks.closing.following_up import (
    ask_for_follow_ups,
    due_to_ask,
    due_to_escalate,
    escalate_follow_ups,
    plan_follow_ups,
)
from tasks.news.inbox import NewsNotAllowedError
from tasks.words.retention import rules_of, seal_case
from tasks.workplace import Workplace
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.living_desk import LivingDesk

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as lone:
        yield lone


def closed(lone: ClockDesk, **reporter: object) -> str:
    """A grave case whose life ended a moment ago, with POLICE as lead."""
    label = lone.take_in("老师掐孩子胳膊", kind="S11", reporter={"contact": "1", "may_call_back": False, **reporter})
    lone.run_due()
    lone.hears(label, "police_notified", "operator", at=lone.now, channel="platform", receipt="R-1")
    lone.hears(label, "safety_recorded", "operator", safety="safe", source="police")
    for unit in ("EDU", "HEALTH"):
        lone.hears(label, "co_replied", unit, text="已到场协助")
    lone.hears(label, "replied", "POLICE", text="已出警核查并控制涉事人员", resolved=True, acts=["evidence_preserved", "site_inspected"])
    if lone.case(label).status is Status.CALLBACK:
        lone.hears(label, "called_back", "operator", reached=True, resolved=True)
    lone.hears(label, "closing_decided", "supervisor", approved=True)
    assert lone.case(label).status is Status.CLOSED
    return label


def looks(lone: ClockDesk | LivingDesk, label: str) -> list[FollowUp]:
    return lone.rows(FollowUp, label)


def hour(lone: ClockDesk) -> tuple[int, int]:
    """What the hourly flow does: how many were asked, and how many told of."""
    with lone.place.database.reading() as session:
        due = due_to_ask(session, lone.now)
    asked = sum(ask_for_follow_ups(lone.place, each, lone.now) for each in due)
    with lone.place.database.reading() as session:
        late = due_to_escalate(session, lone.now)
    told = sum(escalate_follow_ups(lone.place, each, lone.now) for each in late)
    return asked, told


def posted(place: Workplace, ask: Ask) -> list[str]:
    from_outbox = "SELECT recipient FROM notice WHERE ask = ? ORDER BY id"
    with place.database.engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql(from_outbox, (ask.value,))]


def test_a_grave_closing_plans_looks_after_a_week_a_month_and_three_months(lone: ClockDesk) -> None:
    label = closed(lone)
    at = lone.case(label).closed_at
    assert at is not None
    assert [(each.nth, each.due_at - at, each.answer_by - each.due_at) for each in looks(lone, label)] == [
        (1, 7 * DAY, 3 * DAY), (2, 30 * DAY, 3 * DAY), (3, 90 * DAY, 3 * DAY),
    ]  # fmt: skip
    assert {each.state for each in looks(lone, label)} == {FollowUpState.PLANNED}


@pytest.mark.parametrize(
    ("grade", "harm", "reason", "planned"),
    [
        (Grade.U0, False, CloseReason.RESOLVED, 3), (Grade.U1, False, CloseReason.RESOLVED, 3),
        (Grade.U3, True, CloseReason.NOT_REACHED, 3), (Grade.U2, False, CloseReason.RESOLVED, 0),
        (Grade.U1, True, CloseReason.LINKED, 0),
    ],
)  # fmt: skip
def test_which_closings_are_looked_at_again_says_the_rule_and_a_repeat_plans_nothing_more(
    lone: ClockDesk, grade: Grade, harm: bool, reason: CloseReason, planned: int
) -> None:
    label = lone.take_in()
    for _ in range(2):
        with editing(lone.place, lone.case(label).id) as (session, case):
            case.grade, case.harm, case.close_reason = grade, harm, reason
            plan_follow_ups(lone.place, session, case, lone.now)
    assert len(looks(lone, label)) == planned


def test_the_desk_and_the_lead_are_asked_once_when_the_day_comes_and_nobody_a_second_before(lone: ClockDesk) -> None:
    label = closed(lone)
    lone.jump(lone.now + 7 * DAY - SECOND)
    assert hour(lone) == (0, 0)
    lone.jump(lone.now + SECOND)
    assert hour(lone) == (1, 0)
    assert hour(lone) == (0, 0)
    assert posted(lone.place, Ask.FOLLOW_UP) == [Recipient.DESK, "POLICE"]
    assert [each.state for each in looks(lone, label)] == [FollowUpState.ASKED, FollowUpState.PLANNED, FollowUpState.PLANNED]


def test_who_does_not_answer_is_told_of_once_after_three_days(lone: ClockDesk) -> None:
    closed(lone)
    lone.jump(lone.now + 7 * DAY)
    assert hour(lone) == (1, 0)
    lone.jump(lone.now + 3 * DAY - SECOND)
    assert hour(lone) == (0, 0)
    lone.jump(lone.now + SECOND)
    assert hour(lone) == (0, 1)
    assert hour(lone) == (0, 0)
    assert posted(lone.place, Ask.FOLLOW_UP_OVERDUE) == [Recipient.DUTY_SUPERVISOR]


def test_looks_that_came_due_while_the_desk_was_down_are_one_question_with_its_full_time(lone: ClockDesk) -> None:
    label = closed(lone)
    lone.jump(lone.now + 31 * DAY)
    assert hour(lone) == (1, 0)
    assert posted(lone.place, Ask.FOLLOW_UP) == [Recipient.DESK, "POLICE"]
    assert [each.answer_by for each in looks(lone, label)][:2] == [lone.now + 3 * DAY] * 2
    lone.hears(label, "followed_up", "operator", outcome="safe", asked_of="school")
    assert [each.state for each in looks(lone, label)] == [FollowUpState.DONE, FollowUpState.DONE, FollowUpState.PLANNED]


def test_an_answer_is_kept_in_codes_and_the_case_stays_closed(lone: ClockDesk) -> None:
    label = closed(lone)
    lone.jump(lone.now + 7 * DAY)
    hour(lone)
    lone.hears(label, "followed_up", "operator", outcome="not_reached", asked_of="lead_department")
    first = looks(lone, label)[0]
    assert (first.state, first.outcome, first.asked_of, first.by) == (
        FollowUpState.DONE, FollowUpOutcome.NOT_REACHED, "lead_department", "client:test-operator",
    )  # fmt: skip
    assert lone.case(label).status is Status.CLOSED
    lone.jump(lone.now + 10 * DAY)
    assert hour(lone) == (0, 0), "an answered look is never told of"


def test_concern_again_reopens_the_case_as_new_harm_and_drops_the_looks_that_were_planned(lone: ClockDesk) -> None:
    label = closed(lone)
    lone.jump(lone.now + 7 * DAY)
    hour(lone)
    lone.hears(label, "followed_up", "operator", outcome="concern_again", asked_of="school")
    case = lone.case(label)
    assert (case.status, case.safety, case.harm, case.close_reason) == (Status.DISPATCHED, Safety.UNKNOWN, True, None)
    assert [each.state for each in looks(lone, label)] == [FollowUpState.DONE, FollowUpState.SKIPPED, FollowUpState.SKIPPED]
    lone.jump(lone.now + 100 * DAY)
    assert hour(lone) == (0, 0)


def test_a_case_that_closes_anew_is_looked_at_anew(lone: ClockDesk) -> None:
    label = closed(lone)
    lone.hears(label, "reopened", "operator", reason="not_solved")
    with editing(lone.place, lone.case(label).id) as (session, case):
        plan_follow_ups(lone.place, session, case, lone.now)
    assert [(each.life, each.nth, each.state) for each in looks(lone, label)] == [
        *((0, nth, FollowUpState.SKIPPED) for nth in (1, 2, 3)), *((1, nth, FollowUpState.PLANNED) for nth in (1, 2, 3)),
    ]  # fmt: skip


def test_a_look_nobody_asked_for_is_refused(lone: ClockDesk) -> None:
    label = closed(lone)
    lone.hears(label, "followed_up", "operator", outcome="safe", asked_of="school")
    assert lone.refused(label) == {NewsKind.FOLLOWED_UP: "no_follow_up_asked"}


def test_sealing_drops_what_was_planned(lone: ClockDesk) -> None:
    label = closed(lone)
    with editing(lone.place, lone.case(label).id) as (_, case):
        case.grade, case.harm = Grade.U3, False
    at = lone.now + 20 * 365 * DAY
    assert seal_case(lone.place, rules_of(lone.place), lone.case(label).id, at)
    assert {each.state for each in looks(lone, label)} == {FollowUpState.SKIPPED}
    lone.jump(at)
    assert hour(lone) == (0, 0)


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("the class forbids it", {"callback_class": CallbackClass.NONE}),
        ("a guardian may be the offender and nothing safe was agreed", {"guardian_suspect": True}),
    ],
)
def test_the_reporter_is_never_asked_where_a_callback_is_not_allowed(lone: ClockDesk, what: str, fields: dict[str, object]) -> None:
    label = closed(lone)
    with editing(lone.place, lone.case(label).id) as (_, case):
        for name, value in fields.items():
            setattr(case, name, value)
    lone.jump(lone.now + 7 * DAY)
    hour(lone)
    with pytest.raises(NewsNotAllowedError, match="no callback"):
        lone.say(label, "followed_up", "operator", outcome="safe", asked_of="reporter")


def test_the_page_offers_the_form_while_it_is_asked_for_and_no_barred_person(lone: ClockDesk) -> None:
    case = Case(source="x", received_at=lone.now, status=Status.CLOSED, callback_class=CallbackClass.NONE)
    assert NewsKind.FOLLOWED_UP not in sayable(case, Role.OPERATOR, AtHouse())
    assert awaited(case, Role.OPERATOR, AtHouse(follow_up_asked=True)) == (NewsKind.FOLLOWED_UP,)
    with lone.place.database.writing() as session:
        session.add(case)
        session.flush()
        whom = next(each for each in sheet_for(NewsKind.FOLLOWED_UP, lone.place, case).fields if each.name == "asked_of")
    assert "reporter" not in whom.choices
    assert not {"family", "guardian"} & set(whom.choices)


def test_the_duty_board_shows_what_waits_for_approval_and_what_is_to_be_looked_at(lone: ClockDesk) -> None:
    label = closed(lone)
    lone.jump(lone.now + 7 * DAY)
    hour(lone)
    with lone.place.database.reading() as session:
        found = {heap.name: [row.number for row in heap.rows] for heap in heaps(session, Moment(lone.now, lone.now))}
    assert found["duty_follow_up"] == [label]
    assert found["duty_approval"] == []


def test_the_flow_asks_and_tells_on_a_real_server_and_twice_changes_nothing(desk: LivingDesk) -> None:
    place, now = desk.place, desk.now
    label = desk.take_in()
    with editing(place, desk.case(label).id) as (session, case):
        case.status, case.grade, case.closed_at = Status.CLOSED, Grade.U1, now
        plan_follow_ups(place, session, case, now)
    desk.now = now + 7 * DAY
    assert follow_up() == "1 asked, 0 told of"
    assert follow_up() == "0 asked, 0 told of"
    desk.now = now + 10 * DAY
    assert follow_up() == "0 asked, 1 told of"
    assert follow_up() == "0 asked, 0 told of"
    with place.database.reading() as session:
        assert len(session.exec(select(FollowUp)).all()) == 3
