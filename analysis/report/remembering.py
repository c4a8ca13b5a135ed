"""What was told before: it stays as it is, and what is told next is held against it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from analysis.report.part import Parts, parts_from_json, parts_to_json
from analysis.report.period import Period
from analysis.report.settings import Query
from analysis.report.telling import Edges
from models.reports import ReportedNumbers

Name = tuple[str, str, date]
LOCK = 12_345
"""Of the writers of these rows on PostgreSQL; SQLite has one writer at a time anyway."""


class ToldMeanwhileError(RuntimeError):
    """Somebody else told numbers while these were counted; count again with theirs in mind."""


@dataclass
class Memory:
    """The numbers told before, and those that are to be told now.

    `until` takes only what was told before a row, for asking what would be told in its place today.
    """

    session: Session
    until: int | None = None
    newest: int = 0
    new: dict[Name, ReportedNumbers] = field(default_factory=dict)
    _known: dict[str, dict[Name, ReportedNumbers]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.newest = newest_row(self.session)

    def row(self, query: Query, period: Period) -> ReportedNumbers | None:
        """What was told, or is to be."""
        name = _name(query, period)
        return self.new.get(name) or self._before(query).get(name)

    def parts(self, query: Query, period: Period) -> Parts | None:
        """Its numbers."""
        row = self.row(query, period)
        return parts_from_json(row.numbers) if row else None

    def keep(self, query: Query, period: Period, parts: Parts, told: bool, now: datetime) -> Parts:
        """Remember what is to be told."""
        start, end = period.ends
        self.new[_name(query, period)] = ReportedNumbers(
            query=query.value, cadence=period.cadence.value, first=period.first, last=period.last, starts_at=start, ends_at=end,
            told=told, numbers=parts_to_json(parts), made_at=now,
        )  # fmt: skip
        return parts

    def told(self, query: Query) -> list[ReportedNumbers]:
        """Every time whose total is out, or is to be."""
        rows = [
            *self._before(query).values(),
            *(each for each in self.new.values() if each.query == query.value),
        ]
        return [each for each in rows if each.told]

    def settle(self, newest: int) -> None:
        """What was to be told is out."""
        for name, row in self.new.items():
            self._before(Query(row.query))[name] = row
        self.new, self.newest = {}, newest

    def _before(self, query: Query) -> dict[Name, ReportedNumbers]:
        """Some hundred small rows a year, read at once."""
        if query.value not in self._known:
            wanted = select(ReportedNumbers).where(ReportedNumbers.query == query.value)
            if self.until is not None:
                wanted = wanted.where(col(ReportedNumbers.id) < self.until)
            self._known[query.value] = {
                (each.query, each.cadence, each.first): each for each in self.session.exec(wanted)
            }
        return self._known[query.value]


def edges_of(rows: Iterable[ReportedNumbers]) -> list[Edges]:
    """When their times begin and end."""
    return [(each.starts_at, each.ends_at) for each in rows]


def store(session: Session, memory: Memory) -> None:
    """Write down what is told now, all of it or nothing.

    Raises:
        ToldMeanwhileError: Others have told something since this was counted.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    if memory.new and newest_row(session) != memory.newest:
        raise ToldMeanwhileError
    session.add_all(memory.new.values())
    session.flush()
    memory.settle(newest_row(session))


def newest_row(session: Session) -> int:
    """The last one that was written down; 0 for none."""
    return session.exec(select(func.max(ReportedNumbers.id))).one() or 0


def _name(query: Query, period: Period) -> Name:
    return query.value, period.cadence.value, period.first
