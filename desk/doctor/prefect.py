"""Whether Prefect answers, and whether its server runs with settings that would hurt cases."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from desk.automations.names import AUTOMATIONS
from desk.doctor.findings import Finding, Level, fine, worse
from desk.watching.prefect import FOR_A_MINUTE, NO_LEASE, POOL
from models.rule_files import read_yaml

PATIENCE_SECONDS = 3.0
PINNED = "3.8.8"
Get = Callable[..., Any]
LEASE, GIVEN_BACK = (f"/v2/concurrency_limits/{each}-with-lease" for each in ("increment", "decrement"))
NOTHING = "whistle-doctor"
"""The name of a limit that there is not."""
RECORDED_BY_NOW, RUN_LATELY = timedelta(minutes=2), timedelta(hours=12)
"""Events are kept for a day; services that were away catch up within a minute."""
MOST_PLANNED, LATE_BY = 200, timedelta(minutes=15)
"""A schedule has a few runs planned ahead: with a dozen schedules some fifty in all."""


def look_at_prefect(
    url: str, now: datetime, *, asked_for: bool, login: tuple[str, str] | None = None, alarm_url: str = "", get: Get | None = None
) -> Iterator[Finding]:
    """The Prefect server at an API address.

    Args:
        url: Such as `http://127.0.0.1:4200/api`.
        now: The real time.
        asked_for: Whether somebody named this address; else its absence only means that the
            stack is not running.
        login: User and password, where the server asks for them.
        alarm_url: Where the automations should post.
        get: Fetches JSON from a path below the address, posting a body if there is one; for tests.
    """
    name = "Prefect"
    get = get or _getter(url, login)
    try:
        version, settings = get("/admin/version"), get("/admin/settings")
    except (httpx.HTTPError, ValueError):
        level = Level.BAD if asked_for else Level.WARN
        advice = "start the desk with `whistle up`; a spread one: see the proxy, `systemctl status 'whistle-prefect-api@*'`"
        yield worse(name, level, f"does not answer at {url}", advice)
        return
    if version != PINNED:
        words = f"the server is {version}, the desk is made for {PINNED}"
        yield worse(name, Level.WARN, words, "install the pinned version on server and workers")
    else:
        yield fine(name, f"{version} answers at {url}")
    yield from _settings(settings)
    if "redis" in str(_at(settings, ("server", "concurrency", "lease_storage"))):
        yield look_at_redis(get)
    yield look_at_services(get, now)
    yield look_at_schedules(get, now)
    yield from look_at_pool(get)
    yield look_at_automations(get, alarm_url)


def _settings(settings: Any) -> Iterator[Finding]:
    """One finding per setting that would hurt, or one that says there is none."""
    name = "Prefect settings"
    hurting = [each for path, hurts, *each in _HURTING if hurts(_at(settings, path))]
    for level, words, advice in hurting:
        yield worse(name, level, words, advice)
    if not hurting:
        yield fine(name, "none that would hurt")


def look_at_redis(get: Get) -> Finding:
    """Whether a Prefect of several processes reaches the Redis that they share."""
    name = "Prefect's Redis"
    try:
        get(NO_LEASE, FOR_A_MINUTE)
    except httpx.HTTPStatusError as error:
        if error.response.status_code == HTTPStatus.GONE:
            return _takes_more(name, get)
    except (httpx.HTTPError, ValueError):
        pass
    words = "does not answer Prefect: no run changes its state, most cases wait"
    return worse(name, Level.BAD, words, "start it; see its log and its password")


def _takes_more(name: str, get: Get) -> Finding:
    """A full one answers, and takes nothing: told by a lease on nothing, which is given back and ends by itself in a minute."""
    try:
        lease = get(LEASE, {"names": [NOTHING], "slots": 1, **FOR_A_MINUTE})["lease_id"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        words = "answers Prefect and takes nothing more: no run changes its state, most cases wait"
        return worse(name, Level.BAD, words, "it is full: raise `maxmemory`, and see that Prefect's services run")
    with suppress(httpx.HTTPError, ValueError):  # it answers with an empty page
        get(GIVEN_BACK, {"lease_id": lease})
    return fine(name, "answers Prefect and takes what it is told")


def look_at_services(get: Get, now: datetime) -> Finding:
    """Whether Prefect's services write down what happens: told by the newest run that they have had time for."""
    name = "Prefect services"
    began = {"after_": (now - RUN_LATELY).isoformat(), "before_": (now - RECORDED_BY_NOW).isoformat()}
    try:
        runs = get("/flow_runs/filter", {"flow_runs": {"start_time": began}, "sort": "START_TIME_DESC", "limit": 1})
        if not runs:
            return fine(name, "nothing has run lately to tell by")
        about = {"resource": {"id": [f"prefect.flow-run.{runs[0]['id']}"]}}
        events = get("/events/filter", {"filter": about, "limit": 1})
    except (httpx.HTTPError, ValueError):
        return worse(name, Level.WARN, "runs and events cannot be listed", "see the log of Prefect's API")
    if events["total"]:
        return fine(name, "what runs is recorded")
    words = "the newest run is not recorded: no schedule fires, the UI shows no steps"
    return worse(name, Level.WARN, words, "see that they run: `systemctl status whistle-prefect-services`, or `whistle up`")


