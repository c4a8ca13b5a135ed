"""The repeat-demand rate (重复诉求率): how many requests are about a matter already taken in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.case import Case, CaseLink
from models.matching import MatchField, MatchToken

SMALLEST_CELL = 5
"""Fewer people than this could be told apart: such a cell is left blank (hazard 10 of the register)."""


@dataclass(frozen=True)
class Request:
    """What counting needs to know of one request: its matter, and who asked about what, in tokens."""

    kind: str
    district: str
    received_at: datetime
    marks: tuple[object, ...]


@dataclass(frozen=True)
class RepeatCell:
    """One kind, one district or all; None where the number is too small to be shown. `share` is 0 to 1."""

    code: str
    requests: int | None
    repeated: int | None
    share: float | None


@dataclass(frozen=True)
class RepeatRate:
    """How often a request came `days` or less after another one of its matter."""

    days: int
    total: RepeatCell
    by_kind: tuple[RepeatCell, ...]
    by_district: tuple[RepeatCell, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return asdict(self)


def repeat_rate(session: Session, first: datetime, until: datetime, days: int) -> RepeatRate:
    """The rate over the requests received in a span of time.

    A request is repeated if a case linked to the same matter, or one of the same kind from the same
    number to call back, came in at most `days` before it. Sealed cases have no such numbers any more.

    Args:
        session: A session that may read.
        first: Aware; requests from here on.
        until: Aware; requests before this.
        days: How long a matter is remembered.

    Returns:
        Cells of fewer than five requests, or of one to four repeated ones, are blank, and so are
        as many others of the table as keep anybody from working them out.
    """
    return counted(_requests(session, first - timedelta(days=days), until), first, days)


def counted(requests: Iterable[Request], first: datetime, days: int) -> RepeatRate:
    """The rate of requests in the order in which they came; those before `first` are remembered only."""
    within = timedelta(days=days)
    last_seen: dict[object, datetime] = {}
    came: Counter[tuple[str, str]] = Counter()
    again: Counter[tuple[str, str]] = Counter()
    for each in requests:
        seen = [last_seen[mark] for mark in each.marks if mark in last_seen]
        last_seen.update(dict.fromkeys(each.marks, each.received_at))
        if each.received_at < first:
            continue
        is_repeated = any(each.received_at - before <= within for before in seen)
        for cell in (("", ""), ("kind", each.kind), ("district", each.district)):
            came[cell] += 1
            again[cell] += is_repeated
    (total,) = _cells(came, again, "") or [RepeatCell("", 0, 0, None)]
    return RepeatRate(days, total, tuple(_cells(came, again, "kind")), tuple(_cells(came, again, "district")))


def _cells(
    came: Mapping[tuple[str, str], int], again: Mapping[tuple[str, str], int], table: str
) -> list[RepeatCell]:
    numbers = {code: (count, again[name, code]) for (name, code), count in came.items() if name == table}
    hidden = _hidden(numbers)
    return [
        RepeatCell(code, None, None, None)
        if code in hidden
        else RepeatCell(code, came, again, round(again / came, 4))
        for code, (came, again) in sorted(numbers.items())
    ]


def _hidden(numbers: Mapping[str, tuple[int, int]]) -> set[str]:
    """Every small cell, and others until the blanks together, which the total tells, are not small."""
    hidden = {
        code for code, (came, again) in numbers.items() if came < SMALLEST_CELL or 0 < again < SMALLEST_CELL
    }
    visible = sorted(numbers.keys() - hidden, key=lambda code: (numbers[code], code))
    while hidden and visible and _can_be_worked_out([numbers[code] for code in hidden]):
        hidden.add(visible.pop(0))
    return hidden


def _can_be_worked_out(blanks: list[tuple[int, int]]) -> bool:
    came, again = (sum(each) for each in zip(*blanks, strict=True))
    return len(blanks) < 2 or came < SMALLEST_CELL or 0 < again < SMALLEST_CELL


def _requests(session: Session, since: datetime, until: datetime) -> Iterator[Request]:
    contacts = _contacts(session, since, until)
    main_of = _matters(session)
    wanted = (
        select_columns(
            col(Case.number), col(Case.id), col(Case.kind), col(Case.district), col(Case.received_at)
        )
        .where(col(Case.received_at) >= since, col(Case.received_at) < until)
        .order_by(col(Case.received_at), col(Case.number))
    )
    for number, case_id, kind, district, received_at in session.execute(wanted):
        marks: list[object] = [(kind, contact) for contact in contacts.get(number or 0, ())]
        yield Request(kind or "", district or "", received_at, (_root(main_of, case_id), *marks))


def _contacts(session: Session, since: datetime, until: datetime) -> dict[int, list[int]]:
    wanted = select(MatchToken.case_number, MatchToken.token).where(
        MatchToken.field == MatchField.REPORTER_CONTACT,
        col(MatchToken.at) >= since,
        col(MatchToken.at) < until,
    )
    found: dict[int, list[int]] = {}
    for number, token in session.exec(wanted):
        found.setdefault(number, []).append(token)
    return found


def _matters(session: Session) -> dict[UUID, UUID]:
    return dict(session.exec(select(CaseLink.case_id, CaseLink.main_case_id)).all())


def _root(main_of: Mapping[UUID, UUID], case_id: UUID) -> UUID:
    seen: set[UUID] = set()
    while case_id in main_of and case_id not in seen:
        seen.add(case_id)
        case_id = main_of[case_id]
    return case_id
