"""Calling the reporter back, only where that is safe, and what the answer means."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from models import journal
from models.case import Case, Person
from models.clock_table import ClockEvent
from models.exchange import Inbox
from models.grades import SAFETY_GRADES
from models.journal import MACHINE
from models.vocabulary import (
    Ask,
    CallbackClass,
    DecisionKind,
    EventKind,
    Flag,
    Nature,
    NewsKind,
    PersonRole,
    Recipient,
    Status,
    Target,
)
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, decided, editing, move, tell
from tasks.clock_starts import start_missing_clocks
from tasks.clocks import clocks_of, stop_clocks
from tasks.closure import closure_ready, send_back
from tasks.flagging import flag
from tasks.news_context import News
from tasks.workplace import Workplace, workplace

LENGTH_OF_A_NUMBER, SHORTEST_NUMBER = 11, 7
NOT_CALLED = frozenset({Nature.SUGGEST, Nature.PRAISE})


@dataclass(frozen=True)
class Reporter:
    """What a callback needs to know of the reporter, without knowing who that is.

    `contact_is_suspects` says that the number given is also that of the person complained of.
    """

    has_contact: bool
    may_call_back: bool
    contact_is_suspects: bool = False


@dataclass(frozen=True)
class CallbackPlan:
    """Whether the reporter is called, and the reason when not."""

    allowed: bool
    code: str
    zh: str
    en: str


ALLOWED = CallbackPlan(True, "allowed", "按报告人同意的方式回访。", "The reporter is called back in the way they agreed to.")
NO_CLASS = CallbackPlan(
    False, "class_forbids", "该类诉求不得主动回访，由来电人凭编号查询。",
    "No outbound contact in this class; the caller may ask with the case number.",
)  # fmt: skip
NO_CONSENT = CallbackPlan(
    False, "not_agreed", "可能危及儿童或报告人，未约定安全联系方式，不回访。",
    "Calling could endanger the child or the reporter and no safe contact was agreed: no callback.",
)  # fmt: skip
NO_CONTACT = CallbackPlan(False, "no_contact", "报告人未留联系方式，无法回访。", "The reporter left no contact.")
NO_NEED = CallbackPlan(False, "nothing_to_ask", "意见建议或表扬不作办理结果回访。", "Opinions and praise have no result to ask about.")


SUSPECTS_NUMBER = CallbackPlan(
    False, "contact_is_suspects",
    "报告人所留号码同时是被反映人的号码，回访可能惊动被反映人，不回访。",
    "The number the reporter left is also that of the person complained of: calling it would warn that person.",
)  # fmt: skip


def plan_callback(callback_class: CallbackClass, nature: Nature, guardian_suspect: bool, reporter: Reporter) -> CallbackPlan:
    """Whether the reporter may be called back; when in doubt, not."""
    if nature in NOT_CALLED:
        return NO_NEED
    if reporter.contact_is_suspects:
        return SUSPECTS_NUMBER
    if callback_class is CallbackClass.NONE:
        return NO_CLASS
    guarded = callback_class is CallbackClass.REPORTER_ONLY or guardian_suspect
    if guarded and not reporter.may_call_back:
        return NO_CONSENT
    return ALLOWED if reporter.has_contact else NO_CONTACT


@case_task
def ask_for_callback(case_id: UUID, now: datetime) -> None:
    """Ask the desk to call the reporter back, or record why nobody may."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if case.status is not Status.REPLIED or not closure_ready(session, case):
            return
        plan = plan_callback(case.callback_class, case.nature, case.guardian_suspect, _reporter(place, session, case))
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


def _reporter(place: Workplace, session: Session, case: Case) -> Reporter:
    people = {each.role: each for each in session.exec(select(Person).where(Person.case_id == case.id))}
    person = people.get(PersonRole.REPORTER)
    if person is None:
        return Reporter(has_contact=False, may_call_back=False)
    own = _comparable(place, case, person)
    suspect = people.get(PersonRole.SUSPECT)
    same = bool(own) and suspect is not None and own == _comparable(place, case, suspect)
    return Reporter(person.contact_ct is not None, person.may_call_back, same)


def _comparable(place: Workplace, case: Case, person: Person) -> str:
    """Somebody's contact for comparing, and forgotten here: a number without what people write around it."""
    if person.contact_ct is None:
        return ""
    contact = place.vault.open(case.id, case.wrapped_key, f"person.{person.role}.contact", person.contact_ct)
    digits = "".join(each for each in contact if each.isdigit())
    # A number with and without its country code is one; a name at a messenger has few figures or none.
    return digits[-LENGTH_OF_A_NUMBER:] if len(digits) >= SHORTEST_NUMBER else contact.strip().casefold()
