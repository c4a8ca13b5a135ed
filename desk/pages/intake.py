"""`/intake`: an operator takes a request in, at any hour, with one button and nothing lost.

Every button sends the whole form to the same address and its own name with it: saving, keeping a draft,
looking for the same matter or in the knowledge base. No word that was typed stands in an address.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.api.rights import SEATS
from desk.front import Front
from desk.link_words import FIELD_WORDS
from desk.pages.form_fields import PROBLEM_WORDS
from desk.pages.intake_fields import SHORT_FIELDS, SentIntake, read_intake, sections
from desk.pages.intake_tools import Looked, look, used_answer
from desk.pages.intake_words import SAY
from desk.pages.law_words import source_words
from desk.pages.news_sheets import ONCE, Fault, body_of, named_faults
from desk.pages.odd_numbers import odd_numbers, seen_numbers
from desk.pages.refusal_words import REFUSAL_WORDS
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.summary_note import gaps_of
from desk.pages.switching import Switch
from desk.pages.translation import Said
from models.rule_files import RuleFileError
from notifications.messages import DESK_ZONE
from tasks.news.inbox import CaseNotFoundError, Speaker, find_case
from tasks.receiving.drafts import DraftShown, drafts_of, drop_draft, keep_draft, open_draft
from tasks.receiving.intake import IntakeError, TakenIn, take_in

LOOKS = frozenset({"matter", "knowledge", "use"})


@dataclass(frozen=True)
class Shown:
    """What stands on the page beside the empty form: what was sent, what was looked up, and what the desk says."""

    sent: SentIntake | None = None
    looked: Looked = field(default_factory=Looked)
    refused: bool = False
    note: str = ""


def intake_page_routes(front: Front) -> APIRouter:
    """The form, and taking it in: the same page sent twice is one case."""
    router = APIRouter(include_in_schema=False)

    @router.get("/intake")
    def form(request: Request, draft: str = "") -> HTMLResponse:
        speaker = visitor(front, request, SEATS)
        if speaker is None:
            return turn_away(request)
        if not draft:
            return _drawn(front, request, speaker)
        found = open_draft(front.place, draft, speaker, front.now()) if ONCE.fullmatch(draft) else None
        if found is None:
            return _drawn(front, request, speaker, Shown(note="draft_gone"), 404)
        note = "draft_kept" if "kept" in request.query_params else ""
        return _drawn(front, request, speaker, Shown(SentIntake(found.id, dict(found.typed), None, {}), note=note))

    @router.post("/intake", response_model=None)
    def take(request: Request, body: Annotated[bytes, Depends(body_of)]) -> Response:
        speaker = visitor(front, request, SEATS)
        if speaker is None:
            return turn_away(request)
        sent = read_intake(body, front.place.catalogue, words_for(request).language)
        if sent.act in LOOKS:
            return _look_up(front, request, speaker, sent)
        if sent.act in {"draft", "drop"}:
            return _put_aside(front, request, speaker, sent)
        return _saved(front, request, speaker, sent)

    return router


def _saved(front: Front, request: Request, speaker: Speaker, sent: SentIntake) -> Response:
    """The page of the new case; or the form again, its draft kept, with what is wrong."""
    taken = _take_in(front, sent, speaker)
    if isinstance(taken, dict):
        sent = replace(sent, problems=taken)
        _keep(front, sent, speaker)
        return _drawn(front, request, speaker, Shown(sent, refused=True), 422)
    with front.turn_to_write():
        drop_draft(front.place, sent.once, speaker)
    assert sent.form is not None, "it was taken in"
    gaps = "" if sent.is_short else gaps_of(sent.form)
    told = f"&gaps={gaps}" if gaps else ""
    return RedirectResponse(f"/?case={taken.label}&saved=1{told}&lang={words_for(request).language}", 303)


def _put_aside(front: Front, request: Request, speaker: Speaker, sent: SentIntake) -> Response:
    """Keep the form as a draft and go on with it, or forget one."""
    words, kept = words_for(request).language, False
    if sent.act == "draft":
        kept = _keep(front, sent, speaker)
    elif ONCE.fullmatch(sent.entry):
        with front.turn_to_write():
            drop_draft(front.place, sent.entry, speaker)
    return RedirectResponse(f"/intake?draft={sent.once}&kept=1&lang={words}" if kept else f"/intake?lang={words}", 303)


def _take_in(front: Front, sent: SentIntake, speaker: Speaker) -> TakenIn | dict[str, Said]:
    """The case, or what is wrong by field."""
    if sent.form is None or not ONCE.fullmatch(sent.once):
        return sent.problems
    # Where a child is in danger the case is saved first.
    if not (sent.is_short or sent.form.danger_now) and (odd := odd_numbers(sent.typed)):
        return odd
    try:
        _check_visible(front, sent.form.same_matter_as, speaker)
        with front.turn_to_write():
            return take_in(front.place, sent.form, front.now(), actor=speaker.actor)
    except CaseNotFoundError:
        return {"same_matter_as": SAY["matter_gone"]}
    except RuleFileError:
        return {"answer": SAY["knowledge_broken"], "call_type": SAY["calls_broken"]}
    except IntakeError as error:
        name = str(error).partition(":")[0]
        if name == "handed_over.at":
            return {name: REFUSAL_WORDS["time_in_the_future"]}
        return {name: PROBLEM_WORDS["tells_reporter" if name == "summary" else "unfit"]}


def _check_visible(front: Front, number: str | None, speaker: Speaker) -> None:
    """A case that the operator is kept away from does not exist, not even to be linked with."""
    if number is not None:
        with front.place.database.reading() as session:
            find_case(session, number, speaker)


def _keep(front: Front, sent: SentIntake, speaker: Speaker) -> bool:
    """Keep what was typed under the form's own token; a form without one has none to be found by."""
    if not ONCE.fullmatch(sent.once):
        return False
    with front.turn_to_write():
        return keep_draft(front.place, sent.once, sent.typed, speaker, front.now())


