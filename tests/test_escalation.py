"""Ladders climbed on a desk: once per level, told again until acknowledged, never in a burst."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from flows.case import escalate_what_is_late
from flows.notices import send_all_due
from models.exchange import Assignment, Notice
from models.record import Clock, Escalation, Event
from models.vocabulary import Ask, EventKind, Grade, Recipient, Target
from tasks.case_task import CaseTaskError
from tasks.casebook import editing, lead_waiting_alerts_to_orders, standing, tell
from tasks.escalation.levels import ladder_moments
from tasks.workplace import use_workplace
from tests.harness.desk_on_paper import START
from tests.harness.ladders import alerts_of, climb, repeats, rung
from tests.harness.lone_desk import LoneDesk
from tests.harness.snapshots import snapshot
from tests.harness.times import moment
from tests.small_desk import small_desk

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HARM = {"kind": "S11", "text": "托育机构老师掐孩子胳膊"}
SUPERVISION_LEVEL_3 = START + HOUR


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LoneDesk]:
    """A fresh desk, Monday 09:00."""
    desk = LoneDesk(small_desk(tmp_path / "desk"))
    use_workplace(desk.place)
    yield desk
    desk.place.database.close()


def level(desk: LoneDesk, label: str, target: Target, number: int) -> Escalation:
    clock = next(each for each in desk.rows(Clock, label) if each.target is target)
    return next(
        each for each in desk.rows(Escalation, label) if each.clock_id == clock.id and each.level == number
    )


def taken_in_work(desk: LoneDesk) -> str:
    """An ordinary case that EDU works on, so that only its feedback and closure clocks run."""
    label = desk.take_in(kind="S09")
    desk.run_due()
    for said in ("acknowledged", "contacted"):
        desk.say(label, said, "EDU")
    desk.run_due()
    return label


def test_after_three_hours_of_downtime_each_level_was_told_once_or_passed_over(desk: LoneDesk) -> None:
    """U1 at 09:00, nobody works until 12:00: by then every level of four ladders has come."""
    label = desk.take_in(**HARM)
    desk.run_due()
    desk.jump(START + 3 * HOUR)
    desk.run_due()
    told = {each: desk.levels(label, each) for each in (Target.SUPERVISION, Target.MANDATORY_REPORT)}
    assert told == {Target.SUPERVISION: [3], Target.MANDATORY_REPORT: [4]}
    assert desk.levels(label, Target.SUPERVISION, superseded=True) == [1, 2]
    assert desk.levels(label, Target.MANDATORY_REPORT, superseded=True) == [1, 2, 3]
    assert alerts_of(desk, label, Target.SUPERVISION) == {"DUTY_SUPERVISOR": 1}
    assert alerts_of(desk, label, Target.MANDATORY_REPORT) == {"DUTY_SUPERVISOR": 1, "DISTRICT_LEADER": 1}
    assert level(desk, label, Target.SUPERVISION, 3).planned_at == SUPERVISION_LEVEL_3


def test_a_level_is_told_again_with_back_off_up_to_the_longest_wait_and_the_last_time(desk: LoneDesk) -> None:
    """The shipped safety ladder: 15 min, half as long again each, at most 1 h, twelve times."""
    label = desk.take_in(**HARM)
    desk.advance(START + 24 * HOUR)
    told = [SUPERVISION_LEVEL_3, *repeats(desk, label, Target.SUPERVISION)]
    waits = [(later - earlier) / MINUTE for earlier, later in pairwise(told)]
    # 50 minutes and 37.5 seconds are rounded to a whole second.
    assert waits == [15, 22.5, 33.75, pytest.approx(50.625, abs=0.01), *[60] * 8]
    assert level(desk, label, Target.SUPERVISION, 3).repeat_at is None


def test_an_acknowledged_level_is_not_told_again_and_its_clock_runs_on(desk: LoneDesk) -> None:
    """Stored with who and when, as a client's id."""
    label = desk.take_in(**HARM)
    desk.advance(SUPERVISION_LEVEL_3 + 16 * MINUTE)
    desk.say(label, "acknowledged", "supervisor", target="supervision")
    desk.advance(START + 5 * HOUR)
    assert repeats(desk, label, Target.SUPERVISION) == [SUPERVISION_LEVEL_3 + 15 * MINUTE]
    seen = level(desk, label, Target.SUPERVISION, 3)
    assert (seen.acknowledged_at, seen.acknowledged_by) == (SUPERVISION_LEVEL_3 + 16 * MINUTE, "client:test-supervisor")
    clock = next(each for each in desk.rows(Clock, label) if each.target is Target.SUPERVISION)
    assert clock.stopped_at is None
    assert repeats(desk, label, Target.MANDATORY_REPORT), "another clock's level is still told again"


