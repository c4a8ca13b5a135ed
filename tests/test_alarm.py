"""From when the clocks of suspected harm count."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from models.record import Event
from models.vocabulary import EventKind
from tasks.clocks.plan import alarm_of

RECEIVED = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
LOOKED = RECEIVED + timedelta(seconds=2)
LATER = RECEIVED + timedelta(days=30)


def entry(kind: EventKind, at: datetime, **facts: str) -> Event:
    return Event(case_id=uuid4(), seq=1, at=at, kind=kind, actor="machine", facts=facts, previous="", digest="")


FIRST_LOOK = [
    entry(EventKind.RECEIVED, RECEIVED),
    entry(EventKind.CLASSIFIED, LOOKED),
    entry(EventKind.GRADE_RAISED, LOOKED, old="UC", new="U3"),
]


def test_harm_heard_at_the_first_look_counts_from_the_receipt():
    heard = [*FIRST_LOOK[:2], entry(EventKind.GRADE_RAISED, LOOKED, old="UC", new="U1")]
    assert alarm_of(heard, RECEIVED) == RECEIVED


def test_harm_that_a_later_report_brings_counts_from_that_report():
    joined = [*FIRST_LOOK, entry(EventKind.GRADE_RAISED, LATER, old="U3", new="U1")]
    assert alarm_of(joined, RECEIVED) == LATER


def test_a_second_raise_within_suspected_harm_does_not_give_new_time():
    raised = [*FIRST_LOOK, entry(EventKind.GRADE_RAISED, LATER, old="U1", new="U0")]
    assert alarm_of(raised, RECEIVED) == RECEIVED


def test_a_raise_that_is_not_harm_changes_nothing():
    raised = [*FIRST_LOOK, entry(EventKind.GRADE_RAISED, LATER, old="U3", new="U2")]
    assert alarm_of(raised, RECEIVED) == RECEIVED
