"""The heaps of the duty board: what burns, in which order, since when, and in whose hands."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, func, select

from desk.boards.needs import (
    Moment,
    Need,
    clocks_count,
    due_late,
    due_near,
    is_not_over,
    needing,
    waits_for_approval,
)
from models.accounts import StaffTie
from models.case import Case
from models.clock_table import CLOCK_TABLE, Against
from models.exchange import Assignment, Notice
from models.record import Clock, Event
from models.vocabulary import EventKind, Flag, Grade, NoticeState, Recipient, Status, Target
from tasks.news.inbox import not_tied

SHOWN = 15
MOST_CLOCKS = 20
"""No case has more clocks running at once than targets times units; beyond it a heap would only show fewer cases."""
DECISIONS = (Status.DISPUTED, Status.EXTENSION_ASKED, Status.NEEDS_REVIEW, Status.CALLBACK)


class Reads(StrEnum):
    """What the time of a row tells: how long it has lasted, or when it is over or was."""

    SINCE = "since"
    DUE = "due"


@dataclass(frozen=True)
class Burning:
    """One case that needs somebody: who holds it, and what says so.

    `at` is since when, or when it is due, as `reads` says; None where nobody wrote it down. `why` is a
    code of `STUCK_WORDS`, `count` how often it was sent back, or how many more of its clocks stand as this one
    does. `number` is the case's, if there is one; `waiting_for` what the case last parked with.
    """

    number: str
    grade: Grade
    status: Status | None
    holder: str
    run_id: UUID | None = None
    at: datetime | None = None
    reads: Reads = Reads.SINCE
    target: Target | None = None
    flag: Flag | None = None
    why: str = ""
    count: int = 0
    recipient: str = ""
    has_page: bool = True
    waiting_for: str = ""


@dataclass(frozen=True)
class Heap:
    """One heap: its name among the words, its rows, how many there are in all, and the filter that lists them all."""

    name: str
    rows: tuple[Burning, ...]
    total: int
    query: str


# Of each row only what the board shows: a case has many columns more, sealed words among them.
_OF_CASE = (
    Case.number, Case.id, Case.status, Case.grade, Case.received_at, Case.run_id, Case.flag, Case.flagged_at, Case.hung_up_until,
    Case.rework_count, Case.lease_until, Case.wake_at, Case.failures, Case.waiting_for,
)  # fmt: skip
SHOWN_OF_CASE = load_only(*_OF_CASE)  # type: ignore[arg-type]  # SQLModel types columns as their values
SHOWN_OF_CLOCK = load_only(Clock.case_id, Clock.department, Clock.target, Clock.due_at)  # type: ignore[arg-type]  # likewise
Row = Callable[[Case, str, dict[UUID, datetime]], Burning]


def heaps(session: Session, at: Moment, holder: str = "") -> tuple[Heap, ...]:
    """All heaps, without cases that `holder` is kept away from; the rows of each are bounded, its count is not."""
    # Few are kept away from anything; for all others the counts need no look at the cases themselves.
    is_tied = session.exec(select(StaffTie.id).where(StaffTie.holder == holder).limit(1)).first() is not None
    own = not_tied(holder) if is_tied else true()

    def of(need: Need, row: Row) -> Heap:
        return _cases(session, f"duty_{need}", f"need={need}", row, own, needing(need, at))

    return (
        _gravest_first(session, own, at),
        _clocks(session, Need.LATE, own, due_late(at.now)),
        _clocks(session, Need.NEAR, own, due_near(at.now)),
        *(_decision(session, status, own) for status in DECISIONS),
        of(Need.TRANSFER, _since_it_moved),
        of(Need.APPROVAL, _since_it_moved),
        of(Need.FOLLOW_UP, _since_it_moved),
        of(Need.UNWRITTEN, _since_it_moved),
        of(Need.STUCK, lambda case, who, _: _stuck(case, who, at)),
        _undelivered(session, holder),
        of(Need.REVIEW_NEAR, _review),
        of(Need.SENT_BACK, _sent_back),
        of(Need.FLAGGED, lambda case, who, _: _burning(case, who, case.flagged_at, flag=case.flag)),
    )


def _decision(session: Session, status: Status, own: ColumnElement[bool]) -> Heap:
    name = f"duty_{status.value.lower()}"
    # Only after everybody was called, or nobody was to be, a case can wait for approval.
    undecided = ~waits_for_approval() if status is Status.CALLBACK else true()
    return _cases(session, name, f"status={status}", _since_it_moved, own, col(Case.status) == status, undecided)


def _burning(
    case: Case, holder: str, at: datetime | None, reads: Reads = Reads.SINCE, *, target: Target | None = None,
    flag: Flag | None = None, why: str = "", count: int = 0,
) -> Burning:  # fmt: skip
    return Burning(case.label, case.grade, case.status, holder, case.run_id, at, reads, target, flag, why, count, waiting_for=case.waiting_for)


def _since_it_moved(case: Case, holder: str, moved: dict[UUID, datetime]) -> Burning:
    return _burning(case, holder, moved.get(case.id, case.received_at))


def _sent_back(case: Case, holder: str, moved: dict[UUID, datetime]) -> Burning:
    return _burning(case, holder, moved.get(case.id, case.received_at), count=case.rework_count)


def _review(case: Case, holder: str, _: dict[UUID, datetime]) -> Burning:
    return _burning(case, holder, case.hung_up_until, Reads.DUE)


def _stuck(case: Case, holder: str, at: Moment) -> Burning:
    """The gravest of what keeps it standing; the conditions of `needs`, asked of one case."""
    if case.lease_until is not None and case.lease_until <= at.wall_now:
        return _burning(case, holder, case.lease_until, why="abandoned")
    if case.wake_at is None:
        return _burning(case, holder, None, why="forgotten")
    return _burning(case, holder, case.wake_at, why="failing" if case.failures else "left_lying")


def _cases(session: Session, name: str, query: str, row: Row, *wanted: ColumnElement[bool]) -> Heap:
    # The count comes along in the same pass over what fits.
    first = select(Case.number, func.count().over()).where(*wanted).order_by(col(Case.number)).limit(SHOWN)
    found = session.exec(first).all()
    total = found[0][1] if found else 0
    shown = session.exec(
        select(Case).options(SHOWN_OF_CASE).where(col(Case.number).in_([number for number, _ in found])).order_by(col(Case.number))
    ).all()
    holders, moved = _holders(session, shown), _last_moves(session, shown) if row in (_since_it_moved, _sent_back) else {}
    return Heap(name, tuple(row(each, holders.get(each.id, ""), moved) for each in shown), total, query)


def _gravest_first(session: Session, own: ColumnElement[bool], at: Moment) -> Heap:
    """Danger: all of U0 before any of U1, and each from the oldest on."""
    def of(grade: Grade) -> Heap:
        return _cases(
            session, f"duty_{Need.DANGER}", f"need={Need.DANGER}", lambda case, who, _: _burning(case, who, case.received_at),
            own, needing(Need.DANGER, at), col(Case.grade) == grade,
        )  # fmt: skip

    first, then = of(Grade.U0), of(Grade.U1)
    return Heap(first.name, (*first.rows, *then.rows)[:SHOWN], first.total + then.total, first.query)


def _clocks(session: Session, need: Need, own: ColumnElement[bool], which: ColumnElement[bool]) -> Heap:
    """One row a case, with its clock that is due first and how many more there are: a grave case has many."""
    running = (which, is_not_over(), clocks_count(), own)
    many, total = _due_first(session, *running)
    first = select(Clock, Case).options(SHOWN_OF_CLOCK, SHOWN_OF_CASE).join(Case, col(Case.id) == col(Clock.case_id))
    first = first.where(which, col(Clock.case_id).in_(many))
    pairs = {case.id: (clock, case) for clock, case in session.exec(first.order_by(col(Clock.due_at).desc(), col(Clock.id).desc()))}
    holders = _holders(session, [case for _, case in pairs.values()])
    rows = []
    for case_id, count in many.items():
        clock, case = pairs[case_id]
        # Nobody must wait for the police to make the desk's own report.
        is_ours = CLOCK_TABLE[clock.target].against is Against.DESK
        who = Recipient.DESK if is_ours else clock.department or holders.get(case_id, "")
        rows.append(_burning(case, who, clock.due_at, Reads.DUE, target=clock.target, count=count - 1))
    return Heap(f"duty_{need}", tuple(rows), total, f"need={need}")


def _due_first(session: Session, *running: ColumnElement[bool]) -> tuple[dict[UUID, int], int]:
    """The cases whose clocks are due first, how many such clocks each has, and how many cases there are in all."""
    joined = select(Clock.case_id).join(Case, col(Case.id) == col(Clock.case_id)).where(*running)
    # In the order of an index, and no further than a few cases need: a grave case has about ten clocks.
    read = session.exec(joined.order_by(col(Clock.due_at), col(Clock.id)).limit(SHOWN * MOST_CLOCKS)).all()
    shown = list(dict.fromkeys(read))
    total = len(shown)
    if len(read) == SHOWN * MOST_CLOCKS:
        total = session.exec(select(func.count(func.distinct(Clock.case_id))).join(Case, col(Case.id) == col(Clock.case_id)).where(*running)).one()
    shown = shown[:SHOWN]
    each = select(Clock.case_id, func.count()).join(Case, col(Case.id) == col(Clock.case_id)).where(*running, col(Clock.case_id).in_(shown))
    counts = dict(session.exec(each.group_by(col(Clock.case_id))).all())
    return {case_id: counts[case_id] for case_id in shown}, total


def _undelivered(session: Session, holder: str) -> Heap:
    """Alerts that reached nobody; those of the house itself stand here without a case."""
    tied = select(StaffTie.case_id).where(StaffTie.holder == holder)
    dead = (Notice.state == NoticeState.DEAD, col(Notice.case_id).is_(None) | col(Notice.case_id).not_in(tied))
    oldest = select(Notice, Case).join(Case, col(Case.id) == col(Notice.case_id), isouter=True).where(*dead)
    found = session.exec(oldest.order_by(col(Notice.id)).limit(SHOWN + 1)).all()
    total = len(found)
    if total > SHOWN:
        total = session.exec(select(func.count()).select_from(Notice).where(*dead)).one()
    # The outer join gives None where there is no case, which its type does not say.
    pairs: list[tuple[Notice, Case | None]] = [(notice, case) for notice, case in found[:SHOWN]]
    holders = _holders(session, [case for _, case in pairs if case])
    rows = tuple(
        Burning(
            notice.case_label, notice.grade, case.status if case else None, holders.get(case.id, "") if case else "",
            case.run_id if case else None, notice.created_at, recipient=notice.recipient, has_page=case is not None,
        )
        for notice, case in pairs
    )  # fmt: skip
    return Heap(f"duty_{Need.UNDELIVERED}", rows, total, f"need={Need.UNDELIVERED}")


def _holders(session: Session, cases: Sequence[Case]) -> dict[UUID, str]:
    leads = select(Assignment.case_id, Assignment.department).where(
        col(Assignment.case_id).in_([each.id for each in cases]), col(Assignment.leads).is_(True), col(Assignment.withdrawn_at).is_(None)
    )
    return dict(session.exec(leads).all()) if cases else {}


def _last_moves(session: Session, cases: Iterable[Case]) -> dict[UUID, datetime]:
    """When each case came into the status it has."""
    moved = select(Event.case_id, func.max(Event.at)).where(
        col(Event.case_id).in_([each.id for each in cases]), Event.kind == EventKind.MOVED
    )
    return dict(session.exec(moved.group_by(col(Event.case_id))).all())
