"""A supervisor's word before a grave case closes: four eyes, once for each state of the facts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from models import journal
from models.case import Case
from models.exchange import Inbox
from models.journal import MACHINE
from models.record import Decision
from models.vocabulary import (
    Ask,
    DecisionKind,
    EventKind,
    Flag,
    NewsKind,
    Recipient,
    Status,
)
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, decided, editing, lead_of, tell
from tasks.closing.closure import at_closing, send_back, what_is_missing
from tasks.closing.readiness import has_run_its_course, is_all_done
from tasks.flagging import unflag
from tasks.house.promotion import take_live_rules
from tasks.news.coded_reasons import reason_in
from tasks.news.context import News, NewsRefusedError
from tasks.workplace import Workplace, workplace

SAYS_NOTHING_NEW = frozenset(
    {
        NewsKind.ACKNOWLEDGED, NewsKind.CONTACTED, NewsKind.SUMMARY_WRITTEN, NewsKind.RESUMED,
        NewsKind.CLOSING_DECIDED, NewsKind.FOLLOWED_UP,
    }
)  # fmt: skip
"""After anything else the supervisor has not seen what the case is now, and is asked anew."""


class FourEyesError(PermissionError):
    """Whoever recorded the child's safety, or lowered the grade, may not be the one who lets the case close."""


def awaits_approval(place: Workplace, session: Session, case: Case) -> bool:
    """Whether all is done, and only a supervisor's word stands between the case and its closing."""
    return needs_approval(place, case) and not is_approved(session, case) and is_all_done(session, case)


def needs_approval(place: Workplace, case: Case) -> bool:
    """Whether the rules let only a supervisor close this case; a linked one ends with its main case."""
    return case.status is not Status.LINKED and place.rules_for(case).needs_approval(case.grade, case.harm)


def is_approved(session: Session, case: Case) -> bool:
    """Whether a supervisor let it close on the facts as they are now."""
    known = decided(session, case, approval_key(session, case))
    return known is not None and known.outcome == "APPROVED"


def approval_key(session: Session, case: Case) -> str:
    """Names the decision on these facts: news that says anything new makes another, and voids this one."""
    wanted = select(func.count()).where(
        Inbox.case_id == case.id, col(Inbox.read_at).is_not(None), col(Inbox.refused).is_(None),
        col(Inbox.kind).not_in(SAYS_NOTHING_NEW),
    )  # fmt: skip
    return f"approval:{case.cycle}:{session.exec(wanted).one()}"


@dataclass(frozen=True)
class Asking:
    """The next time that a supervisor is asked, from 0, and when."""

    nth: int
    at: datetime