def _look_up(front: Front, request: Request, speaker: Speaker, sent: SentIntake) -> HTMLResponse:
    """The same page with everything typed, and what was found; nothing is taken in."""
    now = front.now()
    if sent.act == "use":
        sent = replace(sent, typed=used_answer(front.place, sent, words_for(request), now))
    _keep(front, sent, speaker)
    with front.turn_to_write():
        looked = look(front.place, sent, speaker, now)
    return _drawn(front, request, speaker, Shown(replace(sent, problems={}), looked))


def _drawn(
    front: Front, request: Request, speaker: Speaker, shown: Shown | None = None, status: int = 200
) -> HTMLResponse:
    shown, now = shown or Shown(), front.now()
    drafts = drafts_of(front.place, speaker, now)
    here = shown.sent.once if shown.sent else ""
    return page(
        request, "intake.html", status, switch=_switch(request, shown.sent, drafts), sections=sections(front.place.catalogue), say=SAY, note=shown.note,
        refused=shown.refused, problem=PROBLEM_WORDS["form"], faults=_faults(front, request, shown), drafts=[each for each in drafts if each.id != here],
        looked=shown.looked, agrees=FIELD_WORDS, kinds=front.place.catalogue.kinds, today=_today(now), source_words=source_words, short_fields=SHORT_FIELDS,
        **_forms(shown.sent),
    )  # fmt: skip


def _faults(front: Front, request: Request, shown: Shown) -> list[Fault]:
    if shown.sent is None:
        return []
    fields = [*SHORT_FIELDS, *(each for section in sections(front.place.catalogue) for each in section.fields)]
    return named_faults(fields, shown.sent.problems, words_for(request), "short" if shown.sent.is_short else "in")


def _switch(request: Request, sent: SentIntake | None, drafts: Sequence[DraftShown]) -> Switch | None:
    """What was sent was kept as a draft: it is opened in the other language. Without any, the usual way."""
    if request.method != "POST" or sent is None or sent.once not in {each.id for each in drafts}:
        return None
    return Switch(f"/intake?draft={sent.once}&lang={words_for(request).other}")


def _today(now: datetime) -> Any:
    return now.astimezone(DESK_ZONE).date()


def _forms(sent: SentIntake | None) -> dict[str, Any]:
    """What stands in the long form and in the short one; each has its own token, and one of the two was sent."""
    empty = SentIntake(secrets.token_urlsafe(16), {}, None, {})
    if sent is not None and not ONCE.fullmatch(sent.once):
        sent = replace(sent, once=empty.once)
    other = replace(empty, once=secrets.token_urlsafe(16))
    long, short = (other, sent) if sent is not None and sent.is_short else (sent or empty, other)
    return {
        "long": long, "short": short, "seen": seen_numbers(long.typed, long.problems),
        "was_sent": sent is not None and not sent.is_short, "short_sent": sent is not None and sent.is_short,
    }  # fmt: skip
