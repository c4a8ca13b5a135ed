"""`/trends`: what reports told, chosen by filters; issues, warnings, orders and topics; and the way to an issue's cases.

The page reads what was released and never the cases: whatever is chosen, it shows a number of a report or none.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from analysis.candidates.reading import published_candidates
from analysis.early_warning.reading import published_warnings
from analysis.issues.reading import published_issues
from analysis.proactive.reading import published_orders
from analysis.report.names import Names, names_without_reasons
from analysis.trends.choice import By, Choice
from analysis.trends.months import Month, months_told
from analysis.trends.weeks import weeks_told
from analysis.windows import ZONE
from desk.api.rights import HOUSE
from desk.front import Front
from desk.pages import trend_words
from desk.pages.news_sheets import body_of
from desk.pages.person import purpose_in
from desk.pages.person_words import PURPOSE_WORDS
from desk.pages.proactive_words import STATE_WORDS
from desk.pages.reads import ONLY_SUPERVISORS
from desk.pages.reports import READERS
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.switching import asked_again
from desk.pages.trend_charts import months_chart, said, spark, spread_chart, weeks_chart
from desk.pages.words import Words, due_time
from models.house import AccessLog
from models.vocabulary import Purpose, ReadOf, Role
from tasks.issues.behind import cases_of_issue
from tasks.issues.ordering import order_about_issue
from tasks.news.inbox import Speaker

OPENERS = frozenset({Role.SUPERVISOR, Role.DEPARTMENT})
"""Who may look for the cases of an issue; which of them they find is decided case by case."""
MONTHS, DAYS = 13, 30
Record = Mapping[str, Any]


def trend_routes(front: Front) -> APIRouter:
    """The page, and the cases of one issue."""
    router = APIRouter(include_in_schema=False)

    @router.get("/trends")
    def trends(request: Request) -> HTMLResponse:
        reader = visitor(front, request, READERS)
        return turn_away(request) if reader is None else _trends(front, request, reader)

    @router.post("/trends/issues/{number}/cases")
    def cases(request: Request, number: str, body: Annotated[bytes, Depends(body_of)]) -> HTMLResponse:
        reader = visitor(front, request, OPENERS)
        if reader is None:
            return turn_away(request)
        purpose = purpose_in(body)
        if purpose is None:
            return _trends(front, request, reader, 422)
        return _cases(front, request, reader, number, purpose)

    @router.post("/trends/issues/{number}/order", response_model=None)
    def order(request: Request, number: str) -> Response:
        speaker = visitor(front, request, ONLY_SUPERVISORS)
        if speaker is None:
            return turn_away(request)
        return _ordered(front, request, speaker, number)

    return router


def _trends(front: Front, request: Request, reader: Speaker, status: int = 200) -> HTMLResponse:
    words, now = words_for(request), front.now()
    today, own = now.astimezone(ZONE).date(), _own_unit(reader)
    with front.place.database.reading() as session:
        months = months_told(session, MONTHS)
        weeks = weeks_told(session) if own is None else None
        choice = _choice(request, months, own)
        records = _records(session, today, now, choice)
    month = _month(request, months)
    names = names_without_reasons(front.place.catalogue)
    return page(
        request, "trends.html", status, texts=trend_words.TEXTS, by_words=trend_words.BY_WORDS, names=names, own=own, choice=choice,
        weeks=weeks, weeks_chart=weeks_chart(weeks, words) if weeks else None, month=month, months=months, options=_options(month, names, words, own),
        shown=_shown(months, month, choice, names, words), said=lambda figure: said(figure, words), **records,
        spark=lambda issue: spark(words.pick(trend_words.TEXTS["by_week"]), issue["weeks"], words),
        is_chosen=bool(choice.but(By.DEPARTMENT, "").of if own else choice.of), may_open=reader.role in OPENERS, purposes=PURPOSE_WORDS,
        no_purpose=status == 422, is_house=reader.role in HOUSE, may_order=reader.role is Role.SUPERVISOR,
        ordered={each["about"]: each["number"] for each in records["orders"]}, states={each.value: word for each, word in STATE_WORDS.items()},
    )  # fmt: skip


def _choice(request: Request, months: Sequence[Month], own: str | None) -> Choice:
    """What the address asks for, as far as the tables know it; a unit's readers have chosen their unit."""
    known = {by: {code for month in months for code in month.codes(by)} for by in By}
    asked = {by.value: request.query_params.get(by.value, "") for by in By}
    chosen = Choice(**{by.value: asked[by.value] if asked[by.value] in known[by] else "" for by in By})
    return chosen if own is None else Choice(family=chosen.family, department=own)


def _month(request: Request, months: Sequence[Month]) -> Month | None:
    asked = request.query_params.get("month", "")
    named = {f"{each.first:%Y-%m}": each for each in months}
    return named.get(asked, months[-1] if months else None)


