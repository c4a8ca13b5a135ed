"""Which programs the stack is made of, and how each says that it is up."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from desk.stack.children import Program
from desk.stack.prefect_env import client_env, server_env
from models.settings import DeskSettings

OPERATOR_KEY_FILE = "keys/operator.key"


@dataclass(frozen=True)
class Programs:
    """The programs of one stack; tests put small stand-ins here."""

    prepare: Program
    server: Program
    deployments: Program
    worker: Program
    desk: Program
    samples: Program


def whistle_programs(settings: DeskSettings) -> Programs:
    """The real ones.

    Args:
        settings: With an absolute `home` and with ports that are free.
    """
    ours = client_env(os.environ, settings)
    servers = server_env(os.environ, settings.home, settings.prefect_port)
    port = str(settings.prefect_port)
    start_server = _python("desk.prefect_cli", "server", "start", "--host", "127.0.0.1", "--port", port)

    def server_is_ready(_pid: int) -> bool:
        return answers("127.0.0.1", settings.prefect_port, "/api/health")

    def desk_is_ready(_pid: int) -> bool:
        return answers(reachable_host(settings.host), settings.port, "/health/ready")

    def worker_is_ready(pid: int) -> bool:
        return worker_says_ready(settings.home, pid)

    return Programs(
        prepare=Program("prepare", _python("desk.prepare"), ours, 300),
        server=Program("server", start_server, servers, 300, server_is_ready),
        deployments=Program("deployments", _python("desk.deployments"), ours, 120),
        worker=Program("worker", _python("workers"), ours, 120, worker_is_ready),
        desk=Program("desk", _python("desk.server"), ours, 120, desk_is_ready),
        samples=Program("samples", _python("desk.samples"), ours, 600),
    )


def addresses(settings: DeskSettings) -> Iterator[tuple[str, str]]:
    """What a person may want to open, as (name, where)."""
    desk = f"http://{reachable_host(settings.host)}:{settings.port}"
    yield "Desk", desk
    yield "API", f"{desk}/docs"
    yield "Prefect UI", f"http://127.0.0.1:{settings.prefect_port}"
    if settings.worker_metrics_port:
        yield "Figures", f"{desk}/metrics (with a key), http://127.0.0.1:{settings.worker_metrics_port}/metrics (worker)"
    yield "Operator key", str(settings.home / OPERATOR_KEY_FILE)
    yield "Logs", str(settings.home / "logs")


def answers(host: str, port: int, path: str) -> bool:
    """Whether a GET is answered with 200 within two seconds."""
    connection = HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def worker_says_ready(home: Path, pid: int) -> bool:
    """Whether this very worker wrote its readiness file, not one of an earlier start."""
    try:
        note = json.loads((home / "run" / "worker.ready").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return isinstance(note, dict) and note.get("pid") == pid


def reachable_host(host: str) -> str:
    """Where to call a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
