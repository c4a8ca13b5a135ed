"""`/o/{token}`: what an alert links to. A department sees its part of one order there, and answers.

The link is 128 random bits, belongs to one unit on one case, and stops working a while after the last
alert that carried it. The page shows codes, clocks and the unit's own doings. Words are a button away,
so that no scanner of mails and no preview opens them: what the unit needs, never who reported, and logged.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, select

from desk.front import Front
from desk.pages.answer_forms import ANSWER_WORDS, Circumstances, Ground, advice, form_for, read_answer
from desk.pages.form_fields import PROBLEM_WORDS
from desk.pages.journal_words import FILE_WORDS
from desk.pages.news_sheets import Sent, Sheet, body_of, faults_of, misfit, refused
from desk.pages.order_words import ASKED_WORDS
from desk.pages.person_words import PERSON_FIELD_WORDS
from desk.pages.refusal_words import refusal_words
from desk.pages.show import page, words_for
from desk.pages.translation import Said
from models.case import Case
from models.clock_table import CLOCK_TABLE, Against
from models.exchange import Assignment, Inbox, Notice
from models.record import Decision, Event
from models.transitions import OPEN_STATUSES
from models.vault import SealedForeverError
from models.vocabulary import ClosingAct, DecisionKind, EventKind, Grade, NewsKind, Role, Status, Target
from tasks.clocks.page import TARGET_WORDS
from tasks.closing.closure import ACT_WORDS, NO_FEEDBACK, what_a_unit_can_mend, would_come_back
from tasks.closing.following_up import asked_follow_ups
from tasks.dispatch.asked_now import Asked, AskedNow, asked_now
from tasks.dispatch.conflict import is_kept_from
from tasks.dispatch.objections import open_objection
from tasks.news.coded_reasons import reasons_for
from tasks.news.context import NewsRefusedError
from tasks.news.digestion import try_on
from tasks.news.forms import LEAD_ONLY, WHO_MAY_SAY, Replied
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError, Speaker, find_case, post_news
from tasks.news.what_fits import NewsDoesNotFitError, most_days
from tasks.story.telling import story_of
from tasks.story.values import ClockStory
from tasks.words.keeping_evidence import ACCEPTED, Kept, list_evidence
from tasks.words.reaching_caller import NotTold, may_reach_caller, why_lead_is_not_told
from tasks.words.reading import Slice, read_slice, reader_of

LINK_WORKS_FOR = timedelta(days=30)
"""Counted from the last alert to the unit about this case: whoever is asked for something can answer."""
SHOWN_ANSWERS = 20


@dataclass(frozen=True)
class Answered:
    """One thing the unit has said: `refused` is the code why the case did not take it, if so; `sent_back` a reply that was none."""

    kind: NewsKind
    at: datetime
    is_read: bool
    refused: str | None
    sent_back: bool


@dataclass(frozen=True)
class Order:
    """One unit's part of one case, as its link shows it."""

    number: str
    grade: Grade
    asked: tuple[Asked, ...]
    reaches_caller: bool
    desk_only: bool
    department: str
    part_id: int
    leads: bool
    is_open: bool
    answers: tuple[NewsKind, ...]
    circumstances: Circumstances
    first: NewsKind | None
    clocks: tuple[ClockStory, ...]
    closing: tuple[ClosingAct, ...]
    sent_back: tuple[str, str] | None
    said: tuple[Answered, ...]
    files: tuple[Kept, ...]


