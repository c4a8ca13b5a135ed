"""Standing still: read from the journal, never longer than the caps leave, and who may ask for how much."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from models.record import Clock, Event
from models.vocabulary import Ask, EventKind, NewsKind, Status, Target
from sla_rules.due import due_at
from sla_rules.intervals import Interval
from sla_rules.limits import parse_limit
from sla_rules.pause_rules import PausesFile
from tasks.casebook import editing
from tasks.clocks.pauses import NOTHING, ends_by, left_for, paused_intervals, pauses_of, used, who_pauses
from tasks.clocks.running import refit_clocks
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.desk_on_paper import START
from tests.harness.times import moment
from tests.small_desk import shipped_rules

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATER = START + 400 * DAY


def rules(total: str = "20 d", cap: str = "10 d") -> PausesFile:
    """Two reasons of one cap each, `court` and `season`."""
    reason = {"name": {"zh": "等", "en": "wait"}, "statuses": ["HUNG_UP"], "cap": cap, "approval_above": cap, "source": "test"}
    return PausesFile.model_validate(
        {"total_cap": total, "reasons": [{**reason, "code": code} for code in ("court", "season")]}
    )


def journal_of(*entries: tuple[EventKind, float, dict[str, Any]]) -> list[Event]:
    """Entries by kind, day after START, and facts, in the order of their sequence numbers."""
    return [
        Event(case_id=uuid4(), seq=seq, at=START + day * DAY, kind=kind, actor="machine", facts=facts, previous="", digest="")
        for seq, (kind, day, facts) in enumerate(entries, start=1)
    ]  # fmt: skip


def paused(day: float, reason: str = "court", until: float | None = None, **facts: str) -> tuple[EventKind, float, dict[str, Any]]:
    planned = {} if until is None else {"until": (START + until * DAY).isoformat()}
    return EventKind.PAUSED, day, {"reason": reason, **planned, **facts}


def unpaused(day: float) -> tuple[EventKind, float, dict[str, Any]]:
    return EventKind.UNPAUSED, day, {}


def moved(day: float, new: Status) -> tuple[EventKind, float, dict[str, Any]]:
    return EventKind.MOVED, day, {"new": new}


def days(events: list[Event], book: PausesFile | None = None, now: datetime = LATER) -> list[tuple[float, float]]:
    """The paused intervals as days after START."""
    return [
        ((each.start - START) / DAY, (each.end - START) / DAY)
        for each in paused_intervals(events, book or rules(), now)
    ]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], []),
        ([paused(1), unpaused(3)], [(1, 3)]),
        ([unpaused(1), paused(2), unpaused(3)], [(2, 3)]),
        ([paused(1), unpaused(3), paused(3), unpaused(4)], [(1, 3), (3, 4)]),
        ([paused(1), unpaused(1)], []),
        ([unpaused(1), paused(1), unpaused(2)], [(1, 2)]),
        ([paused(1), paused(2), unpaused(3)], [(1, 2), (2, 3)]),
        ([paused(1), unpaused(3), paused(2), unpaused(4)], [(1, 3), (3, 4)]),
        ([paused(1), moved(2, Status.IN_PROGRESS), unpaused(5)], [(1, 2)]),
        ([moved(1, Status.HUNG_UP), paused(1), moved(2, Status.HUNG_UP), unpaused(3)], [(1, 3)]),
        ([paused(1), unpaused(0)], []),
    ],
    ids=["never", "once", "a stray end", "back to back", "nothing long", "end then begin at one moment",
         "twice without an end", "overlapping times", "left the listed status", "stayed in it", "times backwards"],
)  # fmt: skip
def test_intervals_follow_the_journals_order(entries: list[Any], expected: list[tuple[float, float]]) -> None:
    """Sequence numbers decide, also between entries of one moment."""
    assert days(journal_of(*entries)) == expected


def test_an_open_pause_counts_up_to_now() -> None:
    """And its end is not known before it ends."""
    events = journal_of(paused(1))
    assert days(events, now=START + 4 * DAY) == [(1, 4)]
    assert ends_by(events, rules(), START + 4 * DAY) == START + 11 * DAY
    assert ends_by(journal_of(paused(1), unpaused(2)), rules(), LATER) is None


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([paused(0), unpaused(30)], [(0, 10)]),
        ([paused(0), unpaused(8), paused(10), unpaused(15)], [(0, 8), (10, 12)]),
        ([paused(0), unpaused(8), paused(10, "season"), unpaused(30)], [(0, 8), (10, 20)]),
        ([paused(0), unpaused(9), paused(10, "season"), unpaused(20), paused(30, "season"), unpaused(40)], [(0, 9), (10, 20)]),
        ([paused(0, "gone"), unpaused(30)], [(0, 20)]),
        ([paused(0, until=3), unpaused(9)], [(0, 3)]),
        ([paused(0)], [(0, 10)]),
    ],
    ids=["one reason", "earlier pauses count", "another reason", "all together", "a reason the rules lost",
         "the desk was down on the review date", "never ended"],
)  # fmt: skip
def test_no_pause_is_longer_than_the_caps_leave(entries: list[Any], expected: list[tuple[float, float]]) -> None:
    """Whatever the journal says."""
    assert days(journal_of(*entries)) == expected


def test_what_is_left_is_the_smaller_of_both_caps() -> None:
    """Never below zero."""
    book = rules(total="12 d")
    events = journal_of(paused(0), unpaused(9))
    pauses = pauses_of(events, book, LATER)
    assert used(pauses) == 9 * DAY
    assert left_for(pauses, book, "court") == DAY
    assert left_for(pauses, book, "season") == 3 * DAY
    smaller = rules(total="4 d", cap="4 d")
    assert left_for(pauses, smaller, "season") == NOTHING


def test_who_pauses_most_is_a_sum_over_journals() -> None:
    """By the department that led, and by reason; EDU's day leaves HEALTH nine of the ten."""
    one = journal_of(paused(0, department="EDU"), unpaused(2), paused(3, "season", department="EDU"), unpaused(4))
    other = journal_of(paused(0, department="EDU"), unpaused(1), paused(5, department="HEALTH"), unpaused(30))
    assert who_pauses([one, other, []], rules(), LATER) == {
        ("EDU", "court"): 3 * DAY, ("EDU", "season"): DAY, ("HEALTH", "court"): 9 * DAY,
    }  # fmt: skip


