"""Our open cases ⇄ Prefect's flow runs ⇄ the departments' ledgers: what is safe is repaired, the rest told."""

from datetime import datetime, timedelta
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events import emit_event
from prefect.states import Cancelled, Crashed

from flows.clock import real_time, the_time
from flows.parking import RESULTS, only_codes
from tasks.records.reconciling import (
    Found,
    Repair,
    RunAtHand,
    cases_at_hand,
    differences,
    ledger_differences,
    table_of,
    wake,
)
from tasks.workplace import workplace

CASE_DEPLOYMENT = "case/case"
PAGE = 200
"""What the server answers at most at once."""
ABANDONED_AFTER = timedelta(hours=6)
"""No flow of the house runs for so long."""


@flow(name="reconcile", retries=0, persist_result=False, result_storage=RESULTS)
def reconcile(dry_run: bool = False) -> str:
    """Find every case and run that disagree, repair what is safe unless it is a dry run, and tell all of it."""
    now = the_time()
    with only_codes():
        found = compare(now)
        repaired = 0 if dry_run else repair(found, now)
        ended = 0 if dry_run else end_abandoned()
        return tell_differences(found, repaired, dry_run) + (f"; {ended} abandoned runs ended" if ended else "")


@task(persist_result=False, cache_policy=NO_CACHE)
def compare(now: datetime) -> list[Found]:
    """Cases and runs as they are now."""
    with only_codes():
        # Runs first: one made in between belongs to a case that is then known to have it.
        with get_client(sync_client=True) as client:
            runs = _all_runs(client)
        with workplace().database.reading() as session:
            return differences(cases_at_hand(session), runs, now)


@task(persist_result=False, cache_policy=NO_CACHE)
def repair(found: list[Found], now: datetime) -> int:
    """Wake cases, cancel runs that are nobody's; repeating finds nothing left to do."""
    with only_codes():
        cancelled = [each.run_id for each in found if each.repair is Repair.CANCEL_RUN and each.run_id]
        with get_client(sync_client=True) as client:
            for run_id in cancelled:
                _cancel(client, run_id)
        return wake(workplace(), found, now) + len(cancelled)


@task(persist_result=False, cache_policy=NO_CACHE)
def end_abandoned() -> int:
    """End runs of the house whose worker was killed under them: nobody else ever would, and they would say Running for good.

    Another run of the same kind waits for five minutes at most: so long the server keeps the place of the one that is gone.
    """
    with only_codes(), get_client(sync_client=True) as client:
        house = [each.id for each in client.read_deployments() if each.name != CASE_DEPLOYMENT.partition("/")[2]]
        long_ago = FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING])),
            start_time=FlowRunFilterStartTime(before_=real_time() - ABANDONED_AFTER),
        )
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=house)), flow_run_filter=long_ago, sort=FlowRunSort.ID_DESC, limit=PAGE
        )
        for each in runs:
            client.set_flow_run_state(each.id, Crashed(message="Its worker is gone."), force=True)
        return len(runs)


@task(persist_result=False, cache_policy=NO_CACHE)
def tell_differences(found: list[Found], repaired: int, dry_run: bool) -> str:
    """A table in Prefect, and an event if something is left to people."""
    with workplace().database.reading() as session:
        ledgers = ledger_differences(session)
    left = sum(each.repair is Repair.REPORT for each in found)
    said = f"{len(found)} differences, {repaired} repaired, {left} left to people; ledgers: {sum(ledgers.values())} findings"
    create_table_artifact(key="reconcile", table=table_of(found, ledgers, dry_run=dry_run), description=said)
    if left:
        emit_event(
            event="whistle.reconcile.left",
            resource={"prefect.resource.id": "whistle.reconcile"},
            payload={"labels": [each.label for each in found if each.repair is Repair.REPORT][:100]},
        )
    return said


def _all_runs(client: SyncPrefectClient) -> list[RunAtHand]:
    deployment = client.read_deployment_by_name(CASE_DEPLOYMENT).id
    runs: list[RunAtHand] = []
    while True:
        page = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
            sort=FlowRunSort.ID_DESC,
            limit=PAGE,
            offset=len(runs),
        )
        runs += [RunAtHand(each.id, each.name, each.state is not None and each.state.is_final()) for each in page]
        if len(page) < PAGE:
            return runs


def _cancel(client: SyncPrefectClient, run_id: UUID) -> None:
    client.set_flow_run_state(run_id, Cancelled(message="No open case has this run; see the table `reconcile`."), force=True)
