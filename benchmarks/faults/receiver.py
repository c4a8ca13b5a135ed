"""Whoever is told: a real HTTP receiver that keeps every alert it read, in whatever mood it is.

It keeps ids and bodies, as a service would that drops what it has seen; the bodies hold codes only.
"""

import json
import socket
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

ID_HEADER = "X-Whistle-Notice"
SILENCE_S = 13.0
"""Longer than the ten seconds that a channel waits for an answer."""
SLOW_S = 2.0
SIZE_MOST = 1_000_000


class Mood(StrEnum):
    """How the receiver behaves."""

    UP = "up"
    DOWN = "down"
    REFUSES = "refuses"
    SLOW = "slow"
    TWICE = "answers_twice"
    LATE = "answers_too_late"
    HANGS_UP = "hangs_up"
    FAILS = "fails_after_reading"


@dataclass(frozen=True)
class Delivery:
    """One arrival: under which id, at which address, with which words."""

    id: str
    path: str
    body: str


class Receiver:
    """Listens on this machine; `url` is its Apprise address for one recipient."""

    def __init__(self, port: int, log: Path) -> None:
        self.port, self.mood, self.log = port, Mood.UP, log
        self._read: list[Delivery] = []
        self._lock = threading.Lock()
        self._server = _Server(self, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, code: str) -> str:
        """The channel to set for a recipient."""
        return f"json://127.0.0.1:{self.port}/{code}"

    def deliveries(self) -> list[Delivery]:
        """Everything that was read so far, repeats too."""
        with self._lock:
            return list(self._read)

    def keep(self, delivery: Delivery) -> None:
        """One alert was read whole."""
        with self._lock:
            self._read.append(delivery)
            with self.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps({"id": delivery.id, "path": delivery.path, "mood": self.mood}) + "\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, receiver: Receiver, port: int) -> None:
        self.receiver = receiver
        super().__init__(("127.0.0.1", port), _Reader)

    def handle_error(self, *_: Any) -> None:
        """A sender that gave up is the sender's affair."""


class _Reader(BaseHTTPRequestHandler):
    server: "_Server"

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        mood = self.server.receiver.mood
        if mood is Mood.DOWN:
            self._hang_up()
            return
        size = min(int(self.headers.get("Content-Length", "0")), SIZE_MOST)
        said = json.loads(self.rfile.read(size))
        if mood is Mood.REFUSES:
            self._answer(503)
            return
        self.server.receiver.keep(
            Delivery(self.headers.get(ID_HEADER, ""), self.path, str(said.get("message", "")))
        )
        self._after_reading(mood)

    def _after_reading(self, mood: Mood) -> None:
        match mood:
            case Mood.SLOW:
                time.sleep(SLOW_S)
            case Mood.LATE:
                time.sleep(SILENCE_S)
            case Mood.HANGS_UP:
                self._hang_up()
                return
            case Mood.FAILS:
                self._answer(500)
                return
            case Mood.TWICE:
                self._answer(200)
            case _:
                pass
        self._answer(200)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""
