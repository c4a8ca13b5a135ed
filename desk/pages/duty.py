"""`/duty`: what burns. Danger first, then what is late, near, waits for a decision, or stands still."""

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.api.rights import HOUSE
from desk.boards.heaps import SHOWN, heaps
from desk.boards.needs import Moment
from desk.front import Front
from desk.pages.board_words import STUCK_WORDS
from desk.pages.runs import run_link
from desk.pages.show import page, turn_away, visitor
from desk.pages.spans import span_words
from desk.pages.unit_words import unit_words
from models.vocabulary import Recipient
from tasks.clocks.page import TARGET_WORDS

ACTS: dict[str, Recipient] = {
    "duty_disputed": Recipient.DUTY_SUPERVISOR,
    "duty_transfer": Recipient.DUTY_SUPERVISOR,
    "duty_extension_asked": Recipient.DUTY_SUPERVISOR,
    "duty_needs_review": Recipient.DUTY_SUPERVISOR,
    "duty_callback": Recipient.DESK,
    "duty_approval": Recipient.DUTY_SUPERVISOR,
    "duty_follow_up": Recipient.DESK,
    "duty_unwritten": Recipient.DESK,
    "duty_stuck": Recipient.ADMINISTRATOR,
    "duty_undelivered": Recipient.ADMINISTRATOR,
    "duty_flagged": Recipient.DUTY_SUPERVISOR,
}
"""Who of the house has to act on a heap, whoever leads its cases; the other heaps are in the hands of the unit that leads, or of the
desk where none does."""


def duty_routes(front: Front) -> APIRouter:
    """The board of whoever has the duty: operators, supervisors and administrators."""
    router = APIRouter(include_in_schema=False)

    @router.get("/duty")
    def duty(request: Request) -> HTMLResponse:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            return turn_away(request)
        at = Moment(front.now(), datetime.now(UTC))
        with front.place.database.reading() as session:
            found = heaps(session, at, speaker.client)
        return page(
            request, "duty.html", heaps=found, now=at.now, targets=TARGET_WORDS, shown=SHOWN, stuck=STUCK_WORDS,
            departments=front.place.catalogue.departments, run_link=run_link, span=span_words, acts=ACTS, unit_words=unit_words,
        )  # fmt: skip

    return router
