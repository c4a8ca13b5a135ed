"""The page of trends: no choice tells what no report told, whoever subtracts finds nothing, and cases open to the entitled."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from analysis.charts.drawing import Area, Words
from analysis.charts.line import Legend, Mark, line_chart
from analysis.report.facts import Cadence, Facts, State, facts_from_json
from analysis.report.period import Period
from analysis.trends.choice import HELD, By, Choice
from analysis.trends.months import Month, months_told
from analysis.trends.weeks import LEARNED, usual_of
from models.case import Case
from models.exchange import Assignment
from models.house import AccessLog, ApiClient
from models.proactive import ProactiveOrder
from models.reports import Report
from models.vocabulary import Role
from tasks.news.inbox import Speaker
from tasks.words.special_access import keep_staff_away
from tests.api_desk import NOW, ApiDesk, api_desk
from tests.figure_desk import empty_database
from tests.reading_reports import Aim, Keeper, Paper
from tests.report_year import fill_year, periods_of_the_year, report_all, rules_of_the_year
from tests.test_report_year import CODES, LIMIT, Year, small_ones
from tests.trend_desk import ISSUE, QUIET_ISSUE, fill, report, tell_of_issues

FAMILY_GRADE, UNIT_FAMILY, DISTRICT = ("family", "grade"), ("unit", "family"), ("district",)
Key = tuple[str, ...]


@dataclass
class Told:
    """Three months of reports, what the page knows of them, and the cases behind."""

    printed: dict[date, tuple[Period, dict[str, Facts]]]
    months: list[Month]
    cases: list[dict[str, Any]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    database = empty_database(f"sqlite:///{tmp_path_factory.mktemp('trends') / 'cases.db'}")
    rules = rules_of_the_year()
    connection = database.engine.connect().execution_options(whistle_writes=True)
    with connection, connection.begin(), Session(bind=connection, expire_on_commit=False) as session:
        fill_year(session, seed=20, per_day=11, days=91)
        months = [each for each in periods_of_the_year(rules, 91) if each.cadence is Cadence.MONTHLY]
        printed: dict[date, tuple[Period, dict[str, Facts]]] = {}
        for period, facts in report_all(session, rules, months):
            printed.setdefault(period.first, (period, {}))[1][facts.scope.department] = facts
            session.add(
                Report(cadence=period.cadence, first=period.first, last=period.last, department=facts.scope.department, made_at=NOW,
                       facts=facts.to_json(), digest=facts.digest, code_version="test", hashes={})
            )  # fmt: skip
        lead = func.coalesce(col(Assignment.department), "none")
        wanted = select(col(Case.received_at), col(Case.kind), col(Case.grade), col(Case.district), lead)
        rows = session.execute(
            wanted.select_from(Case).outerjoin(Assignment, col(Assignment.case_id) == col(Case.id))
        ).all()
        found = months_told(session, 12)
    database.close()
    names = ("at", "kind", "grade", "district", "unit")
    cases = [dict(zip(names, row, strict=True)) for row in rows]
    yield Told(printed, found, [{**each, "family": each["kind"][0]} for each in cases])


def choices(month: Month) -> Iterator[Choice]:
    """Every combination of the page's filters."""
    for family, grade, district, department in product(*(("", *month.codes(by)) for by in By)):
        yield Choice(family, grade, district, department)


def in_reports(facts: dict[str, Facts], choice: Choice) -> int | None:
    """The number under these names in the reports themselves; None for a blank.

    Raises:
        KeyError: No report has it.
    """
    by = {each for each in By if choice[each]}
    if not by:
        return whole(facts[""].figures["received.total"])
    if by == {By.FAMILY, By.DEPARTMENT}:
        return cell(facts[choice.department], "received.by_family", (choice.family,))
    if by == {By.FAMILY, By.GRADE}:
        return cell(facts[""], "received.family_by_grade", (choice.family, choice.grade))
    [one] = by
    return cell(facts[""], f"received.by_{one.value}", (choice[one],))


def cell(facts: Facts, table: str, key: Key) -> int | None:
    return {row.key: whole(row.figures[0]) for row in facts.tables[table].rows}[key]


def whole(figure: Any) -> int | None:
    return None if figure.value is None else int(figure.value)


def test_every_choice_shows_what_a_report_told_or_nothing(told: Told) -> None:
    assert [each.first for each in told.months] == sorted(told.printed)
    shown = 0
    for month in told.months:
        facts = told.printed[month.first][1]
        for choice in choices(month):
            figure = month.number(choice)
            if not choice.is_held:
                assert figure.state is State.NOT_APPLICABLE, choice
                assert all(month.spread(choice, by) == [] for by in By), choice
                continue
            if choice.family and choice.department and choice.department not in facts:
                assert figure.state is State.NOT_APPLICABLE, choice
                continue
            assert whole(figure) == in_reports(facts, choice), choice
            shown += figure.value is not None
    assert shown > 40, "a page that shows nothing would be safe as well"


