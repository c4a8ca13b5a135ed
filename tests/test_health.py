"""Liveness asks nobody, readiness asks the database with patience, and neither tells a stranger why."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text

from desk.watching.patience import NoAnswerError, Patience
from models.database import Database
from models.vault import Vault
from tasks.workplace import Workplace
from tests.api_desk import ApiDesk, api_desk
from tests.harness.front_door import front_door

NAMES = {"live": ("/healthz", "/health/live"), "ready": ("/readyz", "/health/ready")}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


@contextmanager
def silence() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def hanging(place: Workplace) -> Iterator[Workplace]:
    """The same desk with a database that never answers."""
    with silence() as port:
        database = Database(f"postgresql+pg8000://u:p@127.0.0.1:{port}/cases")
        yield replace(place, database=database)


class Pool(BaseHTTPRequestHandler):
    """Prefect as far as a look at it goes."""

    def do_GET(self) -> None:
        self._say(b'{"is_paused": false}')

    of_a_lease = 410

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        code = self.of_a_lease if self.path.endswith("/renew") else 200
        self._say(b'[{"status": "ONLINE"}, {"status": "OFFLINE"}]', code)

    def _say(self, body: bytes, code: int = 200) -> None:
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def prefect(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pool) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{server.server_address[1]}/api")
        yield
        server.shutdown()


@pytest.fixture
def no_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")


@pytest.mark.parametrize("path", NAMES["ready"])
def test_a_desk_with_database_key_and_prefect_is_ready(desk: ApiDesk, prefect: None, path: str) -> None:
    answer = desk.client.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_without_prefect_it_takes_cases_in_and_says_that_it_is_degraded(desk: ApiDesk, no_prefect: None) -> None:
    answer = desk.client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "degraded"})
    assert desk.take_in(text="x")


def test_a_prefect_without_its_redis_is_as_good_as_none(desk: ApiDesk, prefect: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pool, "of_a_lease", 500)
    assert desk.client.get("/readyz").json() == {"status": "degraded"}


def test_a_prefect_that_hangs_holds_nobody_up(desk: ApiDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    with silence() as port:
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{port}/api")
        began = time.monotonic()
        assert desk.client.get("/readyz").json() == {"status": "degraded"}
        assert time.monotonic() - began < 10
        began = time.monotonic()
        desk.client.get("/readyz")
        assert time.monotonic() - began < 1.4, "the look is kept for a moment: a new one would take longer"


def test_another_master_key_is_not_ready_and_the_reason_is_in_the_log_only(
    desk: ApiDesk, caplog: pytest.LogCaptureFixture
) -> None:
    with front_door(replace(desk.place, vault=Vault(b"y" * 32))) as other:
        answers = [other.get("/readyz") for _ in range(3)]
    assert {(each.status_code, each.text) for each in answers} == {(503, '{"status":"not_ready"}')}
    said = [each for each in caplog.records if getattr(each, "event", "") == "not_ready"]
    assert [each.getMessage() for each in said] == ["not ready: wrong_master_key"], "once, not at every look"


def test_a_database_of_another_version_is_not_ready_and_the_process_lives(
    desk: ApiDesk, caplog: pytest.LogCaptureFixture
) -> None:
    with desk.place.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert desk.client.get("/readyz").status_code == 503
    assert "database_not_migrated" in caplog.text
    assert [desk.client.get(path).json() for path in NAMES["live"]] == [{"status": "live"}] * 2


def test_a_database_that_hangs_is_told_within_bounds_and_holds_one_thread(desk: ApiDesk) -> None:
    with hanging(desk.place) as place, front_door(place, raise_server_exceptions=False) as client:
        before = threading.active_count()
        for path, status in (("/readyz", 503), ("/metrics", 503), ("/healthz", 200), ("/readyz", 503)):
            began = time.monotonic()
            answer = client.get(path, headers=desk.headers("administrator"))
            assert answer.status_code == status, path
            assert time.monotonic() - began < (1.9 if status == 200 else 10), path
        waiting = [each for each in threading.enumerate() if each.name == "readiness"]
        assert len(waiting) == 1
        assert threading.active_count() - before < 6


def test_whoever_comes_while_it_is_asked_gets_the_same_answer() -> None:
    asked, go = list[int](), threading.Event()

    def slow() -> int:
        asked.append(1)
        go.wait(5)
        return len(asked)

    patience = Patience(slow, "slow")
    for _ in range(3):
        with pytest.raises(NoAnswerError):
            patience.within(0.02)
    go.set()
    assert patience.within(5) in {1, 2}
    assert len(asked) <= 2
