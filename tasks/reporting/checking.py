"""Whether a report can be made again as it was, and how many of its numbers are other ones by now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from analysis.report.asking import Asking
from analysis.report.collecting import QUERIES
from analysis.report.collecting.counting import Between
from analysis.report.collecting.totals import TOTALS
from analysis.report.collecting.whole import facts_of
from analysis.report.facts import Cadence, Facts, Figure, State, Unit, facts_from_json
from analysis.report.part import CITY, Maker, Part, Parts, parts_from_json
from analysis.report.period import Period, period
from analysis.report.remembering import Memory
from analysis.report.settings import Query
from models.reports import Report, ReportedNumbers
from tasks.reporting.making import hashes_of, report_code, rules_of
from tasks.workplace import Workplace


class ReportNotKnownError(LookupError):
    """This desk has issued no such report."""


@dataclass(frozen=True)
class Recount:
    """What the database says now beside what a report says; small numbers are in neither.

    `digest` names what would be said now. Of `numbers` that are told, `moved` are not the same any more.
    """

    digest: str
    is_same: bool
    numbers: int
    moved: int


def report_of_footer(session: Session, footer: Mapping[str, Any]) -> Report:
    """The report that a file's footer names.

    Raises:
        ReportNotKnownError: There is none here with this scope and data.
    """
    wanted = select(Report).where(
        Report.cadence == footer["cadence"], Report.first == date.fromisoformat(footer["first"]),
        Report.department == footer["department"], Report.digest == footer["digest"],
    )  # fmt: skip
    found = session.exec(wanted).first()
    if found is None:
        raise ReportNotKnownError(
            "this desk has issued no report of this time and unit with this data snapshot"
        )
    return found


def what_differs(place: Workplace, report: Report) -> list[str]:
    """What is not as it was when the report was made: code and files of rules, by name."""
    now = {**hashes_of(place), "code_version": report_code(place)}
    then = {**report.hashes, "code_version": report.code_version}
    return sorted(name for name, value in now.items() if then.get(name) != value)


def recount(place: Workplace, report: Report, now: datetime) -> Recount:
    """Count everything again as if it were told for the first time, in the order in which it was; nothing is stored."""
    facts = facts_from_json(report.facts)
    rules = rules_of(place)
    asked = period(Cadence(report.cadence), report.first, rules.rates.windows)
    with place.database.reading() as session:
        again = _Recounting(session)
        counted = facts_of(Asking(session, again, rules, asked, now), report.department, facts.sources)
    # What is told of records is as of the day of the report; only numbers are counted again.
    records = {name: getattr(facts, name) for name in ("issues", "warnings", "candidates", "orders")}
    numbers = {name: each for name, each in facts.figures.items() if Query(each.query) not in QUERIES}
    same_records = replace(counted, figures={**counted.figures, **numbers}, **records)
    told = [(one, other) for one, other in _pairs(facts, same_records) if one.state is State.SHOWN]
    moved = sum(other is None or other.value != one.value for one, other in told)
    return Recount(same_records.digest, same_records.digest == report.digest, len(told), moved)


class _Recounting(Memory):
    """Counts each number anew instead of giving it as it was told; which totals are told stays as it was decided."""

    def row(self, query: Query, asked: Period) -> ReportedNumbers | None:
        """What is counted again already, or a total with today's count."""
        name = (query.value, asked.cadence.value, asked.first)
        if name not in self.new and query in TOTALS and (told := super().row(query, asked)) is not None:
            self.keep(query, asked, self._again(query, told), told.told, told.made_at)
        return self.new.get(name)

    def _again(self, query: Query, row: ReportedNumbers) -> Parts:
        figure, at = TOTALS[query]
        if not row.told:
            return parts_from_json(row.numbers)
        edges = (row.starts_at, row.ends_at)
        return {
            CITY: Part(
                {figure: Maker(query.value).shown(Between(self.session, at, edges)(*edges), Unit.CASES)}
            )
        }


def _pairs(one: Facts, other: Facts) -> Iterator[tuple[Figure, Figure | None]]:
    there = dict(_named(other))
    return ((figure, there.get(name)) for name, figure in _named(one))


def _named(facts: Facts) -> Iterator[tuple[tuple[Any, ...], Figure]]:
    yield from (((name,), figure) for name, figure in facts.figures.items())
    for name, table in facts.tables.items():
        for row in table.rows:
            yield from (
                ((name, row.key, column), figure)
                for column, figure in zip(table.columns, row.figures, strict=True)
            )
