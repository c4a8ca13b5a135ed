"""The one clock of all departments: what fits inside it, who used it, and counting again from the start."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from models import journal
from models.exchange import Assignment
from models.record import Clock, Decision, Event
from models.vocabulary import EventKind, Grade, NewsKind, Status, Target
from sla_rules.intervals import Interval
from tasks.casebook import editing
from tasks.clocks.joint_clock import Count, fitted, in_codes, in_words, time_used
from tasks.clocks.running import ClockNotExtendableError, extend_clocks, refit_clocks
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.desk_on_paper import OPEN_CALLER, START
from tests.harness.times import ZONE, moment
from tests.small_desk import shipped_rules

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def clock(target: Target = Target.FEEDBACK, due: datetime = START + 7 * DAY, provisional: bool = False) -> Clock:
    return Clock(
        case_id=uuid4(), target=target, grade=Grade.U3, started_at=START, due_at=due, provisional=provisional,
        rule_id="r", rule_hash="h", calendar_hash="h", reason_zh="z", reason_en="e",
    )  # fmt: skip


def count(at: datetime) -> Count:
    return Count(at, True, "因。", "Why.")


# What fits inside


def test_a_sub_clock_is_cut_to_the_joint_clock_and_says_so() -> None:
    """The sentence names the moment in the desk's zone; the own due time is kept."""
    own, joint = START + 9 * DAY, clock(due=moment("Tue 2026-03-10 00:00"))
    cut = fitted(count(own), Target.CO_HANDLER, START, joint, ZONE)
    assert (cut.at, cut.own_at, cut.provisional) == (joint.due_at, own, False)
    assert cut.reason_zh == "因。分时限不得超出共同时限，因此提前至2026-03-09 24:00。"
    assert cut.reason_en == "Why. Cut to 2026-03-09 24:00: no department's own limit outlasts the joint one."
    assert cut.cut_facts == {"own_due": own.isoformat()}


@pytest.mark.parametrize(
    ("target", "own", "started", "joint"),
    [
        (Target.CO_HANDLER, START + DAY, START, clock()),
        (Target.CO_HANDLER, START + 7 * DAY, START, clock()),
        (Target.CO_HANDLER, START + 9 * DAY, START, None),
        (Target.CO_HANDLER, START + 9 * DAY, START + 7 * DAY, clock()),
        (Target.CLOSURE, START + 30 * DAY, START, clock()),
        (Target.MANDATORY_REPORT, START + 30 * DAY, START, clock()),
        (Target.FEEDBACK, START + 30 * DAY, START, clock()),
    ],
    ids=["ends before", "ends with it", "no joint clock", "called in after it ran out", "closure", "report", "itself"],
)
def test_what_fits_or_is_no_part_of_it_is_left_alone(
    target: Target, own: datetime, started: datetime, joint: Clock | None
) -> None:
    """Only departments' own clocks, and only while the joint one can still be met."""
    assert fitted(count(own), target, started, joint, ZoneInfo("Asia/Shanghai")) == count(own)


# Who used it


def part(unit: str, hours: float, *, replied: float | None = None, withdrawn: float | None = None) -> Assignment:
    ends = {"replied_at": replied, "withdrawn_at": withdrawn}
    return Assignment(
        case_id=uuid4(), department=unit, leads=unit == "EDU", assigned_at=START + hours * HOUR,
        **{name: None if value is None else START + value * HOUR for name, value in ends.items()},
    )  # fmt: skip


def test_the_time_before_the_first_order_is_the_desks() -> None:
    """A unit has its part from its order until it answers, is withdrawn, or now."""
    parts = [part("POLICE", 2, withdrawn=5), part("EDU", 5), part("HEALTH", 5, replied=8)]
    used = time_used(clock(), parts, (), START + 20 * HOUR)
    assert {unit: seconds / 3600 for unit, seconds in used.items()} == {"DESK": 2, "POLICE": 3, "EDU": 15, "HEALTH": 3}


