"""A clock that is set back by hours puts nothing off by hours: leases, claims on alerts, waking and back-off."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from flows.clock import set_clock
from models.case import Case
from models.claims import claim_due
from models.exchange import Notice
from models.settings import LONGEST_LEASE_S, DeskSettings
from models.vocabulary import Ask, Grade, NoticeState
from notifications.outbox import LEASE, anything_due
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.records.clock_set_back import newest_entry, wake_what_was_due
from tasks.trouble import LONGEST_WAIT
from tasks.workplace import Workplace
from tests.small_desk import small_desk
from workers.clock_watch import NOTICEABLE, ClockWatch

BEFORE = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
"""What the clock showed before it was set back."""
AFTER = BEFORE - timedelta(hours=3)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return small_desk(tmp_path / "desk")


@pytest.fixture
def case(place: Workplace) -> Case:
    """A case that came in at BEFORE and is due since then."""
    taken = take_in(place, IntakeForm(text="x"), BEFORE, actor="client:test")
    return read(place, taken.label)


@pytest.fixture
def notice(place: Workplace) -> Notice:
    """An alert that was to leave at BEFORE."""
    with place.database.writing() as session:
        notice = Notice(
            case_label="W-000001", dedupe_key="k", recipient="EDU", ask=Ask.OVERDUE, grade=Grade.U2, link="x",
            created_at=BEFORE, next_try_at=BEFORE,
        )  # fmt: skip
        session.add(notice)
    return notice


def read(place: Workplace, label: str) -> Case:
    with place.database.reading() as session:
        return session.get_one(Case, int(label[2:]))


def test_a_dead_worker_s_lease_from_the_future_is_no_lease(place: Workplace, case: Case):
    assert claim_due(place.database, "one", BEFORE, BEFORE, MINUTE, 10) == [case.id]

    assert claim_due(place.database, "two", AFTER, AFTER, MINUTE, 10) == [case.id]


def test_a_lease_of_a_machine_whose_clock_is_a_minute_ahead_holds(place: Workplace, case: Case):
    assert claim_due(place.database, "one", BEFORE, BEFORE, MINUTE, 10) == [case.id]

    assert claim_due(place.database, "two", BEFORE, BEFORE - MINUTE, MINUTE, 10) == []


def test_a_worker_with_short_leases_robs_none_that_holds_its_cases_for_longer(place: Workplace, case: Case):
    longest = timedelta(seconds=LONGEST_LEASE_S)
    assert claim_due(place.database, "one", BEFORE, BEFORE, longest, 10) == [case.id]

    assert claim_due(place.database, "two", BEFORE, BEFORE, SECOND, 10) == []
    with pytest.raises(ValidationError, match="lease_seconds"):
        DeskSettings(lease_seconds=LONGEST_LEASE_S + 1)


@pytest.mark.parametrize(("ends_after", "is_free"), [(2 * LEASE, False), (2 * LEASE + SECOND, True)])
def test_a_claim_on_an_alert_from_the_future_is_over(
    place: Workplace, notice: Notice, ends_after: timedelta, is_free: bool
):
    """For twice as long as a claim lasts it may be that of another machine; beyond that nobody made it."""
    with place.database.writing() as session:
        held = session.get_one(Notice, notice.id)
        held.state, held.sending_until = NoticeState.SENDING, AFTER + ends_after

    with place.database.reading() as session:
        assert anything_due(session, AFTER, AFTER) is is_free


def test_what_was_due_before_is_due_at_once(place: Workplace, case: Case, notice: Notice):
    assert wake_what_was_due(place, BEFORE, AFTER) == 2

    assert read(place, case.label).wake_at == AFTER
    with place.database.reading() as session:
        assert session.get_one(Notice, notice.id).next_try_at == AFTER


def test_what_sleeps_until_its_own_later_moment_sleeps_on(place: Workplace, case: Case):
    later = BEFORE + LONGEST_WAIT + SECOND
    with place.database.writing() as session:
        session.get_one(Case, case.number).wake_at = later

    assert wake_what_was_due(place, BEFORE, AFTER) == 0
    assert read(place, case.label).wake_at == later


def test_the_journal_knows_what_the_clock_showed_last(place: Workplace, case: Case):
    with place.database.reading() as session:
        assert newest_entry(session) == BEFORE


def test_a_worker_that_starts_after_the_clock_was_set_back_wakes_what_was_due(place: Workplace, case: Case):
    watch = ClockWatch(place)
    set_clock(lambda: AFTER)
    try:
        assert watch.look() is True
        assert read(place, case.label).wake_at == AFTER
        assert watch.look() is False
    finally:
        set_clock()


@pytest.mark.parametrize(
    ("back", "is_noticed"), [(NOTICEABLE - SECOND, False), (NOTICEABLE + 2 * SECOND, True)]
)
def test_a_running_worker_notices_a_clock_that_is_set_back_and_not_one_that_is_put_right(
    place: Workplace, case: Case, back: timedelta, is_noticed: bool
):
    shown = [BEFORE]
    watch = ClockWatch(place)
    set_clock(lambda: shown[0])
    try:
        assert watch.look() is False
        shown[0] -= back
        assert watch.look() is is_noticed
    finally:
        set_clock()


def test_a_clock_that_is_set_forward_wakes_nothing_by_itself(place: Workplace, case: Case):
    shown = [BEFORE]
    watch = ClockWatch(place)
    set_clock(lambda: shown[0])
    try:
        watch.look()
        shown[0] += timedelta(hours=5)
        assert watch.look() is False
    finally:
        set_clock()
