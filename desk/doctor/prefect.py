"""Whether Prefect answers, and whether its server runs with settings that would hurt cases."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from desk.doctor.findings import Finding, Level, fine, worse

PATIENCE_SECONDS = 3.0
PINNED = "3.8.8"
KEEP_EVENTS_SECONDS = 2 * 86_400
Get = Callable[[str], Any]


def look_at_prefect(url: str, *, asked_for: bool, get: Get | None = None) -> Iterator[Finding]:
    """The Prefect server at an API address.

    Args:
        url: Such as `http://127.0.0.1:4200/api`.
        asked_for: Whether somebody named this address; else its absence only means that the
            stack is not running.
        get: Fetches JSON from a path below the address; for tests.
    """
    name = "Prefect"
    get = get or _getter(url)
    try:
        version, settings = get("/admin/version"), get("/admin/settings")
    except (httpx.HTTPError, ValueError):
        level = Level.BAD if asked_for else Level.WARN
        yield worse(name, level, f"does not answer at {url}", "start the desk with `whistle up`")
        return
    if version != PINNED:
        words = f"the server is {version}, the desk is made for {PINNED}"
        yield worse(name, Level.WARN, words, "install the pinned version on server and workers")
    else:
        yield fine(name, f"{version} answers at {url}")
    yield from _settings(settings)


def _settings(settings: Any) -> Iterator[Finding]:
    """One finding per setting that would hurt, or one that says there is none."""
    name = "Prefect settings"
    hurting = [each for path, hurts, *each in _HURTING if hurts(_at(settings, path))]
    for level, words, advice in hurting:
        yield worse(name, level, words, advice)
    if not hurting:
        yield fine(name, "none that would hurt")


def _at(settings: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        settings = settings.get(part) if isinstance(settings, Mapping) else None
    return settings


def _getter(url: str) -> Get:
    def get(path: str) -> Any:
        answer = httpx.get(f"{url.rstrip('/')}{path}", timeout=PATIENCE_SECONDS)
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
