"""`/metrics`: the desk's figures for Prometheus, for a key that was made to read them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from desk.api.rights import Gate
from desk.front import Front
from desk.watching.figures import house_figures
from desk.watching.patience import NoAnswerError, Patience
from desk.watching.prefect import prefect_figures
from desk.watching.readiness import Readiness
from models.vocabulary import Role, Scope

FIGURES_SECONDS = 8.0
"""Prometheus waits ten seconds by default."""
OURS = ("whistle_", "process_", "python_")
"""Libraries count in the same place, under labels of their own; what they tell is not ours to give out."""
READERS = frozenset({Role.ADMINISTRATOR})


def metrics_routes(front: Front, readiness: Readiness) -> APIRouter:
    """The page that Prometheus asks for, every 15 seconds or so."""
    router = APIRouter()
    gate = Gate(front, READERS, Scope.METRICS_READ)
    counted = Patience(lambda: house_figures(front.place, front.now(), datetime.now(UTC)), "figures")

    def figures() -> bytes:
        house = _Told([*counted.within(FIGURES_SECONDS), *prefect_figures(readiness.prefect())])
        return generate_latest(house) + generate_latest(
            _Told(each for each in REGISTRY.collect() if each.name.startswith(OURS))
        )

    @router.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        # A key cannot be looked up in a database that hangs: that one is told first, and costs no thread.
        if await run_in_threadpool(readiness.problem):
            return Response(status_code=503)
        await run_in_threadpool(gate, request)
        await front.stay_up_to_date()
        try:
            return Response(await run_in_threadpool(figures), media_type=CONTENT_TYPE_LATEST)
        except (NoAnswerError, DBAPIError):
            return Response(status_code=503)

    return router


class _Told(Collector):
    """Figures that were counted already."""

    def __init__(self, figures: Iterable[Metric]) -> None:
        self._figures = list(figures)

    def collect(self) -> Iterable[Metric]:
        return self._figures
