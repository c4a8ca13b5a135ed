"""One case on its page: its story, its clocks, and the forms to decide with that fit the case and the reader."""

import secrets

from fastapi.requests import Request
from fastapi.responses import HTMLResponse

from desk.api.rights import SEATS
from desk.boards.case_pages import storable_number
from desk.front import Front
from desk.pages.clock_bars import clock_bars
from desk.pages.form_fields import PROBLEM_WORDS
from desk.pages.glass_words import GLASS_WORDS
from desk.pages.house_forms import (
    ASKED_OF_WORDS,
    DESK_WORDS,
    FOUND_WORDS,
    LISTS,
    answers_to,
    awaited,
    sayable,
    sheet_for,
    typed_for,
)
from desk.pages.house_waits import all_awaited, at_house
from desk.pages.intake_words import CALL_WORDS
from desk.pages.journal_words import FILE_WORDS, Journal
from desk.pages.news_sheets import Sent, Sheet, faults_of
from desk.pages.not_told_words import NOT_TOLD_WORDS
from desk.pages.objection_words import PART_WORDS, RULED_WORDS
from desk.pages.runs import run_link
from desk.pages.show import page, words_for
from desk.pages.story_words import actor_words, roles_of, told
from desk.pages.summary_note import left_out_of, told_at_saving
from desk.pages.unit_words import unit_words, whose_time
from models.case import Case
from models.journal import entries_of
from models.transitions import IS_WITH_DEPARTMENT
from models.vocabulary import NO_REQUEST, NewsKind, Outcome, Role
from tasks.clocks.page import TARGET_WORDS
from tasks.clocks.pauses import paused_intervals
from tasks.closing.close_reasons import CLOSE_WORDS
from tasks.news.inbox import CaseNotFoundError, Speaker, find_case
from tasks.records.reconciliation_tasks import house_rules
from tasks.story.telling import story_of
from tasks.story.timeline import EVENT_WORDS
from tasks.words.keeping_evidence import list_evidence
from tasks.words.progress_query import progress_code
from tasks.words.reaching_caller import why_lead_is_not_told
from tasks.words.special_access import MAY_BREAK


def case_page(
    front: Front, request: Request, speaker: Speaker, number: str, status: int = 200,
    wrong: tuple[NewsKind, Sent] | None = None,
) -> HTMLResponse:  # fmt: skip
    """One case: its story, and the forms to decide with that fit the case and the reader."""
    with front.place.database.reading() as session:
        try:
            case = find_case(session, storable_number(number[:20]), speaker)
        except CaseNotFoundError:
            return page(request, "case.html", 404, story=None, link=None)
        at, not_told = at_house(front.place, session, case), why_lead_is_not_told(session, case)
        story = story_of(session, case, front.place.catalogue, front.now(), with_references=True)
        said = request.query_params.get("said", "")
        book = front.place.rules_for(case)
        stood_still = paused_intervals(entries_of(session, case.id), book.pauses, front.now())
        roles, units = roles_of(session, (each.actor for each in story.events)), front.place.catalogue.departments
        above = answers_to(story)
        sheets = [_sheet(front, case, kind, wrong, typed_for(kind, above), unit_reaches_caller=not_told is None) for kind in sayable(case, speaker.role, at) if kind not in at.unread or _is_wrong(kind, wrong)]
        words, is_administrator = words_for(request), speaker.role is Role.ADMINISTRATOR
        files = list_evidence(front.place, session, case) if speaker.role in SEATS and case.wrapped_key else ()
        return page(
            request, "case.html", status, story=story, files=files, bars=clock_bars(story.clocks, stood_still, book, front.now()), link=run_link(case.run_id), names=DESK_WORDS,
            sheets=sheets, answers_to=above, faults=[said for each in sheets if _is_wrong(each.kind, wrong) for said in faults_of(each, words)],
            awaited=awaited(case, speaker.role, at), coming=[kind for kind in DESK_WORDS if kind in at.unread],
            waits=all_awaited(story, case, at, words, units, _checks()), wrong=wrong is not None, not_now=status == 409,
            sentences=told(story, case.source, case.safety_owner, words, units, front.now()), departments=units, roles=roles,
            happened=EVENT_WORDS, journal=Journal(words, front.place.catalogue, book, _checks(), with_codes=is_administrator), whose=whose_time, actor_words=actor_words, unit_words=unit_words, rules_version=case.rules_version,
            once=secrets.token_urlsafe(16), said=NewsKind(said) if said in set(DESK_WORDS) else None,
            saved="saved" in request.query_params, problem=PROBLEM_WORDS["form"], targets=TARGET_WORDS, close_words=CLOSE_WORDS, found_words=FOUND_WORDS, asked_of_words=ASKED_OF_WORDS, channels=LISTS["channel"],
            is_out=IS_WITH_DEPARTMENT[case.status], not_told=NOT_TOLD_WORDS[not_told] if not_told and IS_WITH_DEPARTMENT[case.status] else None, will_leave_out=told_at_saving(request.query_params.get("gaps", "")), left_out=left_out_of(story, case, at.unread), call_type=CALL_WORDS[case.call_type] if case.call_type else None, codes_too=is_administrator, ruled=RULED_WORDS, file_words=FILE_WORDS, parts=PART_WORDS,
            may_read=speaker.role in SEATS, may_break=speaker.role in MAY_BREAK, glass=GLASS_WORDS,
            code=progress_code(front.place, case.id) if "saved" in request.query_params and _may_be_asked_about(case, speaker) else None,
        )  # fmt: skip


def _may_be_asked_about(case: Case, speaker: Speaker) -> bool:
    """Whether the seat has a caller to tell the code to, who has something to ask about."""
    return speaker.role in SEATS and case.call_type not in NO_REQUEST and case.outcome is not Outcome.DISSUADED


def _is_wrong(kind: NewsKind, wrong: tuple[NewsKind, Sent] | None) -> bool:
    """Whether this form was just sent and did not fit: it stays, or what was typed would be lost."""
    return wrong is not None and wrong[0] is kind


def _checks() -> dict[str, tuple[str, str]]:
    return {code: (each.zh, each.en) for code, each in house_rules().rules.items()}


def _sheet(
    front: Front, case: Case, kind: NewsKind, wrong: tuple[NewsKind, Sent] | None, typed: dict[str, str], *, unit_reaches_caller: bool
) -> Sheet:
    if wrong is None or wrong[0] is not kind:
        return sheet_for(kind, front.place, case, typed, unit_reaches_caller=unit_reaches_caller)
    return sheet_for(kind, front.place, case, wrong[1].typed, wrong[1].problems, unit_reaches_caller=unit_reaches_caller)