def test_after_a_downtime_a_repeat_comes_once_and_the_next_waits_from_then(desk: LoneDesk) -> None:
    """Five hours swallowed six repeats: one is sent, and the second wait of 22.5 minutes follows it."""
    label = desk.take_in(**HARM)
    desk.advance(SUPERVISION_LEVEL_3)
    back = SUPERVISION_LEVEL_3 + 5 * HOUR
    desk.jump(back)
    desk.advance(back + 23 * MINUTE)
    assert repeats(desk, label, Target.SUPERVISION) == [back, back + 22.5 * MINUTE]


def test_a_higher_level_takes_over_from_the_one_that_was_being_repeated(desk: LoneDesk) -> None:
    """Level 1 comes with the warning at 03:00 and again hourly, until level 2 comes at 09:00:01."""
    climb(
        desk,
        rung(1, "warning", repeat={"every": "2 h", "at_most": 50}),
        rung(2, "due", tell=["DESK"], repeat={"every": "1 h", "at_most": 2}),
    )
    label = desk.take_in(kind="S09")
    desk.advance(START + 36 * HOUR)
    due = START + 24 * HOUR
    late = due + timedelta(seconds=1)
    assert repeats(desk, label, Target.ACCEPTANCE) == [
        due - 4 * HOUR, due - 2 * HOUR, due, late + HOUR, late + 2 * HOUR,
    ]  # fmt: skip
    assert level(desk, label, Target.ACCEPTANCE, 1).repeat_at is None


def test_a_clock_that_stops_ends_its_repeats(desk: LoneDesk) -> None:
    """The child is known to be safe: nobody is told of supervision any more."""
    label = desk.take_in(**HARM)
    desk.advance(SUPERVISION_LEVEL_3 + 15 * MINUTE)
    desk.say(label, "safety_recorded", "operator", safety="safe", source="police")
    desk.advance(START + 8 * HOUR)
    assert repeats(desk, label, Target.SUPERVISION) == [SUPERVISION_LEVEL_3 + 15 * MINUTE]


def test_a_hung_up_case_repeats_nothing_and_then_once(desk: LoneDesk) -> None:
    """The feedback clock of U3 stands still while the case waits; the warning is told again after it."""
    climb(desk, rung(1, "6 d before due", repeat={"every": "4 h", "at_most": 50}), target=Target.FEEDBACK)
    label = taken_in_work(desk)
    desk.advance(moment("Wed 2026-03-04 09:00"))
    before = repeats(desk, label, Target.FEEDBACK)
    review_at = moment("Thu 2026-03-12 09:00").isoformat()
    desk.say(label, "hung_up", "supervisor", reason="waiting_for_court", review_at=review_at)
    desk.advance(moment("Thu 2026-03-12 08:59"))
    assert before == [moment("Wed 2026-03-04 04:00"), moment("Wed 2026-03-04 08:00")]
    assert repeats(desk, label, Target.FEEDBACK) == before
    desk.advance(moment("Thu 2026-03-12 12:59"))
    assert repeats(desk, label, Target.FEEDBACK) == [*before, moment("Thu 2026-03-12 09:00")]


