"""Pictures of the pages for `docs/screens/`: `python -m tests.screens`. Made-up cases only."""

import tempfile
from pathlib import Path

from models.vocabulary import Role
from tests.harness.browser import DESKTOP, PHONE, browsing
from tests.harness.open_desk import OpenDesk, open_desk
from tests.test_browser_walk import sign_in

FOLDER = Path(__file__).parents[1] / "docs" / "screens"
SIZES = {"desktop": DESKTOP, "phone": PHONE}


def main() -> None:
    """Every page in both languages and both sizes."""
    with tempfile.TemporaryDirectory() as home, open_desk(Path(home)) as desk:
        number, link = _cases(desk)
        pages = {"board": "/", "duty": "/duty", "cases": "/cases", "intake": "/intake", "case": f"/?case={number}", "order": link, "units": "/units",
                 "quality": "/quality", "knowledge": "/knowledge", "account": "/account"}  # fmt: skip
        with browsing(desk.base) as browser:
            for size, measure in SIZES.items():
                browser.emulate(measure)
                browser.open("/sign-in?lang=zh")
                browser.picture(FOLDER / f"sign-in-{size}-zh.png")
            desk.account("liu", Role.OPERATOR)
            sign_in(browser, "liu")
            for name, path in pages.items():
                for language in ("zh", "en"):
                    for size, measure in SIZES.items():
                        browser.emulate(measure)
                        browser.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
                        browser.picture(FOLDER / f"{name}-{size}-{language}.png")
            browser.emulate(PHONE, dark=True)
            browser.open(f"{link}?lang=en")
            browser.send("/words")
            browser.picture(FOLDER / "order-words-phone-en-dark.png")
            browser.emulate(DESKTOP)
            browser.open(f"/?case={number}&lang=zh")
            browser.send("/suggestion")
            browser.picture(FOLDER / "words-desktop-zh.png")


def _cases(desk: OpenDesk) -> tuple[str, str]:
    number = desk.take_in("学校食堂的饭菜价格一直没有公示，家长们多次提出都没有回应，希望有关部门核查处理。", kind="S09", nature="COMPLAINT")
    desk.take_in("托育机构老师掐孩子胳膊", kind="S11", nature="REPORT")
    desk.take_in("校门口小卖部向学生卖烟，每天放学都有，请核查处理。", kind="C05", nature="COMPLAINT")
    desk.take_in("孩子不听话怎么教", kind="F10", nature="CONSULT", answer="已当场解答")
    desk.work()
    return number, desk.links()[0].removeprefix(desk.base)


if __name__ == "__main__":
    main()