def next_asking(place: Workplace, session: Session, case: Case, now: datetime) -> Asking:
    """When the supervisor is asked next: at once, then again and again until somebody decides.

    After a standstill the askings that were slept through are passed over, but for the last of them.
    """
    first = decided(session, case, f"{approval_key(session, case)}:asked:0")
    if first is None:
        return Asking(0, now)
    every = place.rules_for(case).closing.approval.again_every.length
    nth = max((now - first.at) // every, _last_asked(session, case) + 1)
    return Asking(nth, first.at + nth * every)


def _last_asked(session: Session, case: Case) -> int:
    start = f"{approval_key(session, case)}:asked:"
    wanted = select(Decision.key).where(Decision.case_id == case.id, col(Decision.key).startswith(start))
    return max((int(key.removeprefix(start)) for key in session.exec(wanted)), default=-1)


def approval_unasked(place: Workplace, session: Session, case: Case, now: datetime) -> bool:
    """Whether a supervisor is to be asked now."""
    return awaits_approval(place, session, case) and next_asking(place, session, case, now).at <= now


@case_task
def ask_for_approval(case_id: UUID, now: datetime) -> None:
    """Ask the duty supervisor whether the case may close; who leaves it lying is told of to the leader."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if not approval_unasked(place, session, case, now):
            return
        rules, key = place.rules_for(case).closing.approval, approval_key(session, case)
        asking = next_asking(place, session, case, now)
        verdict = Verdict(
            DecisionKind.CLOSURE, "APPROVAL_ASKED", "closing-approval",
            "其余条件已具备，尚待班长审批，审批同意后才办结。", "Only a supervisor's approval is missing; it closes once a supervisor agrees.",
        )  # fmt: skip
        decide(place, session, case, f"{key}:asked:{asking.nth}", verdict, now)
        tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.DECIDE_CLOSING, f"{key}:{asking.nth}", now)
        if asking.nth * rules.again_every.length >= rules.leader_after.length > timedelta(0):
            tell(place, session, case, Recipient.DISTRICT_LEADER, Ask.RAISE_LEVEL, key, now)


def check_may_approve(session: Session, case: Case, actor: str) -> None:
    """Return if this person may let the case close.

    Raises:
        FourEyesError: The same person recorded the child's safety, or lowered the grade.
    """
    if actor in _vouched(session, case):
        raise FourEyesError("whoever recorded the child's safety or lowered the grade may not approve the closing: ask another supervisor")


def _vouched(session: Session, case: Case) -> set[str]:
    """Who recorded the child's safety as it stands, and who lowered the grade since the last reopening."""
    recorded = (
        select(Inbox.actor)
        .where(Inbox.case_id == case.id, Inbox.kind == NewsKind.SAFETY_RECORDED, col(Inbox.refused).is_(None))
        .order_by(col(Inbox.id).desc())
    )
    last = session.exec(recorded).first()
    found = {last} if last else set()
    for entry in journal.entries_of(session, case.id):
        if entry.kind is EventKind.MOVED and entry.facts.get("new") == Status.REOPENED:
            found = {last} if last else set()
        elif entry.kind is EventKind.GRADE_LOWERED:
            found.add(entry.actor)
    return found


def closing_decided(news: News) -> None:
    """A supervisor lets the case close, or sends it back with a listed reason; once for each state of the facts.

    Raises:
        NewsRefusedError: It does not wait for this, the same person vouched for the child, or something
            that closing asks for is missing again.
    """
    # News that was read a moment ago may not have been judged yet; what is missing is looked at below.
    waits = needs_approval(news.place, news.case) and has_run_its_course(news.session, news.case)
    if not waits or is_approved(news.session, news.case):
        raise NewsRefusedError("not_awaiting_approval")
    if news.codes["approved"]:
        _approve(news)
    else:
        _refuse(news)


def _approve(news: News) -> None:
    try:
        check_may_approve(news.session, news.case, news.row.actor)
    except FourEyesError:
        raise NewsRefusedError("four_eyes") from None
    missing = _missing_again(news)
    if missing:
        raise NewsRefusedError(f"closing_lacks_{missing}")
    _decide(news, "APPROVED", "closing-approved", "班长同意办结。", "A supervisor agreed to the closing.")
    if news.case.flag is Flag.CLOSURE_BLOCKED:
        unflag(news.session, news.case, news.now, news.row.actor)


def _missing_again(news: News) -> str:
    # A case that no department ever had is not asked for a reply.
    if lead_of(news.session, news.case) is None:
        return ""
    return next(iter(what_is_missing(at_closing(news.place, news.session, news.case))), "")


def _refuse(news: News) -> None:
    place, session, case = news.place, news.session, news.case
    reason = reason_in(place, case, NewsKind.CLOSING_DECIDED, str(news.codes["reason"]))
    _decide(
        news, "REFUSED", "closing-refused",
        f"班长不同意办结（{reason.zh}），退回。", f"A supervisor did not agree to the closing ({reason.en}); back for rework.",
    )  # fmt: skip
    if case.status in (Status.REPLIED, Status.CALLBACK):
        lead = lead_of(session, case)
        # The machine tells the lead: what a named supervisor said is not for the department's eyes.
        journal.write(
            session, case, EventKind.CLOSURE_CHECKED, news.now, MACHINE,
            refused=reason.code, department=lead.department if lead else "",
        )  # fmt: skip
        send_back(place, session, case, news.now)
    else:
        take_up_again(news)


def _decide(news: News, outcome: str, rule_id: str, zh: str, en: str) -> None:
    verdict = Verdict(DecisionKind.CLOSURE, outcome, rule_id, zh, en, {"news": news.row.id, "reason": news.codes.get("reason")})
    decide(news.place, news.session, news.case, approval_key(news.session, news.case), verdict, news.now)


def take_up_again(news: News) -> None:
    """A settled case is at work again, with a new round of clocks."""
    case = news.case
    case.reopen_count += 1
    case.cycle += 1
    case.closed_at, case.outcome, case.linked_to, case.close_reason = None, None, None, None
    take_live_rules(news.session, case, news.now, news.row.actor)
    news.move(Status.REOPENED)