def order_routes(front: Front) -> APIRouter:
    """The page behind the link of an alert, and the forms on it.

    It asks for no key: whoever has the alert has the link, and may do with it what the unit may do
    with this one order. Nothing else follows from it, and every answer is on record as the unit's.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/o/{token}")
    def order(request: Request, token: str) -> HTMLResponse:
        return shown_order(front, request, token)

    @router.post("/o/{token}/words")
    def words(request: Request, token: str) -> HTMLResponse:
        with front.place.database.reading() as session:
            found = find_order(session, token, front)
        if found is None or not found.is_open:
            # Nothing is left to handle, so nothing is needed for it.
            return shown_order(front, request, token)
        try:
            slice_ = read_slice(front.place, found.number, link_speaker(found), front.now())
        except (CaseNotFoundError, SealedForeverError):
            return shown_order(front, request, token)
        return shown_order(front, request, token, opened=slice_)

    @router.post("/o/{token}/{kind}", response_model=None)
    def answer(request: Request, token: str, kind: str, body: Annotated[bytes, Depends(body_of)]) -> Response:
        with front.place.database.reading() as session:
            found = find_order(session, token, front)
        asked = NewsKind(kind) if kind in set(NewsKind) else None
        if found is None or asked is None or asked not in found.answers:
            return shown_order(front, request, token, status=404 if found is None else 409)
        sent = read_answer(asked, body, front.place.catalogue, found.circumstances)
        if sent.news is None:
            return shown_order(front, request, token, status=422, wrong=(asked, sent))
        return _answered(front, request, token, found, asked, sent)

    return router


def _answered(front: Front, request: Request, token: str, found: Order, asked: NewsKind, sent: Sent) -> Response:
    fields = _form(front, found, asked, None).fields
    if not sent.insists and (told := _advised(front, found, sent)):
        # Told while the words still stand in the form: once it has come back they would have to be written again.
        advised = replace(sent, news=None, problems=told, may_insist=True)
        return shown_order(front, request, token, status=422, wrong=(asked, advised))
    try:
        if not _said(front, found, asked, sent):
            return shown_order(front, request, token, status=409)
    except NewsDoesNotFitError as error:
        wrong = misfit(sent, fields, error.field, error.code)
        return shown_order(front, request, token, status=422, wrong=(asked, wrong))
    except NewsRefusedError as refusal:
        wrong = refused(sent, fields, refusal.code, words_for(request))
        return shown_order(front, request, token, status=422, wrong=(asked, wrong))
    return RedirectResponse(f"/o/{token}?noted={asked.value}&lang={words_for(request).language}", 303)


def _advised(front: Front, order: Order, sent: Sent) -> dict[str, Said]:
    """What an answer would come back for, by field; empty if it would be taken."""
    if not isinstance(sent.news, Replied):
        return {}
    with front.place.database.reading() as session:
        case = find_case(session, order.number, link_speaker(order))
        return advice(*would_come_back(front.place, session, case, sent.news.text, sent.news.acts))


def _said(front: Front, order: Order, kind: NewsKind, sent: Sent) -> bool:
    assert sent.news is not None
    try:
        with front.turn_to_write():
            key = f"link:{order.part_id}:{sent.once}"
            post_news(front.place, order.number, kind, sent.news, link_speaker(order), key, front.now(), trial=try_on)
    except (CaseNotFoundError, NewsNotAllowedError):
        return False
    return True


def link_speaker(order: Order) -> Speaker:
    """Who speaks by a link: the unit, on this part of this case."""
    return Speaker(f"link:{order.part_id}", Role.DEPARTMENT, order.department)


def shown_order(
    front: Front, request: Request, token: str, status: int = 200, wrong: tuple[NewsKind, Sent] | None = None,
    opened: Slice | None = None, file_problem: Said | None = None,
) -> HTMLResponse:  # fmt: skip
    """The page behind a link as it stands now; the same 404 for every link that leads nowhere."""
    with front.place.database.reading() as session:
        found = find_order(session, token, front)
    if found is None:
        return page(request, "order.html", 404, order=None)
    noted = request.query_params.get("noted", "")
    forms = [_form(front, found, kind, wrong, opened) for kind in found.answers]
    return page(
        request, "order.html", status, order=found, asked_words=ASKED_WORDS, base=front.place.settings.link_base, token=token,
        forms=forms, wrong=wrong is not None, faults=[said for each in forms if wrong and each.kind is wrong[0] for said in faults_of(each, words_for(request))],
        not_now=status == 409, once=secrets.token_urlsafe(16), names=ANSWER_WORDS, targets=TARGET_WORDS,
        noted=NewsKind(noted) if noted in set(ANSWER_WORDS) else None, now=front.now(), problem=PROBLEM_WORDS["form"],
        unit=_unit(front, found), opened=opened, file_problem=file_problem, kept="kept" in request.query_params, accepted=ACCEPTED, file_words=FILE_WORDS, refusal=refusal_words, person_words=PERSON_FIELD_WORDS, acts=ACT_WORDS,
    )  # fmt: skip


def _unit(front: Front, order: Order) -> tuple[str, str]:
    known = front.place.catalogue.departments.get(order.department)
    return (known.name_zh, known.name_en) if known else (order.department, order.department)


def _form(
    front: Front, order: Order, kind: NewsKind, wrong: tuple[NewsKind, Sent] | None, opened: Slice | None = None
) -> Sheet:
    catalogue, at = front.place.catalogue, order.circumstances
    if opened is not None and opened.own_answer and order.sent_back and kind is NewsKind.REPLIED:
        return form_for(kind, catalogue, at, {"text": opened.own_answer})
    if wrong is None or wrong[0] is not kind:
        return form_for(kind, catalogue, at)
    return form_for(kind, catalogue, at, wrong[1].typed, wrong[1].problems, may_insist=wrong[1].may_insist)


def find_order(session: Session, token: str, front: Front) -> Order | None:
    """A unit's part of a case; None if the link is unknown, too old, or no longer its business."""
    if "\0" in token:
        # PostgreSQL refuses to even compare it.
        return None
    wanted = (
        select(Assignment, Case)
        .where(Assignment.case_id == Case.id)
        .where(Assignment.token == token, col(Assignment.withdrawn_at).is_(None))
    )
    found = session.exec(wanted).first()
    if found is None:
        return None
    part, case = found
    if case.status is Status.SEALED or is_kept_from(case, part.department):
        return None
    last, now = _last_notice(session, part), front.now()
    if max(part.assigned_at, last.created_at if last else part.assigned_at) + LINK_WORKS_FOR < now:
        return None
    is_open = case.status in OPEN_STATUSES
    said = _answers(session, part)
    unread = frozenset(each.kind for each in said if not each.is_read)
    clocks = story_of(session, case, front.place.catalogue, now, part_of=part.department).clocks
    objection = open_objection(session, case)
    asked = asked_now(
        case, part, _due(clocks, part), unread, _look_by(session, case), transfer_asked=objection is not None and objection.is_transfer
    )
    reaches_caller = may_reach_caller(session, case, reader_of(part))
    answers = tuple(kind for kind in ANSWER_WORDS if is_open and _may_answer(part, kind, reaches_caller))
    return Order(
        number=case.label,
        grade=case.grade,
        asked=asked,
        reaches_caller=reaches_caller,
        desk_only=why_lead_is_not_told(session, case) is NotTold.DESK_ONLY,
        department=part.department,
        part_id=part.id or 0,
        leads=part.leads,
        is_open=is_open,
        answers=answers,
        circumstances=Circumstances(
            part.department, {each.code: Ground((each.zh, each.en), each.needs_evidence) for each in reasons_for(front.place, case, NewsKind.EXTENSION_ASKED)},
            most_days(front.place, case), reaches_caller, _closing(front, case),
        ),
        first=_first(asked, part, answers),
        clocks=tuple(each for each in clocks if CLOCK_TABLE[each.target].against is not Against.DESK),
        closing=_closing(front, case),
        sent_back=_sent_back(session, case) if part.leads and NewsKind.REPLIED not in unread else None,
        said=said[:SHOWN_ANSWERS],
        files=list_evidence(front.place, session, case, part.department) if case.wrapped_key else (),
    )


