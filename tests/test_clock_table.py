"""Each row of the table of clocks, played on a desk: what starts, stops, repeats, pauses and extends it, and what does not."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models.clock_table import (
    CLOCK_TABLE,
    EXTENDABLE,
    JOINT,
    Against,
    ClockEvent,
    CountedFrom,
    Repeats,
    stopped_by,
)
from models.exchange import Assignment
from models.record import Clock, Event
from models.vocabulary import EventKind, Grade, NewsKind, Role, Status, Target
from sla_rules.grade_rules import NEVER_PAUSED_TARGETS
from sla_rules.rule_book import RuleBook
from tasks.casebook import editing
from tasks.clocks.page import AGAINST_WORDS, EVENT_WORDS, FROM_WORDS, REPEAT_WORDS, TARGET_WORDS, clock_page
from tasks.clocks.running import refit_clocks, stop_clocks
from tasks.closing.ending import close_case
from tasks.news.forms import WHO_MAY_SAY, PoliceNotified
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.desk_on_paper import START
from tests.small_desk import shipped_rules

PAGE = Path(__file__).parents[1] / "docs" / "clocks.md"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RECEIPT = {"at": START, "channel": "phone_110", "receipt": "JQ-1"}
REPLY = {"text": "已责令公示并电话告知来电人", "resolved": True}
E, T = ClockEvent, Target
Key = tuple[Target, str]
Act = Callable[[ClockDesk, str], None]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


def says(kind: str, who: str, /, **form: Any) -> Act:
    """An act: somebody says one thing."""
    return lambda desk, label: desk.hears(label, kind, who, **form)


def then(*acts: Act) -> Act:
    """An act: one thing after another, in one moment."""

    def all_of_them(desk: ClockDesk, label: str) -> None:
        for each in acts:
            each(desk, label)

    return all_of_them


def comes_in(scene: Callable[[ClockDesk], str]) -> Act:
    """An act: a case begins as the scene tells."""

    def begins(desk: ClockDesk, _: str) -> None:
        scene(desk)

    return begins


# Scenes: a case, and which clocks run in it.


def harm(desk: ClockDesk) -> str:
    """Suspected harm, U1: POLICE lead, EDU and HEALTH help."""
    label = desk.take_in(text="托育机构老师掐孩子胳膊", kind="S11", nature="REPORT", reporter={"contact": "1", "may_call_back": True})
    desk.run_due()
    return label


def plain(desk: ClockDesk) -> str:
    """U3, led by EDU alone."""
    label = desk.take_in(kind="S09", reporter={"contact": "1", "may_call_back": True, "keep_secret": False})
    desk.run_due()
    return label


def ordinary(desk: ClockDesk) -> str:
    """U3, led by EDU, with HEALTH called in."""
    label = plain(desk)
    desk.hears(label, "help_asked", "EDU", department="HEALTH")
    return label


def unclear(desk: ClockDesk) -> str:
    """A case that waits for a person."""
    label = desk.take_in(text="关于孩子的事情想说一下", reporter={"contact": "1", "may_call_back": True})
    desk.run_due()
    return label


def answered(desk: ClockDesk) -> str:
    """U3, led by EDU alone, answered; the caller is to be called."""
    label = plain(desk)
    desk.hears(label, "replied", "EDU", **REPLY)
    return label


def closed(desk: ClockDesk) -> str:
    """The same, closed after its callback."""
    label = answered(desk)
    desk.hears(label, "called_back", "operator", reached=True, resolved=True)
    return label


RUNNING: dict[Callable[[ClockDesk], str], set[Target]] = {
    harm: {T.ACCEPTANCE, T.SAFETY_KNOWN, T.MANDATORY_REPORT, T.SUPERVISION, T.FEEDBACK, T.CO_HANDLER, T.CLOSURE},
    ordinary: {T.ACCEPTANCE, T.FIRST_CONTACT, T.FEEDBACK, T.CO_HANDLER, T.CLOSURE},
    unclear: {T.DISPATCH, T.REVIEW},
    answered: {T.CALLBACK, T.CLOSURE},
}  # fmt: skip


def running(desk: ClockDesk, label: str) -> set[Key]:
    return {(each.target, each.department) for each in desk.rows(Clock, label) if each.stopped_at is None}


@pytest.mark.parametrize("scene", RUNNING, ids=lambda each: each.__name__)
def test_the_scenes_are_what_the_acts_below_take_them_for(scene: Callable[[ClockDesk], str], desk: ClockDesk) -> None:
    """Or an act could pass because nothing ran that it might have stopped."""
    assert {target for target, _ in running(desk, scene(desk))} == RUNNING[scene]


# What stops a clock, and what does not


def not_reached(desk: ClockDesk, label: str) -> None:
    for _ in range(3):
        desk.hears(label, "called_back", "operator", reached=False)
        desk.jump(desk.now + 4 * HOUR)


def transferred(desk: ClockDesk, label: str) -> None:
    desk.hears(label, "objected", desk_lead(desk, label), reason="not_our_duty", evidence="DUTIES-7")
    desk.hears(label, "objection_decided", "supervisor", upheld=True, department="CIVIL")


def desk_lead(desk: ClockDesk, label: str) -> str:
    return next(unit for unit, leads in desk.departments(label).items() if leads)


def extended(desk: ClockDesk, label: str) -> None:
    desk.hears(label, "extension_asked", "EDU", reason="needs_inspection", days=2, caller_told=True)
    desk.hears(label, "extension_decided", "supervisor", granted=True, days=2)


def hang(desk: ClockDesk, label: str) -> None:
    desk.hears(label, "hung_up", "operator", reason="awaiting_expert_opinion", review_at=desk.now + 5 * DAY)
    assert desk.case(label).status is Status.HUNG_UP


@dataclass(frozen=True)
class Played:
    """An act in a scene, the targets whose clocks it stops, and for which events.

    One unit's word (`by`) stops that unit's own clocks and the joint ones.
    """

    name: str
    scene: Callable[[ClockDesk], str]
    act: Act
    stops: frozenset[Target]
    events: frozenset[ClockEvent]
    by: str | None = None


def played(
    name: str, scene: Callable[[ClockDesk], str], act: Act, stops: set[Target], *events: ClockEvent, by: str | None = None
) -> Played:
    return Played(name, scene, act, frozenset(stops), frozenset(events), by)


STOPS = [
    played("the lead acknowledges", harm, says("acknowledged", "POLICE"), {T.ACCEPTANCE}, E.ACCEPTED, by="POLICE"),
    played("a co-handler acknowledges", harm, says("acknowledged", "EDU"), {T.ACCEPTANCE}, E.ACCEPTED, by="EDU"),
    played("the lead speaks to the caller", ordinary, says("contacted", "EDU"), {T.ACCEPTANCE, T.FIRST_CONTACT},
           E.ACCEPTED, E.CONTACTED, by="EDU"),
    played("the lead replies", ordinary, says("replied", "EDU", **REPLY), {T.ACCEPTANCE, T.FIRST_CONTACT, T.FEEDBACK},
           E.ACCEPTED, E.REPLIED, by="EDU"),
    played("a co-handler replies", harm, says("co_replied", "EDU", text="已派员到场"), {T.ACCEPTANCE, T.CO_HANDLER},
           E.ACCEPTED, E.CO_REPLIED, by="EDU"),
    played("the lead objects", ordinary, says("objected", "EDU", reason="not_our_duty", evidence="DUTIES-7"), set(), E.OBJECTED),
    played("the lead would return suspected harm", harm,
           says("objected", "POLICE", reason="not_our_duty", evidence="DUTIES-7"), {T.ACCEPTANCE}, E.ACCEPTED, by="POLICE"),
    played("the lead whistles", harm, says("help_asked", "POLICE", department="CIVIL"), set(), E.HELP_CALLED),
    played("more time is asked for", ordinary,
           says("extension_asked", "EDU", reason="needs_inspection", days=1, caller_told=True), set(), E.EXTENSION_ASKED),
    played("more time is granted", ordinary, extended, set(), E.EXTENSION_ASKED, E.EXTENSION_GRANTED),
    played("the case is hung up", ordinary, hang, set(), E.HUNG_UP),
    played("another unit gets an ordinary order", ordinary, transferred, {T.ACCEPTANCE, T.FIRST_CONTACT, T.CO_HANDLER},
           E.WITHDRAWN, E.DISPATCHED),
    played("another unit gets the order", harm, transferred, {T.ACCEPTANCE, T.CO_HANDLER},
           E.ACCEPTED, E.WITHDRAWN, E.DISPATCHED),
    played("the desk has its receipt", harm, says("police_notified", "operator", **RECEIPT), {T.MANDATORY_REPORT},
           E.POLICE_RECEIPT),
    played("the child is known to be unsafe", harm, says("safety_recorded", "operator", safety="unsafe", source="police"),
           {T.SAFETY_KNOWN}, E.SAFETY_RECORDED),
    played("the child is safe", harm, says("safety_recorded", "operator", safety="safe", source="police"),
           {T.SAFETY_KNOWN, T.SUPERVISION}, E.SAFETY_RECORDED, E.MADE_SAFE),
    played("the child is in interim care", harm, says("safety_recorded", "operator", safety="interim", source="police"),
           {T.SAFETY_KNOWN, T.SUPERVISION}, E.SAFETY_RECORDED, E.MADE_SAFE),
    played("the child's state is not known", harm,
           says("safety_recorded", "operator", safety="unknown", source="police"), set()),
    played("the grade is lowered", harm, says("grade_decided", "supervisor", grade="U2", reason="less_grave"),
           {T.SAFETY_KNOWN, T.SUPERVISION}, E.GRADE),
    played("the reviewer answers", unclear, says("review_decided", "supervisor", kind="X01", outcome="ANSWERED"),
           {T.DISPATCH, T.REVIEW}, E.REVIEWED),
    played("the reviewer sends an order", unclear,
           says("review_decided", "supervisor", kind="X99", outcome="DISPATCHED", department="EDU"),
           {T.DISPATCH, T.REVIEW}, E.DISPATCHED, E.REVIEWED),
    played("the caller is reached", answered, says("called_back", "operator", reached=True, resolved=False),
           {T.CALLBACK}, E.CALLED_BACK, E.SENT_BACK),
    played("one attempt fails", answered, says("called_back", "operator", reached=False), set()),
    played("the last attempt fails", answered, not_reached, {T.CALLBACK, T.CLOSURE}, E.NOT_REACHED, E.CLOSED),
]  # fmt: skip


@pytest.mark.parametrize("each", STOPS, ids=lambda each: each.name)
def test_an_event_stops_these_clocks_and_nothing_else(each: Played, desk: ClockDesk) -> None:
    """Written out here and not read from the table, which must say the same."""
    label = each.scene(desk)
    before = running(desk, label)
    desk.jump(desk.now + MINUTE)
    each.act(desk, label)
    assert desk.refused(label) == {}
    stopped = {(clock.target, clock.department): clock.stop_reason for clock in desk.rows(Clock, label) if clock.stopped_at}
    expected = {(target, unit) for target, unit in before if target in each.stops and unit in ("", each.by or unit)}
    assert {key for key in before if key in stopped} == expected
    for target, unit in expected:
        assert E(stopped[target, unit]) in CLOCK_TABLE[target].stops_on & each.events


def give_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RuleBook, "target_rule", lambda *_args, **_facts: None)


@pytest.mark.parametrize("scene", RUNNING, ids=lambda each: each.__name__)
def test_without_a_rule_every_clock_stops_but_the_police_report(
    scene: Callable[[ClockDesk], str], desk: ClockDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a rule set or a grade no longer measures it."""
    label = scene(desk)
    give_no_rule(monkeypatch)
    with editing(desk.place, desk.case(label).id) as (session, case):
        refit_clocks(desk.place, session, case, desk.now)
    assert {target for target, _ in running(desk, label)} == RUNNING[scene] & {T.MANDATORY_REPORT}
    assert stopped_by(E.GRADE) == set(Target) - {T.MANDATORY_REPORT}


