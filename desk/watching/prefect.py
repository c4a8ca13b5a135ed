"""A short look at Prefect: whether it answers, and whether anybody works on its pool."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx
from prometheus_client.core import GaugeMetricFamily, Metric

from models.settings import DeskSettings

POOL = "cases"
SECONDS = 1.5
NO_LEASE = "/v2/concurrency_limits/leases/00000000-0000-4000-8000-000000000000/renew"
"""A lease that nobody has: whoever says so has looked where leases are kept, in Redis if there is one, and changed nothing."""
FOR_A_MINUTE = {"lease_duration": 60}


@dataclass(frozen=True)
class PrefectSeen:
    """What a look found; without an answer nothing is known of the pool."""

    answers: bool
    seconds: float
    workers: int | None = None
    is_paused: bool | None = None


def prefect_url(settings: DeskSettings, environment: Mapping[str, str]) -> str:
    """Where Prefect's API is: as the environment says, else where `whistle up` starts it."""
    return environment.get("PREFECT_API_URL") or f"http://127.0.0.1:{settings.prefect_port}/api"


def prefect_login(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """User and password, where the server asks for them."""
    user, colon, password = environment.get("PREFECT_API_AUTH_STRING", "").partition(":")
    return (user, password) if colon else None


def look_at_pool(url: str, login: tuple[str, str] | None = None) -> PrefectSeen:
    """Ask for the pool, its workers and, by a lease, for its Redis; never longer than a few seconds, never an error.

    Without its Redis a Prefect changes the state of no run: that is no better than none.
    """
    began = time.monotonic()
    try:
        with httpx.Client(base_url=url.rstrip("/"), timeout=SECONDS, auth=login, trust_env=False) as client:
            pool = client.get(f"/work_pools/{POOL}").raise_for_status().json()
            workers = client.post(f"/work_pools/{POOL}/workers/filter", json={}).raise_for_status().json()
            if client.post(NO_LEASE, json=FOR_A_MINUTE).is_server_error:
                return PrefectSeen(False, time.monotonic() - began)
        online = sum(each["status"] == "ONLINE" for each in workers)
        return PrefectSeen(True, time.monotonic() - began, online, bool(pool["is_paused"]))
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return PrefectSeen(False, time.monotonic() - began)


def prefect_figures(seen: PrefectSeen) -> Iterator[Metric]:
    """The look as figures; what is not known is left out."""
    yield GaugeMetricFamily("whistle_prefect_up", "Whether Prefect answers the desk, with its pool `cases`", value=int(seen.answers))
    yield GaugeMetricFamily("whistle_prefect_look_seconds", "How long the requests of this look took", value=seen.seconds)
    if seen.workers is not None and seen.is_paused is not None:
        yield GaugeMetricFamily("whistle_workers_online", "Workers of the pool `cases` that Prefect has heard of lately", value=seen.workers)
        yield GaugeMetricFamily("whistle_work_pool_paused", "Whether somebody has paused the pool `cases`", value=int(seen.is_paused))