def test_a_level_rests_while_an_extension_puts_its_moment_ahead_again(desk: LoneDesk) -> None:
    """Told as overdue, then granted three more days: nobody is told again before these are over."""
    climb(desk, rung(1, "due", repeat={"every": "24 h", "at_most": 50}), target=Target.FEEDBACK)
    label = taken_in_work(desk)
    due = moment("Tue 2026-03-10 00:00")
    desk.advance(due + HOUR)
    desk.say(label, "extension_asked", "EDU", reason="expert_opinion_needed", days=3, caller_told=True)
    desk.run_due()
    desk.say(label, "extension_decided", "supervisor", granted=True, days=3)
    desk.advance(due + timedelta(days=5))
    first = due + timedelta(days=3, seconds=1)
    assert repeats(desk, label, Target.FEEDBACK) == [first, first + 24 * HOUR]
    assert desk.levels(label, Target.FEEDBACK) == [1]


def test_the_task_called_twice_tells_nobody_twice(desk: LoneDesk) -> None:
    """A worker killed after the commit does it all again: first with the level, then with its repeat."""
    label = desk.take_in(**HARM)
    desk.run_due()
    for at in (SUPERVISION_LEVEL_3, SUPERVISION_LEVEL_3 + 15 * MINUTE):
        desk.jump(at)
        escalate_what_is_late.fn(desk.case(label).id, at)
        before = snapshot(desk.place.database)
        escalate_what_is_late.fn(desk.case(label).id, at)
        assert snapshot(desk.place.database) == before
        send_all_due.fn(at)
    assert alerts_of(desk, label, Target.SUPERVISION) == {"DUTY_SUPERVISOR": 2}


def test_two_workers_at_once_tell_a_level_and_its_repeat_once(desk: LoneDesk) -> None:
    """A lease that ran out: both look at the same case at the same moment."""
    label = desk.take_in(**HARM)
    desk.run_due()
    case_id = desk.case(label).id

    def escalate(at: datetime) -> None:
        try:
            escalate_what_is_late.fn(case_id, at)
        except CaseTaskError as error:
            # The loser of the race may fail, and is then tried again.
            assert error.passes

    with ThreadPoolExecutor(2) as pool:
        for at in (SUPERVISION_LEVEL_3, SUPERVISION_LEVEL_3 + 15 * MINUTE):
            list(pool.map(escalate, [at, at]))
            send_all_due.fn(at)
    assert desk.levels(label, Target.SUPERVISION) == [3]
    assert alerts_of(desk, label, Target.SUPERVISION) == {"DUTY_SUPERVISOR": 2}


@pytest.mark.parametrize("seed", range(2))
def test_whatever_the_downtimes_are_there_is_no_burst_and_no_hole(desk: LoneDesk, seed: int) -> None:
    """Whenever somebody looks, each clock tells each recipient at most once, and leaves no level out."""
    chance = random.Random(seed)
    label = desk.take_in(**HARM)
    desk.run_due()
    for _ in range(8):
        before = alerts_by_clock(desk, label)
        desk.jump(desk.now + chance.choice([MINUTE, 7 * MINUTE, HOUR, 9 * HOUR]) * chance.uniform(0.5, 2))
        desk.run_due()
        new = alerts_by_clock(desk, label) - before
        assert max(new.values(), default=0) <= 1, new
        for clock in desk.rows(Clock, label):
            ledger = [each for each in desk.rows(Escalation, label) if each.clock_id == clock.id]
            ahead = ladder_moments(desk.place.rules, desk.case(label), clock)
            come = [each.level for each in ahead if each.at <= desk.now]
            assert sorted(each.level for each in ledger) == sorted(come)
            assert all(each.repeats <= 12 for each in ledger)
            assert not any(each.superseded and each.level == max(come) for each in ledger)


def alerts_by_clock(desk: LoneDesk, label: str) -> Counter[tuple[str, str]]:
    """Alerts by clock and recipient, whatever their level."""
    notices = desk.rows(Notice, label)
    # The key of an alert is case:escalation:clock:cycle:level and whatever tells repeats apart.
    of_levels = [each for each in notices if each.dedupe_key.split(":")[1] == "escalation"]
    return Counter((each.dedupe_key.split(":")[2], each.recipient) for each in of_levels)