# On a desk. S09 is led by EDU, grade U3: feedback 7 calendar days, closure 30, both pausable.
# awaiting_expert_opinion: cap 30 d, approval above 10 d.


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def label(desk: ClockDesk) -> str:
    """A case in work since Mon 2026-03-02 09:00."""
    label = desk.take_in(kind="S09")
    desk.run_due()
    desk.hears(label, "contacted", "EDU")
    return label


def hang(desk: ClockDesk, label: str, who: str, length: timedelta, reason: str = "awaiting_expert_opinion") -> None:
    desk.hears(label, "hung_up", who, reason=reason, review_at=desk.now + length)


@pytest.mark.parametrize(
    ("who", "length", "reason", "code"),
    [
        ("operator", 10 * DAY, "awaiting_expert_opinion", None),
        ("operator", 10 * DAY + HOUR, "awaiting_expert_opinion", "needs_approval"),
        ("supervisor", 30 * DAY, "awaiting_expert_opinion", None),
        ("supervisor", 30 * DAY + HOUR, "awaiting_expert_opinion", "beyond_the_cap_of_this_reason"),
        ("supervisor", 181 * DAY, "waiting_for_court", "beyond_the_cap_of_all_pauses"),
        ("supervisor", NOTHING, "waiting_for_court", "review_date_not_ahead"),
        ("supervisor", -HOUR, "waiting_for_court", "review_date_not_ahead"),
        ("supervisor", DAY, "tired", "unknown_reason"),
    ],
)
def test_a_hanging_is_within_the_caps_or_refused(
    desk: ClockDesk, label: str, who: str, length: timedelta, reason: str, code: str | None
) -> None:
    """An operator up to `approval_above`, a supervisor up to the cap; both sides of each edge."""
    hang(desk, label, who, length, reason)
    assert desk.refused(label).get(NewsKind.HUNG_UP) == code
    assert desk.case(label).status is (Status.IN_PROGRESS if code else Status.HUNG_UP)