def test_what_is_told_apart_is_what_the_choices_tell(told: Told) -> None:
    for month in told.months:
        for choice in choices(month):
            for by in choice.told_apart_by:
                assert choice.but(by, "x").of in HELD, "a bar is itself something that can be chosen"
                every = [(code, month.number(choice.but(by, code))) for code in month.codes(by)]
                assert month.spread(choice, by) == [
                    each for each in every if each[1].state is not State.NOT_APPLICABLE
                ]


def papers_of(told: Told) -> list[Paper]:
    """Every number that any view of the page shows, as tables."""
    found = []
    for month in told.months:
        tables: dict[Key, dict[Key, int | None]] = {(): {}, FAMILY_GRADE: {}, UNIT_FAMILY: {}, DISTRICT: {}}
        for choice in choices(month):
            if choice.is_held:
                value = whole(month.number(choice))
                for dims in _tables_with(choice):
                    tables[dims][_key(dims, choice)] = value
        start, end = told.printed[month.first][0].ends
        found += [Paper(dims, start, end, numbers) for dims, numbers in tables.items()]
    return found


def _tables_with(choice: Choice) -> list[Key]:
    if not choice.of:
        return [()]
    if choice.of <= {By.FAMILY, By.GRADE}:
        return [FAMILY_GRADE]
    return [DISTRICT] if choice.of == {By.DISTRICT} else [UNIT_FAMILY]


def _key(dims: Key, choice: Choice) -> Key:
    return tuple((choice.department if name == "unit" else getattr(choice, name)) or "*" for name in dims)


def small_blanks(keeper: Keeper, told: Told) -> list[Aim]:
    return small_ones(keeper, Year([], told.cases), list(keeper.blanks()))