@pytest.mark.parametrize(
    ("kind", "grade", "raised", "until"),
    [("S09", Grade.U3, Grade.U2, 30 * HOUR), ("S11", Grade.U1, Grade.U1, HOUR)],
    ids=["U3 becomes U2", "U1 stays"],
)
def test_a_rung_raises_the_grade_by_one_step_once(
    desk: LoneDesk, kind: str, grade: Grade, raised: Grade, until: timedelta
) -> None:
    """By the machine, journalled, the lead told, and the running clocks counted by the new limits."""
    climb(desk, rung(1, "warning"), rung(2, "due", raise_grade=True))
    label = desk.take_in(kind=kind)
    desk.run_due()
    assert desk.case(label).grade is grade
    desk.advance(START + until)
    assert desk.case(label).grade is raised
    raises = [each for each in desk.rows(Event, label) if each.kind is EventKind.GRADE_RAISED]
    raises = [each for each in raises if "level" in each.facts]
    assert [(each.actor, each.facts["old"], each.facts["new"]) for each in raises] == (
        [("machine", "U3", "U2")] if raised is not grade else []
    )
    if raised is Grade.U2:
        feedback = next(each for each in desk.rows(Clock, label) if each.target is Target.FEEDBACK)
        assert (feedback.rule_id, feedback.due_at) == ("u2-feedback", START + 24 * HOUR)
        assert desk.told(label)["EDU", "grade_changed"] == 1


def test_a_downtime_over_a_rung_that_raises_leaves_the_case_as_grave_as_without_it(desk: LoneDesk) -> None:
    """Level 2 was passed over and told nobody; the grade goes up all the same."""
    climb(desk, rung(1, "warning"), rung(2, "due", raise_grade=True), rung(3, "1 h after due"))
    label = desk.take_in(kind="S09")
    desk.run_due()
    desk.jump(START + 30 * HOUR)
    desk.run_due()
    assert desk.levels(label, Target.ACCEPTANCE, superseded=True) == [1, 2]
    assert desk.case(label).grade is Grade.U2


def test_whoever_is_at_the_head_of_a_unit_is_led_to_its_order_and_a_unit_without_one_to_no_locked_door(desk: LoneDesk) -> None:
    label = taken_in_work(desk)
    with editing(desk.place, desk.case(label).id) as (session, case):
        for who in ("CHIEF:EDU", "MARKET", "CHIEF:MARKET", Recipient.DUTY_SUPERVISOR):
            tell(desk.place, session, case, who, Ask.OVERDUE, "look", desk.now)
        [token] = [part.token for part in standing(session, case)]
        case_id = case.id
    links = {each.recipient: each.link for each in desk.rows(Notice, label) if each.dedupe_key.startswith(f"{case_id.hex}:look:")}
    base = desk.place.settings.link_base
    assert links == {"CHIEF:EDU": f"{base}/o/{token}", "MARKET": "", "CHIEF:MARKET": "", "DUTY_SUPERVISOR": f"{base}/?case={label}"}


def test_who_was_told_without_an_order_is_led_to_it_as_soon_as_there_is_one(desk: LoneDesk) -> None:
    label = taken_in_work(desk)
    with editing(desk.place, desk.case(label).id) as (session, case):
        for who in ("MARKET", "CHIEF:MARKET"):
            tell(desk.place, session, case, who, Ask.EMERGENCY, "early", desk.now)
        part = Assignment(case_id=case.id, department="MARKET", leads=False, assigned_at=desk.now)
        session.add(part)
        lead_waiting_alerts_to_orders(desk.place, session, case, desk.now)
        token, case_id = part.token, case.id
    told = [each for each in desk.rows(Notice, label) if each.dedupe_key.startswith(f"{case_id.hex}:early:")]
    assert {each.recipient for each in told} == {"MARKET", "CHIEF:MARKET"}
    assert {each.link for each in told} == {f"{desk.place.settings.link_base}/o/{token}"}
