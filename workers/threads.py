"""Pool threads that each hold one Prefect client and the settings activations run with."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from prefect.client.orchestration import SyncPrefectClient
from prefect.context import SyncClientContext
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from workers.tally import time_requests

_of_this_thread = threading.local()


def activation_pool(threads: int) -> ThreadPoolExecutor:
    """A pool whose threads are ready to run flows; use it with `run_in_executor` only.

    Settings and clients live in context variables, which a bare thread does not inherit: each
    thread enters its own, once, for life.
    """
    return ThreadPoolExecutor(threads, thread_name_prefix="activation", initializer=_prepare)


def thread_client() -> SyncPrefectClient:
    """The calling pool thread's own client."""
    client: SyncPrefectClient = _of_this_thread.client
    return client


def _prepare() -> None:
    stack = ExitStack()
    # The heartbeat makes every run wait up to a second for a sleeping thread; no environment
    # variable can express None.
    stack.enter_context(temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}))
    _of_this_thread.client = stack.enter_context(SyncClientContext()).client
    time_requests(_of_this_thread.client)
    _of_this_thread.stack = stack