@pytest.mark.parametrize("scene", [harm, ordinary, unclear, answered], ids=lambda each: each.__name__)
def test_linking_a_case_stops_all_its_clocks(scene: Callable[[ClockDesk], str], desk: ClockDesk) -> None:
    """Its main case's answer for the matter from then on, the police report included."""
    label = scene(desk)
    with editing(desk.place, desk.case(label).id) as (session, case):
        stop_clocks(desk.place, session, case, E.LINKED, desk.now)
    assert running(desk, label) == set()


@pytest.mark.parametrize("scene", [harm, ordinary, unclear, answered], ids=lambda each: each.__name__)
def test_a_case_closes_with_all_its_clocks_unless_it_owes_a_police_report(
    scene: Callable[[ClockDesk], str], desk: ClockDesk
) -> None:
    """Forced to the brink of closing, whatever its state was."""
    label = scene(desk)
    with editing(desk.place, desk.case(label).id) as (_, case):
        case.status, owes = Status.ANSWERED, bool(case.mandatory_report)
    close_case.fn(desk.case(label).id, desk.now)
    assert (desk.case(label).status is Status.CLOSED) is not owes
    assert bool(running(desk, label)) is owes


def test_every_stop_of_every_row_is_played_above() -> None:
    """GRADE, LINKED and CLOSED for all that run in a scene; the others one by one."""
    for target, row in CLOCK_TABLE.items():
        seen = {event for each in STOPS if target in each.stops for event in each.events}
        assert row.stops_on <= seen | {E.GRADE, E.LINKED, E.CLOSED}, target
        assert any(target in targets for targets in RUNNING.values())