def _options(
    month: Month | None, names: Names, words: Words, own: str | None
) -> dict[By, list[tuple[str, str]]]:
    """The codes of each filter with their names; a unit's readers tell their own requests apart by protection."""
    if month is None:
        return {}
    return {
        by: [(code, names.of(by.value, code, words.language.value)) for code in month.codes(by)]
        for by in ((By.FAMILY,) if own else By)
    }


def _shown(
    months: Sequence[Month], month: Month | None, choice: Choice, names: Names, words: Words
) -> dict[str, Any] | None:
    """The numbers of what is chosen: of the month, of those around it, and told apart further."""
    if month is None or not choice.is_held:
        return None
    row = [(each, each.number(choice)) for each in months]
    at = months.index(month)
    spreads = []
    for by in choice.told_apart_by:
        rows = [
            (names.of(by.value, code, words.language.value), figure)
            for code, figure in month.spread(choice, by)
        ]
        title = words.pick(trend_words.SPREAD_WORDS[by])
        if rows:
            spreads.append((title, spread_chart(title, rows, words), rows))
    return {
        "figure": row[at][1], "before": row[at - 1][1] if at else None, "row": row,
        "chart": months_chart(row, words), "spreads": spreads,
    }  # fmt: skip


def _records(session: Session, today: date, now: datetime, choice: Choice) -> dict[str, Any]:
    """What has passed its own rules of publishing, one by one; the filters leave some out and change none."""
    unit, since = choice.department, today - timedelta(days=DAYS - 1)
    orders = published_orders(session, since, today, now, unit)
    warnings = [
        each
        for each in published_warnings(session, since, today)
        if not unit or each["order"] in {one["number"] for one in orders}
    ]
    issues = [
        each
        for each in published_issues(session, today)
        if not unit or unit in {each["owner"], *each["departments"]}
    ]
    # What an order or a topic is about stands in its warning or issue.
    fits = {each["number"] for each in (*warnings, *issues) if _fits(each, choice)}
    is_narrow = bool(choice.family or choice.district)
    return {
        "issues": [each for each in issues if each["number"] in fits],
        "warnings": [each for each in reversed(warnings) if each["number"] in fits],
        "orders": [{**each, "due_said": _due(each)} for each in reversed(orders) if not is_narrow or each["about"] in fits],
        "topics": [
            each for each in published_candidates(session, today)
            if (not unit or each["owner"] == unit) and (not is_narrow or each["number"] in fits)
        ],
    }  # fmt: skip


def _due(order: Record) -> str:
    return due_time(datetime.fromisoformat(order["due"])) if order["due"] else ""


def _fits(record: Record, choice: Choice) -> bool:
    family, district = record["kind"][:1], record["district"]
    return choice.family in ("", family) and choice.district in ("", district)


def _cases(front: Front, request: Request, reader: Speaker, number: str, purpose: Purpose) -> HTMLResponse:
    now = front.now()
    with front.place.database.reading() as session:
        told = published_issues(session, now.astimezone(ZONE).date())
        own = _own_unit(reader)
        issue = next(
            (
                each
                for each in told
                if each["number"] == number and (own is None or own in {each["owner"], *each["departments"]})
            ),
            None,
        )
        found = cases_of_issue(session, number, reader, now) if issue else []
    if issue is None:
        return page(request, "trends_cases.html", 404, texts=trend_words.TEXTS, issue=None)
    with front.turn_to_write(), front.place.database.writing() as session:
        session.add(
            AccessLog(
                at=now,
                client=reader.client,
                what=ReadOf.ISSUE_CASES,
                purpose=purpose,
                allowed=bool(found),
                subject=issue["number"],
            )
        )
    shown = page(
        request, "trends_cases.html", texts=trend_words.TEXTS, issue=issue, cases=found, purpose=PURPOSE_WORDS[purpose],
        switch=asked_again(request, words_for(request), [("purpose", purpose)]),
    )  # fmt: skip
    shown.headers["Cache-Control"] = "no-store"
    return shown


def _ordered(front: Front, request: Request, speaker: Speaker, number: str) -> Response:
    """To the order about an issue that is on the page; asking twice opens one."""
    now = front.now()
    with front.place.database.reading() as session:
        shown = {each["number"] for each in published_issues(session, now.astimezone(ZONE).date())}
    if number not in shown:
        return page(request, "trends_cases.html", 404, texts=trend_words.TEXTS, issue=None)
    with front.turn_to_write():
        opened = order_about_issue(front.place, number, speaker, now)
    return RedirectResponse(f"/proactive/{opened.label}?lang={words_for(request).language}", 303)


def _own_unit(reader: Speaker) -> str | None:
    return reader.department if reader.role is Role.DEPARTMENT else None
