"""`/cases/{number}/suggestion`: a request with the words that made the machine think so, for who reviews it."""

import secrets
from collections.abc import Iterator, Sequence

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse
from sqlmodel import col, select

from desk.api.rights import HOUSE
from desk.boards.case_pages import storable_number
from desk.front import Front
from desk.pages.case import case_page
from desk.pages.chance_words import chance_words, worth_showing
from desk.pages.gap_words import GAP_WORDS
from desk.pages.house_forms import sayable, sheet_for
from desk.pages.house_waits import at_house
from desk.pages.journal_words import NEWS_WORDS
from desk.pages.news_sheets import Sheet
from desk.pages.person_words import PERSON_FIELD_WORDS, PURPOSE_WORDS
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.signal_words import signal_words
from desk.pages.story_words import actor_words, roles_of
from desk.pages.switching import asked_again
from desk.pages.words import Words
from models.case import Case
from models.vault import SealedForeverError
from models.vocabulary import NewsKind, Purpose, Role
from tasks.classifying.suggestion import PASSAGE, Suggestion, read_suggestion
from tasks.news.inbox import CaseNotFoundError
from tasks.words.reading import ReadingNotAllowedError

Piece = tuple[str, tuple[str, ...]]


def suggestion_routes(front: Front) -> APIRouter:
    """One page. It is asked for by a form, so that no prefetch opens a child's words, and never kept."""
    router = APIRouter(include_in_schema=False)

    @router.post("/cases/{number}/suggestion")
    def suggestion(request: Request, number: str, purpose: Purpose = Purpose.REVIEW) -> HTMLResponse:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return turn_away(request)
        try:
            found = read_suggestion(front.place, storable_number(number[:20]), speaker, purpose, front.now())
        except ReadingNotAllowedError:
            return case_page(front, request, speaker, number[:20], 403)
        except (CaseNotFoundError, SealedForeverError):
            return page(request, "case.html", 404, story=None, link=None)
        catalogue, words = front.place.catalogue, words_for(request)
        sheet, unseen, coming = _summary_sheet(front, found)
        signals = {each.id: each for each in catalogue.signals}
        with front.place.database.reading() as session:
            roles = roles_of(session, (each.actor for each in found.said))
        shown = page(
            request,
            "suggestion.html",
            found=found,
            likely=worth_showing(found.likely),
            chance=chance_words,
            heard=[words.pick(signal_words(each, signals)) for each in found.signals],
            gaps=[words.pick(GAP_WORDS[each]) for each in found.summary.hidden],
            mark=lambda why: _why(why, front, words),
            pieces=list(pieces_of(found)),
            kinds=catalogue.kinds,
            departments=catalogue.departments,
            sheet=sheet,
            unseen=unseen,
            coming=coming,
            news_names={each.value: said for each, said in NEWS_WORDS.items()},
            actor_words=actor_words,
            roles=roles,
            person_fields=PERSON_FIELD_WORDS,
            purposes=PURPOSE_WORDS,
            once=secrets.token_urlsafe(16),
            switch=asked_again(request, words),
        )
        shown.headers["Cache-Control"] = "no-store"
        return shown

    return router


def _summary_sheet(front: Front, found: Suggestion) -> tuple[Sheet | None, bool, bool]:
    """The form to write for departments with, while the case is open; what the machine would write stands in it.

    With it, whether departments read nothing yet of what stands there, and whether a summary was just saved: then it is not asked for again.
    """
    kind = NewsKind.SUMMARY_WRITTEN
    with front.place.database.reading() as session:
        case = session.exec(select(Case).where(col(Case.number) == int(found.number[2:]))).one()
        at = at_house(front.place, session, case)
    if kind in at.unread or kind not in sayable(case, Role.OPERATOR, at):
        return None, False, kind in at.unread
    return sheet_for(kind, front.place, case, {"text": found.summary.text or ""}), at.summary_owed, False


def _why(owners: Sequence[str], front: Front, words: Words) -> str:
    """Why a stretch is marked: the signals and kinds that its cues speak for, or the model's passage."""
    signals, kinds = {each.id: each for each in front.place.catalogue.signals}, front.place.catalogue.kinds
    told = [
        words["mark_passage"] if each == PASSAGE else words.pick((kinds[each].name_zh, kinds[each].name_en)) if each in kinds
        else words.pick(signal_words(each, signals))
        for each in owners
    ]  # fmt: skip
    return ("、" if words.language == "zh" else ", ").join(told)


def pieces_of(found: Suggestion) -> Iterator[Piece]:
    """The text in order, cut where marks begin and end; no mark, no reason."""
    at = 0
    for mark in found.marks:
        if mark.begin > at:
            yield found.text[at : mark.begin], ()
        yield found.text[mark.begin : mark.end], mark.why
        at = mark.end
    if at < len(found.text):
        yield found.text[at:], ()