def test_only_what_an_accepted_reply_stops_goes_on_after_one_that_is_not() -> None:
    """The order was read, so it stays accepted; what is played is in tests/test_reply_refused.py."""
    assert {target for target, row in CLOCK_TABLE.items() if row.goes_on_after} == {T.FEEDBACK, T.FIRST_CONTACT}
    assert all(row.goes_on_after in (frozenset(), {E.REPLY_REFUSED}) for row in CLOCK_TABLE.values())
    assert all(E.REPLIED in row.stops_on for row in CLOCK_TABLE.values() if row.goes_on_after)


# What starts and repeats a clock, and from when it counts


rework = says("called_back", "operator", reached=True, resolved=False)
facts_checked = then(
    says("grade_decided", "supervisor", grade="U3", reason="not_harm"),
    says("grade_decided", "supervisor", grade="U1", reason="harm_suspected"),
)


def reopen(reason: str) -> Act:
    return says("reopened", "operator", reason=reason)


def closed_harm(desk: ClockDesk) -> str:
    """Suspected harm, reported, the child safe, closed."""
    label = harm(desk)
    desk.hears(label, "police_notified", "operator", **RECEIPT)
    desk.hears(label, "safety_recorded", "operator", safety="safe", source="police")
    for unit in ("EDU", "HEALTH"):
        desk.hears(label, "co_replied", unit, text="已派员到场")
    desk.hears(label, "replied", "POLICE", **REPLY, acts=["evidence_preserved", "site_inspected"])
    desk.hears(label, "called_back", "operator", reached=True, resolved=True)
    desk.hears(label, "closing_decided", "supervisor", approved=True)
    assert desk.case(label).status is Status.CLOSED
    return label


