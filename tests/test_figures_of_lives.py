"""What the desk itself leaves in its database is what figures count: whole lives, from call to callback."""

from datetime import timedelta
from pathlib import Path

import pytest

from analysis.callbacks import callbacks
from analysis.compliance import compliance
from analysis.grouping import Dimension
from analysis.rate_rules import load_rate_rules
from analysis.rates import Tally
from analysis.returns import returns
from analysis.windows import Window
from models.vocabulary import Status, Target
from tasks.workplace import use_workplace
from tests.harness.lone_desk import LoneDesk
from tests.harness.rule_sets import install
from tests.small_desk import small_desk

REPLY = "您好，您反映的食堂饭菜价格问题已核实，学校已于今日在食堂入口公示全部菜品价格，并安排专人每周更新，请您监督。"
AGREES = {"contact": "13900000001", "may_call_back": True}


@pytest.fixture
def desk(tmp_path: Path) -> LoneDesk:
    place = small_desk(tmp_path / "desk")
    install(place)
    use_workplace(place)
    return LoneDesk(place)


def ask_and_answer(desk: LoneDesk, **form: object) -> tuple[str, str]:
    """A request, accepted, contacted and answered within hours; its number and lead."""
    label = desk.take_in(kind="S09", **form)
    desk.run_due()
    (lead,) = desk.rows_of_lead(label)
    for kind in ("acknowledged", "contacted"):
        desk.jump(desk.now + timedelta(hours=1))
        desk.say(label, kind, lead.department)
        desk.run_due()
    desk.say(label, "replied", lead.department, text=REPLY, resolved=True)
    desk.run_due()
    return label, lead.department


def test_a_life_with_rework_counts_by_its_last_answer(desk: LoneDesk) -> None:
    """Unresolved, answered again, resolved and satisfied: one valid callback, one rework, every clock kept."""
    began = desk.now
    label, lead = ask_and_answer(desk, reporter=AGREES)
    assert desk.case(label).status is Status.CALLBACK, desk.decisions(label)
    desk.say(label, "called_back", "operator", reached=True, contacted=True, resolved=False, satisfied="unsatisfied")
    desk.run_due()
    desk.jump(desk.now + timedelta(hours=2))
    desk.say(label, "replied", lead, text=REPLY.replace("今日", "昨日") + "另已向家长逐一说明。", resolved=True)
    desk.run_due()
    desk.say(label, "called_back", "operator", reached=True, contacted=True, resolved=True, satisfied="basically")
    desk.run_due()
    assert desk.case(label).status is Status.CLOSED
    window = Window(began, desk.now + timedelta(hours=1))
    with desk.place.database.reading() as session:
        found = callbacks(session, window, load_rate_rules(), (Dimension.DEPARTMENT,))
        came_back = returns(session, window)[()]
        clocks = compliance(session, Window(began, began + timedelta(days=60)), desk.now)
    assert found.tallies == {(lead,): Tally(valid=1, contacted=1, full=1, resolved=1, basically=1)}
    assert found.excluded == {}
    assert (came_back.answered, came_back.reworked, came_back.settled, came_back.reopened) == (1, 1, 1, 0)
    assert {key.department for key in clocks if key.target is Target.FEEDBACK} == {lead}
    assert all(each.missed == each.late == each.running == 0 for each in clocks.values())


def test_a_life_without_a_number_to_call_is_counted_with_its_reason(desk: LoneDesk) -> None:
    began = desk.now
    label, lead = ask_and_answer(desk)
    assert desk.case(label).status is Status.CLOSED
    with desk.place.database.reading() as session:
        found = callbacks(session, Window(began, desk.now + timedelta(hours=1)), load_rate_rules(), (Dimension.DEPARTMENT,))
    assert (found.tallies, found.excluded) == ({}, {(lead,): {"no_contact": 1}})
