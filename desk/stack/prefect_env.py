"""The environment that the stack's processes run in: Prefect's settings, each with its reason.

A setting in a `…DEFAULTS` table gives way to the same variable set by a person, so that Prefect
moves to PostgreSQL or Redis by variables alone. What the stack itself decides does not.
"""

from collections.abc import Mapping
from pathlib import Path

from models.settings import DeskSettings

# glibc gives every thread an arena of its own; two are enough and save memory.
ARENAS = {"MALLOC_ARENA_MAX": "2"}

CLIENT_DEFAULTS: dict[str, str] = {
    **ARENAS,
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # Outside a run there is no flow to send a log line to, and no reason to warn about it.
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # One request less at every client start; server and clients are one installation.
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    # Spares a token request; the server listens on loopback and does not ask for one.
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    "PREFECT_WORKER_PREFETCH_SECONDS": "0",
    # A label update per run, for a service that is not ours.
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
}

SERVER_DEFAULTS: dict[str, str] = {
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # The server closes idle connections after 5 s by itself, clients keep theirs for 25 s.
    "PREFECT_SERVER_API_KEEPALIVE_TIMEOUT": "60",
    # A parked case waits for its own clock; an expired pause would fail its run.
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    # By default every task run event is a transaction of its own.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    # Task runs show in the UI this many seconds late.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
    # Events are the largest table; a bare number of seconds is refused here.
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "1d",
    # Thirty days after its end a run leaves the UI; the case stays in our own database.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "2592000",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "600",
    # We store no blocks, and looking for them would load our worker into the server.
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_SERVER_UI_ENABLED": "true",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    **ARENAS,
}

ALWAYS: dict[str, str] = {
    # Prefect's shipped profile would start a server of its own when ours is away.
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # What a dying process said last is in its log.
    "PYTHONUNBUFFERED": "1",
}

CLIENT_ALWAYS: dict[str, str] = {
    # Log lines stay out of Prefect's database, whoever writes them.
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    # Nor do results: a repeated task must look at the case, not at what it said last time.
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_TASKS_DEFAULT_NO_CACHE": "true",
}

# Would lead away from the stack's own server: a key means Prefect Cloud, a profile brings its own
# address, and a person's address is another server.
STRANGERS = ("PREFECT_API_KEY", "PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH")


def server_env(inherited: Mapping[str, str], home: Path, port: int) -> dict[str, str]:
    """What the Prefect server runs in; it never sees our own variables, such as the master key."""
    own = {key: value for key, value in inherited.items() if not key.startswith("WHISTLE_")}
    return {
        **SERVER_DEFAULTS,
        **_without_strangers(own),
        **_shared(home, port),
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # Any origin by default: a page open in the same browser could then read the cases' runs.
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port},http://localhost:{port}",
    }


def client_env(inherited: Mapping[str, str], settings: DeskSettings) -> dict[str, str]:
    """What everything of ours runs in: Prefect's address and the desk's own settings."""
    return {
        **CLIENT_DEFAULTS,
        # Where the desk's pages link to; behind a proxy it is another address.
        "WHISTLE_PREFECT_UI_URL": f"http://127.0.0.1:{settings.prefect_port}",
        **_without_strangers(inherited),
        **_shared(settings.home, settings.prefect_port),
        **_desk_variables(settings),
        **CLIENT_ALWAYS,
    }


def _shared(home: Path, port: int) -> dict[str, str]:
    return {
        **ALWAYS,
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
    }


def _without_strangers(inherited: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in inherited.items() if key not in STRANGERS}


def _desk_variables(settings: DeskSettings) -> dict[str, str]:
    # One that is not set stays unset: a variable cannot say None.
    return {f"WHISTLE_{name.upper()}": str(value) for name, value in settings if value is not None}
