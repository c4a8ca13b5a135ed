"""Nightly: what rose above what the time of the year makes usual is told, and a unit is asked to act on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from flows.clock import the_time
from flows.parking import RESULTS, only_codes
from tasks.warnings.storing import Night, judge_night, table_of
from tasks.workplace import workplace


@flow(name="early-warning", retries=0, persist_result=False, result_storage=RESULTS)
def warn_early() -> str:
    """Judge the days that are over, open a proactive order for each new warning, and show what may be shown."""
    now = the_time()
    with only_codes():
        night = judge(now)
        return show_warnings(night)


@task(persist_result=False, cache_policy=NO_CACHE, cache_result_in_memory=False)
def judge(now: datetime) -> Night:
    """Warnings and orders, each pair in one transaction; repeating finds them stored."""
    with only_codes():
        return judge_night(workplace(), now)


@task(persist_result=False, cache_policy=NO_CACHE)
def show_warnings(night: Night) -> str:
    """A table in Prefect of what may be published of the new warnings, with the numbers of their orders."""
    place = workplace()
    with only_codes():
        with place.database.reading() as session:
            rows: list[Mapping[str, Any]] = table_of(session, night.stored)
        said = f"{len(night.stored)} new warnings"
        create_table_artifact(
            key="early-warning", table=[dict(each) for each in rows] or [{"number": "–"}],
            description=f"{said}. [Orders]({place.settings.link_base}/proactive)",
        )  # fmt: skip
    return said
