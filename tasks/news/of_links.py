"""A person found that two cases are one matter: what that does to the later one."""

from sqlmodel import col, select

from models.case import Case
from models.clock_table import ClockEvent
from models.vocabulary import DecisionKind, Outcome, Status
from tasks.casebook import Verdict, decide, move
from tasks.clocks.running import stop_clocks
from tasks.links.joining import conflict_between, join, main_of, may_be_linked
from tasks.news.context import News, NewsRefusedError


def link_decided(news: News) -> None:
    """Join the case to its main case.

    One that no department holds yet becomes LINKED: its clocks end, and the main case's answer for
    it. One that a department has been given stays there, with its clocks and its own reply to its
    own caller; the two are only marked as one matter. So does one whose main case is over: an open
    report must not end because an older one has ended. In every case facts and grade go up.

    Raises:
        NewsRefusedError: Meanwhile it was linked elsewhere, or a unit would see a report against itself.
    """
    case, main = news.case, _main(news)
    if main_of(news.session, case).id == main.id:
        return
    if case.linked_to is not None:
        raise NewsRefusedError("already_linked")
    if conflict_between(news.session, case, main):
        raise NewsRefusedError("conflict_of_interest")
    ends = case.status is Status.NEEDS_REVIEW and may_be_linked(news.session, case, main)
    _store(news, main, ends=ends)
    if ends:
        stop_clocks(news.place, news.session, case, ClockEvent.LINKED, news.now, actor=news.row.actor)
    join(news.session, case, main, news.now, news.row.actor, goes_on=not ends)
    if ends:
        case.outcome = Outcome.LINKED
        move(news.session, case, Status.LINKED, news.now, news.row.actor)


def _main(news: News) -> Case:
    number = int(str(news.codes["main"]).removeprefix("W-"))
    named = news.session.exec(select(Case).where(col(Case.number) == number)).one()
    return main_of(news.session, named)


def _store(news: News, main: Case, *, ends: bool) -> None:
    zh, en = ("与主件关联，由主件办理", "linked; the main case is handled for both") if ends else (
        "已派出的照常办理，仅标记为同一事项", "it goes on where it is and is only marked as one matter"
    )  # fmt: skip
    verdict = Verdict(
        DecisionKind.ROUTE, Outcome.LINKED if ends else "SAME_MATTER", "same-matter-by-person",
        f"经人工核对为同一事项：{zh}；事实与等级并入主件，报告人信息互不可见。",
        f"A person found one matter: {en}; facts and grade go up, reporters stay apart.",
        {"main": main.label, "proposal": news.codes["proposal"], "reason": news.codes["reason"]},
    )  # fmt: skip
    decide(news.place, news.session, news.case, f"link:{main.label}", verdict, news.now)