def _closing(front: Front, case: Case) -> tuple[ClosingAct, ...]:
    kind = front.place.catalogue.kinds.get(case.kind or "")
    return kind.closing if kind else ()


def _sent_back(session: Session, case: Case) -> tuple[str, str] | None:
    """Why the last reply went back, while it is not answered anew: what the unit itself can mend, or a supervisor's reason."""
    if case.status is not Status.REWORK:
        return None
    wanted = select(Decision).where(Decision.case_id == case.id, Decision.kind == DecisionKind.CLOSURE)
    last = session.exec(wanted.order_by(col(Decision.id).desc())).first()
    if last is None or last.outcome not in (Status.REWORK, "REFUSED"):
        return None
    if last.outcome != Status.REWORK:
        return last.reason_zh, last.reason_en
    (zh, en), (never_zh, never_en) = what_a_unit_can_mend(last.facts), NO_FEEDBACK
    return f"{zh}{never_zh}", f"{en} {never_en}"


def _last_notice(session: Session, part: Assignment) -> Notice | None:
    wanted = select(Notice).where(Notice.case_id == part.case_id, Notice.recipient == part.department)
    return session.exec(wanted.order_by(col(Notice.id).desc())).first()


def _may_answer(part: Assignment, kind: NewsKind, reaches_caller: bool) -> bool:
    if Role.DEPARTMENT not in WHO_MAY_SAY[kind]:
        return False
    if kind is NewsKind.CONTACTED and not reaches_caller:
        # Nobody told the unit whom to speak to: whoever it speaks to is not known to be the caller.
        return False
    return kind is not NewsKind.CO_REPLIED if part.leads else kind not in LEAD_ONLY


def _due(clocks: tuple[ClockStory, ...], part: Assignment) -> dict[Target, datetime]:
    """When what the unit still has to do runs out, by what is measured."""
    return {each.target: each.due_at for each in clocks if each.stopped_at is None and each.department in ("", part.department)}


def _look_by(session: Session, case: Case) -> datetime | None:
    return max((each.answer_by for each in asked_follow_ups(session, case)), default=None)


def _first(asked: tuple[Asked, ...], part: Assignment, answers: tuple[NewsKind, ...]) -> NewsKind | None:
    """What the officer most likely came for: that form stands open, the others are folded."""
    wanted = {each.what for each in asked}
    if AskedNow.ACCEPT in wanted:
        first = NewsKind.ACKNOWLEDGED
    elif wanted & {AskedNow.ANSWER, AskedNow.ANSWER_AGAIN, AskedNow.HELP}:
        first = NewsKind.REPLIED if part.leads else NewsKind.CO_REPLIED
    else:
        return None
    return first if first in answers else None


def _answers(session: Session, part: Assignment) -> tuple[Answered, ...]:
    wanted = select(Inbox).where(Inbox.case_id == part.case_id, Inbox.department == part.department)
    own = [each for each in session.exec(wanted.order_by(col(Inbox.id).desc())) if each.kind in ANSWER_WORDS]
    none = _no_feedback(session, part.case_id) if part.leads else frozenset()
    return tuple(
        Answered(each.kind, each.received_at, each.read_at is not None, each.refused, each.kind is NewsKind.REPLIED and each.received_at in none)
        for each in own
    )


def _no_feedback(session: Session, case_id: UUID) -> frozenset[datetime]:
    """When replies were given that were not accepted, as the clocks know it that went on after them."""
    wanted = select(Event).where(Event.case_id == case_id, Event.kind == EventKind.CLOCK_RESUMED)
    return frozenset(datetime.fromisoformat(each.facts["stopped_at"]) for each in session.exec(wanted))
