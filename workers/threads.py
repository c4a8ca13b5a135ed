"""Pool threads that each hold one Prefect client and the settings activations run with."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.context import SyncClientContext
from prefect.settings import (
    PREFECT_API_REQUEST_TIMEOUT,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)

from workers.asking_again import ask_again
from workers.step_events import tell_of_ends
from workers.tally import time_requests

_of_this_thread = threading.local()

MOST_RETRIES = 1
"""Of one request to Prefect, after two seconds."""
ANSWER_WITHIN_S = 20.0
"""Seconds until a request to Prefect counts as unanswered."""


def activation_pool(threads: int) -> ThreadPoolExecutor:
    """A pool whose threads are ready to run flows; use it with `run_in_executor` only.

    Settings and clients live in context variables, which a bare thread does not inherit: each
    thread enters its own, once, for life.
    """
    tell_of_ends()
    return ThreadPoolExecutor(threads, thread_name_prefix="activation", initializer=_prepare)


def thread_client() -> SyncPrefectClient:
    """The calling pool thread's own client."""
    client: SyncPrefectClient = _of_this_thread.client
    return client


@contextmanager
def engine_knows(run: FlowRun) -> Iterator[None]:
    """While the block runs, the engine of this thread takes `run` for what Prefect would answer about it.

    The engine writes its flow's version and retries into every run it begins, and reads the run again before the flow
    begins. Both are known: the run was read a moment ago, the flow has no retries, and its version goes with the tags.
    """
    _of_this_thread.run = run
    try:
        yield
    finally:
        _of_this_thread.run = None


def _prepare() -> None:
    stack = ExitStack()
    # The heartbeat makes every run wait up to a second for a sleeping thread; no environment
    # variable can express None.
    of_threads = {
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        # The case stays due and is tried again for ever: a thread that waits out Prefect's own six tries of a minute
        # each would keep an emergency waiting that can do without Prefect (`workers/stand_in.py`).
        PREFECT_CLIENT_MAX_RETRIES: MOST_RETRIES,
        PREFECT_API_REQUEST_TIMEOUT: ANSWER_WITHIN_S,
    }
    stack.enter_context(temporary_settings(of_threads))
    _of_this_thread.run = None
    _of_this_thread.client = stack.enter_context(SyncClientContext()).client
    ask_again(_of_this_thread.client)
    time_requests(_of_this_thread.client)
    _spare_requests(_of_this_thread.client)
    _of_this_thread.stack = stack


def _spare_requests(client: SyncPrefectClient) -> None:
    """Answer what the engine asks of the run it was given, see `engine_knows`; the rest goes to the server."""
    asked_read, asked_update = client.read_flow_run, client.update_flow_run

    def read_flow_run(flow_run_id: UUID) -> FlowRun:
        run: FlowRun | None = _of_this_thread.run
        return run if run is not None and run.id == flow_run_id else asked_read(flow_run_id)

    def update_flow_run(flow_run_id: UUID, *args: Any, **kwargs: Any) -> httpx.Response:
        run: FlowRun | None = _of_this_thread.run
        if run is not None and run.id == flow_run_id and "empirical_policy" in kwargs:
            return httpx.Response(httpx.codes.NO_CONTENT)
        return asked_update(flow_run_id, *args, **kwargs)

    # A client of another class would need another context, and that its own client back from Prefect.
    vars(client).update(read_flow_run=read_flow_run, update_flow_run=update_flow_run)
