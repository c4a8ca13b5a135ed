"""A busy server of Prefect is asked again soon, over the same connection; whoever says how long to wait is heeded."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from workers.asking_again import PAUSES_S, AskingAgain

WORDS = b'{"case_id": "one"}'


@dataclass
class BusyServer:
    """Answers 503 as often as told, then 201; notes what came over which connection."""

    url: str = ""
    busy: int = 0
    retry_after: str = ""
    bodies: list[bytes] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)


@pytest.fixture
def server() -> Iterator[BusyServer]:
    noted = BusyServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            noted.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            noted.connections.add(self.client_address[1])
            self.send_response(503 if len(noted.bodies) <= noted.busy else 201)
            if noted.retry_after:
                self.send_header("Retry-After", noted.retry_after)
            self.send_header("content-length", "4")
            self.end_headers()
            self.wfile.write(b"told")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        noted.url = f"http://127.0.0.1:{listening.server_address[1]}"
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield noted
        listening.shutdown()


def answer_of(server: BusyServer) -> int:
    """The status that a caller sees."""
    with httpx.Client(transport=AskingAgain(httpx.HTTPTransport())) as client:
        return client.post(server.url, content=WORDS).status_code


@pytest.mark.parametrize("busy", [0, 1, len(PAUSES_S)])
def test_a_busy_server_is_asked_the_same_again_until_it_answers(server: BusyServer, busy: int) -> None:
    server.busy = busy
    assert answer_of(server) == 201
    assert server.bodies == [WORDS] * (busy + 1)
    assert len(server.connections) == 1, "a try must not cost a connection"


def test_one_that_stays_busy_is_left_to_the_client(server: BusyServer) -> None:
    server.busy = 99
    assert answer_of(server) == 503
    assert len(server.bodies) == len(PAUSES_S) + 1


def test_a_server_that_says_how_long_to_wait_is_not_pressed(server: BusyServer) -> None:
    server.busy, server.retry_after = 99, "30"
    assert answer_of(server) == 503
    assert len(server.bodies) == 1
