"""Who is not let in is told why: for whom a page is, what is to be done first, or to sign in, and then comes to the page they wanted."""

from urllib.parse import parse_qs, urlsplit

import pytest

from desk.pages.show import START_PAGES
from desk.pages.unit_words import ROLE_WORDS
from desk.people.accounts import make_account
from models.vocabulary import Role
from tests.api_desk import NOW, ApiDesk
from tests.test_signing_in import GOOD, cookie_of, enter, get, person, send


@pytest.fixture
def desk(clocked_desk: ApiDesk) -> ApiDesk:
    return clocked_desk


@pytest.mark.parametrize(
    ("role", "unit", "path", "told"),
    [
        (Role.OPERATOR, None, "/reads", ("话务员", "本页面向： 班长", "请找： 班长", 'href="/?lang=zh"')),
        (Role.OPERATOR, None, "/reports", ("话务员", "班长", "管理员", "决策者", "承办单位")),
        (Role.OPERATOR, None, "/trends", ("话务员",)),
        (Role.DECISION_MAKER, None, "/intake", ("决策者", "本页面向： 话务员、班长", 'href="/reports?lang=zh"')),
        (Role.DEPARTMENT, "EDU", "/?case=W-000001", ("承办单位", 'href="/reports?lang=zh"')),
    ],
)
def test_somebody_of_another_role_is_told_for_whom_the_page_is(
    desk: ApiDesk, role: Role, unit: str | None, path: str, told: tuple[str, ...]
) -> None:
    person(desk, role, department=unit)
    answer = get(desk, f"{path}{'&' if '?' in path else '?'}lang=zh", cookie_of(enter(desk)))
    assert answer.status_code == 403
    for each in ("liu", "此页不对您的角色开放", *told):
        assert each in answer.text, each
    assert 'name="password"' not in answer.text


def test_the_answer_does_not_tell_whether_the_thing_is_there(desk: ApiDesk) -> None:
    """Nobody's case and somebody's, a report and none: the same words; a form is answered like a page."""
    real = desk.take_in(text="x")
    person(desk, Role.DECISION_MAKER)
    cookie = cookie_of(enter(desk))
    for path in ("/?case={}", "/proactive/{}", "/quality/docs/{}"):
        there, nowhere = (get(desk, path.format(each) + ("&" if "?" in path else "?") + "lang=en", cookie) for each in (real, "W-099999"))
        assert (there.status_code, there.text.replace(real, "W-099999")) == (nowhere.status_code, nowhere.text) and there.status_code == 403
        assert there.text.count(real) == (1 if path == "/?case={}" else 0), "only the way to the other language repeats the number"
    for path in ("/cases/{}/words", "/cases/{}/say/replied", "/cases/{}/people/child"):
        there, nowhere = (send(desk, path.format(each), cookie, purpose="handling") for each in (real, "W-099999"))
        assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text) and there.status_code == 403


def test_before_the_first_password_is_changed_every_page_leads_there_and_then_on(desk: ApiDesk) -> None:
    with desk.place.database.writing() as session:
        first = make_account(session, "liu", Role.OPERATOR, None, NOW)
    half = cookie_of(enter(desk, password=first))
    for path in ("/intake", "/reads", "/duty", "/?case=W-000001"):
        sent = urlsplit(get(desk, path, half).headers["location"])
        assert (sent.path, parse_qs(sent.query)["next"]) == ("/account", [path])
    page = get(desk, "/account?next=%2Fintake%3Fdraft%3D1&lang=zh", half).text
    assert "您现在用的是初始密码" in page and "办完即转到您要打开的页面" in page
    assert 'name="next" value="/intake?draft=1"' in page
    wrong = send(desk, "/account/password?lang=zh", half, old=first, new="short", again="short", next="/intake")
    assert 'name="next" value="/intake"' in wrong.text, "a refused password does not lose the way"
    done = send(desk, "/account/password?lang=zh", half, old=first, new=GOOD, again=GOOD, next="/intake")
    assert done.headers["location"] == "/intake?lang=zh"


def test_a_stranger_signs_in_and_comes_to_the_page_they_wanted(desk: ApiDesk) -> None:
    """Also when the first try is wrong, and after a form whose session had ended: to the page where it stands."""
    person(desk)
    desk.client.cookies.clear()
    asked = desk.client.get("/cases?status=CALLBACK&lang=zh")
    assert asked.status_code == 401 and 'name="next" value="/cases?status=CALLBACK&amp;lang=zh"' in asked.text
    wrong = enter(desk, password="wrong", next="/cases?status=CALLBACK")
    assert 'name="next" value="/cases?status=CALLBACK"' in wrong.text
    assert enter(desk, next="/cases?status=CALLBACK&lang=zh").headers["location"] == "/cases?status=CALLBACK&lang=zh"
    desk.client.cookies.clear()
    form = desk.client.post("/cases/W-000001/say/called_back", data={"text": "SECRET"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert form.status_code == 401 and 'name="next" value="/?case=W-000001"' in form.text and "SECRET" not in form.text


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "/\\evil", "/a\r\nX: y"])
def test_no_step_of_signing_in_leads_to_another_site(desk: ApiDesk, evil: str) -> None:
    with desk.place.database.writing() as session:
        first = make_account(session, "liu", Role.OPERATOR, None, NOW)
    entered = enter(desk, password=first, next=evil)
    assert urlsplit(entered.headers["location"])._replace(query="").geturl() == "/account"
    assert "evil" not in entered.headers["location"]
    half = cookie_of(entered)
    desk.client.cookies.clear()
    page = desk.client.get("/account", params={"next": evil}, headers={"Cookie": f"__Host-whistle={half}"})
    assert "evil" not in page.text.partition("<main>")[2]
    done = send(desk, "/account/password?lang=en", half, old=first, new=GOOD, again=GOOD, next=evil)
    assert done.headers["location"] == "/?lang=en"


def test_every_role_has_a_first_page_that_opens_to_it(desk: ApiDesk) -> None:
    assert set(START_PAGES) == set(Role) == set(ROLE_WORDS)
    for number, (role, path) in enumerate(START_PAGES.items()):
        if role in {Role.SUPERVISOR, Role.ADMINISTRATOR}:
            continue  # they need a device: by key below
        person(desk, role, f"p{number}", "EDU" if role is Role.DEPARTMENT else None)
        cookie = cookie_of(enter(desk, name=f"p{number}"))
        assert get(desk, path, cookie).status_code == 200, role
        assert get(desk, "/", cookie).status_code in {200, 307}, "and the first address leads there"
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        assert desk.get(START_PAGES[role], role.value).status_code == 200
