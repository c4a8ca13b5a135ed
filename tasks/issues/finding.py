"""Once a week: the common issues of the last whole weeks, stored with their numbers and with what may be shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlmodel import Session, select

from analysis.early_warning.series import OFFICE_TIME
from analysis.issues.describing import Known
from analysis.issues.finding import find_issues
from analysis.issues.issue import Issue
from analysis.issues.keeping_numbers import Numbers
from analysis.issues.releasing import records_of
from analysis.issues.settings import HERE, IssueSettings, delivered_settings
from models.common_issues import CommonIssue, IssueCase, IssueRelease, IssueRun
from models.rule_files import digest_of
from tasks.issues.opening import names_in, reports_of, vouched_for
from tasks.topics.proposing import propose_month
from tasks.warnings.reading import midnight
from tasks.workplace import Workplace


@dataclass(frozen=True)
class Week:
    """What a run came to; `is_new` is false if the week had been looked at before."""

    as_of: date
    cases: int
    issues: int
    published: int
    is_new: bool


def find_week(place: Workplace, now: datetime) -> Week:
    """Look for issues as of this week's Monday, if nobody has; all of it is stored, or nothing.

    Nothing is read for a week that is stored.
    """
    as_of = monday_of(now)
    with place.database.reading() as session:
        known = session.get(IssueRun, as_of)
        before = _numbers(session)
    if known is not None:
        return _told(known, is_new=False)
    settings = delivered_settings()
    since, until = midnight(as_of - timedelta(weeks=settings.window.weeks)), midnight(as_of)
    reports = reports_of(place, since, until, now)
    issues = find_issues(reports, settings, _known(place, before, settings), until)
    run = IssueRun(
        as_of=as_of, at=now, received_from=since, cases=len(reports), issues=len(issues), published=0,
        settings_hash=digest_of([HERE]), catalogue_hash=place.catalogue.digest,
    )  # fmt: skip
    with place.database.writing() as session:
        if session.get(IssueRun, as_of) is None:
            records = _store(session, run, issues, settings)
            propose_month(session, issues, records, as_of, now)
    return _told(run, is_new=True)


def monday_of(now: datetime) -> date:
    """The Monday of the office's week."""
    today = now.astimezone(OFFICE_TIME).date()
    return today - timedelta(days=today.weekday())


def _known(place: Workplace, before: Numbers, settings: IssueSettings) -> Known:
    return Known(
        kinds=place.catalogue.kinds, scrubber=vouched_for, people_of=names_in(place), before=before,
        described=settings.window.described,
    )  # fmt: skip


def _numbers(session: Session) -> Numbers:
    """Every number ever given, with the cases found last; of an issue that has ended, none need be left."""
    cases: dict[str, set[str]] = {number: set() for number in session.exec(select(CommonIssue.number))}
    for number, case_id in session.exec(select(IssueCase.number, IssueCase.case_id)):
        cases[number].add(str(case_id))
    return {number: frozenset(found) for number, found in cases.items()}


def _store(
    session: Session, run: IssueRun, issues: Sequence[Issue], settings: IssueSettings
) -> tuple[Mapping[str, Any], ...]:
    """Everything that was found; the records of the issues that were released."""
    records = records_of(issues[: settings.window.described], settings, run.as_of)
    run.published = len(records)
    session.add(run)
    session.flush()
    _store_issues(session, run.as_of, issues)
    _store_cases(session, issues)
    session.add_all(
        IssueRelease(as_of=run.as_of, number=record["number"], rank=rank, record=record) for rank, record in enumerate(records)
    )
    return records


def _store_issues(session: Session, as_of: date, issues: Sequence[Issue]) -> None:
    known = set(session.exec(select(CommonIssue.number)))
    rows = [
        {
            "number": each.number, "found_on": as_of, "matters": each.matters, "heat": each.heat, "growth": each.growth,
            "kind": each.kinds[0] if each.kinds else "", "district": each.districts[0] if len(each.districts) == 1 else "",
            "owner": each.owner, "owner_reason": each.owner_reason,
        }
        for each in issues
    ]  # fmt: skip
    if new := [{**row, "first_on": as_of} for row in rows if row["number"] not in known]:
        session.execute(insert(CommonIssue), new)
    if old := [row for row in rows if row["number"] in known]:
        # By primary key, many at once.
        session.execute(update(CommonIssue), old)


def _store_cases(session: Session, issues: Iterable[Issue]) -> None:
    session.execute(delete(IssueCase))
    rows = [{"case_id": UUID(case), "number": each.number} for each in issues for case in each.case_ids]
    if rows:
        session.execute(insert(IssueCase), rows)


def _told(run: IssueRun, *, is_new: bool) -> Week:
    return Week(run.as_of, run.cases, run.issues, run.published, is_new)