def nothing(desk: ClockDesk) -> str:
    """No case yet."""
    return "W-000001"


OF_AN_ORDER = {T.ACCEPTANCE, T.FIRST_CONTACT, T.FEEDBACK, T.CLOSURE}
OF_HARM = {T.ACCEPTANCE, T.FEEDBACK, T.CLOSURE, T.SUPERVISION, T.SAFETY_KNOWN}
"""No unit is told who reported harm, so none is measured by speaking to them."""
STARTS: list[tuple[str, Callable[[ClockDesk], str], Act, set[ClockEvent], set[Target]]] = [
    ("an ordinary request", nothing, comes_in(plain),
     {E.RECEIVED, E.DISPATCHED}, {T.DISPATCH, *OF_AN_ORDER}),
    ("suspected harm", nothing, comes_in(harm),
     {E.RECEIVED, E.DISPATCHED, E.ALARMED, E.REPORT_OWED}, set(Target) - {T.REVIEW, T.CALLBACK, T.FIRST_CONTACT}),
    ("a request nobody can classify", nothing, comes_in(unclear),
     {E.RECEIVED, E.SENT_TO_REVIEW}, {T.DISPATCH, T.REVIEW}),
    ("a whistle", ordinary, says("help_asked", "EDU", department="CIVIL"), {E.HELP_CALLED}, {T.ACCEPTANCE, T.CO_HANDLER}),
    ("an alarm in the middle", ordinary, says("grade_decided", "supervisor", grade="U1", reason="harm_suspected"),
     {E.ALARMED, E.REPORT_OWED}, {T.SUPERVISION, T.SAFETY_KNOWN, T.MANDATORY_REPORT}),
    ("an alarm after an all-clear", harm, facts_checked, {E.ALARMED}, {T.SUPERVISION, T.SAFETY_KNOWN}),
    ("another unit", ordinary, transferred, {E.WITHDRAWN, E.DISPATCHED}, {T.ACCEPTANCE, T.FIRST_CONTACT}),
    ("a reply", ordinary, then(says("co_replied", "HEALTH", text="已派员到场"), says("replied", "EDU", **REPLY)), {E.CALLBACK_ASKED}, {T.CALLBACK}),
    ("rework", answered, rework, {E.SENT_BACK}, {T.FEEDBACK}),
    ("reopened", closed, reopen("not_solved"), {E.REOPENED, E.DISPATCHED}, OF_AN_ORDER),
    ("reopened for new harm", closed, reopen("new_harm"), {E.REOPENED, E.DISPATCHED, E.ALARMED, E.REPORT_OWED},
     OF_HARM | {T.MANDATORY_REPORT}),
    ("harm reopened", closed_harm, reopen("not_solved"), {E.REOPENED, E.DISPATCHED},
     OF_HARM | {T.CO_HANDLER}),
    ("an objection", ordinary, says("objected", "EDU", reason="not_our_duty", evidence="DUTIES-7"), {E.OBJECTED}, set()),
    ("hanging up", ordinary, hang, {E.HUNG_UP}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "scene", "act", "events", "targets"), STARTS, ids=[each[0] for each in STARTS])
