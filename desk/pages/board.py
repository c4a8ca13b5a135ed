"""`/`: where the cases stand, for operators, supervisors and administrators."""

import secrets
from collections import Counter
from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.api.rights import HOUSE, SEATS
from desk.boards.case_pages import Wanted, count_by_status_and_grade, newest_cases, storable_number
from desk.front import Front
from desk.pages.clock_bars import clock_bars
from desk.pages.form_fields import PROBLEM_WORDS
from desk.pages.glass_words import GLASS_WORDS
from desk.pages.house_forms import ASKED_OF_WORDS, DESK_WORDS, FOUND_WORDS, LISTS, awaited, sayable, sheet_for
from desk.pages.house_waits import all_awaited, at_house
from desk.pages.intake_words import CALL_WORDS
from desk.pages.journal_words import FILE_WORDS, Journal
from desk.pages.news_sheets import Sent, Sheet, faults_of
from desk.pages.not_told_words import NOT_TOLD_WORDS
from desk.pages.objection_words import PART_WORDS, RULED_WORDS
from desk.pages.reports import READERS
from desk.pages.runs import run_link
from desk.pages.show import START_PAGES, page, signed_in, turn_away, visitor, words_for
from desk.pages.story_words import actor_words, roles_of, told
from desk.pages.summary_note import left_out_of, told_at_saving
from desk.pages.unit_words import unit_words, whose_time
from models.case import Case
from models.journal import entries_of
from models.transitions import IS_WITH_DEPARTMENT
from models.vocabulary import NO_REQUEST, EventKind, Grade, NewsKind, Outcome, Role, Status
from tasks.clocks.page import TARGET_WORDS
from tasks.clocks.pauses import paused_intervals
from tasks.closing.close_reasons import CLOSE_WORDS
from tasks.news.inbox import CaseNotFoundError, Speaker, find_case
from tasks.records.reconciliation_tasks import house_rules
from tasks.story.telling import story_of
from tasks.story.timeline import EVENT_WORDS
from tasks.story.values import CaseStory, EventStory
from tasks.words.keeping_evidence import list_evidence
from tasks.words.progress_query import progress_code
from tasks.words.reaching_caller import why_lead_is_not_told
from tasks.words.special_access import MAY_BREAK

SHOWN = 50
ANSWERS_TO: dict[NewsKind, NewsKind] = {
    NewsKind.OBJECTION_DECIDED: NewsKind.OBJECTED,
    NewsKind.EXTENSION_DECIDED: NewsKind.EXTENSION_ASKED,
    NewsKind.CLOSING_DECIDED: NewsKind.REPLIED,
    NewsKind.CALLED_BACK: NewsKind.REPLIED,
}
"""What stands above the form of a ruling: that which it rules on."""


def board_routes(front: Front) -> APIRouter:
    """The desk's first page, and one case on it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/", response_model=None)
    def board(request: Request, case: str | None = None) -> Response:
        speaker = visitor(front, request, HOUSE)
        if speaker is None:
            start = _other_start(front, request) if case is None else None
            return RedirectResponse(start) if start else turn_away(request)
        return case_page(front, request, speaker, case) if case else _board(front, request, speaker)

    return router


def _other_start(front: Front, request: Request) -> str | None:
    """Where somebody begins whose first page this is not: decision-makers and units have signed in to read reports."""
    here = signed_in(front, request)
    start = START_PAGES[here.speaker.role] if here is not None and here.is_whole else "/"
    return start if start != "/" else None


def _board(front: Front, request: Request, speaker: Speaker) -> HTMLResponse:
    with front.place.database.reading() as session:
        counts = count_by_status_and_grade(session)
        rows = newest_cases(session, SHOWN, Wanted(holder=speaker.client))
    by_status, by_grade = Counter[str](), Counter[str]()
    for (status, grade), count in counts.items():
        by_status[status] += count
        by_grade[grade] += count
    return page(
        request,
        "board.html",
        total=sum(counts.values()),
        by_status=[(status, by_status[status]) for status in Status if by_status[status]],
        by_grade=[(grade, by_grade[grade]) for grade in Grade],
        rows=rows,
        kinds=front.place.catalogue.kinds,
        departments=front.place.catalogue.departments,
        run_link=run_link,
        may_take_in=speaker.role in SEATS,
        may_see_reads=speaker.role is Role.SUPERVISOR,
        may_see_reports=speaker.role in READERS,
    )


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
        answers_to = _answers_to(story)
        sheets = [_sheet(front, case, kind, wrong, _typed_for(kind, answers_to), unit_reaches_caller=not_told is None) for kind in sayable(case, speaker.role, at) if kind not in at.unread or _is_wrong(kind, wrong)]
        words, is_administrator = words_for(request), speaker.role is Role.ADMINISTRATOR
        files = list_evidence(front.place, session, case) if speaker.role in SEATS and case.wrapped_key else ()
        return page(
            request, "case.html", status, story=story, files=files, bars=clock_bars(story.clocks, stood_still, book, front.now()), link=run_link(case.run_id), names=DESK_WORDS,
            sheets=sheets, answers_to=answers_to, faults=[said for each in sheets if _is_wrong(each.kind, wrong) for said in faults_of(each, words)],
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


def _answers_to(story: CaseStory) -> dict[NewsKind, EventStory]:
    """What each ruling is an answer to: the last entry of its kind, if there is one."""
    last = {news: each for each in story.events if each.kind is EventKind.NEWS for news in ANSWERS_TO.values() if f"news={news}" in each.codes}
    return {ruling: last[news] for ruling, news in ANSWERS_TO.items() if news in last}


def _may_be_asked_about(case: Case, speaker: Speaker) -> bool:
    """Whether the seat has a caller to tell the code to, who has something to ask about."""
    return speaker.role in SEATS and case.call_type not in NO_REQUEST and case.outcome is not Outcome.DISSUADED


def _is_wrong(kind: NewsKind, wrong: tuple[NewsKind, Sent] | None) -> bool:
    """Whether this form was just sent and did not fit: it stays, or what was typed would be lost."""
    return wrong is not None and wrong[0] is kind


def _checks() -> dict[str, tuple[str, str]]:
    return {code: (each.zh, each.en) for code, each in house_rules().rules.items()}


def _typed_for(kind: NewsKind, answers_to: Mapping[NewsKind, EventStory]) -> dict[str, str]:
    """What stands in a form before anybody types: of an extension, the days that were asked for."""
    if kind is not NewsKind.EXTENSION_DECIDED or kind not in answers_to:
        return {}
    days = [each.removeprefix("said_days=") for each in answers_to[kind].codes if each.startswith("said_days=")]
    return {"days": days[0]} if days else {}


def _sheet(
    front: Front, case: Case, kind: NewsKind, wrong: tuple[NewsKind, Sent] | None, typed: dict[str, str], *, unit_reaches_caller: bool
) -> Sheet:
    if wrong is None or wrong[0] is not kind:
        return sheet_for(kind, front.place, case, typed, unit_reaches_caller=unit_reaches_caller)
    return sheet_for(kind, front.place, case, wrong[1].typed, wrong[1].problems, unit_reaches_caller=unit_reaches_caller)
