"""The desk's real app before a test's own workplace; built seldom, because building takes longer than most tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from desk.app import app_behind, utc_now
from desk.front import Front
from desk.watching.readiness import Readiness
from tasks.workplace import Workplace


class _Door:
    """An app that stands before one workplace after another, never before two at once."""

    def __init__(self, place: Workplace) -> None:
        self._front, self._readiness = Front(place, utc_now), Readiness(place)
        self.app: FastAPI = app_behind(self._front, self._readiness)

    def stand_before(self, place: Workplace, now: Callable[[], datetime]) -> None:
        """As if it had been built for this workplace: nothing that was remembered stays."""
        # Both are told their workplace when they are made, and only here moved to another.
        for kept, new in ((self._front, Front(place, now)), (self._readiness, Readiness(place))):
            vars(kept).clear()
            vars(kept).update(vars(new))


_IDLE = list[_Door]()


@contextmanager
def front_door(
    place: Workplace, now: Callable[[], datetime] = utc_now, **client: Any
) -> Iterator[TestClient]:
    """A client of the app over `place`, on the clock `now`; `client` is for the client itself."""
    door = _IDLE.pop() if _IDLE else _Door(place)
    door.stand_before(place, now)
    with TestClient(door.app, **client) as opened:
        yield opened
    _IDLE.append(door)
