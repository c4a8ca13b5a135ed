"""`/docs`: the API's description for people, drawn from the one for machines."""

import json
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.pages.show import page


def api_page_routes() -> APIRouter:
    """A page without scripts: the framework's own would load them from elsewhere."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    def docs(request: Request) -> HTMLResponse:
        description = request.app.openapi()
        return page(request, "api.html", routes=list(_routes(description)), **_head(description))

    return router


def _routes(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    forms = description["components"]["schemas"]
    for path, methods in description["paths"].items():
        for method, route in methods.items():
            body = route.get("requestBody", {}).get("content", {}).get("application/json", {})
            form = forms.get(body.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
            yield {
                "method": method.upper(),
                "path": path,
                "summary": route.get("summary", ""),
                "about": _plain(route.get("description", "")),
                "parameters": route.get("parameters", []),
                "fields": [(name, name in form.get("required", ())) for name in form.get("properties", {})],
                "examples": [_json(each["value"]) for each in body.get("examples", {}).values()],
            }


def _head(description: dict[str, Any]) -> dict[str, Any]:
    info = description["info"]
    return {"version": info["version"], "about": _plain(info["description"]).split("\n\n")}


def _plain(marked_up: str) -> str:
    return marked_up.replace("**", "").replace("`", "")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
