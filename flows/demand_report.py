"""Reports for decision-makers: issued, filed in both languages, told of once, and their key figures shown."""

from datetime import date, datetime

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from analysis.report.facts import Cadence
from analysis.report.period import last_over
from flows.clock import the_time
from flows.parking import RESULTS, only_codes
from models.reports import Report
from tasks.reporting.filing import file_report, tell_of_report
from tasks.reporting.key_figures import artifact_key, key_figures, units_with_reports
from tasks.reporting.making import make_report, rules_of
from tasks.workplace import workplace

EVERY_UNIT = "*"


@flow(name="demand-report", retries=0, persist_result=False, result_storage=RESULTS)
def demand_report(cadence: Cadence = Cadence.MONTHLY, day: date | None = None, department: str = "") -> str:
    """Issue the report of the period that contains the day, by default the last one that is over.

    `department` is a unit's code, nothing for the whole city, or `*` for the city and every unit that has one.
    Repeated, it finds what is there: one report, one alert.
    """
    now = the_time()
    with only_codes():
        day = day or last_day(cadence, now)
        reports = [issue(cadence, day, "" if department == EVERY_UNIT else department, now)]
        if department == EVERY_UNIT:
            reports += [issue(cadence, day, unit, now) for unit in units_to_report(reports[0])]
        for report in reports:
            file(report)
            tell(report, now)
            show(report)
    return ", ".join(reports)


@task(persist_result=False, cache_policy=NO_CACHE)
def last_day(cadence: Cadence, now: datetime) -> date:
    """The last day of the last period that is over."""
    return last_over(cadence, now, rules_of(workplace()).rates.windows).last


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def issue(cadence: Cadence, day: date, department: str, now: datetime) -> str:
    """The report's id; the one that was issued before, if there is one."""
    with only_codes():
        return make_report(workplace(), cadence, day, department, now).id


@task(persist_result=False, cache_policy=NO_CACHE)
def units_to_report(city: str) -> list[str]:
    """The units that the city's report tells a number of."""
    with only_codes():
        return units_with_reports(workplace(), _read(city))


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def file(report: str) -> int:
    """Its files; those that are there stay as they are."""
    with only_codes():
        return len(file_report(workplace(), _read(report)))


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def tell(report: str, now: datetime) -> int:
    """One alert to each who is to be told, with a link and no number."""
    with only_codes():
        return tell_of_report(workplace(), _read(report), now)


@task(persist_result=False, cache_policy=NO_CACHE)
def show(report: str) -> None:
    """Key figures, all of them published ones, and the link, as an artifact."""
    with only_codes():
        found = _read(report)
        create_markdown_artifact(key=artifact_key(found), markdown=key_figures(workplace(), found))


def _read(report: str) -> Report:
    with workplace().database.reading() as session:
        return session.get_one(Report, report)
