"""Whether the process lives and whether it can work: for whoever starts, restarts and watches the desk."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from desk.watching.readiness import Readiness


def health_routes(readiness: Readiness) -> APIRouter:
    """`/healthz` and `/readyz`, also by their older names; anybody may ask, so the answers name no reason."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="The process answers")
    @router.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        """Restart the desk if this fails. It asks nobody: a database that is away is no reason to restart."""
        return {"status": "live"}

    @router.get("/readyz", summary="The desk can work", response_model=None)
    @router.get("/health/ready", include_in_schema=False)
    def ready() -> JSONResponse:
        """Send nothing here while this is not 200; `degraded` means that cases are taken in and wait.

        The reason is in the log of the desk (`not_ready`) and in `whistle doctor`.
        """
        if readiness.problem():
            return JSONResponse({"status": "not_ready"}, 503)
        return JSONResponse({"status": "ready" if readiness.prefect().answers else "degraded"})

    return router
