"""The Prefect worker type `case`: activations run inside this process, claimed from our own database."""

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import anyio.abc
import httpx
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled, Failed
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult
from sqlalchemy import update
from sqlmodel import col, select

from flows.clock import real_time, the_time
from models.case import Case
from models.vocabulary import Flag
from tasks.case_task import coded_error
from tasks.flagging import unflag
from tasks.workplace import Workplace, workplace
from workers.claiming import Claims, send_what_waits
from workers.clock_watch import ClockWatch
from workers.house_flows import UnknownFlowError, run_of_the_house
from workers.key_watch import KeyWatch
from workers.rules_watch import RulesWatch
from workers.stand_in import carry_what_cannot_wait
from workers.step_events import LASTS_S, tell_of_ends
from workers.threads import activation_pool

log = logging.getLogger("whistle.worker")

CASE_DEPLOYMENT = "case/case"
RECYCLED = 75
"""Exit code of a worker that ends itself to give memory back; whoever started it starts another."""
WATCH_SECONDS = 3.0
CLOCK_SECONDS = 1.0
STAND_IN_SECONDS = 5.0
"""A server that is up lets a worker in within one second."""
UNLIMITED = 1_000_000
MOST_CANCELLED = 200
"""What the server answers at most in one page; more are found while they stay recent."""


class CaseWorker(BaseWorker[BaseJobConfiguration, BaseVariables, BaseWorkerResult]):
    """Claims due cases with a lease and runs the engine on their own flow runs, in pool threads.

    What people do in the UI (Resume, Retry, Run) arrives through Prefect's ordinary polling and
    only makes the case due; the lease stays the one claim. Cancelled runs are looked for and
    their cases flagged. A paused work pool starts nothing new, its limit bounds what runs at once.
    Edits of the rules are watched, to be told of; live are only promoted ones.
    """

    type = "case"
    job_configuration = BaseJobConfiguration
    job_configuration_variables = BaseVariables
    _description = "Runs Whistle's cases inside the worker process."
    _display_name = "Whistle case"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("heartbeat_interval_seconds", 10)
        super().__init__(*args, **kwargs)
        self.must_end = asyncio.Event()
        self.recycles = False
        self._case_deployment: UUID | None = None
        self._deployment_known = asyncio.Event()

    async def start(
        self,
        run_once: bool = False,
        with_healthcheck: bool = False,
        printer: Callable[..., None] = log.info,
    ) -> None:
        """Run until `must_end` is set or enough activations were done."""
        polling = asyncio.create_task(super().start(run_once, with_healthcheck, printer))
        place = await asyncio.get_running_loop().run_in_executor(None, workplace)
        with activation_pool(place.settings.worker_threads) as pool:
            standing_in = asyncio.create_task(self._stand_in(place))
            try:
                claims = await self._claims(place, pool, polling)
            finally:
                standing_in.cancel()
            try:
                async with asyncio.TaskGroup() as loops:
                    loops.create_task(self._claim(claims, polling))
                    loops.create_task(self._every(WATCH_SECONDS, lambda: self._watch(place)))
                    loops.create_task(self._every(place.settings.lease_seconds / 3, claims.keep))
                    loops.create_task(self._every(1.0, lambda: self._send(place, pool)))
                    loops.create_task(self._every(LASTS_S, self._tell_what_lasts))
                    rules, clock, keys = RulesWatch(place), ClockWatch(place), KeyWatch(place, self.must_end)
                    loops.create_task(self._every(WATCH_SECONDS, lambda: rules.step(self.client)))
                    loops.create_task(self._every(CLOCK_SECONDS, clock.step))
                    loops.create_task(self._every(WATCH_SECONDS, keys.step))
            finally:
                await claims.finish()
                polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)

    async def _claims(self, place: Workplace, pool: Any, polling: "asyncio.Task[None]") -> Claims:
        while self._work_pool is None and not polling.done():
            await asyncio.sleep(0.05)
        if polling.done():
            await polling
        self._case_deployment = (await self.client.read_deployment_by_name(CASE_DEPLOYMENT)).id
        self._deployment_known.set()
        self._say_ready(place.settings.home)
        return Claims(place, self._case_deployment, pool, place.settings.worker_threads)

    async def _stand_in(self, place: Workplace) -> None:
        """Prefect has not let us in yet, and may not for hours: what cannot wait is done meanwhile."""
        lease = timedelta(seconds=place.settings.lease_seconds)
        while True:
            await asyncio.sleep(STAND_IN_SECONDS)
            with outliving("stand-in"):
                await asyncio.get_running_loop().run_in_executor(None, carry_what_cannot_wait, place, self.name, lease)

    async def _claim(self, claims: Claims, polling: "asyncio.Task[None]") -> None:
        pause = claims.place.settings.poll_seconds
        while not self.must_end.is_set() and not polling.done():
            started = 0
            with outliving("claim"):
                started = await claims.start_due(self._room())
            if claims.done >= claims.place.settings.worker_recycle_after:
                self.recycles = True
                self.must_end.set()
            await claims.rest(0.01 if started else pause)
        self.must_end.set()

    def _room(self) -> int:
        pool = self._work_pool
        if pool is None or pool.is_paused:
            return 0
        return UNLIMITED if pool.concurrency_limit is None else pool.concurrency_limit

    async def _every(self, seconds: float, act: Callable[[], Any]) -> None:
        while not self.must_end.is_set():
            with outliving(getattr(act, "__qualname__", "loop")):
                await act()
            try:
                await asyncio.wait_for(self.must_end.wait(), seconds)
            except TimeoutError:
                continue

    async def _send(self, place: Workplace, pool: Any) -> None:
        if self._room():
            await asyncio.get_running_loop().run_in_executor(pool, send_what_waits, place)

    async def _tell_what_lasts(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, tell_of_ends().tell_what_lasts)

    async def _watch(self, place: Workplace) -> None:
        """Make the case of every newly cancelled run due, so that it is flagged for a person."""
        since = real_time() - timedelta(seconds=WATCH_SECONDS * 10)
        try:
            runs = await self.client.read_flow_runs(
                deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[self._case_deployment])),
                flow_run_filter=_cancelled_since(since),
                # Spelled out: the client would send null for these, which the server refuses.
                sort=FlowRunSort.END_TIME_DESC,
                limit=MOST_CANCELLED,
            )
        except httpx.HTTPError as error:
            log.warning("cancelled runs cannot be read: %s", type(error).__name__, extra={"event": "prefect_away"})
            return
        if runs:
            ids = [run.id for run in runs]
            await asyncio.get_running_loop().run_in_executor(None, wake_cancelled, place, ids)

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """A run started, resumed or retried in the UI: a case becomes due, anything else runs here."""
        try:
            # Polling begins first: a case's run must not be taken for a run of another flow.
            await self._deployment_known.wait()
            # What fails here is scheduled still, and comes with the next look at Prefect.
            with outliving("run from Prefect"):
                if flow_run.deployment_id == self._case_deployment:
                    await self._wake(flow_run)
                elif await self._propose_pending_state(flow_run):
                    await self._run_of_the_house(flow_run)
        finally:
            self._release_limit_slot(flow_run.id)
            self._submitting_flow_run_ids.discard(flow_run.id)

    async def _run_of_the_house(self, flow_run: FlowRun) -> None:
        name = (await self.client.read_flow(flow_run.flow_id)).name
        try:
            await asyncio.to_thread(run_of_the_house, flow_run, name)
        except UnknownFlowError as error:
            state: State[None] = Failed(message=str(error))
            await self.client.set_flow_run_state(flow_run.id, state, force=True)

    async def _wake(self, flow_run: FlowRun) -> None:
        loop = asyncio.get_running_loop()
        known = await loop.run_in_executor(None, wake_run, workplace(), flow_run)
        if not known:
            state: State[None] = Cancelled(message="A case has one run for life; use the case's own.")
            await self.client.set_flow_run_state(flow_run.id, state, force=True)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> BaseWorkerResult:
        """Required of every worker type; runs reach this one through `_submit_run` only."""
        await self._wake(flow_run)
        return BaseWorkerResult(status_code=0, identifier=str(flow_run.id))

    def _say_ready(self, home: Path) -> None:
        note = home / "run" / "worker.ready"
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps({"pid": os.getpid(), "worker": self.name}), encoding="utf-8")


