"""`/knowledge`: what may be answered on the call, on what ground and how often it was; for everybody of the house."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from catalogue.knowledge_base import KnowledgeBase, KnowledgeEntry
from desk.api.rights import HOUSE
from desk.front import Front
from desk.pages.intake_words import SAY
from desk.pages.law_words import source_words
from desk.pages.news_sheets import body_of
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.switching import asked_again
from models.rule_files import RuleFileError
from notifications.messages import DESK_ZONE
from tasks.receiving.knowledge import Uses, knowledge_of, uses_of_knowledge

ON_ONE_PAGE = 10
MOST_FOUND = 20


@dataclass(frozen=True)
class Shelf:
    """The entries of one page; `before` and `after` are the numbers of its neighbours, None at the ends."""

    entries: Sequence[KnowledgeEntry]
    before: int | None = None
    after: int | None = None


def knowledge_routes(front: Front) -> APIRouter:
    """Browsing by pages, and searching; what was asked never stands in an address."""
    router = APIRouter(include_in_schema=False)

    @router.get("/knowledge")
    def browse(request: Request, page: str = "1") -> HTMLResponse:
        if visitor(front, request, HOUSE) is None:
            return turn_away(request)
        return _drawn(front, request, lambda known: _shelf(known, page))

    @router.post("/knowledge")
    def search(request: Request, body: Annotated[bytes, Depends(body_of)]) -> HTMLResponse:
        if visitor(front, request, HOUSE) is None:
            return turn_away(request)
        asked = _asked(body)
        return _drawn(front, request, lambda known: Shelf(known.found(asked, most=MOST_FOUND)), asked)

    return router


def _drawn(front: Front, request: Request, choose: Callable[[KnowledgeBase], Shelf], asked: str = "") -> HTMLResponse:
    today = front.now().astimezone(DESK_ZONE).date()
    try:
        shelf = choose(knowledge_of(front.place))
    except RuleFileError:
        return page(request, "knowledge.html", 503, source_words=source_words, shelf=None, say=SAY, asked=asked, uses={}, today=today, unused=Uses(), kinds={})
    with front.place.database.reading() as session:
        uses: Mapping[str, Uses] = uses_of_knowledge(session)
    kinds = front.place.catalogue.kinds
    switch = asked_again(request, words_for(request), [("ask", asked)]) if request.method == "POST" else None
    return page(request, "knowledge.html", source_words=source_words, shelf=shelf, say=SAY, asked=asked, uses=uses, today=today, unused=Uses(), kinds=kinds, switch=switch)


def _asked(body: bytes) -> str:
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=5)).get("ask", "").strip()[:200]
    except ValueError:
        return ""


def _shelf(known: KnowledgeBase, written: str) -> Shelf:
    whole = list(known.entries.values())
    last = max(1, -(-len(whole) // ON_ONE_PAGE))
    number = min(max(1, int(written)), last) if written.isascii() and written.isdigit() and len(written) < 6 else 1
    start = (number - 1) * ON_ONE_PAGE
    return Shelf(whole[start : start + ON_ONE_PAGE], number - 1 or None, number + 1 if number < last else None)
