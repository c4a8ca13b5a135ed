"""`/cases`: the list of cases by key, newest first, and the same list as a table to download."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from desk.api.rights import HOUSE, OVERSEERS
from desk.boards.case_filter import Asked, CaseFilter, read_filter
from desk.boards.case_pages import CaseRow, Page, count_up_to, page_of
from desk.boards.needs import Moment, Need
from desk.front import Front
from desk.pages.board_words import NEED_WORDS, PURPOSE_WORDS
from desk.pages.runs import run_link
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.words import FLAG_WORDS, STATUS_WORDS
from desk.safe_cells import safe_row
from models.house import AccessLog
from models.vocabulary import Grade, Purpose, ReadOf, Role
from tasks.clocks.page import TARGET_WORDS
from tasks.dispatch.reassigning import REASON_WORDS
from tasks.news.inbox import Speaker

SHOWN, MOST_COUNTED = 50, 1000
MOST_ROWS, WINDOW = 10_000, 200
HEADS = ("number", "status", "grade", "kind", "lead", "district", "flag", "received_at", "next_due_at", "wake_at", "run_id")
NOTHING = Page((), has_newer=False, has_older=False)


def case_list_routes(front: Front) -> APIRouter:
    """The list, for the house; the download, for those who oversee."""
    router = APIRouter(include_in_schema=False)

    @router.get("/cases", response_model=None)
    def cases(request: Request) -> Response:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return turn_away(request)
        number = request.query_params.get("number", "").strip()
        if number:
            return _jump(request, number)
        return _list(front, request, speaker)

    @router.get("/cases.csv", response_model=None)
    def download(request: Request) -> Response:
        speaker = visitor(front, request, OVERSEERS)
        if speaker is None:
            return turn_away(request)
        purpose = request.query_params.get("purpose", "")
        asked = read_filter(request.query_params.multi_items())
        if asked.filter is None or purpose not in set(Purpose):
            return _list(front, request, speaker, no_purpose=purpose not in set(Purpose))
        with front.turn_to_write():
            _note_read(front, speaker, Purpose(purpose), asked)
        named = {"Content-Disposition": 'attachment; filename="cases.csv"'}
        return StreamingResponse(table_lines(front, asked.filter, speaker), media_type="text/csv; charset=utf-8", headers=named)

    return router


def _jump(request: Request, number: str) -> RedirectResponse:
    # Only figures go on into the address; a case's page says itself that there is none.
    digits = "".join(each for each in number if each in "0123456789")[:12]
    label = f"W-{int(digits):06d}" if digits else "W-0"
    return RedirectResponse(f"/?case={label}&lang={words_for(request).language}", 303)


def _list(front: Front, request: Request, speaker: Speaker, *, no_purpose: bool = False) -> HTMLResponse:
    asked, at = read_filter(request.query_params.multi_items()), _moment(front)
    found, total = NOTHING, 0
    if asked.filter is not None:
        wanted = asked.filter.wanted(speaker.client, at)
        with front.place.database.reading() as session:
            found = page_of(session, wanted, SHOWN, asked.filter.before, asked.filter.after)
            if asked.filter.before is None and asked.filter.after is None:
                total = count_up_to(session, wanted, MOST_COUNTED)
    may_move = speaker.role is Role.SUPERVISOR and asked.filter is not None and asked.filter.lead is not None
    return page(
        request, "case_list.html", 422 if no_purpose or asked.filter is None else 200,
        asked=asked, rows=found.rows, found=found, total=total, most=MOST_COUNTED, no_purpose=no_purpose, now=at.now,
        kinds=front.place.catalogue.kinds, departments=front.place.catalogue.departments, run_link=run_link,
        targets=TARGET_WORDS, needs={each: NEED_WORDS[each] for each in Need}, statuses=STATUS_WORDS, flags=FLAG_WORDS,
        grades=tuple(Grade), purposes=PURPOSE_WORDS, may_load=speaker.role in OVERSEERS,
        may_move=may_move, reasons=REASON_WORDS,
    )  # fmt: skip


def _moment(front: Front) -> Moment:
    return Moment(front.now(), datetime.now(UTC))


def _note_read(front: Front, speaker: Speaker, purpose: Purpose, asked: Asked) -> None:
    """Into the access log before the first row leaves: who, why, and what was asked for, in codes."""
    with front.place.database.writing() as session:
        session.add(
            AccessLog(at=front.now(), client=speaker.client, what=ReadOf.CASE_LIST, purpose=purpose, allowed=True, subject=asked.query()[:400])
        )


def _windows(front: Front, wished: CaseFilter, speaker: Speaker) -> Iterator[CaseRow]:
    """Row by row, a window at a time, so that neither memory nor a transaction grows with the list."""
    wanted, before, left = wished.wanted(speaker.client, _moment(front)), wished.before, MOST_ROWS
    while left:
        with front.place.database.reading() as session:
            found = page_of(session, wanted, min(WINDOW, left), before)
        yield from found.rows
        left -= len(found.rows)
        if not found.has_older:
            return
        before = int(found.rows[-1].number.removeprefix("W-"))


def table_lines(front: Front, wished: CaseFilter, speaker: Speaker) -> Iterator[str]:
    """The table line by line: codes and times of the cases that this speaker may know of."""
    # The mark tells spreadsheets that it is UTF-8.
    yield "\ufeff" + _line(HEADS)
    for row in _windows(front, wished, speaker):
        yield _line(safe_row(_cells(row)))


def _cells(row: CaseRow) -> tuple[object, ...]:
    at = (row.received_at, row.due_at, row.wake_at)
    times = [each.astimezone(UTC).isoformat(timespec="seconds") if each else "" for each in at]
    codes = (row.number, row.status.value, row.grade.value, row.kind or "", row.lead or "", row.district or "", row.flag or "")
    return (*codes, *times, str(row.run_id or ""))


def _line(cells: Iterable[object]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
