"""Our cases held against Prefect's flow runs: what differs, and what of it is safe to repair.

The truth is in the case database. A repair is therefore one of two: the case is made due, so that
the worker's own activation makes, finds or ends its run; or a run that is no case's own is cancelled.
Nothing a person decided is undone: the case of a cancelled run is flagged by its activation, never
resumed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlmodel import Session, col

from models.case import Case
from models.checks import DataFinding
from models.record import Clock
from models.transitions import IS_OPEN
from models.vocabulary import Flag
from tasks.workplace import Workplace

FIRST_ACTIVATION = timedelta(minutes=15)
"""A case received within this time may still be on its way to its first run."""
LEASE_LOST = timedelta(minutes=15)
"""A lease is taken over when it has run out; one that stays for so long means that no worker works."""


class Difference(StrEnum):
    """How a case and Prefect can disagree."""

    NO_RUN = "no_run"
    RUN_UNKNOWN = "run_unknown"
    RUN_FINAL = "run_final"
    NEVER_WAKES = "never_wakes"
    RUN_OF_CLOSED = "run_of_closed"
    ORPHAN = "orphan"
    LEASE_LOST = "lease_lost"


class Repair(StrEnum):
    """What is done about it; REPORT leaves it to a person."""

    WAKE = "wake"
    CANCEL_RUN = "cancel_run"
    REPORT = "report"


REPAIRS: dict[Difference, Repair] = {
    Difference.NO_RUN: Repair.WAKE,
    Difference.RUN_UNKNOWN: Repair.WAKE,
    Difference.RUN_FINAL: Repair.WAKE,
    Difference.NEVER_WAKES: Repair.WAKE,
    Difference.RUN_OF_CLOSED: Repair.CANCEL_RUN,
    Difference.ORPHAN: Repair.CANCEL_RUN,
    Difference.LEASE_LOST: Repair.REPORT,
}


@dataclass(frozen=True)
class CaseAtHand:
    """What of a case matters here; `has_running_clock` is whether some clock of it still counts."""

    id: UUID
    label: str
    is_open: bool
    run_id: UUID | None
    received_at: datetime
    wake_at: datetime | None
    flag: Flag | None
    has_running_clock: bool
    lease_until: datetime | None


@dataclass(frozen=True)
class RunAtHand:
    """What of a flow run matters: `is_final` when it is over."""

    id: UUID
    name: str
    is_final: bool


@dataclass(frozen=True)
class Found:
    """One difference; `label` is the case's number, or the name of a run that is no case's."""

    difference: Difference
    label: str
    case_id: UUID | None = None
    run_id: UUID | None = None

    @property
    def repair(self) -> Repair:
        """What is done about it."""
        return REPAIRS[self.difference]


def differences(cases: Iterable[CaseAtHand], runs: Collection[RunAtHand], now: datetime) -> list[Found]:
    """Everything in which cases and runs disagree, cases first.

    Args:
        cases: All open cases, and closed ones that ever had a run.
        runs: Every run of the case deployment that Prefect still has.
        now: Aware.
    """
    by_id = {run.id: run for run in runs}
    found, own = [], set()
    for case in cases:
        if case.run_id is not None:
            own.add(case.run_id)
        difference = _of_case(case, by_id.get(case.run_id) if case.run_id else None, now)
        if difference is not None:
            found.append(Found(difference, case.label, case.id, case.run_id))
    orphans = [run for run in runs if run.id not in own and not run.is_final]
    return found + [Found(Difference.ORPHAN, run.name, None, run.id) for run in orphans]


def _of_case(case: CaseAtHand, run: RunAtHand | None, now: datetime) -> Difference | None:
    if not case.is_open:
        return Difference.RUN_OF_CLOSED if run is not None and not run.is_final and case.wake_at is None else None
    if case.lease_until is not None and case.lease_until < now - LEASE_LOST:
        return Difference.LEASE_LOST
    if case.wake_at is not None and case.wake_at <= now:
        # It is due: its activation is about to see to whatever is wrong with its run.
        return None
    if case.run_id is None:
        return Difference.NO_RUN if case.received_at < now - FIRST_ACTIVATION else None
    if run is None:
        return Difference.RUN_UNKNOWN
    if run.is_final:
        # Flagged already: a person was told, is reminded, and must say how it goes on.
        return Difference.RUN_FINAL if case.flag is not Flag.RUN_CANCELLED else None
    return Difference.NEVER_WAKES if case.wake_at is None and case.has_running_clock else None


def cases_at_hand(session: Session) -> list[CaseAtHand]:
    """Every case that is open or has a run."""
    running = exists().where(col(Clock.case_id) == col(Case.id), col(Clock.stopped_at).is_(None), col(Clock.breached_at).is_(None))
    still_open = [status for status, is_open in IS_OPEN.items() if is_open]
    wanted = select(Case, running).where(col(Case.status).in_(still_open) | col(Case.run_id).is_not(None))
    return [
        CaseAtHand(
            id=case.id, label=case.label, is_open=IS_OPEN[case.status], run_id=case.run_id,
            received_at=case.received_at, wake_at=case.wake_at, flag=case.flag, has_running_clock=bool(counts),
            lease_until=case.lease_until,
        )
        for case, counts in session.execute(wanted.execution_options(yield_per=1000))
    ]  # fmt: skip


def wake(place: Workplace, found: Sequence[Found], now: datetime) -> int:
    """Make these cases due; how many."""
    ids = [each.case_id for each in found if each.repair is Repair.WAKE and each.case_id]
    with place.database.writing() as session:
        for start in range(0, len(ids), 500):
            session.execute(
                update(Case)
                .where(col(Case.id).in_(ids[start : start + 500]))
                .values(wake_at=now, news_count=Case.news_count + 1)
                .execution_options(synchronize_session=False)
            )
    return len(ids)


def ledger_differences(session: Session) -> dict[str, int]:
    """Open findings of the data checks by department's code; `desk` for our own tables."""
    wanted = (
        select(col(DataFinding.department), func.count())
        .where(col(DataFinding.cleared_at).is_(None))
        .group_by(col(DataFinding.department))
    )
    return {department or "desk": count for department, count in session.execute(wanted)}


def table_of(found: Sequence[Found], ledgers: dict[str, int], *, dry_run: bool) -> list[dict[str, str | int]]:
    """One row for each way to differ and for each ledger that does, with the first few numbers."""
    counts = Counter(each.difference for each in found)
    rows: list[dict[str, str | int]] = [
        {
            "what": difference,
            "found": counts[difference],
            "done": "nothing (dry run)" if dry_run else REPAIRS[difference],
            "which": ", ".join(each.label for each in found if each.difference is difference)[:200],
        }
        for difference in Difference
        if counts[difference]
    ]
    rows += [{"what": f"ledger {each}", "found": count, "done": "task", "which": ""} for each, count in sorted(ledgers.items())]
    return rows or [{"what": "all in order", "found": 0, "done": "", "which": ""}]
