"""One real Prefect server for the tests of a session, set up as `whistle up` sets it up."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import prefect.settings
from prefect.client.orchestration import get_client
from prefect.context import SettingsContext, _temporary_global_settings_context
from prefect.settings import temporary_settings

from desk.deployments import deploy
from desk.stack.ports import pick_port
from desk.stack.prefect_env import client_env, server_env
from desk.stack.programs import answers
from models.settings import DeskSettings
from workers.case_worker import CASE_DEPLOYMENT

START_SECONDS = 300


@dataclass(frozen=True)
class PrefectServer:
    """A server that answers, with the desk's pool and deployments made."""

    home: Path
    port: int
    case_deployment: UUID
    pid: int

    @property
    def files(self) -> list[Path]:
        """Everything the server has written."""
        return [each for each in self.home.rglob("*") if each.is_file()]


def first_port() -> int:
    """Where this test process begins to look: two that run side by side must not find the same free port."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return 14200 + 20 * int(worker.removeprefix("gw"))


@contextmanager
def running_prefect(home: Path) -> Iterator[PrefectServer]:
    """Start a server in `home`, point this process at it, and stop it at the end."""
    port = pick_port("127.0.0.1", first_port(), "Prefect for tests")
    command = [sys.executable, "-m", "desk.prefect_cli", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    log = (home / "server.log").open("wb")
    server = subprocess.Popen(command, env=server_env(os.environ, home, port), stdout=log, stderr=log)
    try:
        _wait_for(server, port, home)
        with _this_process_uses(home, port):
            deploy()
            with get_client(sync_client=True) as client:
                deployment = client.read_deployment_by_name(CASE_DEPLOYMENT).id
            yield PrefectServer(home, port, deployment, server.pid)
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _wait_for(server: "subprocess.Popen[bytes]", port: int, home: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not answers("127.0.0.1", port, "/api/health"):
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"Prefect did not start: {(home / 'server.log').read_text()[-2000:]}")
        time.sleep(0.1)


@contextmanager
def _this_process_uses(home: Path, port: int) -> Iterator[None]:
    """Settings as the stack's own processes have them, for this thread and for new ones."""
    settings = DeskSettings(home=home, prefect_port=port, database_url="", master_key="")
    wanted = {
        getattr(prefect.settings, name): value
        for name, value in client_env({}, settings).items()
        if name.startswith("PREFECT_")
    }
    with temporary_settings(wanted):
        context = SettingsContext.get()
        assert context is not None
        with _temporary_global_settings_context(context):
            yield