def test_slices_of_a_long_pause_need_approval_as_the_whole_would(desk: ClockDesk, label: str) -> None:
    """And the cap counts every earlier pause for the reason."""
    hang(desk, label, "operator", 8 * DAY)
    desk.advance(desk.now + 8 * DAY)
    hang(desk, label, "operator", 3 * DAY)
    assert desk.refused(label) == {NewsKind.HUNG_UP: "needs_approval"}
    hang(desk, label, "supervisor", 23 * DAY)
    assert desk.refused(label)[NewsKind.HUNG_UP] == "beyond_the_cap_of_this_reason"
    hang(desk, label, "supervisor", 22 * DAY)
    assert desk.case(label).status is Status.HUNG_UP


def test_every_cap_together_ends_hanging_for_good(desk: ClockDesk, label: str) -> None:
    """180 days of court leave nothing for a season."""
    hang(desk, label, "supervisor", 180 * DAY, "waiting_for_court")
    desk.jump(desk.now + 181 * DAY)
    desk.run_due()
    hang(desk, label, "supervisor", HOUR, "awaiting_season")
    assert desk.refused(label) == {NewsKind.HUNG_UP: "beyond_the_cap_of_all_pauses"}


def test_a_review_date_wakes_the_case_and_a_used_up_pause_says_so(desk: ClockDesk, label: str) -> None:
    """First a review date with time left, then the rest of the cap."""
    hang(desk, label, "operator", 5 * DAY)
    desk.advance(desk.now + 5 * DAY)
    assert desk.case(label).status is Status.IN_PROGRESS
    assert desk.told(label)["EDU", Ask.PAUSE_USED_UP] == 0
    hang(desk, label, "supervisor", 25 * DAY)
    desk.advance(desk.now + 25 * DAY - HOUR)
    assert desk.case(label).status is Status.HUNG_UP
    desk.advance(desk.now + HOUR)
    assert desk.case(label).status is Status.IN_PROGRESS
    told = desk.told(label)
    assert (told["EDU", Ask.PAUSE_USED_UP], told["DESK", Ask.PAUSE_USED_UP]) == (1, 1)
    assert told["DUTY_SUPERVISOR", Ask.REVIEW_CASE] == 2
    assert desk.clock(label, Target.FEEDBACK).due_at == moment("Thu 2026-04-09 00:00")


