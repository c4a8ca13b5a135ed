"""What another rule set would have made of the cases of this desk.

Reads codes and times only, no words and no identities. It needs numpy, which takes a moment to
import: no worker imports this.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from sqlmodel import Session, col, func, select

from models.case import Case
from models.clock_table import CLOCK_TABLE
from models.exchange import Assignment
from models.record import Clock, Event
from models.vocabulary import EventKind, Grade, Nature, Target
from sla_rules.calendar import moment_of
from sla_rules.intervals import Interval
from sla_rules.pause_rules import PausesFile
from sla_rules.rule_book import RuleBook
from sla_rules.wall_clock import SECOND_US
from sla_rules.whatif import MOST_LISTED, WhatIf, compare
from sla_rules.whatif_chunk import RUNNING, CaseChunk, Coded, Leads, Moments
from tasks.clocks.pauses import paused_intervals
from tasks.workplace import Workplace

CASES_AT_ONCE = 5_000
NO_JOINT = -1

_ABOUT_PAUSES = (EventKind.PAUSED, EventKind.UNPAUSED, EventKind.MOVED)


class ClockRow(NamedTuple):
    """One clock with what its case says about rules."""

    case_id: UUID
    number: int
    received_at: datetime
    kind: str | None
    nature: Nature
    target: Target
    department: str
    grade: Grade
    started_at: datetime
    stopped_at: datetime | None
    extension_seconds: int


def whatif_over_cases(
    place: Workplace,
    old: RuleBook,
    new: RuleBook,
    now: datetime,
    *,
    leads: Leads | None = None,
    most_listed: int = MOST_LISTED,
) -> WhatIf:
    """Both rule books over every clock of every case, open and closed.

    Clocks are counted anew by both from when they began, with the pauses and extensions they had.
    A target that a case never had a clock for cannot be previewed: nobody knows when it would
    have begun.

    Args:
        place: The desk whose cases are read; nothing is written.
        old: Usually the live rules.
        new: The rules tried.
        now: Aware.
        leads: Who leads each kind, if a catalogue is tried as well.
        most_listed: How many case numbers to name.
    """
    with place.database.reading() as session:
        chunks = case_chunks(session, old.pauses, new.pauses, now)
        return compare(old, new, chunks, now, leads=leads, most_listed=most_listed)


def case_chunks(
    session: Session, old: PausesFile, new: PausesFile, now: datetime, size: int = CASES_AT_ONCE
) -> Iterator[CaseChunk]:
    """The clocks of all cases, in the order of case numbers, `size` numbers at a time."""
    last = session.exec(select(func.max(Case.number))).one() or 0
    for first in range(1, last + 1, size):
        rows = _clocks(session, first, first + size)
        if rows:
            yield _chunk(session, rows, (old, new), now)


def _clocks(session: Session, first: int, end: int) -> list[ClockRow]:
    wanted = (
        select(  # type: ignore[call-overload]
            Case.id, Case.number, Case.received_at, Case.kind, Case.nature, Clock.target, Clock.department,
            Clock.grade, Clock.started_at, Clock.stopped_at, Clock.extension_seconds,
        )
        .join(Clock, col(Clock.case_id) == col(Case.id))
        .where(col(Case.number) >= first, col(Case.number) < end)
        .order_by(col(Case.number), col(Clock.id))
    )  # fmt: skip
    return [ClockRow(*row) for row in session.execute(wanted)]


def _chunk(
    session: Session, rows: Sequence[ClockRow], rules: tuple[PausesFile, PausesFile], now: datetime
) -> CaseChunk:
    first, end = rows[0].number, rows[-1].number + 1
    leads = _leads(session, first, end)
    old, new = (_pauses(_journals(session, first, end), each, now) for each in rules)
    return CaseChunk(
        numbers=np.array([row.number for row in rows], np.int64),
        received=_moments([row.received_at for row in rows]),
        started=_moments([row.started_at for row in rows]),
        ended=_moments([row.stopped_at for row in rows]),
        grade=Coded.of([row.grade for row in rows]),
        target=Coded.of([row.target for row in rows]),
        kind=Coded.of([row.kind for row in rows]),
        department=Coded.of([row.department or leads.get(row.case_id) for row in rows]),
        nature=Coded.of([row.nature for row in rows]),
        granted=np.array([row.extension_seconds * SECOND_US for row in rows], np.int64),
        inside=np.array(_joint_places(rows), np.intp),
        paused=_of_rows(old, rows),
        paused_new=_of_rows(new, rows),
    )


def _leads(session: Session, first: int, end: int) -> dict[UUID, str]:
    """The department that leads each case now."""
    wanted = (
        select(Assignment.case_id, Assignment.department)
        .join(Case, col(Case.id) == col(Assignment.case_id))
        .where(col(Case.number) >= first, col(Case.number) < end)
        .where(col(Assignment.leads), col(Assignment.withdrawn_at).is_(None))
    )
    return {case_id: department for case_id, department in session.execute(wanted)}


def _journals(session: Session, first: int, end: int) -> dict[UUID, list[Event]]:
    """What is told about pauses in the journals of those cases that ever paused."""
    paused = (
        select(Event.case_id)
        .join(Case, col(Case.id) == col(Event.case_id))
        .where(col(Case.number) >= first, col(Case.number) < end, col(Event.kind) == EventKind.PAUSED)
    )
    wanted = (
        select(Event)
        .where(col(Event.case_id).in_(paused), col(Event.kind).in_(_ABOUT_PAUSES))
        .order_by(col(Event.case_id), col(Event.seq))
    )
    journals: dict[UUID, list[Event]] = defaultdict(list)
    for event in session.exec(wanted):
        journals[event.case_id].append(event)
    return journals


def _pauses(
    journals: Mapping[UUID, list[Event]], rules: PausesFile, now: datetime
) -> dict[UUID, tuple[Interval, ...]]:
    return {case_id: paused_intervals(events, rules, now) for case_id, events in journals.items()}


def _of_rows(
    pauses: Mapping[UUID, tuple[Interval, ...]], rows: Sequence[ClockRow]
) -> dict[int, tuple[Interval, ...]]:
    return {place: pauses[row.case_id] for place, row in enumerate(rows) if pauses.get(row.case_id)}


def _joint_places(rows: Sequence[ClockRow]) -> list[int]:
    """For each clock the place of the joint one that ran when it began, or `NO_JOINT`."""
    joints: dict[tuple[UUID, Target], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        joints[row.case_id, row.target].append(place)
    found = []
    for row in rows:
        outer = CLOCK_TABLE[row.target].fits_inside
        fitting = [
            place
            for place in (joints[row.case_id, outer] if outer else ())
            if rows[place].started_at <= row.started_at and _runs_at(rows[place], row.started_at)
        ]
        found.append(fitting[-1] if fitting else NO_JOINT)
    return found


def _runs_at(clock: ClockRow, moment: datetime) -> bool:
    return clock.stopped_at is None or clock.stopped_at > moment


def _moments(times: Sequence[datetime | None]) -> Moments:
    return np.array([moment_of(each) if each else RUNNING for each in times], np.int64)
