"""The desk's HTTP side: the API, the pages and the health checks, as one app."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.exceptions import HTTPException

from desk.api.answers import add_answers
from desk.api.guard import Guard
from desk.api.intake import intake_routes
from desk.api.links import link_routes
from desk.api.news import news_routes
from desk.api.notices import notice_routes
from desk.api.reading import reading_routes
from desk.api.rights import scopes_by_route
from desk.api.units import unit_routes
from desk.api.words import words_routes
from desk.front import Front
from desk.pages.api_page import api_page_routes
from desk.pages.board import board_routes
from desk.pages.calling import calling_routes
from desk.pages.case_list import case_list_routes
from desk.pages.copy import copy_routes
from desk.pages.deciding import deciding_routes
from desk.pages.duty import duty_routes
from desk.pages.evidence import evidence_routes
from desk.pages.full_text import full_text_routes
from desk.pages.health import health_routes
from desk.pages.intake import intake_page_routes
from desk.pages.knowledge import knowledge_routes
from desk.pages.nothing_here import nothing_here
from desk.pages.oidc import oidc_routes
from desk.pages.order import order_routes
from desk.pages.person import person_routes
from desk.pages.proactive import proactive_routes
from desk.pages.proactive_link import proactive_link_routes
from desk.pages.progress import progress_routes
from desk.pages.quality import quality_routes
from desk.pages.reads import glass_routes, reads_routes
from desk.pages.reassigning import reassigning_routes
from desk.pages.reports import report_routes
from desk.pages.show import style_routes
from desk.pages.signing_in import account_routes, second_factor_routes, signing_in_routes
from desk.pages.suggestion import suggestion_routes
from desk.pages.topics import topic_routes
from desk.pages.trends import trend_routes
from desk.pages.units import unit_page_routes
from desk.watching.page import metrics_routes
from desk.watching.readiness import Readiness
from desk.watching.tally import Tally
from models.vocabulary import Scope
from tasks.workplace import VERSION, Workplace

ABOUT = """\
Requests and news in, codes and times out. Two routes only give words, `…/words` and `…/suggestion`: to the
seat, for a stated purpose, into the access log. No other answer ever holds an identity or free text.

**Keys.** Every call under `/api` needs an API key: `Authorization: Bearer whk_…`, or HTTP Basic with
the key as password. A key has one role; a department sees its own part of its own cases only. It may be
made for less than its role may do: every route names the scope it needs, and 403 `scope_missing` tells it.

**Writes** need an `Idempotency-Key`. The same key with the same body gets the same answer, marked
`Idempotent-Replay: true`; the same key with another body is refused with 409.

**Errors** are `{"error": code, "message": words}`; 422 adds the fields to correct and never repeats
what was sent. "Not found" and "not yours" are one answer.
"""
KEY_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, `whk_…`"},
    "browser": {"type": "http", "scheme": "basic", "description": "Any user name, the key as password"},
}


def utc_now() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


def make_app(place: Workplace, now: Callable[[], datetime] = utc_now) -> FastAPI:
    """The app over one workplace.

    Args:
        place: What the routes work with; whoever opened it closes it.
        now: The clock; the rehearsal and tests bring their own.
    """
    return app_behind(Front(place, now), Readiness(place))


def app_behind(front: Front, readiness: Readiness) -> FastAPI:
    """The app over what is asked of a workplace; routes read it anew with every request."""
    # Its own documentation pages load scripts from other servers; `/docs` is ours.
    app = FastAPI(title="Whistle", version=VERSION, description=ABOUT, docs_url=None, redoc_url=None)
    app.state.front = front
    api = APIRouter(prefix="/api/v1")
    scopes = dict[tuple[str, str], Scope]()
    for routes in (intake_routes, reading_routes, words_routes, news_routes, link_routes, notice_routes, unit_routes):
        group = routes(front)
        scopes |= scopes_by_route(api.prefix, group)
        api.include_router(group)
    # Health and figures are not among them: they must answer while the database hangs.
    newest = [Depends(front.stay_up_to_date)]
    app.include_router(api, dependencies=newest)
    for pages in (
        evidence_routes, signing_in_routes, oidc_routes, account_routes, second_factor_routes, calling_routes, progress_routes, reads_routes, glass_routes, board_routes, duty_routes, deciding_routes, intake_page_routes, order_routes, copy_routes, unit_page_routes,
        suggestion_routes, person_routes, full_text_routes, quality_routes, report_routes, trend_routes, knowledge_routes, case_list_routes, reassigning_routes,
        proactive_routes, proactive_link_routes, topic_routes,
    ):  # fmt: skip
        app.include_router(pages(front), dependencies=newest)
    for watched in (api_page_routes(), style_routes(), health_routes(readiness), metrics_routes(front, readiness)):
        app.include_router(watched)
    add_answers(app)
    app.add_exception_handler(HTTPException, nothing_here)  # type: ignore[arg-type]  # Starlette types handlers by the widest error
    app.add_middleware(Guard)
    app.add_middleware(Tally)
    _describe_keys(app, scopes)
    return app


def _describe_keys(app: FastAPI, scopes: Mapping[tuple[str, str], Scope]) -> None:
    """Tell the description how keys are sent; the gates read the header themselves."""
    drawn = app.openapi

    def openapi() -> dict[str, Any]:
        description = drawn()
        description["components"]["securitySchemes"] = KEY_SCHEMES
        for path, methods in description["paths"].items():
            if path.startswith("/api/"):
                for method, route in methods.items():
                    _describe_route(route, scopes[method, path])
        return description

    # The framework's own way to extend the description.
    app.openapi = openapi  # type: ignore[method-assign]


def _describe_route(route: dict[str, Any], scope: Scope) -> None:
    route["security"] = [{"key": [scope]}, {"browser": [scope]}]
    route["description"] = f"{route.get('description', '')}\n\nScope: `{scope}`.".strip()
    for parameter in route.get("parameters", ()):
        # It has a default only so that a missing one gets our 400 instead of the framework's 422.
        if parameter["name"] == "Idempotency-Key":
            parameter["required"] = True
            parameter["schema"].pop("default", None)
