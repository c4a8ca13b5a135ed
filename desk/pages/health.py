"""`/health/live` and `/health/ready`: for whoever starts, restarts and watches the desk."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from desk.front import Front
from models.house import DeskFact
from models.keeping import CHECK
from models.migrations.running import newest_version, version_of


def health_routes(front: Front) -> APIRouter:
    """Whether the process lives, and whether it can work."""
    router = APIRouter(tags=["health"])
    wanted = newest_version()

    @router.get("/health/live", summary="The process answers")
    def live() -> dict[str, str]:
        """Restart the desk if this fails."""
        return {"status": "live"}

    @router.get("/health/ready", summary="The desk can work", response_model=None)
    def ready() -> JSONResponse:
        """Send nothing here while this is not 200."""
        problem = _problem(front, wanted)
        if problem:
            return JSONResponse({"status": "not_ready", "problem": problem}, 503)
        return JSONResponse({"status": "ready", "database": wanted})

    return router


def _problem(front: Front, wanted: str) -> str | None:
    """A code for what is missing, None if nothing is."""
    database = front.place.database
    try:
        if version_of(database) != wanted:
            return "database_not_migrated"
        with database.reading() as session:
            remembered = session.get(DeskFact, CHECK)
    except (DBAPIError, PoolTimeoutError):
        return "database_does_not_answer"
    if remembered is None or not front.place.vault.recognises(remembered.value):
        return "wrong_master_key"
    return None
