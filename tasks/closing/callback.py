"""Calling the reporter back, only where that is safe, and what the answer means."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from models import journal
from models.case import Case
from models.clock_table import ClockEvent
from models.exchange import Inbox
from models.grades import SAFETY_GRADES
from models.journal import MACHINE
from models.vocabulary import (
    Ask,
    DecisionKind,
    EventKind,
    Flag,
    NewsKind,
    Recipient,
    Status,
    Target,
)
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, decided, editing, move, tell
from tasks.clocks.running import clocks_of, stop_clocks
from tasks.clocks.starts import start_missing_clocks
from tasks.closing.callback_plan import plan_callback, reporter_of_case
from tasks.closing.closure import closure_ready, send_back
from tasks.flagging import flag
from tasks.news.context import News
from tasks.workplace import workplace


@case_task
def ask_for_callback(case_id: UUID, now: datetime) -> None:
    """Ask the desk to call the reporter back, or record why nobody may."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if case.status is not Status.REPLIED or not closure_ready(session, case):
            return
        plan = plan_callback(case.callback_class, case.nature, case.guardian_suspect, reporter_of_case(place, session, case))
        verdict = Verdict(
            DecisionKind.CALLBACK, "ASKED" if plan.allowed else "SUPPRESSED",
            f"callback-{plan.code.replace('_', '-')}", plan.zh, plan.en,
        )  # fmt: skip
        if not decide(place, session, case, callback_key(case), verdict, now):
            return
        if not plan.allowed:
            journal.write(session, case, EventKind.CALLBACK_SUPPRESSED, now, MACHINE, code=plan.code)
            return
        move(session, case, Status.CALLBACK, now)
        start_missing_clocks(place, session, case, now)
        due = [clock.due_at for clock in clocks_of(session, case) if clock.target is Target.CALLBACK]
        tell(place, session, case, Recipient.DESK, Ask.CALL_BACK, callback_key(case), now, due[-1] if due else None)


def callback_key(case: Case) -> str:
    """Names the callback decision of this cycle."""
    return f"callback:{case.cycle}"


def callback_suppressed(session: Session, case: Case) -> bool:
    """Whether this cycle's callback was ruled out."""
    known = decided(session, case, callback_key(case))
    return known is not None and known.outcome == "SUPPRESSED"


def callback_says_close(session: Session, case: Case) -> bool:
    """Whether this cycle's callback found the matter resolved."""
    return decided(session, case, f"{callback_key(case)}:resolved") is not None


def was_not_reached(session: Session, case: Case) -> bool:
    """Whether an ordinary case may close although nobody was reached."""
    known = decided(session, case, f"{callback_key(case)}:resolved")
    return known is not None and known.outcome == "NOT_REACHED"


def nobody_was_reached(session: Session, case: Case) -> bool:
    """Whether every attempt of this cycle failed in a grave case, which a supervisor then looks at."""
    unreached = decided(session, case, f"{callback_key(case)}:unreached") is not None
    return unreached and not callback_says_close(session, case)


def after_callback(news: News) -> None:
    """Resolved closes; not resolved goes back to work; nobody reached is tried again, then reworked.

    Silence is not consent: a case whose caller was never reached is not counted as resolved, and
    one of suspected harm then waits for a person instead of closing.
    """
    session, case = news.session, news.case
    if news.codes["reached"]:
        stop_clocks(
            news.place, session, case, ClockEvent.CALLED_BACK, news.said_at, actor=news.row.actor
        )
        if news.codes["resolved"]:
            _may_close(news, "RESOLVED", "回访确认已解决。", "The callback confirmed that it is resolved.")
        else:
            send_back(news.place, session, case, news.now)
        return
    if _attempts(session, case) < news.place.rules_for(news.case).callback.attempts:
        return
    stop_clocks(news.place, session, case, ClockEvent.NOT_REACHED, news.said_at, actor=news.row.actor)
    if case.grade in SAFETY_GRADES or case.harm:
        flag(news.place, session, case, Flag.CLOSURE_BLOCKED, news.now)
        verdict = Verdict(
            DecisionKind.CALLBACK, "NOT_REACHED", "callback-result", "多次回访未能接通，须由班长决定。",
            "Nobody was reached in the allowed attempts: a supervisor decides.",
        )  # fmt: skip
        decide(news.place, session, case, f"{callback_key(case)}:unreached", verdict, news.now)
    else:
        _may_close(
            news, "NOT_REACHED", "多次回访未能接通，按未确认解决办结。",
            "Nobody was reached in the allowed attempts; closed as not confirmed.",
        )  # fmt: skip


def _may_close(news: News, outcome: str, zh: str, en: str) -> None:
    verdict = Verdict(DecisionKind.CALLBACK, outcome, "callback-result", zh, en)
    decide(news.place, news.session, news.case, f"{callback_key(news.case)}:resolved", verdict, news.now)


def _attempts(session: Session, case: Case) -> int:
    """Callbacks tried in this round of work, the present one included."""
    asked = decided(session, case, callback_key(case))
    wanted = select(func.count()).where(Inbox.case_id == case.id, Inbox.kind == NewsKind.CALLED_BACK)
    if asked is not None:
        wanted = wanted.where(col(Inbox.received_at) >= asked.at)
    return session.exec(wanted).one()
