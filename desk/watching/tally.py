"""What the desk counts of its requests, by the pattern of the route: never an address, which may be a right."""

import time

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
PREFIX = "/api/v1"
OTHER = "other"
"""Requests that fit no route: whatever somebody tries."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DOORS = {("POST", "/api/v1/cases", 201): "api", ("POST", "/intake", 303): "page"}
"""What a request that was taken in looks like from outside, durable by then."""

REQUESTS = Counter("whistle_http_requests", "Requests answered, by route", ["route", "method", "status"])
DURATION = Histogram("whistle_http_request_seconds", "Until the whole answer was sent, by route", ["route", "method"], buckets=SECONDS)
TAKEN_IN = Counter("whistle_cases_taken_in", "Requests taken in by this process; what a file brings is not among them", ["door"])

for _door in DOORS.values():
    TAKEN_IN.labels(_door)


class Tally:
    """Counts and times every request; stands outside everything else, so that refusals count too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, is_replay, began = 500, False, time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status, is_replay
            if message["type"] == "http.response.start":
                status = message["status"]
                is_replay = any(name.lower() == b"idempotent-replay" for name, _ in message["headers"])
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            route = _pattern(scope)
            method = scope["method"] if scope["method"] in METHODS else OTHER
            REQUESTS.labels(route, method, str(status)).inc()
            DURATION.labels(route, method).observe(time.perf_counter() - began)
            door = DOORS.get((method, route, status))
            if door and not is_replay:
                TAKEN_IN.labels(door).inc()


def _pattern(scope: Scope) -> str:
    """The route as it is written in the app, such as `/o/{token}`; the framework leaves it in the scope."""
    pattern = getattr(scope.get("route"), "path", None)
    if pattern is None:
        return OTHER
    # A router's routes do not know under which prefix it was included; we have one.
    return f"{PREFIX}{pattern}" if scope["path"].startswith(f"{PREFIX}/") else str(pattern)
