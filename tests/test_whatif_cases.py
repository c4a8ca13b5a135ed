"""Another rule set over the desk's own cases: clocks as they are stored, counted anew by both."""

from datetime import timedelta

import pytest

from models.clock_table import CLOCK_TABLE
from models.record import Clock
from models.vocabulary import Status, Target
from sla_rules.calendar import instant_of
from sla_rules.whatif_due import Judge
from tasks.casebook import editing
from tasks.house.whatif_cases import case_chunks, whatif_over_cases
from tests.harness.clock_desk import clock_desk
from tests.small_desk import shipped_rules
from tests.whatif_rows import edited_rules

DAY = timedelta(days=1)
CAP = ("cap: 90 d\n    approval_above: 15 d", "cap: 5 d\n    approval_above: 5 d")


@pytest.fixture
def desk(tmp_path):
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def shorter(tmp_path):
    return edited_rules(tmp_path / "shorter", ("limit: 7 d", "limit: 5 d"))


def test_a_desk_without_cases_is_a_report_of_zeros(desk, shorter):
    found = whatif_over_cases(desk.place, shipped_rules(), shorter, desk.now)
    assert found.changes_nothing
    assert found.to_json()["cases"] == 0


def test_stored_due_times_come_out_again_by_the_rules_they_were_counted_by(desk):
    desk.take_in(kind="S09")
    desk.take_in()
    desk.run_due()
    desk.hears("W-000001", "acknowledged", "EDU")
    rules = shipped_rules()
    with desk.place.database.reading() as session:
        (chunk,) = case_chunks(session, rules.pauses, rules.pauses, desk.now)
    dues = Judge(rules).judge(chunk, chunk.department, chunk.paused).dues
    stored = [clock.due_at for label in ("W-000001", "W-000002") for clock in desk.rows(Clock, label)]
    assert [instant_of(due) for due in dues.tolist()] == stored
    assert len(stored) >= 8


def test_pages_of_cases_hold_all_of_them_and_split_none(desk):
    for _ in range(5):
        desk.take_in(kind="S09")
    desk.run_due()
    rules = shipped_rules()
    with desk.place.database.reading() as session:
        pages = list(case_chunks(session, rules.pauses, rules.pauses, desk.now, size=2))
    numbers = [set(page.numbers.tolist()) for page in pages]
    assert numbers == [{1, 2}, {3, 4}, {5}]


def test_a_shorter_limit_makes_open_cases_late_at_once(desk, shorter):
    desk.take_in(kind="S09")
    desk.run_due()
    desk.advance(desk.now + 6 * DAY)
    found = whatif_over_cases(desk.place, shipped_rules(), shorter, desk.now).to_json()
    assert found["by"]["target"]["feedback"]["late_at_once"] == 1
    assert found["listed"]["late_at_once"] == [1]
    assert found["due"]["only_after"] == 0
    assert "compared" not in found


def test_a_hung_up_case_stands_still_under_both_rule_sets(desk):
    label = desk.take_in(kind="S09")
    desk.run_due()
    desk.hears(label, "acknowledged", "EDU")
    desk.hears(
        label, "hung_up", "supervisor", reason="awaiting_policy", review_at=desk.now + 10 * DAY,
    )  # fmt: skip
    assert desk.case(label).status is Status.HUNG_UP
    desk.advance(desk.now + 10 * DAY + timedelta(hours=1))
    rules = shipped_rules()
    with desk.place.database.reading() as session:
        (chunk,) = case_chunks(session, rules.pauses, rules.pauses, desk.now)
    dues = Judge(rules).judge(chunk, chunk.department, chunk.paused).dues
    targets = [chunk.target.words[code] for code in chunk.target.codes]
    closure = instant_of(int(dues[targets.index("closure")]))
    assert closure == desk.clock(label, Target.CLOSURE).due_at
    assert closure - desk.clock(label, Target.CLOSURE).started_at > 39 * DAY


def test_a_smaller_cap_on_pauses_makes_their_clocks_due_earlier(desk, tmp_path):
    label = desk.take_in(kind="S09")
    desk.run_due()
    desk.hears(label, "acknowledged", "EDU")
    desk.hears(label, "hung_up", "supervisor", reason="awaiting_policy", review_at=desk.now + 10 * DAY)
    desk.advance(desk.now + 11 * DAY)
    capped = edited_rules(
        tmp_path / "capped", CAP, file="rules/pauses.yaml"
    )
    found = whatif_over_cases(desk.place, shipped_rules(), capped, desk.now).to_json()
    assert found["by"]["target"]["closure"]["earlier"] == 1
    assert found["due"]["most_earlier_seconds"] == 5 * 86400


def test_granted_time_stays_granted(desk, shorter):
    label = desk.take_in(kind="S09")
    desk.run_due()
    with editing(desk.place, desk.case(label).id) as (session, _):
        clock = session.get_one(Clock, desk.clock(label, Target.CLOSURE).id)
        assert CLOCK_TABLE[clock.target].may_extend
        clock.extension_seconds = 3 * 86400
    rules = shipped_rules()
    with desk.place.database.reading() as session:
        (chunk,) = case_chunks(session, rules.pauses, rules.pauses, desk.now)
    dues = Judge(rules).judge(chunk, chunk.department, chunk.paused).dues
    targets = [chunk.target.words[code] for code in chunk.target.codes]
    due = instant_of(int(dues[targets.index("closure")]))
    assert due - desk.clock(label, Target.CLOSURE).due_at == 3 * DAY


def test_a_report_has_codes_and_numbers_and_no_words(desk, shorter):
    canary = "CANARY王五13912345678"
    desk.take_in(kind="S09", text=f"学校食堂的饭菜价格能不能公示。{canary}", reporter={"name": canary, "contact": canary})
    desk.run_due()
    desk.advance(desk.now + 6 * DAY)
    found = whatif_over_cases(desk.place, shipped_rules(), shorter, desk.now)
    assert found.to_json()["cases"] == 1
    assert "CANARY" not in repr(found.to_json())
