"""Every page leads to itself in the other language, and changing the language never sends a form a second time."""

import re
from html import unescape
from pathlib import Path

import pytest
from sqlmodel import select

from models.house import AccessLog
from models.vocabulary import Status
from tests.api_desk import NOW, ApiDesk
from tests.test_permissions import PAGES, SPEAK, ask, desk  # noqa: F401  (a fixture)

LINK = re.compile(r'<a class="language" href="([^"]+)" lang="(..)"')
FORM = re.compile(r'<form method="post" action="([^"]+)" class="language">(.*?)<button lang="(..)"', re.DOTALL)
HIDDEN = re.compile(r'name="([^"]+)" value="([^"]*)"')
ENDED = {"/sign-out", "/sign-out/everywhere"}
"""Nothing is drawn there."""


@pytest.fixture
def case(desk: ApiDesk) -> tuple[str, str]:  # noqa: F811
    caller = {"name": "欧阳青", "contact": "000-87654321", "may_call_back": True}
    number = desk.take_in(text="学校食堂的饭菜变质，请核查", reporter=caller, child={"name": "周小满"})
    desk.change(number, status=Status.CALLBACK)
    return number, desk.assign(number, "EDU", told_at=NOW)


def who_for(allowed: set[str]) -> str:
    return next((each for each in ("supervisor", "operator", "administrator") if each in allowed), "nobody")


def test_every_page_offers_the_other_language_and_the_way_leads_there(desk: ApiDesk, case: tuple[str, str]) -> None:  # noqa: F811
    number, token = case
    drawn = 0
    for route, allowed in PAGES.items():
        if route[1].endswith("/not-mine") or route[1] in ENDED:
            continue
        who = who_for(allowed)
        answer = ask(desk, route, who, number, token)
        # The empty page is the same for every address, so it holds none.
        if 'html lang="en"' not in answer.text or "Nothing here" in answer.text:
            continue
        drawn += 1
        headers = {"Authorization": f"Bearer {desk.keys[who]}"} if who != "nobody" else {}
        link, form = LINK.search(answer.text), FORM.search(answer.text)
        assert bool(link) != bool(form), (route, "one way, and one only")
        assert answer.text.count(">中文<") == 1, (route, "told once")
        if link:
            assert link[2] == "zh"
            assert unescape(link[1]).startswith("/") and not link[1].startswith("//")
            there = desk.client.get(unescape(link[1]), headers=headers)
            if route[0] == "GET" and answer.status_code < 400:
                assert unescape(link[1]).partition("?")[0] == str(answer.request.url.path), route
        else:
            assert form is not None and route[0] == "POST"
            there = desk.client.post(unescape(form[1]), data=dict(HIDDEN.findall(form[2])), headers=headers)
        assert there.status_code in {200, answer.status_code}, (route, there.status_code)
        assert 'html lang="zh"' in there.text, route
        assert 'lang="en"' in there.text, (route, "and the way back")
    assert drawn > 25, "the pages are no longer found"


@pytest.mark.parametrize(
    ("path", "fields", "template"),
    [("suggestion?purpose=review&", {}, "request"), ("people/child?", SPEAK["/cases/{number}/people/{person}"], "周小满"), ("callback?", {}, "000-87654321")],
)
def test_words_opened_by_a_form_are_opened_again_and_on_record_again(
    desk: ApiDesk, case: tuple[str, str], path: str, fields: dict[str, str], template: str  # noqa: F811
) -> None:
    headers = desk.headers("supervisor")
    first = desk.client.post(f"/cases/{case[0]}/{path}lang=en", data=fields, headers=headers)
    found = FORM.search(first.text)
    assert found is not None
    again = desk.client.post(unescape(found[1]), data=dict(HIDDEN.findall(found[2])), headers=headers)
    assert template in first.text and template in again.text and 'html lang="zh"' in again.text
    with desk.place.database.reading() as session:
        reads = session.exec(select(AccessLog.what, AccessLog.purpose)).all()
    assert len(reads) == 2 and reads[0] == reads[1]


def test_a_form_that_was_refused_is_not_sent_again_by_changing_the_language(desk: ApiDesk, case: tuple[str, str]) -> None:  # noqa: F811
    refused = desk.client.post(f"/cases/{case[0]}/say/called_back?lang=en", data={"once": "a" * 20}, headers=desk.headers("operator"))
    assert refused.status_code == 422 and FORM.search(refused.text) is None
    link = LINK.search(refused.text)
    assert link is not None and unescape(link[1]) == f"/?case={case[0]}&lang=zh"


def test_a_refused_intake_is_opened_from_its_draft_in_the_other_language(desk: ApiDesk) -> None:  # noqa: F811
    typed = {"once": "b" * 20, "child.name": "周小满", "danger_now": "false"}
    refused = desk.client.post("/intake?lang=en", data=typed, headers=desk.headers("operator"))
    link = LINK.search(refused.text)
    assert refused.status_code == 422 and link is not None
    there = desk.client.get(unescape(link[1]), headers=desk.headers("operator")).text
    assert 'html lang="zh"' in there and "周小满" in there


def test_an_address_with_two_slashes_leads_to_no_other_machine(desk: ApiDesk, tmp_path: Path) -> None:  # noqa: F811
    answer = desk.client.get("/?lang=en&next=//evil.example", headers=desk.headers("operator"))
    link = LINK.search(answer.text)
    assert link is not None and unescape(link[1]) == "/?next=%2F%2Fevil.example&lang=zh"