def test_pauses_and_what_lies_before_the_clock_use_none_of_it() -> None:
    """Rework has a joint clock of its own, which an order long ago did not use."""
    rework = clock()
    rework.started_at = START + 10 * HOUR
    parts = [part("EDU", 0), part("HEALTH", 0, replied=9)]
    pauses = (Interval(START + 12 * HOUR, START + 15 * HOUR), Interval(START + 14 * HOUR, START + 16 * HOUR))
    assert time_used(rework, parts, pauses, START + 20 * HOUR) == {"EDU": 6 * 3600}


def test_a_unit_in_two_rounds_has_one_share() -> None:
    """Overlaps count once."""
    parts = [part("EDU", 0, withdrawn=4), part("EDU", 3, replied=6)]
    assert time_used(clock(), parts, (), START + 9 * HOUR) == {"EDU": 6 * 3600}


def test_shares_are_shown_in_codes_largest_first() -> None:
    """Short enough for the timeline, which drops whatever is no code."""
    used = {"DESK": 60, "EDU": 2 * 86400 + 3 * 3600, "HEALTH": 59}
    assert in_codes(used) == ["EDU:2d3h", "DESK:1m", "HEALTH:0m"]
    assert in_words(used, {"EDU": ("教育", "Education")}) == (
        "共同时限已超，各单位占用时间：教育2天3小时，话务台1分钟，HEALTH0分钟。",
        "The joint limit was missed; time used: Education 2 d 3 h, the desk 1 min, HEALTH 0 min.",
    )


# On a desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def label(desk: ClockDesk) -> str:
    """S09, led by EDU, grade U3: feedback 7 calendar days, so Tue 2026-03-10 00:00."""
    label = desk.take_in(kind="S09", reporter=OPEN_CALLER)
    desk.run_due()
    return label


def test_a_late_co_handler_is_cut_and_moves_with_the_joint_clock(desk: ClockDesk, label: str) -> None:
    """HEALTH, called in on Friday for three working days, would have until Wed; the order ends Tue 00:00."""
    desk.advance(moment("Fri 2026-03-06 10:00"))
    desk.hears(label, "help_asked", "EDU", department="HEALTH")
    assert desk.clock(label, Target.CO_HANDLER).due_at == moment("Tue 2026-03-10 00:00")
    started = [each.facts for each in desk.rows(Event, label) if each.kind is EventKind.CLOCK_STARTED][-1]
    assert started["own_due"] == moment("Thu 2026-03-12 00:00").isoformat()
    desk.hears(label, "extension_asked", "EDU", reason="needs_inspection", days=1, caller_told=True)
    desk.hears(label, "extension_decided", "supervisor", granted=True, days=1)
    assert desk.clock(label, Target.FEEDBACK).due_at == moment("Wed 2026-03-11 00:00")
    assert desk.clock(label, Target.CO_HANDLER).due_at == moment("Wed 2026-03-11 00:00")
    desk.hears(label, "hung_up", "operator", reason="awaiting_expert_opinion", review_at=desk.now + 2 * DAY)
    desk.advance(desk.now + 2 * DAY)
    # Both stood still over the weekend: the joint clock moved by two days, the co-handler by none of its own.
    assert desk.clock(label, Target.FEEDBACK).due_at == moment("Fri 2026-03-13 00:00")
    assert desk.clock(label, Target.CO_HANDLER).due_at == moment("Thu 2026-03-12 00:00")


def test_no_sub_clock_ever_outlasts_the_joint_clock_it_began_under(desk: ClockDesk) -> None:
    """U2: feedback 24 h from receipt, first contact 24 h from the order, which came an hour later."""
    label = desk.take_in(kind="S09", reporter=OPEN_CALLER)
    desk.jump(START + HOUR)
    desk.run_due()
    desk.hears(label, "grade_decided", "supervisor", grade="U2", reason="time_critical")
    feedback, contact = desk.clock(label, Target.FEEDBACK), desk.clock(label, Target.FIRST_CONTACT)
    assert feedback.due_at == START + 24 * HOUR
    assert (contact.started_at, contact.due_at) == (START + HOUR, START + 24 * HOUR)
    assert "Cut to 2026-03-03 09:00" in contact.reason_en