def look_at_schedules(get: Get, now: datetime) -> Finding:
    """Whether what is to run by the clock is planned, and runs: data checks, retention, follow-ups, reports, reconciling."""
    name = "schedules"
    try:
        deployments = get("/deployments/filter", {"limit": MOST_PLANNED})
        wanted = {each["id"]: each["name"] for each in deployments if not each["paused"] and any(one["active"] for one in each["schedules"])}
        ahead = {"state": {"type": {"any_": ["SCHEDULED"]}}, "deployment_id": {"any_": list(wanted)}}
        runs = get("/flow_runs/filter", {"flow_runs": ahead, "limit": MOST_PLANNED}) if wanted else []
    except (httpx.HTTPError, ValueError):
        return worse(name, Level.WARN, "deployments and their planned runs cannot be listed", "see the log of Prefect's API")
    planned = [each for each in runs if each["auto_scheduled"]]
    unplanned = sorted(wanted[each] for each in {*wanted} - {each["deployment_id"] for each in planned})
    if unplanned:
        words = f"{len(unplanned)} of {len(wanted)} are not planned, such as {unplanned[0]}: the house's own work by the clock stands still"
        return worse(name, Level.BAD, words, "within two minutes of a start this is as it should be; else see the log of Prefect's services for `schedule_deployments`")
    late = [each for each in planned if datetime.fromisoformat(each["expected_start_time"]) < now - LATE_BY]
    if late:
        return worse(name, Level.WARN, f"{len(late)} should have run a quarter of an hour ago or more", "see the worker's log and the runs in Prefect's UI")
    return fine(name, f"{len(wanted)} are planned")


def look_at_pool(get: Get) -> Iterator[Finding]:
    """Whether cases can run: the pool is there and not paused, and a worker was heard of lately."""
    name = "work pool"
    try:
        pool, workers = get(f"/work_pools/{POOL}"), get(f"/work_pools/{POOL}/workers/filter", {})
    except httpx.HTTPStatusError as error:
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            yield worse(name, Level.BAD, "Prefect answers with an error", "see that its database runs, then the log of its API")
            return
        yield worse(name, Level.BAD, f"there is no pool {POOL}", "run `whistle deploy`, or start with `whistle up`")
        return
    except (httpx.HTTPError, ValueError):
        yield worse(name, Level.BAD, "Prefect does not tell of it in time", "see that its database runs, then the log of its API")
        return
    online = sum(each["status"] == "ONLINE" for each in workers)
    if pool["is_paused"]:
        yield worse(name, Level.BAD, "it is paused: no case moves and no alert leaves", f"`prefect work-pool resume {POOL}`, or the button in the UI")
    elif not online:
        yield worse(name, Level.BAD, "no worker has been heard of lately", "start one: `whistle up`; of a spread desk `systemctl start whistle-worker@1`")
    else:
        # One that ended is counted for as long as it may be silent.
        yield fine(name, f"{online} workers were heard of in the last half minute")


def look_at_automations(get: Get, alarm_url: str) -> Finding:
    """Whether Prefect tells somebody of crashed runs and an idle pool."""
    name, install = "automations", "`whistle automations install`"
    try:
        known = {each["name"]: each for each in get("/automations/filter", {"limit": 200})}
    except (httpx.HTTPError, ValueError):
        return worse(name, Level.WARN, "cannot be listed", "see that the server runs its automations")
    wanted = [each["name"] for each in read_yaml(AUTOMATIONS)["automations"]]
    missing = [each for each in wanted if each not in known]
    if missing:
        return worse(name, Level.WARN, f"{missing[0]} is not installed", install)
    silent = [each for each in wanted if not known[each]["enabled"]]
    if silent:
        return worse(name, Level.WARN, f"{silent[0]} is switched off", "switch it on in the UI once its reason is gone")
    told = {action["type"] for each in wanted for action in known[each]["actions"]}
    if not alarm_url or told != {"call-webhook"}:
        return worse(name, Level.WARN, "nobody is told of a crashed run", f"set WHISTLE_ALARM_URL, then {install}")
    return fine(name, f"{len(wanted)} tell the alarm address")


def _at(settings: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        settings = settings.get(part) if isinstance(settings, Mapping) else None
    return settings


def _getter(url: str, login: tuple[str, str] | None) -> Get:
    def get(path: str, body: Any = None) -> Any:
        method = "GET" if body is None else "POST"
        answer = httpx.request(method, f"{url.rstrip('/')}{path}", json=body, auth=login, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.json()

    return get


_SERVICES = ("server", "services")
_HURTING: tuple[tuple[Any, ...], ...] = (
    (
        (*_SERVICES, "pause_expirations", "enabled"),
        lambda value: value is True,
        Level.WARN,
        "the pause expiration service runs; it looks at every parked case again and again",
        "set PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED=false for the server",
    ),
    (
        (*_SERVICES, "task_run_recorder", "enabled"),
        lambda value: value is False,
        Level.WARN,
        "task runs are not recorded, so the UI does not show what a case did",
        "set PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED=true for the server",
    ),
    (
        (*_SERVICES, "triggers", "enabled"),
        lambda value: value is False,
        Level.WARN,
        "automations are never triggered, so nobody is told of a crashed run",
        "set PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED=true for the server",
    ),
    (
        (*_SERVICES, "foreman", "enabled"),
        lambda value: value is False,
        Level.WARN,
        "the server never notices that workers are gone",
        "set PREFECT_SERVER_SERVICES_FOREMAN_ENABLED=true for the server",
    ),
    (
        ("server", "analytics_enabled"),
        lambda value: value is True,
        Level.WARN,
        "the server sends usage data to its makers",
        "set PREFECT_SERVER_ANALYTICS_ENABLED=false for the server",
    ),
    (
        ("server", "api", "cors_allowed_origins"),
        lambda value: value == "*",
        Level.WARN,
        "any web page open in an administrator's browser may read the server",
        "set PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS to the server's own address",
    ),
)
