"""When a resting case is woken, and that news which came meanwhile keeps it due."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.without_prefect import STEPS
from models.case import Case
from models.record import Clock, Escalation
from models.vocabulary import Grade, NewsKind, Status, Target
from tasks import settling
from tasks.news.forms import Resumed
from tasks.news.inbox import Speaker, post_news
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.settling import LONGEST_SLEEP, Rest, settle
from tasks.steps import Steps
from tasks.workplace import Workplace, use_workplace
from tests.harness.desk_on_paper import SEATS, START
from tests.small_desk import small_desk

HOUR = timedelta(hours=1)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A desk with W-000001 in work, and no clocks yet."""
    place = small_desk(tmp_path / "desk")
    use_workplace(place)
    take_in(place, IntakeForm(text="x"), START, actor="client:test")
    change(place, status=Status.IN_PROGRESS, kind="S09", grade=Grade.U3)
    return place


def change(place: Workplace, **fields: Any) -> Case:
    with place.database.writing() as session:
        case = session.get_one(Case, 1)
        for name, value in fields.items():
            setattr(case, name, value)
        return case


def add_clock(place: Workplace, target: Target, due: datetime, **fields: Any) -> None:
    with place.database.writing() as session:
        values: dict[str, Any] = {
            "grade": Grade.U3, "rule_id": f"u3-{target.replace('_', '-')}",
            "rule_hash": "h", "calendar_hash": "h", "reason_zh": "z", "reason_en": "e",
        }  # fmt: skip
        case = session.get_one(Case, 1)
        session.add(Clock(case_id=case.id, target=target, started_at=START, due_at=due, **{**values, **fields}))


def rest(place: Workplace, now: datetime = START) -> Rest:
    with place.database.reading() as session:
        case = session.get_one(Case, 1)
        return settle(case.id, case.news_count, now)


def test_a_case_without_clocks_is_looked_at_again_after_the_longest_sleep(place: Workplace) -> None:
    """Whatever was overlooked is found then."""
    assert rest(place) == Rest(
        False, "Awaiting feedback (U3)", START + LONGEST_SLEEP,
        ("grade:U3", "kind:S09", "sla:ok", "status:in-progress"), "W-000001",
    )  # fmt: skip


def test_a_clock_wakes_its_case_for_the_warning_then_for_the_first_late_second(place: Workplace) -> None:
    """First contact, 24 h: the warning comes 6 h before the end."""
    add_clock(place, Target.FIRST_CONTACT, START + 24 * HOUR)
    assert rest(place).wake_at == START + 18 * HOUR


def test_a_moment_that_has_passed_makes_the_case_due_now_and_never_in_the_past(place: Workplace) -> None:
    """After a downtime."""
    add_clock(place, Target.FIRST_CONTACT, START + 24 * HOUR)
    now = START + 40 * HOUR
    assert rest(place, now).wake_at == now


def test_stopped_clocks_wake_nobody(place: Workplace) -> None:
    """Nor do they show in the message."""
    add_clock(place, Target.FEEDBACK, START + 24 * HOUR, stopped_at=START)
    assert rest(place).wake_at == START + LONGEST_SLEEP
    assert rest(place).message == "Awaiting feedback (U3)"


def test_a_hung_up_case_sleeps_past_its_paused_clocks(place: Workplace) -> None:
    """Else it would be due again and again while its clock stands still."""
    add_clock(place, Target.FEEDBACK, START + HOUR)
    change(place, status=Status.HUNG_UP, hung_up_until=START + 50 * HOUR)
    resting = rest(place, START + 2 * HOUR)
    assert resting.wake_at == START + 50 * HOUR
    assert resting.message == "Awaiting its review date until 2026-03-04 11:00 (U3 hung up)"


def test_a_clock_whose_rule_is_gone_does_not_keep_its_case_awake(place: Workplace) -> None:
    """One whose rule a new rule set struck off must not spin."""
    add_clock(place, Target.FIRST_CONTACT, START - HOUR, rule_id="struck-off")
    assert rest(place).wake_at == START + LONGEST_SLEEP