def test_who_used_the_time_is_recorded_when_the_joint_clock_breaks_and_when_it_stops_late(desk: ClockDesk, label: str) -> None:
    """HEALTH had its part for a day and a half of the seven; EDU for all of it."""
    desk.advance(moment("Tue 2026-03-03 09:00"))
    desk.hears(label, "help_asked", "EDU", department="HEALTH")
    desk.advance(moment("Wed 2026-03-04 21:00"))
    desk.hears(label, "co_replied", "HEALTH", text="已派员到场协助核查")
    desk.advance(moment("Wed 2026-03-11 09:00"))
    desk.hears(label, "replied", "EDU", text="已责令公示并电话告知来电人", resolved=True)
    entries = {(each.kind, each.facts.get("target")): each.facts for each in desk.rows(Event, label)}
    broken = entries[EventKind.BREACHED, Target.FEEDBACK]["used"]
    assert broken == ["EDU:7d15h", "HEALTH:1d12h"]
    stopped = entries[EventKind.CLOCK_STOPPED, Target.FEEDBACK]
    assert (stopped["met"], stopped["used"]) == (False, ["EDU:9d", "HEALTH:1d12h"])
    stored = [each.facts["seconds"] for each in desk.rows(Decision, label) if each.key.startswith("time-used:")]
    assert [each["HEALTH"] for each in stored] == [36 * 3600, 36 * 3600]
    assert "used" not in entries[EventKind.BREACHED, Target.FIRST_CONTACT]


def test_a_joint_clock_in_time_names_nobody(desk: ClockDesk, label: str) -> None:
    """Nothing was missed."""
    desk.hears(label, "replied", "EDU", text="已责令公示并电话告知来电人", resolved=True)
    assert [each for each in desk.decisions(label) if each.startswith("time-used:")] == []


