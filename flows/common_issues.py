"""Nightly, and at work once a week: the common issues of the last whole weeks, and the month's candidate topics."""

from datetime import date, datetime
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from analysis.issues.reading import published_issues
from flows.clock import the_time
from flows.parking import RESULTS, only_codes
from tasks.issues.finding import Week, find_week
from tasks.workplace import workplace

SHOWN = ("number", "kind", "district", "matters", "owner")


@flow(name="common-issues", retries=0, persist_result=False, result_storage=RESULTS)
def find_common_issues() -> str:
    """Look for this week's issues, unless they were found before, and show the figures that may be shown."""
    now = the_time()
    with only_codes():
        week = find(now)
        return show_issues(week)


@task(persist_result=False, cache_policy=NO_CACHE, cache_result_in_memory=False)
def find(now: datetime) -> Week:
    """The words of cases are opened here, in this process, and nothing but counts comes out."""
    with only_codes():
        return find_week(workplace(), now)


@task(persist_result=False, cache_policy=NO_CACHE)
def show_issues(week: Week) -> str:
    """A table in Prefect: codes and published figures, no topic and no sentence."""
    said = f"{week.published} common issues as of {week.as_of}, {'found now' if week.is_new else 'known'}"
    with only_codes():
        create_table_artifact(key="common-issues", table=_rows(week.as_of) or [{"number": "–"}], description=said)
    return said


def _rows(as_of: date) -> list[dict[str, Any]]:
    with workplace().database.reading() as session:
        return [{name: record[name] for name in SHOWN} for record in published_issues(session, as_of)]
