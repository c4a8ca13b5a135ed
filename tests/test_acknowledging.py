"""Who may acknowledge which level, what is stored of it, and what it does not do."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from models.record import Clock, Escalation, Event
from models.vocabulary import EventKind, NewsKind, Target
from tasks.news.forms import NEWS_FORMS
from tasks.story.telling import story_of
from tasks.workplace import use_workplace
from tests.harness.desk_on_paper import OPEN_CALLER, START
from tests.harness.lone_desk import LoneDesk
from tests.small_desk import small_desk

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LoneDesk]:
    """A fresh desk, Monday 09:00."""
    desk = LoneDesk(small_desk(tmp_path / "desk"))
    use_workplace(desk.place)
    yield desk
    desk.place.database.close()


def lived_until(desk: LoneDesk, at: datetime, kind: str = "S09") -> str:
    label = desk.take_in(kind=kind, reporter=OPEN_CALLER)
    desk.advance(at)
    return label


def seen(desk: LoneDesk, label: str) -> dict[tuple[Target, int], tuple[datetime, str]]:
    """The acknowledged levels by target, with when and by whom."""
    targets = {each.id: each.target for each in desk.rows(Clock, label)}
    return {
        (targets[each.clock_id], each.level): (each.acknowledged_at, each.acknowledged_by)
        for each in desk.rows(Escalation, label)
        if each.acknowledged_at is not None
    }


def test_the_desk_acknowledges_one_level_of_one_target(desk: LoneDesk) -> None:
    """U3 after 25 h: levels 1 and 2 of acceptance and of first contact have come."""
    at = START + 25 * HOUR
    label = lived_until(desk, at)
    desk.say(label, "acknowledged", "operator", target="acceptance", level=2)
    desk.run_due()
    assert seen(desk, label) == {(Target.ACCEPTANCE, 2): (at, "client:test-operator")}


def test_without_a_target_the_desk_acknowledges_all_that_was_told(desk: LoneDesk) -> None:
    """One look at the case is enough for all of them."""
    label = lived_until(desk, START + 25 * HOUR)
    desk.say(label, "acknowledged", "supervisor")
    desk.run_due()
    assert set(seen(desk, label)) == {
        (target, level) for target in (Target.ACCEPTANCE, Target.FIRST_CONTACT) for level in (1, 2)
    }


def test_a_department_acknowledges_what_it_or_its_chief_was_told_with_its_order(desk: LoneDesk) -> None:
    """And no more: the level above comes all the same, and is not acknowledged by a word said before."""
    at = START + 25 * HOUR
    label = lived_until(desk, at)
    desk.say(label, "acknowledged", "EDU")
    desk.advance(START + 30 * HOUR)
    assert desk.levels(label, Target.FIRST_CONTACT) == [1, 2, 3]
    assert set(seen(desk, label).values()) == {(at, "department:EDU")}
    assert (Target.FIRST_CONTACT, 3) not in seen(desk, label)


def test_a_department_does_not_acknowledge_what_others_were_told(desk: LoneDesk) -> None:
    """S11 is led by POLICE; HEALTH helps, and the levels of POLICE's clocks are none of its own."""
    label = lived_until(desk, START + HOUR, "S11")
    desk.say(label, "acknowledged", "HEALTH")
    desk.run_due()
    clocks = {each.id: each for each in desk.rows(Clock, label)}
    acknowledged = [each for each in desk.rows(Escalation, label) if each.acknowledged_at]
    assert acknowledged
    assert {clocks[each.clock_id].department for each in acknowledged} == {"HEALTH"}


def test_a_department_cannot_have_seen_for_the_duty_supervisor_that_a_childs_safety_is_unknown(
    desk: LoneDesk,
) -> None:
    """Its chief was told of level 2 of safety_known, but only the desk ends the repeats of that."""
    label = lived_until(desk, START + 24 * HOUR + timedelta(minutes=1), "S11")
    assert 2 in desk.levels(label, Target.SAFETY_KNOWN)
    desk.say(label, "acknowledged", "POLICE")
    desk.run_due()
    assert Target.SAFETY_KNOWN not in {target for target, _ in seen(desk, label)}
    desk.say(label, "acknowledged", "operator", target="safety_known")
    desk.run_due()
    assert (Target.SAFETY_KNOWN, 2) in seen(desk, label)


def test_there_must_be_something_to_acknowledge(desk: LoneDesk) -> None:
    """A level that has not come, or was acknowledged before, is refused with a code."""
    label = lived_until(desk, START + 25 * HOUR)
    desk.say(label, "acknowledged", "operator", level=4)
    desk.run_due()
    assert desk.refused(label) == {NewsKind.ACKNOWLEDGED: "nothing_to_acknowledge"}
    assert seen(desk, label) == {}


def test_acknowledging_is_journalled_and_moves_neither_case_nor_clock(desk: LoneDesk) -> None:
    """It is no answer: whoever owed something still owes it."""
    label = lived_until(desk, START + 25 * HOUR)
    status, clocks = desk.case(label).status, [(each.due_at, each.stopped_at) for each in desk.rows(Clock, label)]
    desk.say(label, "acknowledged", "operator", target="acceptance", level=2)
    desk.run_due()
    assert desk.case(label).status is status
    assert [(each.due_at, each.stopped_at) for each in desk.rows(Clock, label)] == clocks
    (entry,) = [each for each in desk.rows(Event, label) if each.kind is EventKind.ESCALATION_ACKNOWLEDGED]
    assert (entry.actor, entry.facts) == (
        "client:test-operator", {"target": "acceptance", "department": "EDU", "level": 2, "cycle": 1},
    )  # fmt: skip
    assert desk.broken_chains() == []


def test_the_story_tells_the_desk_who_and_a_department_only_when(desk: LoneDesk) -> None:
    """What the pages and the API show of it."""
    at = START + 25 * HOUR
    label = lived_until(desk, at)
    desk.say(label, "acknowledged", "operator", target="acceptance", level=2)
    desk.run_due()
    with desk.place.database.reading() as session:
        case = session.merge(desk.case(label), load=False)
        for part_of, who in ((None, "client:test-operator"), ("EDU", None)):
            story = story_of(session, case, desk.place.catalogue, at, part_of=part_of)
            (told,) = [each for each in story.escalations if each.acknowledged_at]
            assert (told.target, told.level, told.acknowledged_at, told.acknowledged_by) == (
                Target.ACCEPTANCE, 2, at, who,
            )  # fmt: skip


def test_a_level_is_named_by_a_target_and_a_number_there_can_be() -> None:
    """Anything else is turned away at the door."""
    form = NEWS_FORMS[NewsKind.ACKNOWLEDGED]
    assert form.model_validate({"target": "closure", "level": 4}).model_dump(exclude={"text"}) == {
        "target": Target.CLOSURE, "level": 4,
    }  # fmt: skip
    for wrong in ({"target": "lunch"}, {"level": 0}, {"level": 100}):
        with pytest.raises(ValidationError):
            form.model_validate(wrong)