def test_the_joint_clock_stands_still_only_if_everybodys_share_may(
    desk: ClockDesk, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A co-handler whose limit never stands still keeps the case from being hung up, and from being called in."""
    rule = shipped_rules().rule("u3-co-handler")
    monkeypatch.setitem(rule.__dict__, "pausable", False)
    hang = {"reason": "awaiting_expert_opinion", "review_at": START + 5 * DAY}
    desk.hears(label, "hung_up", "operator", **hang)
    assert desk.case(label).status is Status.HUNG_UP
    desk.hears(label, "help_asked", "EDU", department="HEALTH")
    assert desk.refused(label) == {NewsKind.HELP_ASKED: "co_handler_cannot_wait"}
    desk.advance(START + 5 * DAY)
    desk.hears(label, "help_asked", "EDU", department="HEALTH")
    desk.hears(label, "hung_up", "operator", reason="awaiting_expert_opinion", review_at=desk.now + DAY)
    assert desk.refused(label)[NewsKind.HUNG_UP] == "co_handler_cannot_wait"
    desk.hears(label, "co_replied", "HEALTH", text="已派员到场协助核查")
    desk.hears(label, "hung_up", "operator", reason="awaiting_expert_opinion", review_at=desk.now + DAY)
    assert desk.case(label).status is Status.HUNG_UP


# Counting again from the start


def test_a_raised_grade_counts_from_the_start_with_what_was_used(desk: ClockDesk, label: str) -> None:
    """Three hours at 10:00, raised at 11:00 to two hours, is due at 12:00 and not at 13:00."""
    desk.advance(START + HOUR)
    desk.hears(label, "grade_decided", "supervisor", grade="U1", reason="harm_suspected")
    # U1 feedback: 2 h from the receipt at 09:00.
    assert desk.clock(label, Target.FEEDBACK).due_at == START + 2 * HOUR
    desk.hears(label, "grade_decided", "supervisor", grade="U3", reason="not_harm")
    assert desk.clock(label, Target.FEEDBACK).due_at == moment("Tue 2026-03-10 00:00")


def edits(desk: ClockDesk, label: str) -> dict[str, Callable[[], None]]:
    """Edits of a case, each in a transaction of its own, in whatever order."""

    def raise_to(grade: Grade) -> Callable[[], None]:
        def edit() -> None:
            with editing(desk.place, desk.case(label).id) as (session, case):
                case.grade = grade
                refit_clocks(desk.place, session, case, desk.now)

        return edit

    def pause() -> None:
        with editing(desk.place, desk.case(label).id) as (session, case):
            for kind, day in ((EventKind.PAUSED, 1), (EventKind.UNPAUSED, 3)):
                journal.write(session, case, kind, START + day * DAY, "machine", reason="awaiting_season")
            refit_clocks(desk.place, session, case, desk.now)

    def extend() -> None:
        with editing(desk.place, desk.case(label).id) as (session, case):
            extend_clocks(desk.place, session, case, frozenset({Target.FEEDBACK, Target.CLOSURE}), 2 * DAY, desk.now)

    return {"graver for a while": raise_to(Grade.U1), "several units": raise_to(Grade.U4), "pause": pause, "extend": extend}


@pytest.mark.parametrize("order", list(permutations(["several units", "pause", "extend"])), ids="-".join)
def test_the_order_of_edits_does_not_matter(order: tuple[str, ...], desk: ClockDesk, label: str) -> None:
    """U4: 15 days from Mar 2, two of pause, two of extension; and a spell at U1 changes nothing afterwards."""
    desk.hears(label, "help_asked", "EDU", department="HEALTH")
    desk.jump(START + 4 * DAY)
    all_edits = edits(desk, label)
    for each in ("graver for a while", *order):
        all_edits[each]()
    assert desk.clock(label, Target.FEEDBACK).due_at == moment("Sun 2026-03-22 00:00")
    # Five working days after Mon Mar 2; Tue 3 (from 09:00) to Thu 5 stood still: Wed and Thu are not counted.
    assert desk.clock(label, Target.CO_HANDLER).due_at == moment("Thu 2026-03-12 00:00")


def test_a_grade_that_is_never_extended_ignores_time_granted_before(desk: ClockDesk, label: str) -> None:
    """And a person's lowering gives it back."""
    all_edits = edits(desk, label)
    all_edits["extend"]()
    all_edits["graver for a while"]()
    assert desk.clock(label, Target.FEEDBACK).due_at == START + 2 * HOUR
    all_edits["several units"]()
    assert desk.clock(label, Target.FEEDBACK).due_at == moment("Fri 2026-03-20 00:00")
    assert desk.clock(label, Target.FEEDBACK).reason_en.endswith("Extended by 2 d with approval.")


@pytest.mark.parametrize("target", [Target.MANDATORY_REPORT, Target.SUPERVISION, Target.SAFETY_KNOWN, Target.ACCEPTANCE])
def test_nobody_extends_what_the_table_never_extends(target: Target, desk: ClockDesk, label: str) -> None:
    """An error of the caller, and nothing is changed."""
    with pytest.raises(ClockNotExtendableError, match=target), editing(desk.place, desk.case(label).id) as (session, case):
        extend_clocks(desk.place, session, case, frozenset({Target.FEEDBACK, target}), DAY, desk.now)
    assert {each.extension_seconds for each in desk.rows(Clock, label)} == {0}


def test_another_department_accepts_anew_inside_the_same_joint_clock(desk: ClockDesk, label: str) -> None:
    """Two days went by with EDU; HEALTH gets a day to accept, and the order keeps its end."""
    before = desk.clock(label, Target.FEEDBACK)
    desk.advance(START + 2 * HOUR)
    desk.hears(label, "objected", "EDU", reason="not_our_duty", evidence="DUTIES-7")
    desk.advance(START + 3 * HOUR)
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="HEALTH")
    after = desk.clocks(label, Target.FEEDBACK)
    assert [(each.id, each.started_at, each.due_at) for each in after] == [(before.id, before.started_at, before.due_at)]
    withdrawn, accepting = desk.clocks(label, Target.ACCEPTANCE)
    assert (withdrawn.department, withdrawn.stop_reason) == ("EDU", "withdrawn")
    assert (accepting.department, accepting.started_at, accepting.due_at) == (
        "HEALTH", START + 3 * HOUR, START + 27 * HOUR,
    )  # fmt: skip