def test_an_event_starts_what_its_rows_say_and_nothing_else(
    name: str, scene: Callable[[ClockDesk], str], act: Act, events: set[ClockEvent], targets: set[Target], desk: ClockDesk
) -> None:
    """Counted from where the row says, and against whom it says."""
    label = scene(desk)
    before = {each.id for each in desk.rows(Clock, label)} if scene is not nothing else set()
    desk.jump(desk.now + HOUR)
    act(desk, label)
    assert scene is nothing or desk.refused(label) == {}
    new = [each for each in desk.rows(Clock, label) if each.id not in before]
    assert {each.target for each in new} == targets
    for clock in new:
        assert CLOCK_TABLE[clock.target].starts_on & events
        assert (clock.department in desk.departments(label)) is (CLOCK_TABLE[clock.target].against in OF_ONE_UNIT)
        assert clock.started_at == began(desk, label, clock, events)


OF_ONE_UNIT = {Against.EACH_DEPARTMENT, Against.LEAD, Against.EACH_CO_HANDLER}


def began(desk: ClockDesk, label: str, clock: Clock, events: set[ClockEvent]) -> Any:
    """The moment the row counts from. Acts take no time, so what happens now happens in one moment."""
    row = CLOCK_TABLE[clock.target]
    if row.counted_from is CountedFrom.ORDER:
        parts = [each for each in desk.rows(Assignment, label) if each.department == clock.department]
        return parts[-1].assigned_at
    if row.counted_from is CountedFrom.EVENT or events & {E.REOPENED, E.SENT_BACK}:
        return desk.now
    if row.counted_from is CountedFrom.FIRST_SIGNAL and E.RECEIVED not in events:
        return desk.now
    return desk.case(label).received_at


def test_every_start_of_every_row_is_played_above() -> None:
    """With that target among those it started."""
    for target, row in CLOCK_TABLE.items():
        seen = {event for _, _, _, events, targets in STARTS if target in targets for event in events}
        assert row.starts_on <= seen, target


REPEATING: list[tuple[str, Callable[[ClockDesk], str], Act, set[Repeats]]] = [
    ("rework", answered, then(rework, says("replied", "EDU", **REPLY | {"text": "已再次到校核实并监督整改，向来电人说明了结果。"})), {Repeats.PER_CYCLE}),
    ("another unit", harm, transferred, {Repeats.PER_ROUND}),
    ("reopened", closed_harm, reopen("not_solved"),
     {Repeats.PER_CYCLE, Repeats.PER_ROUND, Repeats.PER_LIFE, Repeats.PER_ALARM}),
    ("all-clear and alarm", harm, facts_checked, {Repeats.PER_ALARM}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "scene", "act", "repeats"), REPEATING, ids=[each[0] for each in REPEATING])
