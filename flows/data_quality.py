"""Whether the records agree: ours with themselves, and each department's ledger with ours."""

from datetime import datetime
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import SyncPrefectClient
from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.task_runners import ThreadPoolTaskRunner

from data_checks.child import Checkers
from data_checks.requests import CheckOutcome, CheckRequest
from flows.clock import the_time
from flows.parking import RESULTS, only_codes
from models.vocabulary import CheckScope
from tasks.records.reconciliation_tasks import settle_findings
from tasks.records.record_checks import (
    parts_to_check,
    request_for,
    sentence_of,
    standing_of,
    table_of,
    tags_of,
)
from tasks.workplace import workplace

SIDE_BY_SIDE = 2
RUNNER: Any = ThreadPoolTaskRunner(max_workers=SIDE_BY_SIDE)
"""Checking processes at a time; each is a connection of its own, and the database does the work."""


class RecordsNotCheckedError(RuntimeError):
    """Some parts could not be checked; the message names them with a code each."""


@flow(
    name="data-quality",
    retries=0,
    persist_result=False,
    result_storage=RESULTS,
    task_runner=RUNNER,
)
def check_records(scope: CheckScope = CheckScope.NIGHTLY, department: str | None = None) -> str:
    """Check every part side by side, hand out what must be set right, and say what fell short."""
    now = the_time()
    with only_codes():
        requests = what_to_check(scope, department, now)
        with Checkers(SIDE_BY_SIDE) as checkers:
            waiting = [check_part.with_options(name=_name(each)).submit(checkers, each) for each in requests]
            outcomes = [each.result() for each in waiting]
        hand_out_tasks(now)
        return show_outcome(scope, outcomes)


@task(persist_result=False, cache_policy=NO_CACHE)
def what_to_check(scope: CheckScope, department: str | None, now: datetime) -> list[CheckRequest]:
    """The requests, one for each part."""
    place = workplace()
    with only_codes(), place.database.reading() as session:
        return [request_for(place, part, scope, now) for part in parts_to_check(session, scope, department)]


@task(persist_result=False, cache_policy=NO_CACHE, cache_result_in_memory=False)
def check_part(checkers: Checkers, request: CheckRequest) -> CheckOutcome:
    """Run one part's suites in a checking process; repeating finds the same and opens nothing twice."""
    with only_codes():
        return checkers.check(request)


@task(persist_result=False, cache_policy=NO_CACHE)
def hand_out_tasks(now: datetime) -> None:
    """A task with a clock for each unit and rule; those that are done are closed. What changed is made known to the planner."""
    place = workplace()
    with only_codes():
        settle_findings(place, now)
        place.database.tend()


@task(persist_result=False, cache_policy=NO_CACHE)
def show_outcome(scope: CheckScope, outcomes: list[CheckOutcome]) -> str:
    """Table, tags and event in Prefect; fails if a part could not be checked."""
    with workplace().database.reading() as session:
        standing = standing_of(session)
    said = sentence_of(outcomes, standing)
    base = workplace().settings.link_base
    create_table_artifact(
        key="data-quality",
        table=table_of(outcomes) or [{"part": "all", "rule": "", "severity": "all in order", "records": 0, "new": 0}],
        description=f"{said}. [Data Docs]({base}/quality/docs/), [tasks]({base}/quality)",
    )
    _tag(tags_of(scope, outcomes))
    for outcome in outcomes:
        if outcome.blocked:
            _tell_automations(outcome)
    unchecked = [f"{each.part or 'desk'} {each.error}" for each in outcomes if each.error]
    if unchecked:
        raise RecordsNotCheckedError(", ".join(unchecked))
    return said


def _tell_automations(outcome: CheckOutcome) -> None:
    part = outcome.part or "desk"
    blocks: dict[str, Any] = {
        each.rule: each.count for each in outcome.results if not each.success and each.severity == "block"
    }
    emit_event(
        event="whistle.data-quality.block",
        resource={"prefect.resource.id": f"whistle.records.{part}", "prefect.resource.name": part},
        payload={"rules": blocks},
    )


def _tag(tags: list[str]) -> None:
    context = FlowRunContext.get()
    if context is not None and context.flow_run is not None and isinstance(context.client, SyncPrefectClient):
        context.client.update_flow_run(context.flow_run.id, tags=tags)


def _name(request: CheckRequest) -> str:
    return f"check {request.part or 'desk'}"
