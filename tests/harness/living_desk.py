"""A whole desk in a test: real tasks, flow, worker thread and Prefect; only the clock is the test's."""

import secrets
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import FlowRunSort

from flows.clock import real_time, set_clock
from models.claims import claim_due
from tasks.workplace import Workplace, use_workplace
from tests.harness.desk_on_paper import MOST_ROUNDS, START, DeskOnPaper
from tests.small_desk import small_desk
from workers.claiming import run_one
from workers.threads import activation_pool


class LivingDesk(DeskOnPaper):
    """A desk whose worker is run by hand, on the real Prefect server."""

    def __init__(
        self, place: Workplace, client: SyncPrefectClient, deployment_id: UUID, pool: Executor, start: datetime
    ) -> None:
        super().__init__(place, start)
        self.client, self.deployment_id, self.pool = client, deployment_id, pool
        self.owner = f"test:{secrets.token_hex(4)}"
        self.activations = 0

    def run_due(self) -> int:
        """Run activations until nothing is due now; how many ran."""
        ran = 0
        while claimed := claim_due(
            self.place.database, self.owner, self.now, real_time(), timedelta(seconds=60), 10
        ):
            for case_id in claimed:
                self.pool.submit(run_one, self.place, self.deployment_id, self.owner, case_id).result()
            ran += len(claimed)
            assert ran < MOST_ROUNDS, "the desk does not come to rest"
        self.activations += ran
        return ran

    def run(self, label: str) -> FlowRun:
        """The case's own flow run."""
        run_id = self.case(label).run_id
        assert run_id is not None
        return self.client.read_flow_run(run_id)

    def state(self, label: str) -> "State[Any]":
        """The state of the case's flow run."""
        state = self.run(label).state
        assert state is not None
        return state

    def runs(self, label: str) -> list[FlowRun]:
        """Every flow run that was ever made for the case."""
        named = self.client.read_flow_runs(
            flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[label])),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=200,
        )
        wanted = str(self.case(label).id)
        return [each for each in named if each.parameters.get("case_id") == wanted]

    def artifacts(self, label: str) -> list[dict[str, Any]]:
        """Every artifact of the case's flow run."""
        of_run = {"artifacts": {"flow_run_id": {"any_": [str(self.run(label).id)]}}}
        # Not `read_artifacts`: it sends nulls, which the pinned server may refuse.
        found: list[dict[str, Any]] = self.client.request("POST", "/artifacts/filter", json=of_run).json()
        return found


@contextmanager
def living_desk(home: Path, deployment_id: UUID, start: datetime = START) -> Iterator[LivingDesk]:
    """A desk whose flows read the test's clock, with one activation thread."""
    place = small_desk(home)
    with activation_pool(1) as pool, get_client(sync_client=True) as client:
        desk = LivingDesk(place, client, deployment_id, pool, start)
        use_workplace(place)
        set_clock(lambda: desk.now)
        try:
            yield desk
        finally:
            set_clock()
            place.database.close()
