"""The same lives through Prefect's stock process worker: an interpreter or two for every activation."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from uuid import UUID

import psutil
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker
from sqlmodel import select

from benchmarks.callers import ACTIVATIONS_BEHIND, Callers
from benchmarks.cpu import cpu_seconds
from benchmarks.stage import Actor, Stage
from desk.stack.children import ROOT, Program
from flows.case import handle_case
from models.case import Case

POOL = "stock"
LIFE = 3
LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class StockFigures:
    """What the stock worker did before the last case closed, or the time was up."""

    cases: int
    finished: int
    activations: int
    seconds: float
    worker_cpu_s: float

    @property
    def cases_per_s(self) -> float:
        """Whole lives a second; while none was finished, an upper bound from single activations."""
        done = self.finished if self.finished else self.activations / LIFE
        return done / self.seconds

    @property
    def is_upper_bound(self) -> bool:
        """Whether no life was finished, so that the rate only says what cannot be exceeded."""
        return self.finished == 0


def stock_lives(stage: Stage, cases: int, cap_seconds: float, at_once: int) -> StockFigures:
    """Run some cases' lives with nobody but the stock worker; ours must have been stopped.

    Args:
        stage: With a running server.
        cases: How many, few enough to have a chance.
        cap_seconds: When to stop counting.
        at_once: Its concurrency limit, as many as our worker has threads.
    """
    callers = Callers(stage.place, "stock")
    with SyncPrefectClient(stage.api_url) as client, _stock_worker(stage, client, at_once) as worker:
        deployment = _deploy(client)
        for _ in range(cases):
            callers.call()
        started = time.monotonic()
        for case in _cases_of(callers):
            client.create_flow_run_from_deployment(
                deployment, parameters={"case_id": str(case.id)}, name=case.label
            )
        while time.monotonic() - started < cap_seconds and _finished(client, deployment) < cases:
            _answer_and_resume(client, deployment, callers)
            time.sleep(LOOK_EVERY_S)
        seconds = time.monotonic() - started
        activations = sum(ACTIVATIONS_BEHIND.get(status, 0) * n for status, n in callers.statuses().items())
        return StockFigures(cases, _finished(client, deployment), activations, seconds, cpu_seconds(worker))


@contextmanager
def _stock_worker(stage: Stage, client: SyncPrefectClient, at_once: int) -> Iterator[int]:
    template = ProcessWorker.get_default_base_job_template()
    client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
    command = (sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--limit", str(at_once))
    program: Program = replace(stage.worker.program, name="stock-worker", command=command, is_ready=None)
    child = Actor(program, stage.place.settings.home)
    child.start()
    try:
        yield child.pid()
    finally:
        family = _family(child.pid())
        child.stop(patience_s=5.0)
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()


def _family(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _deploy(client: SyncPrefectClient) -> UUID:
    return client.create_deployment(
        flow_id=client.create_flow(handle_case),
        name="stock",
        entrypoint="flows/case.py:handle_case",
        work_pool_name=POOL,
        path=str(ROOT),
        parameter_openapi_schema=parameter_schema(handle_case).model_dump(),
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}],
    )


def _cases_of(callers: Callers) -> list[Case]:
    with callers.place.database.reading() as session:
        return list(session.exec(select(Case).where(Case.source == callers.source)))


def _answer_and_resume(client: SyncPrefectClient, deployment: UUID, callers: Callers) -> None:
    parked = {run.name: run.id for run in _runs(client, deployment, StateType.PAUSED)}
    for case in callers.answer_parked(among=parked):
        client.resume_flow_run(parked[case.label])


def _finished(client: SyncPrefectClient, deployment: UUID) -> int:
    return len(_runs(client, deployment, StateType.COMPLETED))


def _runs(client: SyncPrefectClient, deployment: UUID, state: StateType) -> list[FlowRun]:
    runs = client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
        # The server refuses the client's own default of no order.
        sort=FlowRunSort.NAME_ASC,
        limit=200,
    )
    return [run for run in runs if run.state_type is state]
