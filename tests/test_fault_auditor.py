"""The auditor of the fault benchmark finds what it is there to find, and nothing where all is well."""

from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from benchmarks.faults import evidence
from benchmarks.faults.auditor import Broken, audit
from benchmarks.faults.callers import Caller, Life, Told
from benchmarks.faults.evidence import AlertFacts, CaseFacts, ClockFacts, Evidence, Promise, gather
from benchmarks.faults.house import House
from models.vocabulary import NewsKind, NoticeState, Status, Target
from tests.small_desk import small_desk

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CASE = "0b9ff7a258d14a539d0d1c8f6a3f6b0e"

STOPPED = ClockFacts(
    target=Target.FEEDBACK, department="", cycle=1, started_at=NOW - 9 * HOUR, due_at=NOW - HOUR, stopped_at=NOW - 2 * HOUR,
    breached_at=None, starts_in_journal=1, stops_in_journal=(NOW - 2 * HOUR,),
)  # fmt: skip
RUNNING = replace(STOPPED, due_at=NOW + HOUR, stopped_at=None, stops_in_journal=(), recounted=NOW + HOUR)
LATE = replace(
    RUNNING,
    due_at=NOW - HOUR,
    recounted=NOW - HOUR,
    breached_at=NOW - HOUR,
    owed=(1, 2),
    taken=(1, 2),
    fired=(2,),
)
ORDER = AlertFacts(f"{CASE}:order:1:EDU", "digest:aa", "EDU", "order:1:EDU:EDU", NoticeState.SENT)
CLOSED = CaseFacts(
    ref="r1", label="W-000001", status=Status.CLOSED, is_held=False, wake_at=None, flag=None, clocks=(STOPPED,),
    escalations=(("feedback", "", 2),), news=(NewsKind.REPLIED,), alerts=(ORDER,), runs=("own COMPLETED",),
)  # fmt: skip
PARKED = replace(
    CLOSED, status=Status.DISPATCHED, wake_at=NOW + HOUR, clocks=(RUNNING,), news=(), runs=("own PAUSED",)
)  # fmt: skip
PROMISED = Promise("r1", "W-000001", Status.CLOSED, (NewsKind.REPLIED,))
WAITS = replace(PROMISED, ends_as=Status.DISPATCHED, news=())


def what_is_wrong(case: CaseFacts | None, promise: Promise = PROMISED, **more: object) -> set[Broken]:
    found = Evidence(
        NOW, (promise,), (case,) if case else (), Counter({"digest:aa": 1}), frozenset({"digest:aa"})
    )
    return {finding.broken for finding in audit(replace(found, **more))}


def test_a_closed_case_and_a_parked_one_that_kept_every_promise_are_in_order():
    assert what_is_wrong(CLOSED) == set()
    assert what_is_wrong(PARKED, WAITS) == set()
    assert what_is_wrong(replace(PARKED, clocks=(LATE,)), WAITS) == set()


def test_an_alert_that_arrived_twice_under_its_own_id_is_one_alert():
    assert what_is_wrong(CLOSED, delivered=Counter({"digest:aa": 3})) == set()


@pytest.mark.parametrize(
    ("case", "promise"),
    [
        (None, PROMISED),
        (replace(CLOSED, news=()), PROMISED),
    ],
    ids=["the case is gone", "the reply is gone"],
)
def test_what_the_desk_answered_for_and_has_not_is_lost(case: CaseFacts | None, promise: Promise):
    assert Broken.LOST in what_is_wrong(case, promise)


@pytest.mark.parametrize(
    "case",
    [
        replace(CLOSED, status=Status.IN_PROGRESS, wake_at=NOW + HOUR, runs=("own PAUSED",)),
        replace(CLOSED, is_held=True),
        replace(CLOSED, unread=1),
        replace(CLOSED, wake_at=NOW + HOUR),
        replace(CLOSED, alerts=(replace(ORDER, state=NoticeState.SENDING),)),
        replace(CLOSED, runs=("own PAUSED",)),
        replace(CLOSED, runs=()),
        replace(CLOSED, runs=("own COMPLETED", "other PAUSED")),
    ],
    ids=["half-way", "held", "unread", "wakes", "alert on its way", "run parked", "no run", "a second run"],
)
def test_a_case_that_does_not_come_to_rest_is_stuck(case: CaseFacts):
    assert what_is_wrong(case) == {Broken.STUCK}


@pytest.mark.parametrize(
    "case",
    [
        replace(PARKED, wake_at=None),
        replace(PARKED, wake_at=NOW),
        replace(PARKED, runs=("own RUNNING",)),
        replace(PARKED, runs=()),
    ],
    ids=["never wakes", "due", "run hangs", "no run"],
)
def test_a_waiting_case_that_nothing_will_wake_is_stuck(case: CaseFacts):
    assert what_is_wrong(case, WAITS) == {Broken.STUCK}


