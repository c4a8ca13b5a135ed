"""Asking for data checks, and telling what they found: as a table, as tags, as an event."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from data_checks.requests import JOURNAL, CheckOutcome, CheckRequest, Terms
from models.checks import DataFinding, ReconciliationTask
from models.ledgers import LedgerImport
from models.vocabulary import CheckScope, Grade, Severity, Status
from tasks.records.record_gate import ledger_terms
from tasks.story.timeline import ZONE
from tasks.workplace import Workplace

HOUSE = ""
"""The part that our own tables are."""


class UnknownPartError(ValueError):
    """There is no contract for a department's ledger."""

    def __init__(self, department: str) -> None:
        super().__init__(f"no contract for the ledger of {department}; add it in data_checks/contracts")


def parts_to_check(session: Session, scope: CheckScope, department: str | None = None) -> list[str]:
    """What there is to check, what takes longest first.

    Our own tables, every department that ever sent its ledger, and, but for the hourly look, what
    the journals say.

    Raises:
        UnknownPartError: The one department asked for has no contract.
    """
    if department is not None:
        if department not in ledger_terms():
            raise UnknownPartError(department)
        return [department]
    sent = set(session.execute(select(col(LedgerImport.department)).distinct()).scalars())
    journals = [] if scope is CheckScope.HOURLY else [JOURNAL]
    return [*journals, HOUSE, *sorted(sent & ledger_terms().keys())]


def request_for(place: Workplace, part: str, scope: CheckScope, now: datetime) -> CheckRequest:
    """What a checking process is asked about one part; `now` aware."""
    return CheckRequest(
        scope=scope,
        now=now,
        database_url=place.settings.case_database_url,
        known={
            "kinds": tuple(place.catalogue.kinds),
            "departments": tuple(place.catalogue.departments),
            "statuses": tuple(each.value for each in Status),
            "grades": tuple(each.value for each in Grade),
        },
        terms=_terms(part) if part not in {HOUSE, JOURNAL} else None,
        journals=part == JOURNAL,
        site=str(site_folder(place)),
    )


def site_folder(place: Workplace) -> Path:
    """Where Data Docs are published."""
    return place.settings.home.resolve() / "quality"


def _terms(part: str) -> Terms:
    terms = ledger_terms()[part]
    return Terms(
        department=part,
        grace_s=int(terms.grace.total_seconds()),
        tolerance_s=int(terms.tolerance.total_seconds()),
        freshness_s=int(terms.freshness.total_seconds()),
    )


@dataclass(frozen=True)
class Standing:
    """What of the records is wrong now, whatever run found it."""

    findings: int
    blocking: int
    open_tasks: int


def standing_of(session: Session) -> Standing:
    """Counts over all parts."""
    is_open = col(DataFinding.cleared_at).is_(None)
    findings = session.execute(select(func.count()).select_from(DataFinding).where(is_open)).scalar_one()
    blocks = session.execute(
        select(func.count()).select_from(DataFinding).where(is_open, col(DataFinding.severity) == Severity.BLOCK)
    ).scalar_one()
    tasks = session.execute(
        select(func.count()).select_from(ReconciliationTask).where(col(ReconciliationTask.closed_at).is_(None))
    ).scalar_one()
    return Standing(findings, blocks, tasks)


@dataclass(frozen=True)
class DayOfFindings:
    """A day in China, and how many findings of each severity stood open when it ended."""

    day: date
    open: Mapping[Severity, int]


def open_by_day(session: Session, now: datetime, days: int = 30) -> list[DayOfFindings]:
    """The last `days` days, today as of `now` among them, oldest first."""
    today = now.astimezone(ZONE).date()
    first = today - timedelta(days=days - 1)
    wanted = select(col(DataFinding.severity), col(DataFinding.found_at), col(DataFinding.cleared_at)).where(
        or_(col(DataFinding.cleared_at).is_(None), col(DataFinding.cleared_at) >= now - timedelta(days=days + 1))
    )
    change: Counter[tuple[date, Severity]] = Counter()
    for severity, found_at, cleared_at in session.execute(wanted).yield_per(10_000):
        change[max(found_at.astimezone(ZONE).date(), first), severity] += 1
        if cleared_at is not None:
            change[max(cleared_at.astimezone(ZONE).date(), first), severity] -= 1
    shown, standing = [], Counter[Severity]()
    for place in range(days):
        day = first + timedelta(days=place)
        for severity in Severity:
            standing[severity] += change[day, severity]
        shown.append(DayOfFindings(day, dict(standing)))
    return shown


def table_of(outcomes: Iterable[CheckOutcome]) -> list[dict[str, str | int]]:
    """One row for each rule that fell short, worst first, and one for each part that could not be checked."""
    rows: list[dict[str, str | int]] = []
    for outcome in outcomes:
        part = outcome.part or "desk"
        if outcome.error:
            rows.append({"part": part, "rule": outcome.error, "severity": "not checked", "records": 0, "new": 0})
        rows += [
            {"part": part, "rule": each.rule, "severity": each.severity.value, "records": each.count, "new": each.new}
            for each in outcome.results
            if not each.success
        ]
    worst = ["not checked", *(each.value for each in Severity)]
    return sorted(rows, key=lambda row: (worst.index(str(row["severity"])), -int(row["records"])))


def tags_of(scope: CheckScope, outcomes: Sequence[CheckOutcome]) -> list[str]:
    """Tags of the flow run: the scope, and the worst that was found."""
    tags = ["data-quality", scope.value]
    if any(each.error for each in outcomes):
        tags.append("unchecked")
    for severity in Severity:
        if any(not r.success and r.severity is severity for each in outcomes for r in each.results):
            tags.append(f"worst:{severity.value}")
            break
    return tags


def sentence_of(outcomes: Sequence[CheckOutcome], standing: Standing) -> str:
    """The run's last word, as an administrator reads it in Prefect."""
    expectations = sum(len(each.results) for each in outcomes)
    failed = sum(not r.success for each in outcomes for r in each.results)
    new = sum(r.new for each in outcomes for r in each.results)
    cleared = sum(r.cleared for each in outcomes for r in each.results)
    return (
        f"{len(outcomes)} parts, {expectations} expectations, {failed} fell short: {new} records new, {cleared} cleared;"
        f" {standing.findings} open, {standing.blocking} blocking, {standing.open_tasks} tasks"
    )
