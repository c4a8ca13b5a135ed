"""Asking something that may never answer, without waiting for ever and without piling up threads."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class NoAnswerError(TimeoutError):
    """Nothing came within the time that was given."""


class Patience(Generic[Answer]):
    """One question that is asked by one thread at a time.

    Whoever comes while it is being asked waits for that same answer, so that a hanging database holds
    one thread and not one for every look.
    """

    def __init__(self, ask: Callable[[], Answer], name: str) -> None:
        self._ask, self._name = ask, name
        self._lock = threading.Lock()
        self._going: _Going[Answer] | None = None

    def within(self, seconds: float) -> Answer:
        """What it answers.

        Raises:
            NoAnswerError: It takes longer.
            Exception: What the question itself raises.
        """
        with self._lock:
            going = self._going
            if going is None or going.done.is_set():
                going = self._going = _Going(self._ask)
                # A daemon: it must not keep a process alive that was told to end.
                threading.Thread(target=going.run, name=self._name, daemon=True).start()
        if not going.done.wait(seconds):
            raise NoAnswerError(self._name)
        return going.answer()


class _Going(Generic[Answer]):
    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self.done = threading.Event()
        self._answers = list[Answer]()
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._answers.append(self._ask())
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            self._error = error
        finally:
            self.done.set()

    def answer(self) -> Answer:
        if self._error is not None:
            raise self._error
        return self._answers[0]
