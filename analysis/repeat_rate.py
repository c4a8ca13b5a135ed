"""The repeat-demand rate (重复诉求率): how many requests are about a matter already taken in."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, union
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from analysis.grouping import in_words, is_in, named
from analysis.windows import Window
from models.case import Case, CaseLink
from models.matching import MatchField, MatchToken

_FACTS = (col(Case.number), col(Case.id), col(Case.kind), col(Case.district), col(Case.received_at))
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
    remembered = Window(first - timedelta(days=days), until)
    requests = _with_company(session, remembered)
    alone = _all(session, Window(first, until))
    alone.subtract((each.kind, each.district) for each in requests if each.received_at >= first)
    return counted(requests, first, days, alone)


def counted(requests: Iterable[Request], first: datetime, days: int, alone: Mapping[tuple[str, str], int] | None = None) -> RepeatRate:
    """The rate of requests in the order in which they came; those before `first` are remembered only.

    `alone` are as many more by kind and district, of which none shares its matter or its caller with another one.
    """
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
    for (kind, district), count in (alone or {}).items():
        for cell in (("", ""), ("kind", kind), ("district", district)) if count else ():
            came[cell] += count
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


def _all(session: Session, window: Window) -> Counter[tuple[str, str]]:
    kind, district = named((func.coalesce(col(Case.kind), ""), func.coalesce(col(Case.district), "")))
    each = select_columns(kind, district).where(is_in(col(Case.received_at), window)).subquery()
    counted = select_columns(*each.c, func.count()).group_by(*each.c)
    return Counter({(kind, district): count for kind, district, count in session.execute(counted)})


def _with_company(session: Session, window: Window) -> list[Request]:
    """The few that share a caller and kind, or a matter, with another one, in the order in which they came."""
    main_of = _matters(session)
    found: dict[int, tuple[Any, set[object]]] = {}
    for number, case_id, kind, district, received_at, token in session.execute(_sharing_a_caller(window)):
        found.setdefault(number, ((case_id, kind, district, received_at), set()))[1].add((kind, token))
    for number, *case in session.execute(_linked(window)):
        found.setdefault(number, (case, set()))[1].add(_root(main_of, case[0]))
    in_order = sorted(found.items(), key=lambda each: (each[1][0][3], each[0]))
    return [Request(kind or "", district or "", at, tuple(marks)) for _, ((_id, kind, district, at), marks) in in_order]


def _sharing_a_caller(window: Window) -> Select[Any]:
    is_contact = col(MatchToken.field) == in_words(MatchField.REPORTER_CONTACT)
    company = func.count().over(partition_by=(col(Case.kind), col(MatchToken.token))).label("company")
    each = (
        select_columns(*_FACTS, col(MatchToken.token), company)
        .join(MatchToken, and_(col(MatchToken.case_number) == col(Case.number), is_contact))
        .where(is_in(col(Case.received_at), window))
        .subquery()
    )
    return select_columns(*list(each.c)[:-1]).where(each.c.company > 1)


def _linked(window: Window) -> Select[*tuple[Any, ...]]:
    ends = union(select_columns(col(CaseLink.case_id)), select_columns(col(CaseLink.main_case_id))).subquery()
    return select_columns(*_FACTS).join(ends, ends.c.case_id == col(Case.id)).where(is_in(col(Case.received_at), window))


def _matters(session: Session) -> dict[UUID, UUID]:
    return dict(session.exec(select(CaseLink.case_id, CaseLink.main_case_id)).all())


def _root(main_of: Mapping[UUID, UUID], case_id: UUID) -> UUID:
    seen: set[UUID] = set()
    while case_id in main_of and case_id not in seen:
        seen.add(case_id)
        case_id = main_of[case_id]
    return case_id
