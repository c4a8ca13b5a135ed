"""What each part of a spread desk runs in, and which parts are refused because they would not be one desk."""

import subprocess
import sys
from pathlib import Path

import pytest

from desk.stack.scale_out import SEVERAL_SERVERS, NotSpreadError, Part, command_of

HOME = Path("/data/whistle")
PREFECT = {
    "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://prefect:p@db/prefect",
    "PREFECT_REDIS_MESSAGING_URL": "redis://:p@redis:6379/0",
    "PREFECT_SERVER_DOCKET_URL": "redis://:p@redis:6379/1",
}
DESK = {
    "WHISTLE_DATABASE_URL": "postgresql+pg8000://whistle:p@db/cases",
    "PREFECT_API_URL": "http://prefect:4200/api",
    "WHISTLE_MASTER_KEY": "secret",
}


def env_of(part: Part, variables: dict[str, str]) -> dict[str, str]:
    return dict(command_of(part, variables, HOME, "127.0.0.1", 4201).env)


@pytest.mark.parametrize("part", [Part.PREFECT_API, Part.PREFECT_SERVICES])
def test_prefects_own_processes_share_redis_and_see_nothing_of_the_desk(part: Part):
    env = env_of(part, {**PREFECT, **DESK, "PREFECT_API_KEY": "cloud"})

    assert SEVERAL_SERVERS.items() <= env.items()
    assert not [name for name in env if name.startswith("WHISTLE_")]
    assert not {"PREFECT_API_KEY", "PREFECT_API_URL"} & set(env)
    assert env["PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED"] == "false"


@pytest.mark.parametrize("part", [Part.WORKER, Part.DESK])
def test_workers_and_desks_ask_the_prefect_they_are_told_of(part: Part):
    env = env_of(part, {**DESK, "PREFECT_API_KEY": "cloud", "PREFECT_LOGGING_TO_API_ENABLED": "true"})

    assert env["PREFECT_API_URL"] == "http://prefect:4200/api"
    assert env["WHISTLE_HOME"] == str(HOME)
    assert env["PREFECT_LOGGING_TO_API_ENABLED"] == "false"
    assert env["PREFECT_SERVER_EPHEMERAL_ENABLED"] == "false"
    assert "PREFECT_API_KEY" not in env


@pytest.mark.parametrize("name", PREFECT)
@pytest.mark.parametrize("value", ["", "memory://", "sqlite+aiosqlite:///prefect.db"])
def test_a_prefect_process_that_would_be_alone_is_refused(name: str, value: str):
    with pytest.raises(NotSpreadError, match=name):
        env_of(Part.PREFECT_API, {**PREFECT, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("WHISTLE_DATABASE_URL", "sqlite:///cases.db"), ("WHISTLE_DATABASE_URL", ""), ("PREFECT_API_URL", "")],
)
def test_a_worker_or_desk_that_would_be_alone_is_refused(name: str, value: str):
    for part in (Part.WORKER, Part.DESK):
        with pytest.raises(NotSpreadError, match=name):
            env_of(part, {**DESK, name: value})


def test_prefect_understands_every_setting_that_several_servers_need():
    # In a process of its own: Prefect reads its settings when it is loaded.
    code = """
from prefect.settings import get_current_settings
server = get_current_settings().server
print(server.events.messaging_broker, server.events.messaging_cache, server.events.causal_ordering)
print(server.concurrency.lease_storage, server.worker_channel.cleanup_queue_storage)
print(server.database.migrate_on_start, server.docket.url, server.database.sqlalchemy.pool_size)
from prefect_redis.client import RedisMessagingSettings
from prefect_redis.cleanup_queue import RedisWorkerCleanupQueueSettings
print(RedisMessagingSettings().url, RedisWorkerCleanupQueueSettings().url)
"""
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=env_of(Part.PREFECT_API, PREFECT),
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.split() == [
        "prefect_redis.messaging", "prefect_redis.messaging", "prefect_redis.ordering",
        "prefect_redis.lease_storage", "prefect_redis.cleanup_queue",
        "False", "redis://:p@redis:6379/1", "5",
        "redis://:p@redis:6379/0", "redis://:p@redis:6379/0",
    ]  # fmt: skip
