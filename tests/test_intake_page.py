"""The operator's form: in the order of a call, saved once, sealed, and for the seat alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from desk.pages.intake_fields import NATURE_WORDS, read_intake, sections
from desk.pages.odd_numbers import is_odd
from models.case import Case, Person
from models.vocabulary import Nature, PersonRole
from tasks.receiving.hand_over import HandOver
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tests.api_desk import ApiDesk, api_desk

CANARY = "CANARY张三13900000000"
CALL = {
    "danger_now": "true", "text": f"{CANARY} 孩子被打", "child.name": CANARY, "child_age": "9", "suspect.name": CANARY,
    "suspect_is_guardian": "true", "reporter.contact": CANARY, "reporter.may_call_back": "true",
    "reporter.safe_from": "09:00", "reporter.safe_to": "11:30", "complained_of": "CIVIL", "nature": "REPORT",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def send(desk: ApiDesk, who: str = "operator", headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
    auth = ("x", desk.keys[who]) if who else None
    return desk.client.post("/intake?lang=zh", data=fields, auth=auth, headers=headers, follow_redirects=False)


def once_of(desk: ApiDesk) -> str:
    found = re.search(r'name="once" value="([^"]+)"', desk.client.get("/intake", auth=("x", desk.keys["operator"])).text)
    assert found
    return found[1]


def cases(desk: ApiDesk) -> list[Case]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(Case)))


def test_a_call_becomes_a_case_whose_people_are_apart_and_sealed(desk: ApiDesk) -> None:
    answer = send(desk, once=once_of(desk), **CALL)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?case=W-000001&saved=1&gaps=none&lang=zh"
    [case] = cases(desk)
    assert (case.danger_now, case.guardian_suspect, case.child_age, case.complained_of) == (True, True, 9, "CIVIL")
    assert case.nature is Nature.REPORT
    with desk.place.database.reading() as session:
        people = {each.role: each for each in session.exec(select(Person))}
    assert people.keys() == {*PersonRole}
    assert people[PersonRole.REPORTER].may_call_back and people[PersonRole.REPORTER].safe_from == "09:00"
    assert b"CANARY" not in (desk.place.settings.home / "cases.db").read_bytes()
    page = desk.client.get(answer.headers["location"], auth=("x", desk.keys["operator"])).text
    assert "已受理" in page and "CANARY" not in page


def test_a_box_that_was_unticked_says_no(desk: ApiDesk) -> None:
    assert 'name="reporter.keep_secret" value="true" checked' in desk.client.get("/intake", auth=("x", desk.keys["operator"])).text
    for number, ticked in ((1, {}), (2, {"reporter.keep_secret": "true"})):
        send(desk, once=once_of(desk), danger_now="false", text="咨询入学", **{"reporter.name": "甲"}, **ticked)
        with desk.place.database.reading() as session:
            case = session.get_one(Case, number)
            reporter = session.exec(select(Person).where(Person.case_id == case.id, Person.role == PersonRole.REPORTER)).one()
        assert reporter.keep_secret is bool(ticked)


@pytest.mark.parametrize(("text", "language"), [("咨询入学", "zh"), ("How do I enrol?", "en"), ("WiFi坏了", "zh")])
def test_the_case_has_the_language_of_its_words(desk: ApiDesk, text: str, language: str) -> None:
    send(desk, once=once_of(desk), danger_now="false", text=text)
    assert cases(desk)[0].language == language


def test_the_form_says_why_secrecy_is_ticked(desk: ApiDesk) -> None:
    page = desk.client.get("/intake?lang=zh", auth=("x", desk.keys["operator"])).text
    assert 'aria-describedby="in-reporter-keep_secret-hint"' in page
    assert "依法须为报告人保密" in page.partition('id="in-reporter-keep_secret-hint"')[2][:200]


def test_a_number_with_a_figure_too_few_is_asked_about_once_and_then_taken(desk: ApiDesk) -> None:
    typed = {"text": "咨询入学", "danger_now": "false", "reporter.contact": "138 0013 800"}
    asked = send(desk, once=once_of(desk), **typed)
    assert asked.status_code == 422 and "手机号应为 11 位" in asked.text and 'href="#in-reporter-contact"' in asked.text
    assert cases(desk) == []
    seen = dict(re.findall(r'name="(seen\.[a-z.]+)" value="([^"]*)"', asked.text))
    assert seen == {"seen.reporter.contact": "138 0013 800"}
    other = send(desk, once=once_of(desk), **typed | seen | {"reporter.contact": "139 0013 800"})
    assert other.status_code == 422, "another number is asked about anew"
    assert send(desk, once=once_of(desk), **typed | seen).status_code == 303


def test_where_a_child_is_in_danger_the_case_is_saved_first(desk: ApiDesk) -> None:
    answer = send(desk, once=once_of(desk), text="孩子正在被打", danger_now="true", **{"reporter.contact": "1380013800"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("contact", "odd"),
    [("13800138000", False), ("+86 138-0013-8000", False), ("１３８００１３８０００", False), ("010-65551234", False), ("微信 1380013800", False), ("12345", False), ("1", False),
     ("+852 1380 0138", False), ("1380013800", True), ("138001380000", True), ("+86 1380013800", True), ("１３８００１３８００", True)],
)  # fmt: skip
def test_what_begins_as_a_mobile_number_has_its_length(contact: str, odd: bool) -> None:
    assert is_odd(contact) is odd


def test_a_double_click_is_one_case(desk: ApiDesk) -> None:
    once = once_of(desk)
    answers = [send(desk, once=once, **CALL) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert len({each.headers["location"] for each in answers}) == 1
    assert len(cases(desk)) == 1


@pytest.mark.parametrize(
    ("changed", "marked"),
    [
        ({"text": ""}, "in-text-problem"),
        ({"danger_now": ""}, "in-danger_now-problem"),
        ({"danger_now": "maybe"}, "in-danger_now-problem"),
        ({"child_age": "nine"}, "in-child_age-problem"),
        ({"reporter.safe_from": "25:00"}, "in-reporter-safe_from-problem"),
        ({"kind": "Z99"}, "in-kind-problem"),
        ({"complained_of": "<script>"}, "in-complained_of-problem"),
    ],
)
def test_a_mistake_is_marked_and_what_was_typed_is_kept(desk: ApiDesk, changed: dict[str, str], marked: str) -> None:
    answer = send(desk, once=once_of(desk), **CALL | {"child.address": "某街道"} | changed)
    assert answer.status_code == 422
    assert f'id="{marked}"' in answer.text
    top = re.search(r'role="alert">.*?<ul>(.*?)</ul>', answer.text, re.DOTALL)
    assert top and top[1].count("<li>") == 1, "told at the top by name as well: the field may be far below"
    assert "某街道" in answer.text and "<script" not in answer.text
    assert cases(desk) == []


@pytest.mark.parametrize("who", ["administrator", "EDU", ""])
def test_nobody_but_the_seat_takes_requests_in(desk: ApiDesk, who: str) -> None:
    auth = ("x", desk.keys[who]) if who else None
    turned_away = 403 if who else 401
    assert desk.client.get("/intake", auth=auth).status_code == turned_away
    assert send(desk, who, once="x" * 20, **CALL).status_code == turned_away
    assert cases(desk) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://testserver"}, 303),
        ({}, 303),
    ],
)
def test_another_sites_page_cannot_use_the_operators_key(desk: ApiDesk, headers: dict[str, str], status: int) -> None:
    once = once_of(desk)
    assert send(desk, headers=headers, once=once, **CALL).status_code == status
    assert len(cases(desk)) == (status == 303)


@pytest.mark.parametrize("body", [b"\xff", b"text=x&" + b"a=1&" * 100, b"", b"once=short&text=x&danger_now=false"])
def test_garbage_is_refused_without_a_fault(desk: ApiDesk, body: bytes) -> None:
    answer = desk.client.post("/intake", content=body, auth=("x", desk.keys["operator"]))
    assert answer.status_code == 422
    assert cases(desk) == []


def test_the_form_asks_only_what_the_desk_can_keep_in_both_languages(desk: ApiDesk) -> None:
    whole = sections(desk.place.catalogue)
    for each in (field for section in whole for field in section.fields):
        person, _, part = each.name.rpartition(".")
        form = HandOver if person == "handed_over" else PersonForm if person else IntakeForm
        assert part in form.model_fields, each.name
        assert all(each.words) and each.words[0] != each.words[1]
    assert set(NATURE_WORDS) == set(Nature)
    assert read_intake(b"", desk.place.catalogue).form is None


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [("handed_over.at", "2031-12-31T10:00", "时间在将来"), ("handed_over.receipt", "京公 110", "须含数字"), ("handed_over.receipt", "张三", "须含数字")],
)
def test_what_is_wrong_with_a_hand_over_is_told_in_its_own_words(desk: ApiDesk, field: str, value: str, told: str) -> None:
    answer = send(desk, once=once_of(desk), **(CALL | {"handed_over.to": "110", field: value}))
    assert answer.status_code == 422 and told in answer.text and not cases(desk)
    assert f'<a href="#in-{field.replace(".", "-")}">' in answer.text


def test_a_receipt_is_taken_as_offices_write_it(desk: ApiDesk) -> None:
    assert send(desk, once=once_of(desk), **(CALL | {"handed_over.to": "110", "handed_over.receipt": "京公110第0034号"})).status_code == 303
