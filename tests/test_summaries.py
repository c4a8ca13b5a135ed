"""What a department reads: written for it, without the reporter, each read on record, nothing for anybody else."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from models.case import PERSON_WORDS
from models.house import AccessLog
from models.vocabulary import CallbackClass, PersonRole, Role, Status
from tasks.casebook import editing
from tasks.dispatch.assignment import dispatch_case
from tasks.news.inbox import Speaker, find_case
from tasks.words.entitlement import (
    EVERYTHING,
    HOUSEHOLD_NUMBERS,
    OF_REPORTER,
    About,
    Piece,
    Reader,
    may_read,
    readable,
)
from tasks.words.scrubbing import GAPS, Hidden, leaks, scrub
from tests.api_desk import NOW, ApiDesk, api_desk

REPORTER = {
    "name": "王小明", "contact": "138-0013-8000", "identity": "110105201001012312",
    "address": "北京市海淀区中关村南大街5号院3号楼", "note": "暗语：向日葵盛开",
}  # fmt: skip
OTHER_WORDS = ["学校食堂的饭菜有异味", "多名学生课后腹痛", "校门口小卖部向学生售烟", "培训机构关门不退费", "校车每天超载", "请有关部门核查处理"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


SPELT = [
    ("phone, Chinese figures", "电话一三八零零一三八零零零", "contact"),
    ("phone, full width", "电话１３８００１３８０００", "contact"),
    ("phone, apart", "电话 138 0013 8000", "contact"),
    ("phone, a part of it", "尾号0013800的机主", "contact"),
    ("identity", "身份证110105 20100101 2312", "identity"),
    ("given name", "小明说的", "name"),
    ("surname and title", "王老师说的", "name"),
    ("little surname", "小王说的", "name"),
    ("home without district", "住中关村南大街", "address"),
    ("code word", "说向日葵盛开", "note"),
]


@pytest.mark.parametrize(("spelt", "field"), [each[1:] for each in SPELT], ids=[each[0] for each in SPELT])
def test_a_reporter_is_recognised_however_spelt(spelt: str, field: str) -> None:
    assert field in leaks(f"孩子在学校被打。{spelt}。", REPORTER)


def test_what_is_everybodys_is_no_leak() -> None:
    """A district, a year and ordinary words do not say who it was."""
    assert leaks("北京市海淀区一所小学，2026年11月起，三年级2班有孩子被打。", REPORTER) == ()
    assert leaks("A pupil of a school in Haidian was beaten in November 2026.", {"name": "Ann Lee", "contact": "617-555-0134"}) == ()
    assert leaks("Freeline buses are full.", {"name": "Ann Lee"}) == (), "a name is a whole word"
    assert leaks("ann said so", {"name": "Ann Lee"}) == ("name",)


@given(
    kept=st.lists(st.sampled_from(OTHER_WORDS), min_size=3, max_size=6, unique=True),
    field=st.sampled_from(sorted(REPORTER)),
    form=st.sampled_from(["{}", "联系{}", "（{}）", "可问{}本人", "{}反映"]),
    at=st.integers(0, 3),
)
@settings(max_examples=300, deadline=None)
def test_no_value_of_a_reporter_survives(kept: list[str], field: str, form: str, at: int) -> None:
    """Wherever it stands, the text goes without it, or there is no text."""
    said = [*kept[:at], form.format(REPORTER[field]), *kept[at:]]
    told = scrub("，".join(said) + "。", REPORTER)
    if told.text is not None:
        assert leaks(told.text, REPORTER) == ()
        assert REPORTER[field] not in told.text


@given(st.text(max_size=300), st.dictionaries(st.sampled_from(PERSON_WORDS), st.text(max_size=40)))
@settings(max_examples=300, deadline=None)
def test_any_text_and_any_reporter_end_without_a_leak(text: str, own: dict[str, str]) -> None:
    told = scrub(text, own)
    assert told.text is None or leaks(told.text, own) == ()


def test_numbers_places_and_the_speaker_are_taken_out_though_nobody_knows_whose_they_are() -> None:
    told = scrub(
        "校门口小卖部向未成年学生出售香烟，每天放学都有。我是隔壁班的家长，电话13900000000，邮箱a.b@example.org，"
        "车牌京A12345，微信号abcd1234，住朝阳区建国路88号院2号楼。这家店已经开了半年，学生都知道，请核查处理。",
        {},
    )
    assert told.text is not None
    for gone in ("家长", "139", "example", "12345", "abcd", "88号"):
        assert gone not in told.text
    assert "出售香烟" in told.text and "开了半年" in told.text
    assert {Hidden.SPEAKER, Hidden.PHONE, Hidden.MAIL, Hidden.PLATE, Hidden.ACCOUNT, Hidden.ADDRESS} <= set(told.hidden)


def test_english_words_are_scrubbed_alike() -> None:
    text = (
        "A shop near the school sells vapes to pupils every afternoon and nobody checks their age. "
        "I am a teacher there. My number is 617-555-0134, mail jo@example.org. It has gone on since September."
    )
    told = scrub(text, {"name": "Jo Ng", "contact": "617 555 0134"}, "en")
    assert told.text is not None and "vapes" in told.text and "September" in told.text
    assert not re.search(r"teacher|617|example", told.text)


def test_the_machine_gives_up_when_most_of_it_is_about_the_speaker() -> None:
    assert scrub("我是孩子的班主任，我家就住楼上，我的电话13900000000。孩子常哭。", {}).text is None
    assert scrub("", {}).text is None


CANTEEN = "食堂饭菜多次发霉变质，多名学生课后腹痛，请有关部门核查处理。"
BY_ROLE = [
    ("a parent at the school", f"我是阳光小学的学生家长，学校{CANTEEN}", "家长"),
    ("a parent in a class", f"我是阳光小学三年级2班学生的家长，学校{CANTEEN}", "三年级"),
    ("as a parent", f"作为阳光小学三年级学生的家长，学校{CANTEEN}", "三年级"),
    ("my child goes there", f"我孩子在阳光小学读书，学校{CANTEEN}", "我孩子"),
    ("the caller's child, noted by the operator", f"来电人称其孩子在阳光小学三年级二班就读，学校{CANTEEN}", "二班"),
    ("the caller is a parent", f"来电人系阳光小学家长，学校{CANTEEN}", "家长"),
]


@pytest.mark.parametrize(("text", "gone"), [each[1:] for each in BY_ROLE], ids=[each[0] for each in BY_ROLE])
def test_the_school_of_the_matter_stays_though_its_clause_tells_of_a_parent(text: str, gone: str) -> None:
    told = scrub(text, {"name": "学生家长", "contact": "13900000000"})
    assert told.text is not None and "阳光小学" in told.text
    assert gone not in told.text and told.left_out == 1
    assert Hidden.SPEAKER in told.hidden


def test_what_the_caller_reports_stays_without_the_caller() -> None:
    told = scrub(f"来电人反映阳光小学{CANTEEN}", {})
    assert told.text == f"反映阳光小学{CANTEEN}" and told.left_out == 0


GOES_ON = [
    ("我是朝阳区青苗小学三年级学生的家长，姓李。", "李"),
    ("我是朝阳区青苗小学三年级学生的家长。姓李。住在望京。", "李|望京"),
    ("我是青苗小学学生的家长，免贵姓赵，今年四十岁，在国贸的银行上班，是二班的家长。", "赵|四十|国贸|二班"),
    ("姓李，", "李"),
    ("我是隔壁的，名叫小芳，住在对门。", "小芳|对门"),
]
"""How people say who they are in clauses that have no subject of their own."""


@pytest.mark.parametrize(("said", "gone"), GOES_ON)
def test_what_goes_on_about_the_speaker_goes_too_though_no_i_stands_there(said: str, gone: str) -> None:
    told = scrub(f"{said}学校食堂连续三天饭菜有异味，有几个孩子吃完拉肚子，希望查一查食堂卫生。", {})
    assert told.text and "食堂连续三天饭菜有异味" in told.text
    assert not re.search(gone, told.text)


@pytest.mark.parametrize("said", ["班主任打学生，姓王，全班都看见了。", "老师姓张，不管这件事。", "门口的小贩今年四十岁，在校门口做生意。"])
def test_who_somebody_else_is_stays(said: str) -> None:
    told = scrub(f"{said}学校没有处理，希望有关部门查一查。", {"name": "李某某"})
    assert told.text and said.rstrip("。") in told.text


def test_a_surname_alone_tells_whose_it_is() -> None:
    assert leaks("来电的人姓王，其他不详", REPORTER) == ("name",)
    assert not leaks("来电的人姓张，其他不详", REPORTER)


def test_english_goes_on_about_the_speaker_alike() -> None:
    told = scrub("I am a parent at Green Hill Primary School, surname Li, living nearby. The canteen has smelled for three days and children were sick.", {}, "en")
    assert told.text and "canteen has smelled" in told.text and "Li," not in told.text and "nearby" not in told.text


def test_english_keeps_the_school_of_a_parent_and_no_more() -> None:
    told = scrub("I am a parent at Sunshine Primary School. The canteen serves spoiled food to the pupils every day. Please look into it.", {}, "en")
    assert told.text is not None and "Sunshine Primary School" in told.text and "parent" not in told.text


NOT_BY_ROLE = [
    ("a teacher there", f"我是阳光小学的老师，学校{CANTEEN}"),
    ("a guard there", f"我在阳光小学当保安，学校{CANTEEN}"),
    ("the caller says to be a teacher", f"来电人称是阳光小学教师，学校{CANTEEN}"),
    ("the caller lives beside it", f"来电人称自己住在阳光小学隔壁，学校{CANTEEN}"),
    ("what the caller saw there", f"来电人称在阳光小学门口看到的，学校{CANTEEN}"),
    ("as a teacher", f"作为阳光小学的教师，学校{CANTEEN}"),
    ("a parent who tells more", f"我是阳光小学家委会会长也是家长，学校{CANTEEN}"),
    ("a matter that is about no school", "我是阳光小学的家长，小区门口的便利店向人卖烟，每天晚上都有，请核查处理，已经半年了。"),
]


@pytest.mark.parametrize("text", [each[1] for each in NOT_BY_ROLE], ids=[each[0] for each in NOT_BY_ROLE])
def test_a_clause_that_tells_more_of_the_reporter_than_a_parents_role_goes_whole(text: str) -> None:
    told = scrub(text, {})
    assert told.left_out == 1
    assert told.text is None or "阳光小学" not in told.text


def test_a_place_that_is_known_of_the_reporter_never_stays() -> None:
    told = scrub(f"我是阳光小学的学生家长，学校{CANTEEN}", {"address": "海淀区阳光小学家属院"})
    assert told.text is None


@pytest.mark.parametrize("name", ["学生家长", "某家长", "热心市民", "匿名"])
def test_a_role_where_a_name_belongs_is_no_name(name: str) -> None:
    assert leaks("小学食堂的老师和学生，小市场", {"name": name}) == ()


def test_every_gap_has_words() -> None:
    assert set(GAPS) == set(Hidden)


# Who reads what.

KINDS_OF_CASE = [
    About(harm, guardian, klass, is_open, glass)
    for harm, guardian, klass, is_open, glass in product(
        (False, True), (False, True), CallbackClass, (False, True), (False, True)
    )
]


def test_no_department_ever_learns_of_a_reporter_who_did_not_agree() -> None:
    for about, reader in product(KINDS_OF_CASE, (Reader.LEAD, Reader.CO_HANDLER, Reader.POLICE, Reader.STRANGER)):
        seen = readable(reader, about) & OF_REPORTER
        if seen:
            assert about.reporter_open and not about.harm and not about.guardian_suspect
            assert about.callback_class is CallbackClass.NORMAL
            assert seen <= {Piece.REPORTER_NAME, Piece.REPORTER_CONTACT}


def test_nobody_outside_reads_the_callers_words_the_answer_or_what_others_said() -> None:
    for about, reader in product(KINDS_OF_CASE, (Reader.LEAD, Reader.CO_HANDLER, Reader.POLICE, Reader.STRANGER)):
        assert not readable(reader, about) & {Piece.TEXT, Piece.ANSWER, Piece.NEWS, Piece.EVIDENCE, Piece.REPORTER_NOTE}


def test_household_numbers_are_closed_where_a_guardian_may_be_the_offender() -> None:
    about = About(guardian_suspect=True)
    assert not readable(Reader.OPERATOR, about) & HOUSEHOLD_NUMBERS
    assert not readable(Reader.LEAD, about) & HOUSEHOLD_NUMBERS
    assert readable(Reader.SUPERVISOR, about) == EVERYTHING


def test_a_broken_glass_opens_to_the_house_only() -> None:
    for about in KINDS_OF_CASE:
        if about.glass_broken:
            assert readable(Reader.ADMINISTRATOR, about) == EVERYTHING
            for reader in (Reader.LEAD, Reader.CO_HANDLER, Reader.POLICE, Reader.STRANGER):
                closed = About(about.harm, about.guardian_suspect, about.callback_class, about.reporter_open)
                assert readable(reader, about) == readable(reader, closed)
    assert not readable(Reader.ADMINISTRATOR, About())


def test_every_field_of_a_person_is_known_to_the_table() -> None:
    for role, field in product(PersonRole, PERSON_WORDS):
        assert may_read(Piece(f"{role}.{field}"), Reader.SUPERVISOR, About())


GOLDEN: dict[Reader, set[str]] = {
    Reader.LEAD: {"summary", "own_evidence", "own_answer", "child.name", "child.address", "suspect.name", "suspect.note"},
    Reader.CO_HANDLER: {"summary", "own_evidence", "own_answer", "child.name", "child.address"},
    Reader.POLICE: {
        "summary", "own_evidence", "own_answer", "child.name", "child.identity", "child.address", "child.note", "suspect.name",
        "suspect.identity", "suspect.address", "suspect.note", "suspect.contact",
    },
    Reader.STRANGER: set(),
    Reader.ADMINISTRATOR: set(),
}  # fmt: skip


@pytest.mark.parametrize("reader", GOLDEN)
def test_the_slice_of_a_case_of_harm_at_home(reader: Reader) -> None:
    about = About(harm=True, guardian_suspect=True, callback_class=CallbackClass.REPORTER_ONLY, reporter_open=True)
    assert {each.value for each in readable(reader, about)} == GOLDEN[reader]


# On the desk.


def dispatched(desk: ApiDesk, **fields: object) -> str:
    number = desk.take_in(kind="C05", reporter=REPORTER, child={"name": "赵六", "contact": "000-7"}, **fields)
    with desk.place.database.reading() as session:
        case_id = find_case(session, number, Speaker("op", Role.OPERATOR)).id
    with editing(desk.place, case_id) as (session, case):
        case.kind, case.status = "C05", Status.SCREENED
        dispatch_case(desk.place, session, case, NOW)
    return number


def test_the_machine_writes_for_departments_when_it_is_sure(desk: ApiDesk) -> None:
    number = dispatched(desk, text="校门口小卖部向未成年学生出售香烟，每天放学都有人买。我是王小明，电话13800138000。请核查处理。")
    token = desk.assign(number, "EDU", round=2)
    before = desk.client.get(f"/o/{token}?lang=en").text
    assert "出售香烟" not in before, "opening the link, as a scanner of mails does, opens no words"
    page = desk.client.post(f"/o/{token}/words?lang=en").text
    assert "出售香烟" in page and "赵六" in page
    assert not leaks(page, {"name": "王小明", "contact": REPORTER["contact"]})
    with desk.place.database.reading() as session:
        [read] = session.exec(select(AccessLog).where(AccessLog.what == "slice")).all()
    assert (read.allowed, read.subject) == (True, "lead") and read.client.startswith("link:")


def test_a_machines_draft_is_closed_again_once_harm_is_suspected(desk: ApiDesk) -> None:
    number = dispatched(desk, text="校门口小卖部向未成年学生出售香烟，每天放学都有人买。请核查处理。")
    token = desk.assign(number, "EDU", round=2)
    assert "出售香烟" in desk.client.post(f"/o/{token}/words?lang=en").text
    desk.change(number, harm=True)
    assert "Nobody has written" in desk.client.post(f"/o/{token}/words?lang=en").text
    assert number in desk.client.get("/duty", headers=desk.headers("operator")).text.partition("duty_unwritten")[2]


def test_harm_waits_for_a_person_and_a_person_may_not_tell_the_reporter(desk: ApiDesk) -> None:
    number = desk.take_in(text="孩子身上有伤", kind="F01", reporter=REPORTER)
    desk.change(number, status=Status.DISPATCHED, harm=True)
    token = desk.assign(number, "EDU")
    assert "Nobody has written" in desk.client.post(f"/o/{token}/words?lang=en").text
    told = desk.post(f"/api/v1/cases/{number}/news/summary_written", {"text": "三年级一名学生身上有伤，王老师发现的。"})
    assert told.status_code == 422 and "name" in told.text and "王老师" not in told.text
    good = desk.post(f"/api/v1/cases/{number}/news/summary_written", {"text": "三年级一名学生身上有伤，请尽快到校了解。"})
    assert good.status_code == 202


def test_a_summary_given_at_intake_is_checked_there(desk: ApiDesk) -> None:
    body = {"text": "孩子身上有伤", "summary": "小明报告孩子有伤", "reporter": REPORTER}
    answer = desk.post("/api/v1/cases", body)
    assert answer.status_code == 422 and answer.json()["fields"][0]["field"] == "summary"
    assert "小明" not in answer.text
    number = desk.take_in(text="孩子身上有伤", summary="一名学生身上有伤", reporter=REPORTER)
    desk.assign(number, "EDU")
    seen = desk.get(f"/api/v1/cases/{number}/slice", "EDU").json()
    assert seen["summary"] == "一名学生身上有伤" and "reporter" not in seen["people"]
    assert desk.get(f"/api/v1/cases/{number}/slice", "POLICE").status_code == 404
    assert desk.get(f"/api/v1/cases/{number}/slice", "operator").status_code == 403
