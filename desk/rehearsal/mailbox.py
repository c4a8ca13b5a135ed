"""Where the rehearsal's alerts arrive: a local HTTP receiver, and a reader of what the letters say."""

import json
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from models.vocabulary import Ask, Grade
from notifications.messages import ASKED

_LABEL = re.compile(r"W-\d{6,}", re.ASCII)
_ASKS = {words: (ask, language) for ask, pair in ASKED.items() for language, words in enumerate(pair)}
_BIGGEST_LETTER = 1_000_000


@dataclass(frozen=True)
class ReadAlert:
    """One alert as its reader understood it."""

    recipient: str
    label: str
    grade: Grade
    ask: Ask


class LetterNotReadableError(ValueError):
    """A delivered alert does not say which case, which grade and what is asked."""


def read_letter(recipient: str, body: str) -> list[ReadAlert]:
    """The alerts of one message: one, or the several of a digest.

    A message in two languages says everything twice; its reader keeps to the first one.

    Raises:
        LetterNotReadableError: Some alert in it lacks its case, its grade or what is asked.
    """
    alerts = [_alert(recipient, values) for values in _blocks(body)]
    if not alerts:
        raise LetterNotReadableError(f"{recipient}: a message names no case")
    first_language = alerts[0][1]
    return [alert for alert, language in alerts if language == first_language]


def _alert(recipient: str, values: list[str]) -> tuple[ReadAlert, int]:
    grade = next((Grade(value) for value in values if value in list(Grade)), None)
    asked = next((_ASKS[value] for value in values if value in _ASKS), None)
    if grade is None or asked is None:
        raise LetterNotReadableError(f"{recipient}: an alert on {values[0]} is incomplete")
    return ReadAlert(recipient, values[0], grade, asked[0]), asked[1]


def _blocks(body: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in body.splitlines():
        value = re.split("：|: ", line, maxsplit=1)[-1].strip()
        if _LABEL.fullmatch(value):
            if block:
                yield block
            block = []
        if value and (block or _LABEL.fullmatch(value)):
            block.append(value)
    if block:
        yield block


class Mailbox:
    """Receives alerts on this machine while its `with` block lasts.

    Everybody has an address of their own; what arrives elsewhere is refused, so that the desk
    would try again and the rehearsal would notice.
    """

    def __init__(self, recipients: Iterable[str]) -> None:
        self._places = {"/" + re.sub(r"[^A-Z0-9]", "_", who.upper()): who for who in recipients}
        self._letters: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, name="mailbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that lead every channel here."""
        port = self._server.server_port
        return {f"WHISTLE_CHANNEL_{place[1:]}": f"json://127.0.0.1:{port}{place}" for place in self._places}

    def put(self, place: str, body: str) -> bool:
        """Keep a delivered message; False if nobody lives at `place`."""
        recipient = self._places.get(place)
        if recipient is None:
            return False
        with self._lock:
            self._letters.append((recipient, body))
        return True

    def empty(self) -> list[ReadAlert]:
        """The alerts that arrived since the last time.

        Raises:
            LetterNotReadableError: One of them cannot be understood.
        """
        with self._lock:
            letters, self._letters = self._letters, []
        return [alert for recipient, body in letters for alert in read_letter(recipient, body)]


def _handler_of(mailbox: Mailbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = min(int(self.headers.get("Content-Length") or 0), _BIGGEST_LETTER)
            letter = json.loads(self.rfile.read(size))
            kept = mailbox.put(self.path.rstrip("/"), str(letter.get("message", "")))
            self.send_response(200 if kept else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Alerts are counted, not logged."""

    return Handler
