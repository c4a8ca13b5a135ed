"""A conflict of interest that comes to light later: from that moment the unit has nothing of the case."""

from collections.abc import Iterable

from sqlmodel import select

from models.clock_table import ClockEvent
from models.exchange import Assignment, Notice
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT
from models.vocabulary import Ask, NoticeState, Recipient, Status
from tasks.casebook import lead_of, standing
from tasks.clocks.hanging_up import end_pause
from tasks.clocks.running import stop_clocks
from tasks.closing.closure import send_back
from tasks.dispatch.assignment import NoDepartmentError, dispatch_case, withdraw_copies
from tasks.dispatch.conflict import complained_of, is_kept_from, keep_away
from tasks.dispatch.naming import named_unit
from tasks.news.context import News, NewsRefusedError

ANSWERED_BY_IT = (Status.REPLIED, Status.CALLBACK)


def conflict_found(news: News) -> None:
    """A person names units that the request is about, or where somebody complained of works."""
    units = [str(each) for each in news.codes["units"]]
    if any(each not in news.place.catalogue.departments for each in units):
        raise NewsRefusedError("unknown_department")
    # Known before the lead is named, so that nobody names one of them.
    _note(news, units)
    keep_out(news, units, named_unit(news) if news.codes.get("department") else None)


def keep_out(news: News, units: Iterable[str], named_lead: str | None = None) -> None:
    """Keep these units, and all tied to them, away from the case; an order one of them leads moves on."""
    case = news.case
    _note(news, units)
    held = [part for part in standing(news.session, case) if is_kept_from(case, part.department)]
    withdraw_copies(news.session, case, news.now, only_kept_away=True)
    _recall_alerts(news)
    # An order may be without a lead because the one who had it was shut out and nobody was left.
    leaderless = IS_WITH_DEPARTMENT[case.status] and lead_of(news.session, case) is None
    if not (held or leaderless) or not IS_OPEN[case.status]:
        return
    if leaderless or any(part.leads for part in held):
        _move_on(news, named_lead)
    _withdraw(news, [part for part in held if part.withdrawn_at is None])
    news.decide(
        "CONFLICT_FOUND", "conflict-of-interest",
        "发现利害关系：相关单位即刻回避，不再承办、知悉本件。",
        "A conflict of interest came to light: the units concerned leave the case and hear no more of it.",
    )  # fmt: skip


def _note(news: News, units: Iterable[str]) -> None:
    new = [each for each in units if each not in complained_of(news.case)]
    news.case.also_complained_of = [*news.case.also_complained_of, *dict.fromkeys(new)]
    keep_away(news.case, news.place.catalogue)


def _move_on(news: News, named_lead: str | None) -> None:
    case = news.case
    if case.status is Status.HUNG_UP:
        end_pause(news)
        news.move(Status.IN_PROGRESS)
    if case.status in ANSWERED_BY_IT:
        # What the unit said about itself is no answer.
        send_back(news.place, news.session, case, news.now)
    named = named_lead or (None if is_kept_from(case, case.named_lead) else case.named_lead)
    case.named_lead = named
    if not IS_WITH_DEPARTMENT[case.status]:
        return
    try:
        dispatch_case(news.place, news.session, case, news.now, named)
    except NoDepartmentError:
        # Nobody is left: the unit is out all the same, and a person names one with this same news.
        news.tell(Recipient.DUTY_SUPERVISOR, Ask.REVIEW_CASE)


def _withdraw(news: News, parts: Iterable[Assignment]) -> None:
    for part in parts:
        part.withdrawn_at = news.now
        news.session.add(part)
        stop_clocks(
            news.place, news.session, news.case, ClockEvent.WITHDRAWN, news.now, department=part.department
        )


def _recall_alerts(news: News) -> None:
    """What waits in the outbox for those who are out, such as a reminder held back over night, is not sent."""
    waiting = select(Notice).where(Notice.case_id == news.case.id, Notice.state == NoticeState.WAITING)
    for notice in news.session.exec(waiting):
        if is_kept_from(news.case, notice.recipient):
            notice.state = NoticeState.SUPERSEDED
            news.session.add(notice)