def test_a_clock_repeats_as_its_row_says(
    name: str, scene: Callable[[ClockDesk], str], act: Act, repeats: set[Repeats], desk: ClockDesk
) -> None:
    """Of the clocks the case had before, the ones it has once more; a callback comes with the next reply."""
    label = scene(desk)
    before = Counter(each.target for each in desk.rows(Clock, label))
    desk.jump(desk.now + HOUR)
    act(desk, label)
    after = Counter(each.target for each in desk.rows(Clock, label))
    again = {target for target in before if after[target] > before[target]}
    asked = {target for target in before if CLOCK_TABLE[target].repeats in repeats}
    assert again == asked - ({T.CALLBACK} if name == "reopened" else set())


# What stands still and what is extended


def test_hanging_up_moves_what_may_stand_still_and_nothing_else(desk: ClockDesk) -> None:
    """The rule must want it too: U3 pauses feedback, co-handler and closure."""
    label = ordinary(desk)
    before = {each.id: each.due_at for each in desk.rows(Clock, label)}
    hang(desk, label)
    desk.advance(desk.now + 5 * DAY)
    moved = {each.target for each in desk.rows(Clock, label) if each.due_at != before[each.id]}
    assert moved == {target for target, row in CLOCK_TABLE.items() if row.may_pause} == {T.FEEDBACK, T.CO_HANDLER, T.CLOSURE}


