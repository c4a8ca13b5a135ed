"""What a worker counts for Prometheus, and the outlet on this machine where it tells it.

Codes and numbers only; no label ever holds a case, a person or a word.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prometheus_client import Gauge, Histogram, start_http_server

LOOPBACK = "127.0.0.1"
ENDED_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60)
LAG_SECONDS = (0.1, 0.5, 1, 3, 10, 60, 300, 1800)
REQUEST_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 1, 5)

WOKEN_LATE = Histogram(
    "whistle_wake_lag_seconds", "From when a case was due to the start of its activation, in the desk's time", buckets=LAG_SECONDS
)
DECIDED = Histogram(
    "whistle_claim_to_decision_seconds", "From the claim of a case until what it needed is decided and stored", buckets=ENDED_SECONDS
)
ACTIVATION = Histogram(
    "whistle_activation_seconds", "Activations by how they ended, and how long they took", ["outcome"], buckets=ENDED_SECONDS
)
PREFECT = Histogram(
    "whistle_prefect_request_seconds", "Requests of activations to Prefect, by what they are about", ["about"], buckets=REQUEST_SECONDS
)
LOOKED = Gauge("whistle_worker_last_look_timestamp_seconds", "When this worker last looked for due cases (Unix time)")
HELD = Gauge("whistle_worker_cases_held", "Cases that this worker is busy with")

log = logging.getLogger("whistle.worker")


class Ended(StrEnum):
    """How an activation ended."""

    PARKED = "parked"
    COMPLETED = "completed"
    ASLEEP = "asleep"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PREFECT_AWAY = "prefect_away"
    DATABASE_AWAY = "database_away"


for _outcome in Ended:
    # So that the first failure is a rise from nought, which a rate can see.
    ACTIVATION.labels(_outcome)


class Timed:
    """One activation that is being timed; whoever runs it says how it ended."""

    outcome = Ended.FAILED


@contextmanager
def timed_activation() -> Iterator[Timed]:
    """Time the block, and say so in the log."""
    timed, started = Timed(), time.monotonic()
    try:
        yield timed
    finally:
        seconds = time.monotonic() - started
        ACTIVATION.labels(timed.outcome).observe(seconds)
        log.info("activation %s after %.3f s", timed.outcome, seconds, extra={"event": "activation_ended"})


def time_requests(client: SyncPrefectClient) -> None:
    """Time every request of a client, by the first part of its path (`flow_runs`, `artifacts` …)."""

    def began(request: httpx.Request) -> None:
        request.extensions["whistle_began"] = time.monotonic()

    def answered(response: httpx.Response) -> None:
        request = response.request
        about = request.url.path.removeprefix("/api").strip("/").partition("/")[0] or "other"
        PREFECT.labels(about).observe(time.monotonic() - request.extensions["whistle_began"])

    # The client keeps its HTTP side to itself; a test says if a new release moves it.
    hooks = client._client.event_hooks
    client._client.event_hooks = {"request": [*hooks["request"], began], "response": [*hooks["response"], answered]}


def tell_this_machine(port: int) -> bool:
    """Serve what this process counts at `http://127.0.0.1:PORT/metrics`; whether it does. 0 means not at all."""
    if not port:
        return False
    try:
        start_http_server(port, LOOPBACK)
    except OSError as error:
        log.warning("no figures at port %d: %s", port, type(error).__name__, extra={"event": "metrics_port_taken"})
        return False
    return True
