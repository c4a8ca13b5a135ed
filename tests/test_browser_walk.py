"""The walk of docs/using.md in a real browser, without a script on any page: from a call to a closed case."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.people.keys import make_key
from models.vocabulary import Role, Status
from tests.harness.browser import DESKTOP, PHONE, Browser, browsing
from tests.harness.open_desk import PASSWORD, OpenDesk, open_desk

REPORTER_NUMBER = "000-87654321"
WORDS = "学校食堂的饭菜价格一直没有公示，家长们多次提出都没有回应，希望有关部门核查处理。"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OpenDesk]:
    with open_desk(tmp_path) as fresh:
        yield fresh


@pytest.fixture
def window(desk: OpenDesk) -> Iterator[Browser]:
    with browsing(desk.base, script=False) as browser:
        browser.emulate(DESKTOP)
        yield browser


def sign_in(window: Browser, name: str, path: str = "/") -> None:
    window.open(path)
    window.type("#name", name)
    window.type("#password", PASSWORD)
    window.send("/sign-in")


def take_a_call(desk: OpenDesk, window: Browser) -> str:
    """An operator signs in and takes a report; the number of its case."""
    desk.account("liu", Role.OPERATOR)
    sign_in(window, "liu", "/intake?lang=zh")
    window.tick("danger_now", "false", ".intake")
    window.type('.intake [name="text"]', WORDS)
    window.choose('[name="kind"]', "S09")
    window.choose('[name="nature"]', "COMPLAINT")
    window.type('[name="reporter.name"]', "欧阳青")
    window.type('.intake [name="reporter.contact"]', REPORTER_NUMBER)
    window.find('[name="reporter.may_call_back"]').click()
    window.send("/intake?lang")
    number: str = window.find("h1").text
    assert "已受理" in window.text and number.startswith("W-")
    desk.work()
    return number


def answer(desk: OpenDesk, phone: Browser, link: str) -> None:
    """A department on a telephone: opens the words, accepts, sends a photo, replies."""
    phone.emulate(PHONE)
    phone.open(f"{link}?lang=zh")
    assert WORDS[:10] not in phone.text
    phone.send("/words")
    assert "饭菜价格" in phone.text and "欧阳" not in phone.text and REPORTER_NUMBER not in phone.text
    phone.send("/acknowledged")
    desk.work()
    phone.open(f"{link}?lang=zh")
    photo = desk.place.settings.home / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + b"x" * 200)
    phone.type("#file", str(photo))
    phone.send("/evidence")
    assert "照片" in phone.text and "photo.jpg" not in phone.text
    form = 'form[action*="/replied"]'
    phone.type(f'{form} [name="text"]', "已到校检查，学校当天在食堂门口公示了全部菜品价格，并向家长委员会作了说明。")
    phone.tick("resolved", "true", form)
    phone.send("/replied")
    assert "已提交" in phone.text or "已保存" in phone.text
    desk.work()


def test_from_the_call_to_the_closed_case(desk: OpenDesk, window: Browser) -> None:
    number = take_a_call(desk, window)
    assert desk.case(number).status is Status.DISPATCHED
    [link] = dict.fromkeys(desk.links())
    with browsing(desk.base, script=False) as phone:
        answer(desk, phone, link)
    assert desk.case(number).status is Status.CALLBACK
    [mail] = desk.mails
    assert number in str(mail.get_payload(decode=True), "utf-8") and REPORTER_NUMBER not in str(mail)
    window.open(f"/?case={number}&lang=en")
    window.send("/callback")
    assert REPORTER_NUMBER in window.text
    window.open(f"/?case={number}&lang=en")
    form = 'form[action*="/called_back"]'
    window.tick("reached", "true", form)
    window.tick("resolved", "true", form)
    window.send("/called_back")
    desk.work()
    window.open(f"/?case={number}&lang=en")
    assert "Closed" in window.text and desk.case(number).status is Status.CLOSED


def test_an_objection_is_ruled_by_a_supervisor_on_another_machine(desk: OpenDesk, window: Browser) -> None:
    number = take_a_call(desk, window)
    link = desk.links()[0]
    with browsing(desk.base, script=False) as phone:
        phone.emulate(PHONE)
        phone.open(f"{link}?lang=en")
        form = 'form[action*="/objected"]'
        phone.all("details:has(form[action*='/objected']) summary")[0].click()
        phone.choose(f'{form} [name="reason"]', "not_our_duty")
        phone.type(f'{form} [name="evidence"]', "DUTIES-7")
        phone.send("/objected")
        desk.work()
        assert desk.case(number).status is Status.DISPUTED
        phone.open(f"{link}?lang=en")
        assert "Object" in phone.text
    with browsing(desk.base, script=False) as other:
        desk.place.settings.keys_open_pages = True
        with desk.place.database.writing() as session:
            key = make_key(session, "supervisor's first key", Role.SUPERVISOR, None, desk.now)
        other.open("/sign-in?lang=en")
        other.type("#password", key)
        other.send("/sign-in")
        other.open("/duty?lang=en")
        assert number in other.text
        other.open(f"/?case={number}&lang=en")
        form = 'form[action*="/objection_decided"]'
        other.tick("upheld", "true", form)
        other.choose(f'{form} [name="department"]', "CIVIL")
        other.send("/objection_decided")
    desk.work()
    assert {part.department for part in desk.rows_of_lead(number)} == {"CIVIL"}
    window.open(link)
    assert "欧阳" not in window.text and number not in window.text, "who objected with success sees nothing any more"


def test_a_night_call_by_keyboard_alone_looks_up_keeps_and_saves(desk: OpenDesk, window: Browser) -> None:
    """Look-ups and drafts come back with everything typed; Enter in a field saves, and the same form once."""
    desk.account("liu", Role.OPERATOR)
    sign_in(window, "liu", "/intake?lang=zh")
    assert not window.find(".hand-over").is_displayed()
    window.tick("danger_now", "true", ".intake")
    assert window.find(".hand-over").is_displayed(), "shown at once, without a script"
    window.type('.intake [name="text"]', WORDS)
    for button in ('button[value="matter"]', 'button[value="knowledge"]', 'button[value="draft"]'):
        window.enter(button, "")
        assert window.find('.intake [name="text"]').get_attribute("value") == WORDS
    assert "草稿已保存" in window.text and WORDS[:8] not in window.driver.current_url
    window.enter('[name="child.name"]', "王小明")
    assert window.find("h1").text == "W-000001"
    window.open("/intake?lang=zh")
    assert "我的未完登记" not in window.text


def test_a_link_that_expired_and_one_that_never_was_look_alike(desk: OpenDesk, window: Browser) -> None:
    take_a_call(desk, window)
    link = desk.links()[0]
    desk.now = desk.now.replace(month=5)
    window.open(f"{link}?lang=zh")
    expired = window.text
    window.open("/o/abcdefghijklmnopqrstuv?lang=zh")
    assert window.text == expired


def test_a_keyboard_alone_signs_in_and_a_wrong_password_is_told(desk: OpenDesk, window: Browser) -> None:
    desk.account("liu", Role.OPERATOR)
    window.open("/duty?lang=en")
    window.type("#name", "liu")
    window.enter("#password", "wrong")
    assert "Not signed in" in window.text
    window.type("#name", "liu")
    window.enter("#password", PASSWORD)
    assert "Duty board" in window.text, "and it leads to the page that was asked for"


def found_on(browser: Browser, where: str) -> dict[str, list[str]]:
    found = browser.faults()
    return {where: found} if found else {}


OPENED = ("/suggestion", "/words", "/say/safety_recorded")
"""Pages behind a button: the words of a case, of an order, and a form sent empty, with its problems told."""
LOOKS = [(language, size, dark) for language in ("zh", "en") for size in (DESKTOP, PHONE) for dark in (False, True)]


def test_every_page_can_be_used_by_everybody(desk: OpenDesk) -> None:
    """Names, labels, headings, contrast, target size and reflow, in both languages, light and dark, large and small."""
    faults: dict[str, list[str]] = {}
    with browsing(desk.base) as browser:
        browser.emulate(DESKTOP)
        number = take_a_call(desk, browser)
        link = desk.links()[0].removeprefix(desk.base)
        pages = ["/", f"/?case={number}", "/intake", "/knowledge", "/duty", "/quality", "/units", "/account", "/sign-in", link, "/o/nothing"]
        for language, size, dark in LOOKS:
            browser.emulate(size, dark=dark)
            for path in pages:
                browser.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
                look = f"{language} {size[0]} {'dark' if dark else 'light'}"
                faults |= found_on(browser, f"{path.replace(link, '/o/…')} {look}")
                for button in (each for each in OPENED if path in (link, f"/?case={number}") and browser.has(each)):
                    browser.send(button)
                    faults |= found_on(browser, f"{button} {look}")
                    browser.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert not faults, "\n".join(f"{page}: {found}" for page, found in faults.items())


def test_the_checks_would_notice(desk: OpenDesk) -> None:
    """A page with every fault has every fault told."""
    bad = "data:text/html,%3Ch3%3Ex%3C/h3%3E%3Cinput%20name=a%3E%3Cbutton%3E%3C/button%3E%3Cp%20style=%22color:%23aaa%22%3Epale%3C/p%3E"
    with browsing(desk.base) as browser:
        browser.emulate(DESKTOP)
        browser.driver.get(bad)
        told = " ".join(browser.faults())
    for fault in ("no language", "no title", "not one h1", "heading jumps", "without label", "nameless", "contrast"):
        assert fault in told