def add_level(place: Workplace, **fields: Any) -> None:
    """Level 3 of the case's only clock, the last one, fired at its moment."""
    with place.database.writing() as session:
        clock = session.exec(select(Clock)).one()
        values = {"level": 3, "cycle": 1, "planned_at": START + 36 * HOUR, "at": START + 36 * HOUR, **fields}
        session.add(Escalation(case_id=clock.case_id, clock_id=clock.id, **values))


def add_late_clock(place: Workplace) -> None:
    """Of a target whose last level is told again until acknowledged."""
    add_clock(place, Target.DISPATCH, START + 24 * HOUR, breached_at=START + 24 * HOUR)


def test_a_level_that_nobody_has_acknowledged_wakes_its_case_to_be_told_again(place: Workplace) -> None:
    """Else the repeat would come only when something else happens."""
    add_late_clock(place)
    add_level(place, repeat_at=START + 44 * HOUR)
    assert rest(place, START + 36 * HOUR).wake_at == START + 44 * HOUR


@pytest.mark.parametrize(
    "ended",
    [
        {"acknowledged_at": START + 37 * HOUR, "acknowledged_by": "client:x", "repeat_at": START + 44 * HOUR},
        {"repeat_at": None},
        {"repeat_at": START + 44 * HOUR, "cycle": 2},
        {"repeat_at": START + 44 * HOUR, "superseded": True},
    ],
    ids=["acknowledged", "counted out", "of another cycle", "passed over"],
)
def test_a_level_that_is_not_told_again_wakes_nobody(place: Workplace, ended: dict[str, Any]) -> None:
    """Nor does it keep the case from its longest sleep."""
    add_late_clock(place)
    now = START + 40 * HOUR
    add_level(place, **ended)
    if ended.get("cycle") == 2:
        add_level(place)
    assert rest(place, now).wake_at == now + LONGEST_SLEEP


def test_a_closed_case_is_never_woken(place: Workplace) -> None:
    """Except by news."""
    change(place, status=Status.CLOSED)
    resting = rest(place)
    assert (resting.is_over, resting.wake_at, resting.message) == (True, None, "Closed: None")


def test_the_message_names_the_clock_that_is_waited_for(place: Workplace) -> None:
    """Not the one that happens to run out first, unless the awaited one has stopped."""
    add_clock(place, Target.CLOSURE, START + HOUR)
    add_clock(place, Target.FEEDBACK, START + 24 * HOUR)
    assert rest(place).message == "Awaiting feedback until 2026-03-03 09:00 (U3 feedback)"
    change(place, status=Status.CALLBACK)
    assert rest(place).message == "Awaiting DESK callback until 2026-03-02 10:00 (U3 closure)"


def test_news_that_arrives_while_the_case_settles_keeps_it_due(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lost wake-up: said after the case looked and before it slept."""
    look = settling.rest_of

    def and_then_somebody_speaks(*args: Any) -> Rest:
        resting = look(*args)
        supervisor: Speaker = SEATS["supervisor"]
        post_news(place, "W-000001", NewsKind.RESUMED, Resumed(), supervisor, "k", START)
        return resting

    monkeypatch.setattr(settling, "rest_of", and_then_somebody_speaks)
    rest(place)
    assert change(place).wake_at == START
    monkeypatch.undo()
    rest(place)
    assert change(place).wake_at == START + LONGEST_SLEEP


def test_news_that_arrives_between_the_last_look_and_settling_keeps_the_case_due(place: Workplace) -> None:
    """A round of faults found it: nothing was left to do, somebody spoke, and settling took it for seen."""
    steps = Steps(change(place).id, START)
    for step in steps:
        STEPS[step].fn(steps.case_id, START)
    supervisor: Speaker = SEATS["supervisor"]
    post_news(place, "W-000001", NewsKind.RESUMED, Resumed(), supervisor, "k", START)
    assert settle(steps.case_id, steps.news_seen, START).wake_at == START + LONGEST_SLEEP
    assert change(place).wake_at == START
    for step in steps:
        STEPS[step].fn(steps.case_id, START)
    settle(steps.case_id, steps.news_seen, START)
    assert change(place).wake_at == START + LONGEST_SLEEP


def test_settling_forgets_earlier_failures(place: Workplace) -> None:
    """Only failures in a row are counted."""
    change(place, failures=3)
    rest(place)
    assert change(place).failures == 0