def test_a_request_that_was_never_answered_is_stuck_and_a_refused_one_is_told():
    assert what_is_wrong(None, Promise("r1", "", Status.CLOSED)) == {Broken.STUCK}
    assert Broken.REFUSED in what_is_wrong(CLOSED, replace(PROMISED, refused=("replied: 409",)))


def test_one_request_that_became_two_cases_or_one_reply_kept_twice_is_doubled():
    both = replace(CLOSED, label="W-000002")
    assert Broken.DOUBLED in what_is_wrong(CLOSED, cases=(CLOSED, both))
    assert what_is_wrong(replace(CLOSED, news=(NewsKind.REPLIED, NewsKind.REPLIED))) == {Broken.DOUBLED}


@pytest.mark.parametrize(
    ("alerts", "delivered"),
    [
        ((ORDER, replace(ORDER, key=f"{CASE}:order:1:EDU:x")), {"digest:aa": 1}),
        ((ORDER,), {"digest:aa": 1, f"{CASE}:order:1:EDU": 1}),
        ((ORDER,), {"digest:aa": 1, f"{CASE}:order:2:EDU": 1}),
        ((ORDER,), {"digest:aa": 1, "digest:bb": 1}),
    ],
    ids=["decided twice", "alone and in a digest", "of no decision", "an unknown digest"],
)
def test_an_alert_that_a_receiver_who_drops_known_ids_hears_twice_is_found(
    alerts: tuple[AlertFacts, ...], delivered: dict[str, int]
):
    assert what_is_wrong(replace(CLOSED, alerts=alerts), delivered=Counter(delivered)) == {
        Broken.DUPLICATE_ALERT
    }


def test_an_alert_that_counts_as_sent_and_never_arrived_is_untold():
    assert what_is_wrong(CLOSED, delivered=Counter()) == {Broken.UNTOLD}


def test_a_reminder_of_what_was_done_before_it_could_be_told_is_not_missed():
    passed_over = replace(CLOSED, alerts=tuple(replace(each, state=NoticeState.SUPERSEDED) for each in CLOSED.alerts))
    assert what_is_wrong(passed_over, delivered=Counter()) == set()


def test_an_escalation_that_fired_twice_is_found_in_the_journal_and_in_the_ledger():
    assert what_is_wrong(replace(CLOSED, escalations=(("feedback", "", 2),) * 2)) == {
        Broken.DUPLICATE_ESCALATION
    }
    ledger = replace(STOPPED, fired=(2, 2))
    assert what_is_wrong(replace(CLOSED, clocks=(ledger,))) == {Broken.DUPLICATE_ESCALATION}


@pytest.mark.parametrize(
    "clock",
    [
        replace(RUNNING, recounted=NOW + 2 * HOUR),
        replace(RUNNING, started_at=NOW + 2 * HOUR),
        replace(RUNNING, starts_in_journal=0),
        replace(RUNNING, starts_in_journal=2),
        replace(LATE, breached_at=None),
        replace(LATE, taken=(1,)),
        replace(STOPPED, due_at=NOW - 3 * HOUR),
        replace(STOPPED, stops_in_journal=(NOW,)),
    ],
    ids=[
        "due wrong",
        "runs backwards",
        "not journalled",
        "started twice",
        "ran out unnoticed",
        "level missed",
        "late but met",
        "stop differs",
    ],
)
def test_a_wrong_clock_is_found(clock: ClockFacts):
    assert what_is_wrong(replace(PARKED, clocks=(clock,)), WAITS) == {Broken.WRONG_CLOCK}


def test_a_broken_chain_is_found():
    assert what_is_wrong(replace(CLOSED, chain="entry 3 was altered")) == {Broken.BROKEN_CHAIN}


def test_after_a_restore_of_prefects_database_a_closed_case_may_lack_its_run_but_an_open_one_may_not():
    assert what_is_wrong(replace(CLOSED, runs=()), is_prefect_older=True) == set()
    assert what_is_wrong(replace(PARKED, runs=()), WAITS, is_prefect_older=True) == {Broken.STUCK}


def test_what_is_answered_while_the_auditor_looks_counts_for_the_next_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Seed 101, rounds 36 and 39: a promise given after the database was read is no loss."""
    caller = Caller("r1", Life.PLAIN, 0.0, 0.0, is_deferred=False, label="W-000001")

    def somebody_is_answered(*_: object) -> dict[str, list[str]]:
        caller.said[NewsKind.REPLIED] = Told(NewsKind.REPLIED, "key", answered=202)
        return {}

    monkeypatch.setattr(evidence, "_runs", somebody_is_answered)
    monkeypatch.setattr(evidence, "delivered_ids", lambda _: Counter())
    house = SimpleNamespace(now=lambda: NOW, place=small_desk(tmp_path / "desk"), prefect=nullcontext)

    assert [each.news for each in gather(cast(House, house), [caller]).promises] == [()]
    assert [each.news for each in gather(cast(House, house), [caller]).promises] == [(NewsKind.REPLIED,)]
