"""How an activation ends in Prefect: the timeline is shown, and the run parks until it is woken."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn
from uuid import UUID, uuid4

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.states import Suspended
from prefect.utilities.engine import propose_state_sync
from sqlalchemy import update
from sqlmodel import col

from models.case import Case
from models.settings import DeskSettings
from tasks.case_task import coded_error
from tasks.casebook import case_of
from tasks.settling import Rest
from tasks.story.telling import story_of, timeline_markdown
from tasks.workplace import workplace

RESULTS = DeskSettings().home / "run" / "results"
"""Results are not persisted; naming a place spares every run two look-ups of the default one. What
Prefect keeps there all the same is the exception of a failed run, which holds a code only."""


@contextmanager
def only_codes() -> Iterator[None]:
    """Let nothing but a code leave the flow: Prefect shows the message of an error to everybody."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the message of any error may quote case text
        raise coded_error(error) from None


def park(rest: Rest) -> NoReturn:
    """Suspend the run with what it waits for; the next activation begins at the flow's first line."""
    client, run_id, _ = _run()
    # A key is used once: a repeated one would be answered "already resumed".
    waiting: State[None] = Suspended(pause_key=uuid4().hex, message=rest.message)
    raise Pause(state=propose_state_sync(client, waiting, flow_run_id=run_id))


def show_timeline(case_id: UUID, rest: Rest, now: datetime) -> None:
    """Bring the run's tags and the case's one timeline artifact up to date, if anything changed."""
    client, run_id, version = _run()
    place = workplace()
    with place.database.reading() as session:
        case = case_of(session, case_id)
        text = timeline_markdown(story_of(session, case, place.catalogue, now))
        artifact_id, known = case.artifact_id, case.timeline_digest
    # The tags are in it too: what Prefect shows of them need not be asked.
    digest = hashlib.sha256("\n".join([*sorted(rest.tags), text]).encode()).hexdigest()
    if digest == known:
        return
    client.update_flow_run(run_id, flow_version=version, tags=rest.tags)
    artifact_id = _publish(client, run_id, artifact_id, rest.label, text)
    with place.database.writing() as session:
        session.execute(
            update(Case)
            .where(col(Case.id) == case_id)
            .values(artifact_id=artifact_id, timeline_digest=digest)
            .execution_options(synchronize_session=False)
        )


def _publish(
    client: SyncPrefectClient, run_id: UUID, artifact_id: UUID | None, label: str, text: str
) -> UUID:
    if artifact_id is not None:
        client.update_artifact(artifact_id, ArtifactUpdate(data=text))
        return artifact_id
    made = client.create_artifact(
        ArtifactCreate(
            type="markdown", key=f"case-{label.lower()}", description=label, data=text, flow_run_id=run_id
        )
    )
    return made.id


def _run() -> tuple[SyncPrefectClient, UUID, str | None]:
    context = FlowRunContext.get()
    if (
        context is None
        or context.flow is None
        or context.flow_run is None
        or not isinstance(context.client, SyncPrefectClient)
    ):
        raise RuntimeError("a case is handled inside its own flow run")
    return context.client, context.flow_run.id, context.flow.version