def test_whoever_tries_every_choice_and_subtracts_finds_no_count_under_the_limit(told: Told) -> None:
    papers = papers_of(told)
    assert min(value for paper in papers for value in paper.numbers.values() if value is not None) >= LIMIT
    keeper = Keeper(papers, CODES)
    small = small_blanks(keeper, told)
    assert len(small) > 30
    assert list(keeper.tells(small[:: max(1, len(small) // 60)], LIMIT)) == []


def test_a_page_that_counts_each_choice_and_blanks_the_small_ones_is_found_out(told: Told) -> None:
    """What filters usually do: the same views, each blank only where it is small itself."""
    counted = []
    for paper in papers_of(told):
        cases = [each for each in told.cases if paper.start <= each["at"] < paper.end]
        numbers: dict[Key, int | None] = {}
        for key in paper.numbers:
            count = sum(
                all(k in ("*", str(each[name])) for k, name in zip(key, paper.dims, strict=True))
                for each in cases
            )
            numbers[key] = count if count >= LIMIT else None
        counted.append(Paper(paper.dims, paper.start, paper.end, numbers))
    keeper = Keeper(counted, CODES)
    assert next(keeper.tells(small_blanks(keeper, told), LIMIT), None) is not None


MONDAY = date(2026, 3, 2)


def weeks(*counts: int | None) -> list[tuple[date, int | None]]:
    return [(MONDAY + timedelta(weeks=at), count) for at, count in enumerate(counts)]


def test_nothing_is_usual_before_enough_weeks_in_a_row_are_told() -> None:
    steady = [100] * LEARNED
    assert usual_of(weeks(*steady)) == [None] * LEARNED
    *_, (low, high) = usual_of(weeks(*steady, 100))
    assert low < 100 < high
    assert (
        usual_of(weeks(*steady, None, *steady, 100))[:-1]
        == [None] * LEARNED + [usual_of(weeks(*steady, None))[-1]] + [None] * LEARNED
    )


def test_what_was_usual_does_not_hang_on_the_week_itself_nor_on_later_ones() -> None:
    steady = [100, 104, 98, 101, 97, 103, 99, 102]
    assert usual_of(weeks(*steady, 100, 90))[LEARNED] == usual_of(weeks(*steady, 500, 7))[LEARNED]


def test_a_narrow_chart_breaks_its_legend_and_draws_the_usual_in_runs() -> None:
    marks = [Mark(f"{at}", float(at)) for at in range(6)]
    usual = [(1.0, 3.0), (1.0, 3.0), None, (2.0, 4.0), (2.0, 5.0), None]
    legend = Legend("received", "held back", "expected (80 %)", "usual (4 of 5 weeks)")
    drawn = line_chart("t", "s", marks, legend, "en", usual=usual, width=220)
    assert sum(isinstance(each, Area) for each in drawn.shapes) == 2
    rows = {
        each.y
        for each in drawn.shapes
        if isinstance(each, Words) and each.text in ("received", "usual (4 of 5 weeks)")
    }
    assert len(rows) == 2
    assert "usual (4 of 5 weeks)" not in [
        each.text for each in line_chart("t", "s", marks, legend, "en").shapes if isinstance(each, Words)
    ]


# The page itself.


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiDesk]:
    with api_desk(tmp_path_factory.mktemp("trend-desk")) as fresh:
        fill(fresh.place, NOW, days=75, per_day=30)
        report(fresh.place, NOW, 1, ("EDU",))
        cases = [fresh.take_in(text="x") for _ in range(3)]
        fresh.assign(cases[0], "EDU", told_at=NOW)
        tell_of_issues(fresh.place, NOW, tuple(cases))
        fresh.keys |= {f"case{at}": number for at, number in enumerate(cases)}
        yield fresh


def page(desk: ApiDesk, who: str, query: str = "") -> str:
    answer = desk.client.get(f"/trends?lang=en{query}", headers=desk.headers(who))
    assert answer.status_code == 200
    return str(answer.text)


def months_part(text: str) -> str:
    return text[text.index("<h2>Requests a month</h2>") : text.index('id="issues"')]


def test_no_filter_of_the_page_brings_a_number_that_no_report_holds(desk: ApiDesk) -> None:
    with desk.place.database.reading() as session:
        reports = [facts_from_json(each.facts) for each in session.exec(select(Report))]
        months = months_told(session, 12)
    known = {
        f"{int(each.value):,}"
        for facts in reports
        for each in facts.figures.values()
        if each.value is not None
    }
    known |= {
        f"{int(each.value):,}"
        for facts in reports
        for table in facts.tables.values()
        for row in table.rows
        for each in row.figures
        if each.value is not None
    }
    options = {by: ("", *_often(months[-1], by)[: 2 if by in (By.FAMILY, By.GRADE) else 1]) for by in By}
    seen = 0
    for family, grade, district, department in product(*options.values()):
        text = months_part(
            page(
                desk,
                "supervisor",
                f"&family={family}&grade={grade}&district={district}&department={department}",
            )
        )
        held = Choice(family, grade, district, department).is_held
        assert ("No report tells this combination" in text) is not held
        numbers = re.findall(r'<td class="number">([\d,]+)</td>', text) + re.findall(
            r"<strong>([\d,]+)</strong>", text
        )
        assert set(numbers) <= known
        assert held or numbers == []
        seen += len(numbers)
    assert seen > 50


def _often(month: Month, by: By) -> tuple[str, ...]:
    counts = {code: whole(month.number(Choice().but(by, code))) or 0 for code in month.codes(by)}
    return (max(counts, key=lambda code: counts[code]), min(counts, key=lambda code: counts[code]))


def test_what_nobody_knows_is_not_chosen_and_not_repeated(desk: ApiDesk) -> None:
    asked = months_part(page(desk, "supervisor", "&family=zebra&month=zebra&district=%3Cb%3E"))
    assert "zebra" not in asked and asked == months_part(page(desk, "supervisor"))


def test_a_unit_sees_its_own_numbers_and_no_others(desk: ApiDesk) -> None:
    own = page(desk, "EDU")
    assert "Requests a week" not in own and "By district" not in own and "Education" in own
    assert months_part(page(desk, "EDU", "&department=POLICE&district=110105&grade=U3")) == months_part(own)
    assert ISSUE in own and QUIET_ISSUE in own and ISSUE not in page(desk, "CIVIL")
    assert "P-000002" in own and "P-000001" not in own and 'href="/proactive' not in own


def test_filters_leave_issues_out_and_change_none(desk: ApiDesk) -> None:
    assert ISSUE in page(desk, "supervisor", "&family=C") and QUIET_ISSUE not in page(
        desk, "supervisor", "&family=C"
    )
    assert "None of what is chosen" in page(desk, "supervisor", "&family=J")


@pytest.mark.parametrize(
    ("who", "opens"),
    [("supervisor", True), ("EDU", True), ("administrator", False), ("decision_maker", False)],
)
def test_only_who_may_read_cases_is_offered_them(desk: ApiDesk, who: str, opens: bool) -> None:
    assert ("Show its cases" in page(desk, who)) is opens
    assert "W-0" not in page(desk, who)


def open_cases(desk: ApiDesk, who: str, number: str = ISSUE, purpose: str = "review") -> tuple[int, str]:
    answer = desk.client.post(
        f"/trends/issues/{number}/cases?lang=en", data={"purpose": purpose}, headers=desk.headers(who)
    )
    return answer.status_code, answer.text


def test_a_supervisor_opens_the_cases_on_record_but_not_those_of_a_conflict(desk: ApiDesk) -> None:
    mine, other, third = (desk.keys[f"case{at}"] for at in range(3))
    status, text = open_cases(desk, "supervisor")
    assert status == 200 and mine in text and other in text and third in text
    with desk.place.database.reading() as session:
        reader = session.exec(select(ApiClient.id).where(ApiClient.name == "supervisor")).one()
    keep_staff_away(desk.place, third, reader, Speaker("another", Role.SUPERVISOR), NOW)
    assert third not in open_cases(desk, "supervisor")[1] and other in open_cases(desk, "supervisor")[1]
    with desk.place.database.reading() as session:
        read = session.exec(
            select(AccessLog).where(AccessLog.client == reader, AccessLog.what == "issue_cases")
        ).all()
    assert [(each.purpose, each.subject, each.allowed) for each in read] == [("review", ISSUE, True)] * 3


def test_a_department_opens_its_own_cases_by_its_link(desk: ApiDesk) -> None:
    mine, other = desk.keys["case0"], desk.keys["case1"]
    status, text = open_cases(desk, "EDU")
    assert status == 200 and mine in text and other not in text
    [link] = re.findall(r'href="(/o/[^"?]+)', text)
    assert mine in desk.client.get(f"{link}?lang=en").text
    assert open_cases(desk, "CIVIL")[0] == 404, "an issue that is not its own is not there"


def test_nobody_else_opens_them_and_nobody_without_a_purpose(desk: ApiDesk) -> None:
    for who in ("decision_maker", "administrator", "operator"):
        status, text = open_cases(desk, who)
        assert status == 403 and "W-0" not in text
    status, text = open_cases(desk, "supervisor", purpose="curiosity")
    assert status == 422 and "W-0" not in text and "Say what for" in text
    assert open_cases(desk, "supervisor", "I2020W01-09")[0] == 404


def order_about(desk: ApiDesk, who: str, number: str = ISSUE) -> Response:
    return desk.client.post(
        f"/trends/issues/{number}/order?lang=en", headers=desk.headers(who), follow_redirects=False
    )


def test_nobody_else_opens_an_order_nor_anybody_about_what_is_not_on_the_page(desk: ApiDesk) -> None:
    for who in ("decision_maker", "administrator", "operator", "EDU"):
        assert order_about(desk, who, QUIET_ISSUE).status_code == 403
        assert "/order?" not in (page(desk, who) if who != "operator" else "")
    assert order_about(desk, "supervisor", "I2020W01-09").status_code == 404
    with desk.place.database.reading() as session:
        assert session.exec(select(ProactiveOrder).where(ProactiveOrder.about == QUIET_ISSUE)).all() == []


def test_a_supervisor_opens_one_order_about_an_issue_and_the_page_then_leads_to_it(desk: ApiDesk) -> None:
    offered = f'action="/trends/issues/{QUIET_ISSUE}/order'
    assert offered in page(desk, "supervisor")
    first, again = (order_about(desk, "supervisor", QUIET_ISSUE) for _ in range(2))
    assert first.status_code == 303 and again.headers["location"] == first.headers["location"]
    label = first.headers["location"].split("/")[2].split("?")[0]
    text = page(desk, "supervisor")
    assert offered not in text and f'href="/proactive/{label}' in text
    with desk.place.database.reading() as session:
        [order] = session.exec(select(ProactiveOrder).where(ProactiveOrder.about == QUIET_ISSUE)).all()
    assert order.label == label


def test_the_page_needs_no_script_and_no_style_of_its_own(desk: ApiDesk) -> None:
    text = page(desk, "supervisor")
    assert "<svg" in text and "style=" not in text and "<script" not in text and "<style" not in text
    assert text.count("<summary>The numbers as a table") >= text.count('class="drawn wide"')


def test_a_desk_without_any_report_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    with api_desk(tmp_path_factory.mktemp("no-reports")) as empty:
        text = page(empty, "decision_maker")
        own = page(empty, "EDU")
    for said in (
        "No report has told weeks yet",
        "No monthly report has been issued yet",
        "No issue is large enough",
        "has not warned",
        "No order",
        "No topic",
    ):
        assert said in text
    assert "No monthly report" in own
