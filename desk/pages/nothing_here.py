"""What somebody with a browser sees where there is nothing: words instead of the API's JSON."""

from fastapi.requests import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from desk.api.answers import on_http
from desk.pages.show import page


def nothing_here(request: Request, error: HTTPException) -> Response:
    """A page for people who are at an address that is none; programs get the API's answer."""
    is_person = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    if not is_person or error.status_code not in (404, 405):
        return on_http(request, error)
    return page(request, "nothing_here.html", error.status_code)
