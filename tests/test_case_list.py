"""The list of cases: each filter, pages without gap or repeat, nothing of what one is kept away from, and the table."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from desk.boards.needs import Need
from desk.pages import case_list
from desk.pages.board_words import BOARD_TEXTS, NEED_WORDS, PURPOSE_WORDS
from desk.pages.translation import say
from models.case import Case
from models.house import AccessLog
from models.record import Clock
from models.vocabulary import Flag, Grade, Purpose, Status, Target
from notifications.messages import Language
from tests.api_desk import NOW, ApiDesk, api_desk

CANARY = "CANARY张三13900000000"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def case(desk: ApiDesk, **fields: object) -> str:
    number = desk.take_in(text=CANARY)
    desk.change(number, **{"wake_at": NOW + timedelta(days=1), **fields})
    return number


def clock(desk: ApiDesk, number: str, due_in: timedelta, target: Target = Target.FEEDBACK, department: str = "") -> None:
    with desk.place.database.writing() as session:
        of = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        session.add(
            Clock(
                case_id=of.id, target=target, department=department, started_at=NOW - timedelta(days=9), due_at=NOW + due_in,
                grade=of.grade, rule_id="r", rule_hash="d", calendar_hash="c", reason_zh="因", reason_en="why",
            )
        )  # fmt: skip


def shown(desk: ApiDesk, query: str = "", who: str = "operator", status: int = 200) -> str:
    answer = desk.client.get(f"/cases?lang=en&{query}", headers=desk.headers(who))
    assert answer.status_code == status
    return answer.text


def numbers(page: str) -> list[str]:
    return re.findall(r'href="/\?case=(W-\d+)', page)


def load(desk: ApiDesk, query: str = "", who: str = "supervisor") -> list[list[str]]:
    answer = desk.client.get(f"/cases.csv?purpose=review&{query}", headers=desk.headers(who))
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


# Filters


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("status=DISPUTED", {"status": Status.DISPUTED}),
        ("grade=U1", {"grade": Grade.U1}),
        ("grade=U0&grade=U1", {"grade": Grade.U0}),
        ("kind=S01", {"kind": "S01"}),
        ("flag=CLOSURE_BLOCKED", {"flag": Flag.CLOSURE_BLOCKED}),
        ("district=DC-1", {"district": "DC-1"}),
        ("from=2026-12-01", {"received_at": datetime(2026, 11, 30, 16, tzinfo=UTC)}),
        ("to=2026-11-01", {"received_at": datetime(2026, 11, 1, 15, 59, tzinfo=UTC)}),
        ("from=2026-10-01&to=2026-10-01", {"received_at": datetime(2026, 9, 30, 16, tzinfo=UTC)}),
        ("need=sent_back", {"rework_count": 2}),
        ("need=stuck&grade=U2", {"failures": 1, "grade": Grade.U2}),
    ],
)
def test_each_filter_finds_what_fits_and_nothing_else(desk: ApiDesk, query: str, fields: dict[str, object]) -> None:
    case(desk)
    wanted = case(desk, **fields)
    case(desk)
    assert numbers(shown(desk, query)) == [wanted]


def test_days_begin_at_midnight_of_the_desk_and_both_are_within(desk: ApiDesk) -> None:
    """16:00 UTC is midnight in Beijing."""
    case(desk, received_at=datetime(2026, 10, 1, 15, 59, 59, tzinfo=UTC))
    first = case(desk, received_at=datetime(2026, 10, 1, 16, tzinfo=UTC))
    last = case(desk, received_at=datetime(2026, 10, 3, 15, 59, 59, tzinfo=UTC))
    case(desk, received_at=datetime(2026, 10, 3, 16, tzinfo=UTC))
    assert numbers(shown(desk, "from=2026-10-02&to=2026-10-03")) == [last, first]


def test_open_ones_and_late_ones(desk: ApiDesk) -> None:
    late, closed = case(desk), case(desk, status=Status.CLOSED)
    hung = case(desk, status=Status.HUNG_UP)
    for number in (late, closed, hung):
        clock(desk, number, timedelta(0))
    assert numbers(shown(desk, "open=true")) == [hung, late]
    assert numbers(shown(desk, "need=late")) == [late], "closed or standing still is not late"


def test_the_lead_is_who_holds_the_order_now(desk: ApiDesk) -> None:
    held, helped, taken = case(desk), case(desk), case(desk)
    desk.assign(held, "EDU")
    desk.assign(helped, "EDU", leads=False)
    desk.assign(taken, "EDU", withdrawn_at=NOW)
    assert numbers(shown(desk, "lead=EDU")) == [held]


@pytest.mark.parametrize("query", ["status=NONE", "grade=U9", "from=2026-13-01", "kind=%3Cscript%3E", "before=x", "after=99999999999", "lead=edu"])
def test_a_filter_that_makes_no_sense_shows_nothing_and_says_so(desk: ApiDesk, query: str) -> None:
    number = case(desk)
    page = shown(desk, query, status=422)
    assert number not in page and "makes no sense" in page and query.partition("=")[0] in page
    assert "<script" not in page


# Rows


def test_a_row_tells_codes_and_times_and_nothing_anybody_said(desk: ApiDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHISTLE_PREFECT_UI_URL", "http://127.0.0.1:4200")
    run_id = uuid4()
    number = case(desk, kind="S01", grade=Grade.U1, status=Status.DISPATCHED, flag=Flag.CLOSURE_BLOCKED, run_id=run_id)
    desk.assign(number, "EDU")
    clock(desk, number, timedelta(hours=-2))
    clock(desk, number, timedelta(days=3), Target.CLOSURE)
    page = shown(desk)
    for word in (number, ">U1<", "Dispatched", "Education", "Closure blocked", "answer of the lead", "2026-11-23 10:00", "late", f"/runs/flow-run/{run_id}"):
        assert word in page, word
    assert "CANARY" not in page and "<script" not in page and "style=" not in page
    for word in ("已派单", "教育", "不能办结", "反馈", "已超期"):
        assert word in desk.client.get("/cases?lang=zh", headers=desk.headers("operator")).text


def test_a_number_leads_straight_to_its_case(desk: ApiDesk) -> None:
    number = case(desk)
    for typed in (number, "1", " w-000001 "):
        answer = desk.client.get("/cases", params={"number": typed, "lang": "en"}, headers=desk.headers("operator"), follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/?case={number}&lang=en")
    answer = desk.client.get("/cases", params={"number": "//evil.example"}, headers=desk.headers("operator"), follow_redirects=False)
    assert answer.headers["location"].startswith("/?case=W-0")


def test_an_empty_list_and_one_that_nothing_fits_say_so(desk: ApiDesk) -> None:
    assert "No cases yet." in shown(desk)
    case(desk)
    assert "No case fits this filter." in shown(desk, "status=SEALED")


# Pages


def test_pages_neither_skip_nor_repeat_while_cases_come_in(desk: ApiDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_list, "SHOWN", 4)
    there = [case(desk) for _ in range(11)]
    seen, query = list[str](), ""
    while True:
        page = shown(desk, query)
        seen += numbers(page)
        case(desk)
        older = re.search(r'rel="next" href="/cases\?([^"]+)"', page)
        if older is None:
            break
        query = older[1].replace("&amp;", "&")
    assert seen == there[::-1]


def test_back_and_forth_gives_the_same_page(desk: ApiDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_list, "SHOWN", 4)
    for each in range(12):
        case(desk, kind="S01" if each % 2 else "S02")
    first = shown(desk, "kind=S01")
    second = shown(desk, re.findall(r'rel="next" href="/cases\?([^"]+)"', first)[0].replace("&amp;", "&"))
    again = shown(desk, re.findall(r'rel="prev" href="/cases\?([^"]+)"', second)[0].replace("&amp;", "&"))
    assert numbers(first) == numbers(again) == ["W-000012", "W-000010", "W-000008", "W-000006"]
    assert numbers(second) == ["W-000004", "W-000002"]
    assert "kind=S01" in second


def test_a_count_goes_no_further_than_it_must(desk: ApiDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        case(desk)
    assert "4 found" in shown(desk)
    monkeypatch.setattr(case_list, "MOST_COUNTED", 3)
    assert "more than 3 found" in shown(desk)


def test_what_one_is_kept_away_from_is_in_no_list_count_or_table(desk: ApiDesk) -> None:
    mine, other = case(desk, grade=Grade.U1), case(desk, grade=Grade.U1)
    desk.client.post(f"/cases/{other}/not-mine", headers=desk.headers("supervisor"))
    for query in ("", "grade=U1", "open=true", "need=danger"):
        page = shown(desk, query, "supervisor")
        assert mine in page and other not in page and "1 found" in page
        assert [row[0] for row in load(desk, query)[1:]] == [mine]
    assert other in shown(desk)


# The table


def test_the_table_has_codes_and_times_only_and_goes_on_past_one_window(desk: ApiDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_list, "WINDOW", 3)
    there = [case(desk, kind="S01") for _ in range(8)]
    desk.assign(there[0], "EDU")
    rows = load(desk, "kind=S01")
    assert rows[0] == list(case_list.HEADS)
    assert [row[0] for row in rows[1:]] == there[::-1]
    assert rows[-1][3:5] == ["S01", "EDU"] and rows[-1][7].endswith("+00:00")
    assert "CANARY" not in str(rows)


def test_the_table_ends_at_its_bound(desk: ApiDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_list, "WINDOW", 2)
    monkeypatch.setattr(case_list, "MOST_ROWS", 3)
    for _ in range(5):
        case(desk)
    assert [row[0] for row in load(desk)[1:]] == ["W-000005", "W-000004", "W-000003"]


def test_no_cell_begins_a_formula(desk: ApiDesk) -> None:
    """A catalogue or a program may bring any code in."""
    case(desk, kind="=1+1", district="-2+3")
    row = load(desk)[1]
    assert (row[3], row[5]) == ("'=1+1", "'-2+3")


def test_a_download_is_in_the_access_log_with_its_purpose_and_filter_before_it_is_given(desk: ApiDesk) -> None:
    load(desk, "status=DISPUTED&grade=U1")
    with desk.place.database.reading() as session:
        (log,) = session.exec(select(AccessLog).where(AccessLog.what == "case_list"))
    assert (log.purpose, log.allowed, log.case_id, log.subject) == (Purpose.REVIEW, True, None, "status=DISPUTED&grade=U1")


@pytest.mark.parametrize("purpose", ["", "purpose=curiosity"])
def test_nothing_is_downloaded_without_a_purpose(desk: ApiDesk, purpose: str) -> None:
    case(desk)
    answer = desk.client.get(f"/cases.csv?lang=en&{purpose}", headers=desk.headers("supervisor"))
    assert answer.status_code == 422 and "choose the purpose" in answer.text
    with desk.place.database.reading() as session:
        assert session.exec(select(AccessLog).where(AccessLog.what == "case_list")).all() == []


@pytest.mark.parametrize("who", ["operator", "EDU"])
def test_the_table_is_for_those_who_oversee(desk: ApiDesk, who: str) -> None:
    number = case(desk)
    answer = desk.client.get("/cases.csv?purpose=review", headers=desk.headers(who))
    assert answer.status_code == 403 and number not in answer.text


def test_words_are_there_in_both_languages() -> None:
    assert set(NEED_WORDS) == set(Need) and set(PURPOSE_WORDS) == set(Purpose)
    for table in (NEED_WORDS, PURPOSE_WORDS, BOARD_TEXTS):
        assert all(say(each, Language.ZH) != say(each, Language.EN) for each in table.values())


def test_the_first_page_s_counts_lead_into_the_list(desk: ApiDesk) -> None:
    case(desk, status=Status.DISPUTED, grade=Grade.U1)
    page = desk.client.get("/?lang=en", headers=desk.headers("operator")).text
    for query in ("status=DISPUTED", "grade=U1"):
        assert f'href="/cases?{query}&amp;lang=en"' in page


def test_grades_stand_in_the_order_of_their_numbers_and_consultations_last(desk: ApiDesk) -> None:
    for grade in Grade:
        case(desk, grade=grade)
    in_order = ["U0", "U1", "U2", "U3", "U4", "UC"]
    assert re.findall(r'name="grade" value="(U.)"', shown(desk)) == in_order
    board = desk.client.get("/?lang=en", headers=desk.headers("operator")).text
    assert re.findall(r'href="/cases\?grade=(U.)&amp;', board) == in_order
