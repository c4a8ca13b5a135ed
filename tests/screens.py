"""Pictures of every page for `docs/screens/`: `python -m tests.screens`. Made-up cases only."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from desk.people.keys import make_key
from models.assigning import DistrictCopy
from models.case import Case
from models.checks import DataFinding, ReconciliationTask
from models.common_issues import CommonIssue
from models.early_warnings import EarlyWarning, WarningCase, WarningSort
from models.proactive import OrderAct
from models.topics import CandidateTopic, Progress, TopicMove
from models.vocabulary import Role, Severity
from tasks.news.inbox import Speaker
from tasks.proactive.answering import Said, say
from tasks.proactive.opening import order_for, trouble_of
from tests.harness.browser import DESKTOP, PHONE, Browser, browsing
from tests.harness.open_desk import OpenDesk, open_desk
from tests.test_browser_walk import answer, sign_in
from tests.trend_desk import fill, report, tell_of_issues

FOLDER = Path(__file__).parents[1] / "docs" / "screens"
SIZES = {"desktop": DESKTOP, "phone": PHONE}
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Shot:
    """One picture: whose page, where it is, and the forms to send before it stands there."""

    name: str
    template: str
    path: str
    presses: tuple[str, ...] = ()
    who: Role | None = Role.OPERATOR


SHOTS = (
    Shot("sign-in", "sign_in.html", "/sign-in", who=None),
    Shot("progress", "progress.html", "/progress", who=None),
    Shot("order", "order.html", "{order}", who=None),
    Shot("order-words", "order.html", "{order}", ("/words",), who=None),
    Shot("copy", "copy.html", "{copy}", who=None),
    Shot("quality-task", "quality_task.html", "{task}", who=None),
    Shot("proactive-link", "proactive_link.html", "{proactive_link}", ("/words",), who=None),
    Shot("board", "board.html", "/"),
    Shot("duty", "duty.html", "/duty"),
    Shot("intake", "intake.html", "/intake"),
    Shot("knowledge", "knowledge.html", "/knowledge"),
    Shot("case", "case.html", "/?case={case}"),
    Shot("words", "suggestion.html", "/?case={case}", ("/suggestion",)),
    Shot("person", "person.html", "/?case={case}", ("/suggestion", "/people/reporter")),
    Shot("text-in-full", "full_text.html", "/?case={case}", ("/suggestion", "/words")),
    Shot("calling", "calling.html", "/?case={replied}", ("/callback",)),
    Shot("account", "account.html", "/account"),
    Shot("other-role", "other_role.html", "/reads"),
    Shot("nothing-here", "nothing_here.html", "/nothing"),
    Shot("units", "units.html", "/units"),
    Shot("quality", "quality.html", "/quality"),
    Shot("api", "api.html", "/docs"),
    Shot("proactive", "proactive_list.html", "/proactive"),
    Shot("proactive-order", "proactive_order.html", "/proactive/{proactive}", ("/words",), who=Role.SUPERVISOR),
    Shot("topics", "topics.html", "/topics", who=Role.SUPERVISOR),
    Shot("cases", "case_list.html", "/cases?lead={lead}", who=Role.SUPERVISOR),
    Shot("reassign", "reassign.html", "/cases?lead={lead}", ("/cases/reassign",), who=Role.SUPERVISOR),
    Shot("reports", "reports.html", "/reports", who=Role.SUPERVISOR),
    Shot("trends", "trends.html", "/trends", who=Role.SUPERVISOR),
    Shot("trends-cases", "trends_cases.html", "/trends", ("/cases",), who=Role.SUPERVISOR),
    Shot("reads", "reads.html", "/reads", who=Role.SUPERVISOR),
    # Last: it moves the order.
    Shot("reassigned", "reassigned.html", "/cases?lead={lead}", ("/cases/reassign", "/reassign/confirm"), who=Role.SUPERVISOR),
)


def main() -> None:
    """Every page in both languages and both sizes, and the order in the dark."""
    with tempfile.TemporaryDirectory() as home, open_desk(Path(home)) as desk:
        places = _stage(desk)
        for who in (None, Role.OPERATOR, Role.SUPERVISOR):
            with _somebody(desk, who) as browser:
                for shot in (each for each in SHOTS if each.who is who):
                    _take(browser, shot, places)
        with browsing(desk.base) as browser:
            browser.emulate(PHONE, dark=True)
            browser.open(f"{places['order']}?lang=en")
            browser.send("/words")
            browser.picture(FOLDER / "order-words-phone-en-dark.png")


def _take(browser: Browser, shot: Shot, places: dict[str, str]) -> None:
    path = shot.path.format(**places)
    for language in LANGUAGES:
        for size, measure in SIZES.items():
            browser.emulate(measure)
            browser.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
            for press in shot.presses:
                if press == "/cases/reassign":
                    _choose_orders(browser)
                browser.send(press)
            browser.picture(FOLDER / f"{shot.name}-{size}-{language}.png")


def _choose_orders(browser: Browser) -> None:
    browser.all('#move input[name="number"]')[0].click()
    browser.choose("#move-to", "EDU")
    browser.choose("#move-why", "wrong_unit")


@contextmanager
def _somebody(desk: OpenDesk, who: Role | None) -> Iterator[Browser]:
    with browsing(desk.base) as browser:
        browser.emulate(DESKTOP)
        if who is Role.OPERATOR:
            desk.account("liu", Role.OPERATOR)
            sign_in(browser, "liu")
        if who is Role.SUPERVISOR:
            with desk.place.database.writing() as session:
                key = make_key(session, "a supervisor's first key", Role.SUPERVISOR, None, desk.now)
            browser.open("/sign-in?lang=en")
            browser.type("#password", key)
            browser.send("/sign-in")
        yield browser


def _stage(desk: OpenDesk) -> dict[str, str]:
    """A few cases in the states that the pages show; where each of them is."""
    caller = {"name": "欧阳青", "contact": "000-87654321", "may_call_back": True}
    replied = desk.take_in("学校食堂的饭菜价格一直没有公示，家长们多次提出都没有回应，希望有关部门核查处理。", kind="S09", nature="COMPLAINT", reporter=caller)
    desk.work()
    with browsing(desk.base) as phone:
        answer(desk, phone, desk.links()[0])
    case = desk.take_in("托育机构老师掐孩子胳膊", kind="S11", nature="REPORT", reporter=caller, summary="托育机构一名老师掐孩子胳膊，请核查并固定证据。")
    sold = desk.take_in("校门口小卖部向学生卖烟，每天放学都有，请核查处理。", kind="C05", nature="COMPLAINT")
    desk.take_in("小区门口便利店向初中生卖电子烟，请查处。", kind="C05", nature="COMPLAINT")
    desk.take_in("孩子不听话怎么教", kind="F10", nature="CONSULT", answer="已当场解答")
    desk.take_in("想了解困境儿童补助怎么申请", nature="CONSULT")
    before = len(desk.links())
    desk.work()
    order = next(link for link in desk.links()[before:] if "/o/" in link).removeprefix(desk.base)
    [lead] = {part.department for part in desk.rows_of_lead(sold)}
    fill(desk.place, desk.now)
    report(desk.place, desk.now, 3)
    tell_of_issues(desk.place, desk.now, (sold,))
    return {"case": case, "replied": replied, "order": order, "lead": lead} | _papers(desk, case) | _ahead(desk)


def _ahead(desk: OpenDesk) -> dict[str, str]:
    """A warning with its proactive order, told in words and accepted, and a topic of the month."""
    with desk.place.database.writing() as session:
        case = session.exec(select(Case).order_by(col(Case.number))).first()
        assert case is not None
        warning = EarlyWarning(
            key="shown", sort=WarningSort.VENUE_REPORTERS, series="venue:0", kind="S09", district="D1", sort_of_place="school",
            on_day=desk.now.date(), days=14, came=6, reporters=4, at=desk.now,
        )  # fmt: skip
        session.add(warning)
        session.flush()
        session.add(WarningCase(warning_id=warning.id or 0, case_id=case.id))
        order = order_for(desk.place, session, trouble_of(warning), [case], desk.now)
        warning.order_id = order.id
        _topic(session, desk.now)
    supervisor, unit = Speaker("lead", Role.SUPERVISOR), Speaker("link:P-000001", Role.DEPARTMENT, order.owner)
    text = "青禾第三小学食堂的饭菜公示和价格，四人分别反映，请到校核查。"
    say(desk.place, order.id or 0, Said(act=OrderAct.BRIEFED, text=text), supervisor, "brief", desk.now)
    say(desk.place, order.id or 0, Said(act=OrderAct.ACCEPTED), unit, "accept", desk.now)
    return {"proactive": order.label, "proactive_link": f"/p/{order.token}"}


def _topic(session: Session, now: datetime) -> None:
    number, month = "I2026W09-01", now.date().replace(day=1)
    session.add(CommonIssue(number=number, first_on=month, found_on=month, matters=43, heat=0.8, kind="S09"))
    session.flush()
    record = {
        "number": number, "topic": ["食堂", "价格", "公示"], "matters": 40, "score": 65, "signs": ["many", "growing", "season_ahead"],
        "owner": "MARKET", "owner_reason": "", "progress": "PROPOSED",
    }  # fmt: skip
    session.add(CandidateTopic(number=number, first_month=month, month=month, rank=0, record=record, owner="MARKET", moves=1, changed_at=now))
    session.flush()
    session.add(TopicMove(number=number, seq=1, at=now, by="machine", new=Progress.PROPOSED, owner="MARKET"))


def _papers(desk: OpenDesk, case: str) -> dict[str, str]:
    """A copy for the place and a data task, as an import and a dispatch would leave them."""
    with desk.place.database.writing() as session:
        of = session.exec(select(Case).where(Case.number == int(case[2:]))).one()
        copy = DistrictCopy(case_id=of.id, unit="STREET", round=9, slice="child", at=desk.now)
        task = ReconciliationTask(
            rule="ledger-accepted-before-replied", severity=Severity.TASK, unit="EDU", department="EDU",
            opened_at=desk.now - timedelta(days=1), due_at=desk.now + timedelta(days=2),
        )  # fmt: skip
        session.add_all([copy, task])
        session.flush()
        session.add(
            DataFinding(rule=task.rule, department="EDU", subject="EDU/2026-77", severity=Severity.TASK, found_at=desk.now, task_id=task.id)
        )
        return {"copy": f"/c/{copy.token}", "task": f"/q/{task.token}"}


if __name__ == "__main__":
    main()
