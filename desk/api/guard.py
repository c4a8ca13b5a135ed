"""What every answer passes on its way out, and every body on its way in."""

import json
import logging
import secrets
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT_BYTES = 1024 * 1024
FILE_LIMIT_BYTES = 11 * 1024 * 1024
"""A file of 10 MB and the form around it."""
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"cache-control", b"no-store"),
)
COOKIES = ("__Host-whistle=", "whistle=")
log = logging.getLogger("desk")


class ForeignFormError(PermissionError):
    """A page of somebody else sent this: the browser added a key that its user did not mean to use."""


class BodyTooLargeError(ValueError):
    """A body passes the limit; nothing of it is kept."""


class Guard:
    """Limits bodies, adds the security headers, and turns a fault of ours into a bare error id.

    It stands outside the framework's own handling, because the framework would hand the error on
    to the server, whose log would repeat the words that caused it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sender = _Sender(send)
        try:
            _refuse_foreign(scope)
            body = await _whole_body(scope, receive)
            await self.app(scope, _replayed(body, receive), sender)
        except ForeignFormError:
            message = "This was sent from another site's page. Open the desk itself and do it there."
            await sender.refuse(403, {"error": "foreign_form", "message": message})
        except BodyTooLargeError:
            limit = f"{_limit_of(scope) // 1024} KiB"
            await sender.refuse(413, {"error": "too_large", "message": f"The body may have {limit}."})
        except Exception as error:  # noqa: BLE001 - the last door: whatever passes it would be logged whole
            error_id = secrets.token_hex(8)
            log.error("%s %s", type(error).__name__, error_id, extra={"event": "fault"})  # noqa: TRY400 - a traceback holds values
            message = "Something went wrong here. Tell the administrator this error id."
            await sender.refuse(500, {"error": "fault", "message": message, "error_id": error_id})


class _Sender:
    """Sends an answer with our headers, and knows whether one has begun."""

    def __init__(self, send: Send) -> None:
        self.send, self.has_begun = send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            own = {name for name, _ in message["headers"]}
            added = [each for each in HEADERS if each[0] not in own]
            message = {**message, "headers": [*message["headers"], *added]}
        await self.send(message)

    async def refuse(self, status: int, content: dict[str, str]) -> None:
        """Answer, unless an answer is already on its way."""
        if self.has_begun:
            return
        body = json.dumps(content).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


async def _whole_body(scope: Scope, receive: Receive) -> list[Message]:
    """The messages of the body, read before anything looks at them.

    Raises:
        BodyTooLargeError: It announces or brings more than the limit.
    """
    limit = _limit_of(scope)
    if _announced(scope["headers"]) > limit:
        raise BodyTooLargeError
    messages, size, more = list[Message](), 0, True
    while more:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > limit:
            raise BodyTooLargeError
        more = message["type"] == "http.request" and message.get("more_body", False)
    return messages


def _limit_of(scope: Scope) -> int:
    path: str = scope["path"]
    return FILE_LIMIT_BYTES if path.startswith("/o/") and path.endswith("/evidence") else BODY_LIMIT_BYTES


def _refuse_foreign(scope: Scope) -> None:
    """Let a browser write only from the desk's own pages; a program sends neither header.

    Raises:
        ForeignFormError: The browser says that another site's page sent it.
    """
    if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return
    headers = dict(scope["headers"])
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        foreign = site not in {b"same-origin", b"none"}
    else:
        origin = headers.get(b"origin")
        if origin is None:
            # A browser that tells neither cannot be trusted with the cookie it sends along unasked.
            foreign = any(name.encode() in headers.get(b"cookie", b"") for name in COOKIES)
        else:
            foreign = origin.partition(b"://")[2] != headers.get(b"host")
    if foreign:
        raise ForeignFormError


def _announced(headers: Iterable[tuple[bytes, bytes]]) -> int:
    sizes = [value for name, value in headers if name == b"content-length"]
    return int(sizes[0]) if sizes and sizes[0].isdigit() else 0


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def next_message() -> Message:
        message = next(waiting, None)
        return message if message is not None else await receive()

    return next_message
