"""Files: departments send them by their link, the seat opens them from the case's page; nothing is shown inline."""

import secrets
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from desk.api.rights import SEATS
from desk.boards.case_pages import storable_number
from desk.front import Front
from desk.pages.news_sheets import ONCE
from desk.pages.order import find_order, link_speaker, shown_order
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.translation import N_, Said
from models.vault import SealedForeverError
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError
from tasks.words.keeping_evidence import FileRefusedError, keep_evidence, open_evidence
from tasks.words.reading import ReadingNotAllowedError

FILE_PROBLEMS: dict[str, Said] = {
    "empty": N_("No file was chosen, or it is empty."),
    "too_large": N_("The file is larger than 10 MB."),
    "form": N_("Only photos (JPG, PNG), PDF, sound (MP3, WAV, M4A) and film (MP4, MOV) are taken."),
    "name_and_content": N_("The content is not what the name says."),
    "active": N_("The PDF holds scripts or attachments: print and scan it instead."),
    "too_many": N_("Your unit has sent as many files as one order takes."),
}
"""Every code of a refused file is a key."""


def evidence_routes(front: Front) -> APIRouter:
    """Sending and opening files; both by forms, so that nothing is fetched ahead."""
    router = APIRouter(include_in_schema=False)

    @router.post("/o/{token}/evidence", response_model=None)
    async def send(request: Request, token: str) -> Response:
        once, name, content = await _sent(request)
        return await run_in_threadpool(_keep, front, request, token, once, name, content)

    @router.post("/cases/{number}/evidence/{evidence}", response_model=None)
    def fetch(request: Request, number: str, evidence: int) -> Response:
        speaker = visitor(front, request, SEATS)
        if speaker is None:
            return turn_away(request)
        try:
            with front.turn_to_write():
                name, content = open_evidence(front.place, storable_number(number[:20]), min(evidence, 2**31 - 1), speaker, front.now())
        except (CaseNotFoundError, ReadingNotAllowedError, SealedForeverError):
            return page(request, "case.html", 404, story=None, link=None)
        return _download(name, content)

    return router


async def _sent(request: Request) -> tuple[str, str, bytes]:
    """The form's key, the file's name and its content; empty where they are missing or cannot be read."""
    try:
        async with request.form(max_files=1, max_fields=3) as form:
            once, file = form.get("once"), form.get("file")
            if not isinstance(file, UploadFile):
                return "", "", b""
            return str(once or ""), file.filename or "", await file.read()
    except (MultiPartException, HTTPException, ValueError):
        return "", "", b""


def _keep(front: Front, request: Request, token: str, once: str, name: str, content: bytes) -> Response:
    with front.place.database.reading() as session:
        order = find_order(session, token, front)
    if order is None or not order.is_open:
        return shown_order(front, request, token, status=404 if order is None else 409)
    if not ONCE.fullmatch(once):
        return shown_order(front, request, token, status=422, file_problem=FILE_PROBLEMS["empty"])
    try:
        with front.turn_to_write():
            keep_evidence(front.place, order.number, link_speaker(order), name, content, once, front.now())
    except FileRefusedError as refused:
        return shown_order(front, request, token, status=422, file_problem=FILE_PROBLEMS[refused.code])
    except (CaseNotFoundError, NewsNotAllowedError, SealedForeverError):
        return shown_order(front, request, token, status=409)
    return RedirectResponse(f"/o/{token}?kept=1&lang={words_for(request).language}#files", 303)


def _download(name: str, content: bytes) -> Response:
    ending = name.rpartition(".")[2]
    plain = f"evidence-{secrets.token_hex(4)}.{ending if ending.isascii() and ending.isalnum() else 'bin'}"
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
