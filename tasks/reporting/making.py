"""Reports made of the case database: issued once, and the same ever after."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from analysis.rate_rules import load_rate_rules, rate_rules_digest
from analysis.report.asking import Asking
from analysis.report.code import code_of_reports
from analysis.report.collecting.whole import blanks_of, facts_of
from analysis.report.facts import Cadence, Facts, Sources
from analysis.report.period import Period, period
from analysis.report.remembering import Memory, ToldMeanwhileError, store
from analysis.report.rules import ReportRules, report_rules
from analysis.report.settings import load_report_settings, settings_digest
from analysis.suppression_rules import load_suppression, suppression_digest
from models.reports import Report
from models.wall_clock import DESK_ZONE
from tasks.workplace import Workplace

TRIES = 3


class ReportNotPossibleError(ValueError):
    """There can be no such report; the message says why, and what to do."""


def rules_of(place: Workplace) -> ReportRules:
    """What reports of this desk go by.

    Raises:
        RuleFileError: A file of it cannot be used.
    """
    home, catalogue = place.settings.home, place.catalogue
    return report_rules(
        load_report_settings(home),
        load_rate_rules(home),
        load_suppression(home),
        catalogue.kinds,
        catalogue.departments,
    )


def make_report(
    place: Workplace, cadence: Cadence, day: date, department: str, now: datetime, anew: bool = False
) -> Report:
    """The report of the period that contains the day: the one that was issued, else one made now.

    Args:
        place: The desk.
        cadence: Which period.
        day: A day in it, Beijing time.
        department: A unit's code, or "" for the whole city.
        now: Aware; the period must be over.
        anew: Issue another one if its records have changed. The numbers told before are the same in all.

    Raises:
        ReportNotPossibleError: The period is not over, or there is no such unit.
        RuleFileError: A file of settings cannot be used.
    """
    rules = rules_of(place)
    asked = period(cadence, day, rules.rates.windows)
    _check(asked, department, rules, now)
    for _ in range(TRIES):
        with place.database.reading() as session:
            issued = issued_report(session, asked, department)
            if issued is not None and not anew:
                return issued
            memory = Memory(session)
            facts = facts_of(Asking(session, memory, rules, asked, now), department, _sources(place, now))
        if issued is not None and issued.digest == facts.digest:
            return issued
        try:
            return _issue(place, memory, facts, now)
        except (ToldMeanwhileError, IntegrityError):
            continue
    raise ReportNotPossibleError("other reports are being made at the same moment; try again")


def issued_report(session: Session, asked: Period, department: str) -> Report | None:
    """The newest revision that was issued."""
    wanted = select(Report).where(
        Report.cadence == asked.cadence.value, Report.first == asked.first, Report.department == department
    )
    return session.exec(wanted.order_by(col(Report.revision).desc())).first()


def hashes_of(place: Workplace) -> Mapping[str, str]:
    """The content of every file that a report goes by."""
    home, rules = place.settings.home, place.live_rules()
    return {
        "rule_set": rules.digest,
        "catalogue": place.catalogue.digest,
        "calendar": rules.calendar_digest,
        "rate_rules": rate_rules_digest(home),
        "suppression_rules": suppression_digest(home),
        "report_settings": settings_digest(home),
    }


def report_code(place: Workplace) -> str:
    """The release, the code that decides and the code that writes."""
    return f"{place.code_version}.{code_of_reports()}"


def _sources(place: Workplace, now: datetime) -> Sources:
    found = dict(hashes_of(place))
    settings = load_report_settings(place.settings.home)
    parameters = {**settings.parameters, "report_settings": found.pop("report_settings")}
    return Sources(
        made_at=now.replace(microsecond=0), code_version=report_code(place), parameters=parameters, **found
    )


def check_may_be_told(asked: Period, now: datetime) -> None:
    """Whether the period is over.

    Raises:
        ReportNotPossibleError: It is not.
    """
    if asked.window.end > now:
        raise ReportNotPossibleError(
            f"the {asked.cadence.value} report of {asked.first} can be made from {asked.window.end.astimezone(DESK_ZONE):%Y-%m-%d %H:%M} (Beijing time) on: "
            "a time that is not over still changes, and two reports of it would tell by how much"
        )


def _check(asked: Period, department: str, rules: ReportRules, now: datetime) -> None:
    check_may_be_told(asked, now)
    if department and department not in rules.departments:
        raise ReportNotPossibleError(f"{department} is no unit of the catalogue; `whistle units` lists them")


def _issue(place: Workplace, memory: Memory, facts: Facts, now: datetime) -> Report:
    with place.database.writing() as session:
        store(session, memory)
        scope = facts.scope
        earlier = select(Report.revision).where(
            Report.cadence == scope.cadence.value,
            Report.first == scope.first,
            Report.department == scope.department,
        )
        issued = Report(
            cadence=scope.cadence.value, first=scope.first, last=scope.last, department=scope.department,
            revision=max(session.exec(earlier).all(), default=0) + 1, made_at=now, facts=facts.to_json(), digest=facts.digest,
            code_version=facts.sources.code_version, hashes=dict(hashes_of(place)), blanks=sorted(blanks_of(facts)),
        )  # fmt: skip
        session.add(issued)
        return issued