def test_smaller_caps_wake_a_case_that_already_hangs(desk: ClockDesk, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after new rules went live: the review date moves to the end of what is left."""
    hang(desk, label, "supervisor", 30 * DAY)
    reason = shipped_rules().pause_reason("awaiting_expert_opinion")
    monkeypatch.setitem(reason.__dict__, "cap", parse_limit("12 d"))
    with editing(desk.place, desk.case(label).id) as (session, case):
        refit_clocks(desk.place, session, case, desk.now + DAY)
        assert case.hung_up_until == START + 12 * DAY


def test_an_answer_while_hung_up_is_not_late_for_what_stood_still(desk: ClockDesk, label: str) -> None:
    """Feedback was due on Mar 10; the case hung from Mar 5, the answer came on Mar 16."""
    desk.advance(moment("Thu 2026-03-05 10:00"))
    hang(desk, label, "supervisor", 20 * DAY)
    desk.advance(moment("Mon 2026-03-16 10:00"))
    desk.hears(label, "replied", "EDU", text="鉴定结果已出并告知来电人", resolved=True)
    feedback = desk.clock(label, Target.FEEDBACK)
    assert (feedback.stop_reason, feedback.breached_at) == ("replied", None)
    assert feedback.due_at == moment("Sat 2026-03-21 00:00")


def test_speaking_to_the_caller_does_not_end_hanging(desk: ClockDesk, label: str) -> None:
    """The case once went on as in progress with its review date still set, and asked to be taken down for ever."""
    hang(desk, label, "supervisor", 20 * DAY)
    desk.advance(desk.now + DAY)
    desk.hears(label, "contacted", "EDU")
    case = desk.case(label)
    assert (case.status, case.hung_up_until) == (Status.HUNG_UP, START + 20 * DAY)
    desk.advance(START + 20 * DAY)
    case = desk.case(label)
    assert (case.status, case.hung_up_until, case.flag) == (Status.IN_PROGRESS, None, None)


def test_a_case_that_went_on_with_its_review_date_comes_to_rest(desk: ClockDesk, label: str) -> None:
    with editing(desk.place, desk.case(label).id) as (session, case):
        case.hung_up_until = case.wake_at = START + DAY
        session.add(case)
    desk.advance(START + 2 * DAY)
    case = desk.case(label)
    assert (case.status, case.hung_up_until, case.flag) == (Status.IN_PROGRESS, None, None)


def test_a_graver_grade_takes_a_hung_up_case_down_at_once(desk: ClockDesk, label: str) -> None:
    """U0 to U2 never stand still."""
    hang(desk, label, "supervisor", 20 * DAY)
    desk.advance(desk.now + DAY)
    desk.hears(label, "grade_decided", "supervisor", grade="U2", reason="child_at_risk")
    case = desk.case(label)
    assert (case.status, case.hung_up_until) == (Status.IN_PROGRESS, None)
    assert EventKind.UNPAUSED in desk.events(label)


def test_a_clock_that_starts_inside_a_pause_is_clipped(desk: ClockDesk, label: str) -> None:
    """Called in on the second day of a five-day pause: only what lies after its start counts."""
    hang(desk, label, "operator", 5 * DAY)
    desk.advance(desk.now + 2 * DAY)
    desk.hears(label, "help_asked", "EDU", department="HEALTH")
    desk.advance(desk.now + 3 * DAY)
    # Three working days after Wed Mar 4; Thu, Fri, Sat and Sun stood still or are days off, Mon Mar 9 begins.
    clock = desk.clock(label, Target.CO_HANDLER, "HEALTH")
    assert clock.started_at == moment("Wed 2026-03-04 09:00")
    assert clock.due_at == moment("Thu 2026-03-12 00:00")


def test_no_clock_that_never_pauses_moves_when_a_case_hangs(desk: ClockDesk) -> None:
    """Acceptance and first contact run on; feedback, the co-handler and closure move."""
    label = desk.take_in(kind="S09")
    desk.run_due()
    before = {each.target: each.due_at for each in desk.rows(Clock, label)}
    hang(desk, label, "operator", 3 * DAY)
    desk.advance(desk.now + 3 * DAY)
    after = {each.target: each.due_at for each in desk.rows(Clock, label)}
    moved_targets = {target for target in before if before[target] != after[target]}
    assert moved_targets == {Target.FEEDBACK, Target.CLOSURE}


def test_the_journal_keeps_reason_department_and_approval_of_a_pause(desk: ClockDesk, label: str) -> None:
    """So that who pauses most can be told from journals alone."""
    hang(desk, label, "supervisor", 20 * DAY)
    facts = next(each.facts for each in desk.rows(Event, label) if each.kind is EventKind.PAUSED)
    assert facts["reason"] == "awaiting_expert_opinion"
    assert (facts["department"], facts["approved"]) == ("EDU", True)


def test_pauses_that_overlap_a_clocks_start_are_clipped_and_an_always_paused_clock_uses_nothing() -> None:
    """The whole budget is there once the pause ends."""
    book = shipped_rules()
    rule = book.rule("u3-first-contact")
    assert rule is not None
    pauses = paused_intervals(journal_of(paused(-1), unpaused(3)), rules(), LATER)
    assert pauses == (Interval(START - DAY, START + 3 * DAY),)
    assert due_at(START, rule, book.calendar, pauses).at == START + 4 * DAY
