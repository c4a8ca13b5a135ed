"""Hanging a case (挂账) until a review date, within what the rules leave, and taking it down again."""

from datetime import timedelta

from models import journal
from models.case import Case
from models.clock_table import JOINT
from models.grades import NEVER_PAUSED
from models.transitions import may_move
from models.vocabulary import EventKind, Role, Status, Target
from sla_rules.pause_rules import PauseReason
from sla_rules.rule_book import UnknownPauseReasonError
from tasks.casebook import lead_of
from tasks.clocks.counting import counting, may_pause
from tasks.clocks.pauses import NOTHING, Pause, left_for, pauses_of, used
from tasks.clocks.running import clocks_of, refit_clocks
from tasks.news.context import News, NewsRefusedError
from tasks.news.forms import moment


def hung_up(news: News) -> None:
    """Hang the case: for a listed reason, for as long as is left, with a supervisor's word if it is long."""
    case = news.case
    reason = _reason(news)
    _check_may_hang_up(news, reason)
    review_at = moment(news.codes, "review_at")
    pauses = pauses_of(
        journal.entries_of(news.session, case.id), news.place.rules_for(case).pauses, news.now
    )
    _check_length(news, reason, pauses, review_at - news.now)
    lead = lead_of(news.session, case)
    case.hung_up_until = review_at
    news.move(Status.HUNG_UP)
    journal.write(
        news.session, case, EventKind.PAUSED, news.now, news.row.actor,
        reason=reason.code, until=review_at.isoformat(), department=lead.department if lead else "",
        approved=news.codes.get("role") == Role.SUPERVISOR,
    )  # fmt: skip


def may_stand_still(case: Case) -> bool:
    """Whether a case may be hung up at all: never danger, never suspected harm."""
    return case.grade not in NEVER_PAUSED and not case.harm


def end_pause(news: News) -> None:
    """Let the clocks of a hung-up case run again."""
    case = news.case
    if case.hung_up_until is None:
        return
    case.hung_up_until = None
    journal.write(news.session, case, EventKind.UNPAUSED, news.now, news.row.actor)
    refit_clocks(news.place, news.session, case, news.now)


def check_may_wait(news: News, department: str) -> None:
    """Return unless this co-handler's limit is one that never stands still, and the case hangs.

    Raises:
        NewsRefusedError: The joint clock may stand still only while everybody's share may.
    """
    if news.case.status is not Status.HUNG_UP:
        return
    rule = counting(news.place, news.session, news.case, news.now).rule_for(Target.CO_HANDLER, department)
    if rule is not None and not may_pause(Target.CO_HANDLER, rule):
        raise NewsRefusedError("co_handler_cannot_wait")


def _reason(news: News) -> PauseReason:
    try:
        return news.place.rules_for(news.case).pause_reason(str(news.codes["reason"]))
    except UnknownPauseReasonError:
        raise NewsRefusedError("unknown_reason") from None


def _check_may_hang_up(news: News, reason: PauseReason) -> None:
    case = news.case
    if not may_stand_still(case):
        raise NewsRefusedError("grade_is_never_paused")
    if Status.HUNG_UP not in reason.statuses:
        raise NewsRefusedError("reason_is_not_for_hanging_up")
    if not may_move(case.status, Status.HUNG_UP):
        raise NewsRefusedError(f"not_while_{case.status.lower()}")
    _check_everybody_can_wait(news)


def _check_everybody_can_wait(news: News) -> None:
    # One unit's wait must not stop the clock that another, who need not wait, is measured by.
    known = counting(news.place, news.session, news.case, news.now)
    for clock in clocks_of(news.session, news.case):
        if clock.stopped_at is not None or clock.target not in (JOINT, Target.CO_HANDLER):
            continue
        rule = known.rule_for(clock.target, clock.department)
        if rule is not None and not may_pause(clock.target, rule):
            whose = "co_handler" if clock.target is Target.CO_HANDLER else "clock"
            raise NewsRefusedError(f"{whose}_cannot_wait")


def _check_length(news: News, reason: PauseReason, pauses: tuple[Pause, ...], length: timedelta) -> None:
    rules = news.place.rules_for(news.case).pauses
    if length <= NOTHING:
        raise NewsRefusedError("review_date_not_ahead")
    if length > left_for(pauses, rules, reason.code):
        in_total = length > rules.total_cap.length - used(pauses)
        raise NewsRefusedError("beyond_the_cap_of_all_pauses" if in_total else "beyond_the_cap_of_this_reason")
    # Earlier pauses for the reason count, or a long one would be had in slices nobody agreed to.
    asked = used(pauses, reason.code) + length
    if asked > reason.approval_above.length and news.codes.get("role") != Role.SUPERVISOR:
        raise NewsRefusedError("needs_approval")
