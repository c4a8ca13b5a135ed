"""Who somebody is stays masked until it is asked for in full: how much stays readable, and what is on record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from desk.people.keys import make_key
from models.accounts import SpecialAccess
from models.case import PERSON_WORDS, Case
from models.house import AccessLog
from models.vocabulary import GlassReason, Role, Scope
from tasks.words.entitlement import (
    FREE_TEXT,
    OF_HOUSE,
    OF_PEOPLE,
    About,
    Piece,
    Reader,
    Sight,
    may_read,
    sight_of,
)
from tasks.words.masked_text import mask_text
from tasks.words.masking import HIDDEN_MARK, KEPT, mask
from tests.api_desk import NOW, ApiDesk, api_desk

NAME, NUMBER, IDENTITY, ADDRESS, NOTE = "欧阳明月", "13800138000", "110101201501011234", "北京市东城区某胡同三号", "穿红衣服"
CHILD = {"name": NAME, "contact": NUMBER, "identity": IDENTITY, "address": ADDRESS, "note": NOTE}
MASKED = {"name": "欧***", "contact": "138****8000", "identity": "****************34", "address": "北京市…", "note": "…"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("name", "张三", "张*"), ("name", "张", "…"), ("name", "John", "J***"), ("name", " 张三 ", "张*"),
        ("contact", NUMBER, "138****8000"), ("contact", "65123456", "******56"), ("contact", "6512345", "…"),
        ("identity", IDENTITY, "****************34"), ("identity", "E12345678", "…"),
        ("address", ADDRESS, "北京市…"), ("address", "三号楼二单元401", "三号楼…"), ("address", "三号楼401", "…"),
        ("note", "孩子的班主任，戴眼镜，住在学校旁边", "…"), ("note", "", "…"),
    ],
)  # fmt: skip
def test_this_much_stays_readable(field: str, value: str, shown: str) -> None:
    assert mask(field, value) == shown


def test_every_field_of_a_person_has_a_rule() -> None:
    assert set(KEPT) == set(PERSON_WORDS)
    assert {each.partition(".")[2] for each in OF_PEOPLE} == set(PERSON_WORDS)


MOST = {"name": 1, "contact": 7, "identity": 2, "address": 3, "note": 0}
WHOLLY_BELOW = {"name": 2, "contact": 8, "identity": 15, "address": 9, "note": 10_000}


OWN_MARKS = st.text(st.characters(exclude_characters="*…", exclude_categories=["Cs"]), max_size=60)


@given(st.sampled_from(sorted(MOST)), OWN_MARKS)
def test_no_masked_value_holds_more_of_the_original_than_the_rule_allows(field: str, value: str) -> None:
    """What is left are characters of its very beginning and end, at most as many as the rule says."""
    whole = value.strip()
    kept = mask(field, value).replace("*", "").replace(HIDDEN_MARK, "")
    assert len(kept) <= (0 if len(whole) < WHOLLY_BELOW[field] else MOST[field])
    assert kept in {whole[:head] + whole[len(whole) - (len(kept) - head) :] for head in range(len(kept) + 1)}


@given(st.text(alphabet="0123456789", min_size=8, max_size=30))
def test_of_a_number_never_more_than_three_in_front_and_four_behind(value: str) -> None:
    shown = mask("contact", value)
    front, _, behind = shown.partition("*")
    assert (front in {"", value[:3]}) and len(behind.lstrip("*")) in {2, 4} and value.endswith(behind.lstrip("*"))
    assert shown.count("*") >= 4


@pytest.mark.parametrize("reader", list(Reader))
def test_the_house_asks_twice_and_asking_twice_opens_nothing_that_was_closed(reader: Reader) -> None:
    for about in (About(), About(guardian_suspect=True, harm=True), About(glass_broken=True), About(reporter_open=True)):
        for piece in Piece:
            once, twice = (sight_of(piece, reader, about, asked_in_full=each) for each in (False, True))
            assert (twice is Sight.HIDDEN) == (once is Sight.HIDDEN) == (not may_read(piece, reader, about))
            if once is not Sight.HIDDEN:
                assert (once is Sight.MASKED) == (piece in OF_PEOPLE | FREE_TEXT and reader in OF_HOUSE)
                assert twice is Sight.FULL


def log_of(desk: ApiDesk) -> list[tuple[str, str, str, bool]]:
    with desk.place.database.reading() as session:
        return [(each.what, each.subject, each.purpose, each.allowed) for each in session.exec(select(AccessLog))]


def test_the_api_masks_until_it_is_asked_for_more_and_the_log_tells_which(desk: ApiDesk) -> None:
    path = f"/api/v1/cases/{desk.take_in(child=CHILD)}/words?purpose=handling"
    masked, full = desk.get(path), desk.get(f"{path}&full=true")
    assert masked.json()["people"]["child"] == MASKED
    assert full.json()["people"]["child"] == CHILD
    for value in CHILD.values():
        assert value not in masked.text
    assert log_of(desk) == [("words", "", "handling", True), ("words_full", "", "handling", True)]


def test_a_key_without_the_scope_sees_nobody_in_full(desk: ApiDesk) -> None:
    number = desk.take_in(child=CHILD)
    scopes = [Scope.WORDS_READ, Scope.PAGES, Scope.CASES_READ]
    with desk.place.database.writing() as session:
        desk.keys["probe"] = make_key(session, "probe", Role.SUPERVISOR, None, NOW, scopes=scopes)
    path = f"/api/v1/cases/{number}/words?purpose=handling"
    assert desk.get(path, "probe").status_code == 200
    refused = desk.get(f"{path}&full=true", "probe")
    assert (refused.status_code, refused.json()["scope"]) == (403, "words:full")
    page = desk.client.post(f"/cases/{number}/people/child", data={"purpose": "handling"}, headers=desk.headers("probe"))
    assert page.status_code == 403 and NAME not in page.text
    assert [each for each in log_of(desk) if each[0] != "words"] == []


@pytest.mark.parametrize("who", ["operator", "supervisor"])
def test_the_page_masks_and_one_person_is_shown_by_a_second_act(desk: ApiDesk, who: str) -> None:
    number = desk.take_in(text="滑梯坏了", child=CHILD, suspect={"name": "王某某", "contact": "13900139000"})
    first = desk.client.post(f"/cases/{number}/suggestion?lang=en", headers=desk.headers(who)).text
    for value in (*CHILD.values(), "王某某", "13900139000"):
        assert value not in first
    for value in (*MASKED.values(), "王**", "139****9000", "Show in full"):
        assert value in first
    second = desk.client.post(f"/cases/{number}/people/child?lang=en", data={"purpose": "review"}, headers=desk.headers(who))
    assert all(value in second.text for value in CHILD.values()) and "王某某" not in second.text, "that person only"
    assert second.headers["cache-control"] == "no-store"
    assert log_of(desk) == [("words", "", "review", True), ("person_full", "child", "review", True)]
    assert "One person in full · Child" in desk.client.get("/reads?lang=en", headers=desk.headers("supervisor")).text


@pytest.mark.parametrize("data", [{}, {"purpose": ""}, {"purpose": "curiosity"}, {"purpose": "learning"}])
def test_nobody_is_shown_in_full_without_a_purpose(desk: ApiDesk, data: dict[str, str]) -> None:
    number = desk.take_in(child=CHILD)
    answer = desk.client.post(f"/cases/{number}/people/child", data=data, headers=desk.headers("operator"))
    assert answer.status_code == 422 and NAME not in answer.text
    assert log_of(desk) == []


def test_an_administrator_needs_the_glass_and_then_still_asks_twice(desk: ApiDesk) -> None:
    number = desk.take_in(child=CHILD)
    path, page = f"/api/v1/cases/{number}/words?purpose=review", f"/cases/{number}/people/child"
    for ask in (lambda: desk.get(f"{path}&full=true", "administrator"), lambda: desk.client.post(page, data={"purpose": "review"}, headers=desk.headers("administrator"))):
        answer = ask()
        assert answer.status_code == 403 and NAME not in answer.text
    assert {each[3] for each in log_of(desk)} == {False}, "the attempts are on record"
    with desk.place.database.writing() as session:
        case = session.exec(select(Case)).one()
        holder = desk.keys["administrator"].split("_")[1]
        session.add(SpecialAccess(case_id=case.id, holder=holder, reason=GlassReason.SYSTEM_FAULT, at=NOW, ends_at=NOW.replace(year=2027)))
    assert desk.get(path, "administrator").json()["people"]["child"] == MASKED
    assert desk.get(f"{path}&full=true", "administrator").json()["people"]["child"] == CHILD


def test_household_numbers_stay_closed_to_an_operator_however_often_they_ask(desk: ApiDesk) -> None:
    number = desk.take_in(child=CHILD)
    desk.change(number, guardian_suspect=True)
    page = desk.client.post(f"/cases/{number}/people/child", data={"purpose": "handling"}, headers=desk.headers("operator"))
    assert NAME in page.text and NUMBER not in page.text
    words = desk.get(f"/api/v1/cases/{number}/words?purpose=handling&full=true")
    assert NUMBER not in words.text and "child.contact" in words.json()["hidden"]


# People in free text.

PEOPLE = [CHILD, {"name": "王建国", "contact": "wx_abcd99"}, {"name": "Ann Lee"}, {"name": "不知道"}]
IN_TEXT = [
    ("the whole name", "欧阳明月被打", "欧***被打"),
    ("the given name", "昨天明月哭了", "昨天**哭了"),
    ("the surname and a title", "王老师动手", "王**动手"),
    ("a familiar form", "小王动手", "**动手"),
    ("an English name", "Lee hit ann", "*** hit a**"),
    ("a number", "打13800138000", "打138****8000"),
    ("a number written apart", "打138-0013-8000", "打138-****-8000"),
    ("a number in Chinese figures", "打一三八零零一三八零零零", "打一三八****八零零零"),
    ("a stranger's number", "打13711112222", "打137****2222"),
    ("an identity number", f"证件{IDENTITY}号", "证件****************34号"),
    ("a name at a messenger", "加wx_abcd99", "加**_****99"),
    ("a mail address", "写a.b@example.org", "写***************"),
    ("nothing about anybody", "我不知道，三年级2班，2026年11月，13岁", "我不知道，三年级2班，2026年11月，13岁"),
]


@pytest.mark.parametrize(("text", "shown"), [each[1:] for each in IN_TEXT], ids=[each[0] for each in IN_TEXT])
def test_people_are_masked_in_free_text_as_in_their_own_fields(text: str, shown: str) -> None:
    assert mask_text(text, PEOPLE) == shown


@given(st.text(max_size=80), st.sampled_from(["欧阳明月", "明月", NUMBER, IDENTITY, "wx_abcd99"]), st.text(max_size=80))
def test_masked_text_is_as_long_as_the_text_and_holds_nobody(before: str, said: str, after: str) -> None:
    """Marks are places in the text: they must not shift."""
    text = f"{before}，{said}，{after}"
    shown = mask_text(text, PEOPLE)
    assert len(shown) == len(text)
    assert all(value not in shown for value in ("欧阳明月", "明月", NUMBER, IDENTITY, "wx_abcd99"))


TOLD = f"{NAME}在学校被王老师打，电话{NUMBER}，证件{IDENTITY}。"


def of_case(desk: ApiDesk) -> str:
    return desk.take_in(text=TOLD, answer=f"已告知{NAME}", child=CHILD, suspect={"name": "王建国"})


def test_the_house_reads_masked_words_until_it_asks_for_them_in_full(desk: ApiDesk) -> None:
    number = of_case(desk)
    masked = desk.get(f"/api/v1/cases/{number}/words?purpose=handling").json()
    assert masked["text"] == f"欧***在学校被王**打，电话138****8000，证件{'*' * 16}34。" and masked["answer"] == "已告知欧***"
    full = desk.get(f"/api/v1/cases/{number}/words?purpose=handling&full=true").json()
    assert full["text"] == TOLD
    assert [each[0] for each in log_of(desk)] == ["words", "words_full"]


def test_the_page_of_the_request_masks_it_and_shows_it_in_full_for_a_purpose_on_record(desk: ApiDesk) -> None:
    number = of_case(desk)
    opened = desk.client.post(f"/cases/{number}/suggestion?purpose=review&lang=zh", headers=desk.headers("operator")).text
    for secret in (NAME, NUMBER, IDENTITY, "王老师"):
        assert secret not in opened
    assert f'action="/cases/{number}/words?lang=zh"' in opened
    nothing = desk.client.post(f"/cases/{number}/words?lang=zh", headers=desk.headers("operator"))
    assert nothing.status_code == 422 and TOLD not in nothing.text, "without a purpose there is nothing"
    shown = desk.client.post(f"/cases/{number}/words?lang=zh", data={"purpose": "complaint"}, headers=desk.headers("operator"))
    assert TOLD in shown.text and f"已告知{NAME}" in shown.text and shown.headers["cache-control"] == "no-store"
    assert log_of(desk) == [("words", "", "review", True), ("text_full", "", "complaint", True)]


def test_the_machine_judges_what_was_said_and_not_what_is_shown(desk: ApiDesk) -> None:
    """`王老师` is a cue for staff; masked it would be none."""
    number = of_case(desk)
    found = desk.get(f"/api/v1/cases/{number}/suggestion?purpose=review").json()
    bare = desk.take_in(text=TOLD)
    same = desk.get(f"/api/v1/cases/{bare}/suggestion?purpose=review").json()
    assert (found["kind"], found["signals"], found["marks"], found["likely"]) == (same["kind"], same["signals"], same["marks"], same["likely"])
    assert found["marks"], "or nothing is compared"


@pytest.mark.parametrize("who", ["administrator", "EDU"])
def test_nobody_reads_words_in_full_who_may_not_read_them_at_all(desk: ApiDesk, who: str) -> None:
    number = of_case(desk)
    answer = desk.client.post(f"/cases/{number}/words", data={"purpose": "handling"}, headers=desk.headers(who))
    assert answer.status_code in {401, 403} and NAME not in answer.text


def test_a_key_without_the_scope_reads_no_words_in_full(desk: ApiDesk) -> None:
    number = of_case(desk)
    with desk.place.database.writing() as session:
        key = make_key(session, "narrow", Role.OPERATOR, None, NOW, scopes=frozenset({Scope.PAGES, Scope.WORDS_READ}))
    answer = desk.client.post(f"/cases/{number}/words", data={"purpose": "handling"}, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 403 and NAME not in answer.text


def test_household_numbers_stay_closed_in_the_words_too(desk: ApiDesk) -> None:
    number = desk.take_in(text="孩子家里的电话是138-0013-8000，学校的电话是010-55551234。", child=CHILD)
    desk.change(number, guardian_suspect=True)
    shown = desk.client.post(f"/cases/{number}/words?lang=zh", data={"purpose": "handling"}, headers=desk.headers("operator")).text
    assert "010-55551234" in shown and "138-0013-8000" not in shown
    supervisor = desk.client.post(f"/cases/{number}/words?lang=zh", data={"purpose": "handling"}, headers=desk.headers("supervisor")).text
    assert "138-0013-8000" in supervisor