@contextmanager
def outliving(what: str) -> Iterator[None]:
    """Let one turn of a loop fail: a database or a Prefect that is away comes back, and the loop turns again."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - a worker that ends for one failed look takes its activations with it
        log.warning("%s failed: %s", what, coded_error(error).code, extra={"event": "look_failed"})


def wake_run(place: Workplace, flow_run: FlowRun) -> bool:
    """Make the case of this run due now; False if the run is not its case's own.

    A cancelled run that somebody retries in the UI has been looked at by a person: the flag goes.
    """
    with place.database.writing() as session:
        case = session.exec(select(Case).where(Case.run_id == flow_run.id)).first()
        if case is None:
            return False
        case.wake_at = the_time()
        if case.flag is Flag.RUN_CANCELLED:
            unflag(session, case, case.wake_at, "prefect:retry")
        return True


def wake_cancelled(place: Workplace, run_ids: list[UUID]) -> None:
    """Make the cases of cancelled runs due, unless they are flagged already."""
    with place.database.writing() as session:
        session.execute(
            update(Case)
            .where(
                col(Case.run_id).in_(run_ids),
                col(Case.closed_at).is_(None),
                col(Case.flag).is_distinct_from(Flag.RUN_CANCELLED),
            )
            .values(wake_at=the_time())
            .execution_options(synchronize_session=False)
        )


def _cancelled_since(since: datetime) -> FlowRunFilter:
    return FlowRunFilter(
        state=FlowRunFilterState(
            type=FlowRunFilterStateType(any_=[StateType.CANCELLED, StateType.CANCELLING])
        ),
        end_time=FlowRunFilterEndTime(after_=since),
    )