def test_a_rule_alone_lets_no_clock_stand_still(desk: ClockDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if a rule set that nobody checked calls it pausable."""
    rule = shipped_rules().rule("u3-first-contact")
    monkeypatch.setitem(rule.__dict__, "pausable", True)
    label = ordinary(desk)
    due = desk.clock(label, T.FIRST_CONTACT).due_at
    hang(desk, label)
    desk.advance(desk.now + 5 * DAY)
    contact = desk.clock(label, T.FIRST_CONTACT)
    assert (contact.due_at, contact.breached_at) == (due, due)


def test_granted_time_moves_what_may_be_extended_and_the_sub_clocks_never_beyond(desk: ClockDesk) -> None:
    """Two days for feedback and closure."""
    label = ordinary(desk)
    before = {each.id: each.due_at for each in desk.rows(Clock, label)}
    extended(desk, label)
    moved = {each.target: each.due_at - before[each.id] for each in desk.rows(Clock, label) if each.due_at != before[each.id]}
    assert moved == dict.fromkeys(EXTENDABLE, 2 * DAY)


# The police report


def test_a_receipt_needs_time_channel_and_number() -> None:
    """Each of the three, and a number that is one."""
    whole = {"at": START, "channel": "platform", "receipt": "JQ-20260302-17"}
    assert PoliceNotified(**whole).receipt == "JQ-20260302-17"
    for name, empty in {"at": (None, ""), "channel": (None, "", "by hearsay"), "receipt": (None, "", " ", "-", "---", "A B")}.items():
        for value in empty:
            with pytest.raises(ValidationError):
                PoliceNotified(**{**whole, name: value})
        with pytest.raises(ValidationError):
            PoliceNotified(**{key: value for key, value in whole.items() if key != name})


def test_no_department_says_that_the_report_was_made() -> None:
    """So not the one complained of either."""
    assert WHO_MAY_SAY[NewsKind.POLICE_NOTIFIED] == {Role.OPERATOR, Role.SUPERVISOR}


def test_the_report_clock_goes_by_the_gravest_grade_it_ever_had(desk: ClockDesk) -> None:
    """A person may lower the grade; the report stays due as it was, also on the way through U1."""
    label = harm(desk)
    for grade, minutes in (("U0", 15), ("U1", 15), ("U3", 15), ("U1", 15)):
        desk.hears(label, "grade_decided", "supervisor", grade=grade, reason="facts_checked")
        report = desk.clock(label, T.MANDATORY_REPORT)
        assert (report.stopped_at, report.grade, report.due_at) == (None, Grade.U0, START + minutes * MINUTE)
    desk.hears(label, "police_notified", "operator", **RECEIPT)
    assert [each.stop_reason for each in desk.clocks(label, T.MANDATORY_REPORT)] == ["police_receipt"]


def test_a_report_made_before_its_clock_was_asked_for_starts_none(desk: ClockDesk) -> None:
    """Reported while the grade was one without the clock, then raised."""
    label = ordinary(desk)
    with editing(desk.place, desk.case(label).id) as (_, case):
        case.mandatory_report = ["MR9"]
    desk.hears(label, "police_notified", "operator", **RECEIPT)
    desk.hears(label, "grade_decided", "supervisor", grade="U1", reason="harm_suspected")
    assert desk.clocks(label, T.MANDATORY_REPORT) == []


def test_a_case_that_was_answered_stays_open_until_its_report_is_made(desk: ClockDesk) -> None:
    """An answer closes an ordinary case at once."""
    label = unclear(desk)
    with editing(desk.place, desk.case(label).id) as (_, case):
        case.mandatory_report = ["MR9"]
    desk.hears(label, "review_decided", "supervisor", kind="X01", outcome="ANSWERED")
    assert desk.case(label).status is Status.ANSWERED
    desk.advance(desk.now + 8 * DAY)
    assert desk.case(label).status is Status.ANSWERED
    desk.hears(label, "police_notified", "operator", **RECEIPT)
    assert desk.case(label).status is Status.CLOSED


# The order of simultaneous events, the table itself, and its page


def test_in_one_moment_a_stop_comes_before_a_start(desk: ClockDesk) -> None:
    """By sequence numbers: the journal has one time for all of them."""
    label = ordinary(desk)
    desk.jump(desk.now + HOUR)
    transferred(desk, label)
    entries = [each for each in desk.rows(Event, label) if each.at == desk.now]
    stopped = [each.seq for each in entries if each.kind is EventKind.CLOCK_STOPPED]
    started = [each.seq for each in entries if each.kind is EventKind.CLOCK_STARTED]
    assert max(stopped) < min(started)


def test_in_one_moment_an_end_of_a_pause_comes_before_the_stop_it_decides(desk: ClockDesk) -> None:
    """The reply that ends a pause is in time; the pause counts up to the reply."""
    label = ordinary(desk)
    hang(desk, label)
    desk.jump(desk.now + 3 * DAY)
    desk.hears(label, "replied", "EDU", **REPLY)
    kinds = [each.kind for each in desk.rows(Event, label) if each.at == desk.now]
    assert kinds.index(EventKind.CLOCK_STOPPED) < kinds.index(EventKind.UNPAUSED)
    assert desk.clock(label, T.FEEDBACK).breached_at is None


@pytest.mark.parametrize(
    ("table", "words"),
    [(CLOCK_TABLE, Target), (TARGET_WORDS, Target), (EVENT_WORDS, ClockEvent), (FROM_WORDS, CountedFrom),
     (REPEAT_WORDS, Repeats), (AGAINST_WORDS, Against)],
    ids=["rows", "targets", "events", "starts", "repeats", "against"],
)  # fmt: skip
def test_every_word_is_a_key(table: dict[Any, Any], words: Any) -> None:
    """A new target without its row would be a clock nobody decided about."""
    assert set(table) == set(words)


def test_what_a_childs_safety_hangs_on_is_neither_paused_nor_extended() -> None:
    """Whatever else changes in the table."""
    for target in NEVER_PAUSED_TARGETS:
        row = CLOCK_TABLE[target]
        assert (row.may_pause, row.may_extend, row.against) == (False, False, Against.DESK)


def test_only_departments_own_clocks_are_part_of_the_joint_one() -> None:
    """And none of them is extended by itself."""
    parts = {target for target, row in CLOCK_TABLE.items() if row.fits_inside is JOINT}
    assert parts == {target for target, row in CLOCK_TABLE.items() if row.against in OF_ONE_UNIT}
    assert not parts & EXTENDABLE


def test_the_page_of_clocks_is_the_table() -> None:
    """`docs/clocks.md` is generated: write `clock_page()` into it again when the table changes."""
    assert PAGE.read_text(encoding="utf-8") == clock_page()
