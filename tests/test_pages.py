"""The pages: what they show, to whom, in which language, and what they never show."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from desk.pages.translation import say
from desk.pages.words import FLAG_WORDS, GRADE_WORDS, STATUS_WORDS, TEXTS, Words, language_of
from desk.server import keep_for_good
from models.case import Case
from models.exchange import Notice
from models.vocabulary import Ask, Flag, Grade, NewsKind, NoticeState, Role, Status
from notifications.messages import ASKED, Language
from tasks.news.forms import WHO_MAY_SAY
from tests.api_desk import NOW, ApiDesk, api_desk

CANARY = "CANARY张三13900000000"
SECRETS = {
    "text": CANARY,
    "answer": CANARY,
    "reporter": {"name": CANARY, "contact": CANARY, "address": CANARY, "note": CANARY, "identity": CANARY},
    "child": {"name": CANARY},
    "suspect": {"name": CANARY},
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def shown(desk: ApiDesk, path: str, who: str = "operator", language: str = "en", status: int = 200) -> str:
    answer = desk.client.get(path, auth=("x", desk.keys[who]), headers={"Accept-Language": language})
    assert answer.status_code == status
    return answer.text


def tell(desk: ApiDesk, department: str, **fields: object) -> None:
    with desk.place.database.writing() as session:
        case = session.get_one(Case, 1)
        facts = {"ask": Ask.OVERDUE, "grade": Grade.U2, "due_at": datetime(2026, 11, 24, 1, 30, tzinfo=UTC)}
        facts |= fields
        session.add(
            Notice(
                case_id=case.id,
                case_label=case.label,
                dedupe_key=str(uuid4()),
                recipient=department,
                link="x",
                state=NoticeState.SENT,
                created_at=NOW,
                next_try_at=NOW,
                **facts,
            )
        )


# The board


@pytest.mark.parametrize("who", ["operator", "supervisor", "administrator"])
def test_the_house_sees_the_board(desk: ApiDesk, who: str) -> None:
    assert "Minors-protection desk" in shown(desk, "/", who)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer whk_a_b"}, {"Authorization": "Basic eDp5"}])
def test_a_stranger_is_asked_to_sign_in_and_sees_nothing(desk: ApiDesk, headers: dict[str, str]) -> None:
    number = desk.take_in()
    answer = desk.client.get(f"/?case={number}", headers=headers)
    assert answer.status_code == 401
    assert 'type="password"' in answer.text
    same = desk.client.get("/?case=W-999999", headers=headers).text
    assert answer.text == same.replace("W-999999", number), "the same whether there is such a case or not"


def test_a_department_does_not_see_the_board(desk: ApiDesk) -> None:
    assert desk.take_in() not in shown(desk, "/", "EDU", status=403)


def test_the_board_shows_codes_and_times_and_nothing_anybody_said(desk: ApiDesk) -> None:
    number = desk.take_in(**SECRETS)
    desk.assign(number, "EDU")
    desk.change(
        number, kind="S01", grade=Grade.U1, status=Status.DISPATCHED, flag=Flag.CLOSURE_BLOCKED,
        waiting_for="Awaiting EDU", wake_at=datetime(2026, 11, 24, 1, 30, tzinfo=UTC),
    )  # fmt: skip
    page = shown(desk, "/")
    kind = desk.place.catalogue.kinds["S01"]
    for word in (number, ">U1<", "Dispatched", kind.name_en, "Education", "Closure blocked"):
        assert word in page
    assert "Awaiting EDU until 2026-11-24 09:30" in page, "in the desk's own time"
    for path in ("/", f"/?case={number}"):
        assert "CANARY" not in shown(desk, path)


def test_the_board_counts_all_cases_and_lists_the_newest_fifty_first(desk: ApiDesk) -> None:
    for _ in range(52):
        desk.take_in()
    page = shown(desk, "/")
    assert "<strong>52</strong>" in page
    assert page.index("W-000052") < page.index("W-000003")
    assert "W-000002" not in page


def test_the_board_of_an_empty_desk_says_so(desk: ApiDesk) -> None:
    assert "No cases yet." in shown(desk, "/")


def test_a_case_is_shown_with_what_happened(desk: ApiDesk) -> None:
    page = shown(desk, f"/?case={desk.take_in()}")
    assert "W-000001" in page
    assert "<code>received" not in page, "codes are for administrators"
    assert "<code>received" in shown(desk, "/?case=W-000001", "administrator") and "> received" in page


def test_a_reviewer_reads_the_request_with_its_marks_and_nobody_else_does(desk: ApiDesk) -> None:
    number = desk.take_in(text="楼上孩子经常被打,身上有伤<script>alert(1)</script>")
    path = f"/cases/{number}/suggestion?lang=en"
    answer = desk.client.post(path, auth=("x", desk.keys["supervisor"]))
    assert answer.status_code == 200
    assert '<mark class="cue"' in answer.text
    assert "<script" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    for who, status in (("administrator", 403), ("EDU", 403)):
        refused = desk.client.post(path, auth=("x", desk.keys[who]))
        assert (refused.status_code, "孩子" in refused.text) == (status, False)
    assert desk.client.get(path, auth=("x", desk.keys["supervisor"])).status_code == 405


def test_an_unknown_case_is_told_kindly(desk: ApiDesk) -> None:
    assert "There is no such number." in shown(desk, "/?case=W-000404", status=404)


@pytest.mark.parametrize(
    ("base", "linked"), [("http://127.0.0.1:4200/", True), ("", False), ("javascript:alert(1)//", False)]
)
def test_a_case_links_to_its_run_if_the_address_is_known(
    desk: ApiDesk, monkeypatch: pytest.MonkeyPatch, base: str, linked: bool
) -> None:
    run_id = uuid4()
    desk.change(desk.take_in(), run_id=run_id)
    monkeypatch.setenv("WHISTLE_PREFECT_UI_URL", base)
    for path in ("/", "/?case=W-000001"):
        page = shown(desk, path)
        assert (f'href="http://127.0.0.1:4200/runs/flow-run/{run_id}"' in page) is linked
        assert "javascript" not in page


# The page behind an alert


def test_an_order_shows_what_is_asked_now_and_how_to_answer(desk: ApiDesk) -> None:
    number = desk.take_in(**SECRETS)
    token = desk.assign(number, "EDU")
    desk.change(number, status=Status.DISPATCHED)
    tell(desk, "EDU")
    page = desk.client.get(f"/o/{token}", headers={"Accept-Language": "en"}).text
    for word in (number, ">U3<", "Accept the order", f"/api/v1/cases/{number}/news/"):
        assert word in page
    assert "CANARY" not in page
    assert "Minors" not in page and "未成年" not in page, "a page anybody may see is neutral, as alerts are"


def test_an_order_asks_by_the_state_of_the_case_not_by_the_last_alert(desk: ApiDesk) -> None:
    number = desk.take_in()
    token = desk.assign(number, "EDU", accepted_at=NOW)
    desk.change(number, status=Status.IN_PROGRESS)
    tell(desk, "EDU", ask=Ask.ACCEPT_ORDER)
    tell(desk, "POLICE", ask=Ask.EMERGENCY)
    asked = desk.client.get(f"/o/{token}?lang=en").text.split('<ul class="now">')[1].split("</ul>")[0]
    assert "ccept" not in asked
    assert "Handle" in asked
    assert ASKED[Ask.EMERGENCY][1] not in asked


@pytest.mark.parametrize("leads", [True, False])
def test_an_order_names_the_news_that_unit_may_give(desk: ApiDesk, leads: bool) -> None:
    token = desk.assign(desk.take_in(), "EDU", leads=leads)
    page = desk.client.get(f"/o/{token}").text
    assert ("<code>replied</code>" in page) is leads
    assert ("<code>co_replied</code>" in page) is not leads
    for kind in NewsKind:
        if Role.DEPARTMENT not in WHO_MAY_SAY[kind]:
            assert f"<code>{kind}</code>" not in page


def test_every_link_that_shows_nothing_shows_the_same(desk: ApiDesk) -> None:
    withdrawn = desk.assign(desk.take_in(), "EDU", withdrawn_at=NOW)
    about_itself = desk.assign(desk.take_in(complained_of="EDU"), "EDU")
    sealed_case = desk.take_in()
    sealed = desk.assign(sealed_case, "EDU")
    desk.change(sealed_case, status=Status.SEALED)
    answers = [desk.client.get(f"/o/{token}") for token in (withdrawn, about_itself, sealed, "unknown", "1")]
    assert {each.status_code for each in answers} == {404}
    assert len({each.content for each in answers}) == 1


# Words


def test_every_status_grade_and_flag_has_words_in_both_languages() -> None:
    assert set(STATUS_WORDS) == set(Status)
    assert set(GRADE_WORDS) == set(Grade)
    assert set(FLAG_WORDS) == set(Flag)
    for table in (STATUS_WORDS, GRADE_WORDS, FLAG_WORDS, TEXTS):
        assert all(say(each, Language.ZH) != say(each, Language.EN) for each in table.values())


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, None, Language.ZH),
        (None, "en-GB,en;q=0.9", Language.EN),
        (None, "fr-FR,en;q=0.5,zh;q=0.4", Language.EN),
        (None, "fr", Language.ZH),
        (None, "zh-CN,en", Language.ZH),
        ("en", "zh-CN", Language.EN),
        ("zh", "en", Language.ZH),
        ("xx", "en", Language.EN),
        ("both", None, Language.ZH),
    ],
)
def test_the_address_decides_the_language_then_the_browser(
    asked: str | None, accepted: str | None, language: Language
) -> None:
    assert language_of(asked, accepted) is language


def test_the_pages_say_which_language_they_are_in(desk: ApiDesk) -> None:
    assert '<html lang="zh">' in shown(desk, "/", language="zh-CN")
    assert "按状态" in shown(desk, "/?lang=zh", language="en")
    assert Words(Language.EN)["cases"] == "cases"


def test_what_comes_from_an_address_is_not_drawn(desk: ApiDesk) -> None:
    for path in ("/?case=<script>", "/?lang=<script>", "/o/<script>"):
        answer = desk.client.get(path, auth=("x", desk.keys["operator"]))
        assert "<script" not in answer.text


def test_no_page_needs_scripts_or_styles_of_its_own(desk: ApiDesk) -> None:
    token = desk.assign(desk.take_in(), "EDU")
    for path in ("/", "/?case=W-000001", "/docs", f"/o/{token}"):
        page = shown(desk, path)
        assert "<script" not in page and "style=" not in page and "<style" not in page
        assert 'href="/desk.css"' in page
    assert "prefers-color-scheme: dark" in desk.client.get("/desk.css").text


@pytest.mark.parametrize(("path", "status"), [("/nothing-here", 404), ("/cases/W-000001/words", 405), ("/o/abc/def", 405)])
def test_people_at_an_address_that_is_none_read_words_and_programs_json(desk: ApiDesk, path: str, status: int) -> None:
    person = desk.client.get(f"{path}?lang=en", headers={"Accept": "text/html,application/xhtml+xml"})
    assert person.status_code == status and "There is nothing at this address" in person.text
    program = desk.client.get(path, headers={"Accept": "*/*"})
    assert program.status_code == status and program.json()["error"] == f"http_{status}"
    assert desk.client.get("/api/v1/nothing", headers={"Accept": "text/html"}).json()["error"] == "http_404"


def test_what_the_desk_loads_at_its_start_is_never_looked_through_for_garbage() -> None:
    before = gc.get_freeze_count()
    try:
        keep_for_good()
        assert gc.get_freeze_count() > before + 10_000
    finally:
        gc.unfreeze()
