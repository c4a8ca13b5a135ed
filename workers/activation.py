"""One activation of one case: its flow run found or made, the engine run on it, the end judged."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.flow_engine import run_flow_sync
from prefect.states import Cancelled, Pending, Scheduled
from sqlalchemy import update
from sqlmodel import col

from flows.case import handle_case
from models.case import Case
from models.transitions import IS_OPEN
from models.vocabulary import NewsKind
from tasks.casebook import case_of
from tasks.news.rows import has_news
from tasks.trouble import note_cancelled_run, note_failure
from tasks.workplace import Workplace
from workers.tally import WOKEN_LATE, Ended
from workers.threads import engine_knows

log = logging.getLogger("whistle.worker")

OVER = frozenset({StateType.COMPLETED, StateType.CANCELLED, StateType.CANCELLING})
UNRELATED: dict[str, Any] = {
    "deployment_id": None,
    "work_queue_id": None,
    "work_queue_name": None,
    "work_pool_id": None,
    "work_pool_name": None,
    "tags": [],
}
"""What an activation does not need to know of its run."""


def activate(
    place: Workplace, client: SyncPrefectClient, deployment_id: UUID, case_id: UUID, now: datetime
) -> Ended:
    """Run the engine once on the case's own flow run; how that ended.

    Args:
        place: The desk.
        client: This thread's Prefect client, already in context.
        deployment_id: The deployment that case runs belong to.
        case_id: A case this worker holds the lease of.
        now: The desk's time.

    Raises:
        httpx.HTTPError: Prefect cannot be reached; the case is as it was and stays due.
    """
    with place.database.reading() as session:
        case = case_of(session, case_id)
        wants_to_live = IS_OPEN[case.status] or has_news(session, case_id)
        resumed = has_news(session, case_id, NewsKind.RESUMED)
    if case.wake_at is not None:
        WOKEN_LATE.observe(max((now - case.wake_at).total_seconds(), 0.0))
    run = _run_of(place, client, deployment_id, case)
    if run.state is not None and run.state.type in OVER:
        if not wants_to_live:
            _let_sleep(place, case_id, case.news_count)
            return Ended.ASLEEP
        if run.state.type is not StateType.COMPLETED and not resumed:
            note_cancelled_run(place, case_id, now)
            return Ended.CANCELLED
        client.set_flow_run_state(run.id, Scheduled(name="AwaitingRetry"), force=True)
    return _judge(place, client, run.id, case_id, _run_engine(run, case_id), now)


def _run_of(place: Workplace, client: SyncPrefectClient, deployment_id: UUID, case: Case) -> FlowRun:
    if case.run_id is not None:
        try:
            return client.read_flow_run(case.run_id)
        except ObjectNotFound:
            # Prefect's database was emptied or restored; the case goes on in a new run.
            log.warning(
                "run of %s is unknown to Prefect, a new one is made",
                case.label,
                extra={"event": "run_unknown"},
            )
    return _make_run(place, client, deployment_id, case)


def _make_run(place: Workplace, client: SyncPrefectClient, deployment_id: UUID, case: Case) -> FlowRun:
    run = client.create_flow_run_from_deployment(
        deployment_id,
        parameters={"case_id": str(case.id)},
        # Pending, so that no worker's polling picks the run up: the lease is the claim.
        state=Pending(),
        name=case.label,
        # Made twice after a crash, the server answers with the first one.
        idempotency_key=str(case.id),
    )
    with place.database.writing() as session:
        session.execute(
            update(Case)
            .where(col(Case.id) == case.id)
            .values(run_id=run.id, artifact_id=None, timeline_digest="")
            .execution_options(synchronize_session=False)
        )
    return run


def _run_engine(run: FlowRun, case_id: UUID) -> State[Any] | None:
    # Without its deployment the engine starts no observer thread and websocket for each run. Nor is every event of a
    # step related to deployment, pool, queue and tags, each a row in Prefect's database; those of the run itself are.
    lean = run.model_copy(update=UNRELATED)
    try:
        with engine_knows(lean):
            # Its annotation promises the flow's own answer; asked for a state, it returns a state.
            ended: Any = run_flow_sync(
                handle_case, flow_run=lean, parameters={"case_id": case_id}, return_type="state"
            )
    except (Pause, Abort):
        return None
    state: State[Any] = ended
    return state


def _judge(
    place: Workplace,
    client: SyncPrefectClient,
    run_id: UUID,
    case_id: UUID,
    state: State[Any] | None,
    now: datetime,
) -> Ended:
    if state is None or state.is_paused():
        return Ended.PARKED
    if state.is_completed():
        return Ended.COMPLETED
    if state.is_cancelling() or state.is_cancelled():
        client.set_flow_run_state(run_id, Cancelled(), force=True)
        note_cancelled_run(place, case_id, now)
        return Ended.CANCELLED
    note_failure(place, case_id, now)
    return Ended.FAILED


def _let_sleep(place: Workplace, case_id: UUID, news_seen: int) -> None:
    """Unless somebody spoke since the case was looked at: then it stays due."""
    with place.database.writing() as session:
        session.execute(
            update(Case)
            .where(col(Case.id) == case_id, col(Case.news_count) == news_seen)
            .values(wake_at=None)
            .execution_options(synchronize_session=False)
        )
