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
from tasks.words.entitlement import OF_HOUSE, OF_PEOPLE, About, Piece, Reader, Sight, may_read, sight_of
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
                assert (once is Sight.MASKED) == (piece in OF_PEOPLE and reader in OF_HOUSE)
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
    assert "person_full:child" in desk.client.get("/reads", headers=desk.headers("supervisor")).text


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
