"""The same programs as `whistle up`, each alone: for a desk spread over processes and machines.

Nothing is started or watched here; systemd or containers do that. This says what a part runs in,
and refuses a part that would seem to work and quietly not be one desk with the others.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from desk.stack.prefect_env import ALWAYS, CLIENT_ALWAYS, CLIENT_DEFAULTS, SERVER_DEFAULTS, STRANGERS

API_URL = "PREFECT_API_URL"
CASES_URL = "WHISTLE_DATABASE_URL"
PREFECT_DATABASE = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
MESSAGING = "PREFECT_REDIS_MESSAGING_URL"
REDIS = (MESSAGING, "PREFECT_SERVER_DOCKET_URL")
CLEANUP_QUEUE = "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL"

SEVERAL_SERVERS: dict[str, str] = {
    # What is in memory by default is not shared: another process would never hear of it.
    "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
    "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": "prefect_redis.cleanup_queue",
    # Two that start at once would migrate at once: `whistle migrate` does it, alone.
    "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}

SPREAD_DEFAULTS: dict[str, str] = {
    # Pages come from the same address as the API; any other origin could read the cases' runs.
    "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": "http://127.0.0.1",
    # Many processes share one PostgreSQL: 5 + 10 connections each are more than they use.
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "5",
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "5",
}


class Part(StrEnum):
    """A program of a spread desk; any number of each may run, on any machine."""

    PREFECT_API = "prefect-api"
    PREFECT_SERVICES = "prefect-services"
    WORKER = "worker"
    DESK = "desk"


SERVERS = frozenset({Part.PREFECT_API, Part.PREFECT_SERVICES})


class NotSpreadError(ValueError):
    """A variable is missing or names something that processes cannot share; the message says which."""


@dataclass(frozen=True)
class Command:
    """What to run, in what."""

    arguments: tuple[str, ...]
    env: Mapping[str, str]


def command_of(part: Part, inherited: Mapping[str, str], home: Path, host: str, port: int) -> Command:
    """One part, ready to be run in the folder of the installation.

    Args:
        part: Which one.
        inherited: The variables of whoever starts it.
        home: The desk's data folder on this machine, absolute.
        host: Where a Prefect API listens; the other parts do not look at it.
        port: Likewise.

    Raises:
        NotSpreadError: The part would not be one desk with the others.
    """
    if part in SERVERS:
        env = prefect_server_env(inherited, home)
        if part is Part.PREFECT_SERVICES:
            return Command(_python("desk.prefect_cli", "server", "services", "start"), env)
        return Command(
            _python("desk.prefect_cli", "server", "start", "--no-services", "--host", host, "--port", str(port)), env
        )
    return Command(_python("workers" if part is Part.WORKER else "desk.server"), desk_env(inherited, home))


def prefect_server_env(inherited: Mapping[str, str], home: Path) -> dict[str, str]:
    """What Prefect's own processes run in; they never see our variables, such as the master key.

    Raises:
        NotSpreadError: Its database or Redis is not one that processes can share.
    """
    check_prefect_database(inherited)
    for name in REDIS:
        if not inherited.get(name, "").startswith(
            ("redis://", "rediss://", "redis+sentinel://", "rediss+sentinel://")
        ):
            raise NotSpreadError(
                f"{name}: give the address of the Redis that all Prefect processes share, redis://:password@host:6379/0"
            )
    own = {
        key: value
        for key, value in inherited.items()
        if not key.startswith("WHISTLE_") and key not in STRANGERS
    }
    return {
        **SERVER_DEFAULTS,
        **SPREAD_DEFAULTS,
        # It has an address of its own, and would look for a Redis on this machine.
        CLEANUP_QUEUE: inherited[MESSAGING],
        **own,
        **ALWAYS,
        **SEVERAL_SERVERS,
        "PREFECT_HOME": str(home / "prefect"),
    }


def check_prefect_database(inherited: Mapping[str, str]) -> None:
    """Nothing, if Prefect's database can be shared.

    Raises:
        NotSpreadError: There is none, or it is a file.
    """
    if not inherited.get(PREFECT_DATABASE, "").startswith("postgresql+asyncpg://"):
        raise NotSpreadError(
            f"{PREFECT_DATABASE}: give a PostgreSQL, postgresql+asyncpg://user:password@host/prefect"
        )


def desk_env(inherited: Mapping[str, str], home: Path) -> dict[str, str]:
    """What workers, desks and their commands run in.

    Raises:
        NotSpreadError: The case database or Prefect's address is missing or not to be shared.
    """
    if not inherited.get(CASES_URL, "").startswith("postgresql+pg8000://"):
        raise NotSpreadError(
            f"{CASES_URL}: give the PostgreSQL that all parts share, postgresql+pg8000://user:password@host/cases"
        )
    if not inherited.get(API_URL):
        raise NotSpreadError(
            f"{API_URL}: say where Prefect's API answers all parts, such as http://prefect.internal:4200/api"
        )
    own = {key: value for key, value in inherited.items() if key == API_URL or key not in STRANGERS}
    return {
        **CLIENT_DEFAULTS,
        **own,
        **ALWAYS,
        **CLIENT_ALWAYS,
        "WHISTLE_HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
    }


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
