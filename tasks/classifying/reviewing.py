"""A person decides where the machine was unsure; if nobody does, a case that may be harm goes out all the same."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from catalogue.schema import Kind
from models import journal
from models.case import Case
from models.grades import SAFETY_GRADES, is_graver
from models.record import Clock
from models.vocabulary import DecisionKind, Doubt, EventKind, Outcome, Status, Target
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, decided, editing
from tasks.clocks.running import clocks_of, refit_clocks
from tasks.dispatch.assignment import NoDepartmentError, dispatch_case
from tasks.news.context import News, NewsRefusedError
from tasks.workplace import Workplace, workplace

NOBODY_ANSWERED = Verdict(
    DecisionKind.ROUTE, Outcome.DISPATCHED, "review-unanswered",
    "可能涉及侵害未成年人，研判时限内无人答复：按从高等级先行派单，人工研判仍可更改。",
    "A child may be harmed and nobody answered within the time for review: dispatched by the graver reading;"
    " a person may still rule otherwise.",
)  # fmt: skip


def is_unanswered(session: Session, case: Case, clocks: list[Clock], now: datetime) -> bool:
    """Whether a case that may be harm waits for a review whose time has run out, and can go out."""
    if case.status is not Status.NEEDS_REVIEW or not _may_be_harm(session, case) or case.kind is None:
        return False
    if decided(session, case, _key(case)) is not None:
        return False
    return any(each.target is Target.REVIEW and each.stopped_at is None and each.due_at <= now for each in clocks)


def _may_be_harm(session: Session, case: Case) -> bool:
    if case.is_grave:
        return True
    classified = decided(session, case, f"classify:{case.reopen_count}")
    return bool(classified and Doubt.SCREENS_DISAGREE in classified.facts.get("doubts", ()))


def _key(case: Case) -> str:
    return f"review-unanswered:{case.reopen_count}"


@case_task
def dispatch_unreviewed(case_id: UUID, now: datetime) -> None:
    """Send a case that may be harm to its department, because nobody has looked at it in time."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if not is_unanswered(session, case, clocks_of(session, case), now):
            return
        decide(place, session, case, _key(case), NOBODY_ANSWERED, now)
        case.kind = _kind_that_can_go_out(place, case)
        case.outcome = Outcome.DISPATCHED
        try:
            dispatch_case(place, session, case, now, case.named_lead)
        except NoDepartmentError:
            # Only a person can name one; the ladder of the review goes on telling them.
            case.outcome = None


def _kind_that_can_go_out(place: Workplace, case: Case) -> str | None:
    """The suggested kind, or, if no department leads it, the first harmful one that stands beside it."""
    known = [code for code in (str(case.kind), *case.also) if code in place.catalogue.kinds]
    return next((code for code in known if place.catalogue.kinds[code].lead), case.kind)


def rule_harm_out(news: News, kind: Kind) -> None:
    """A named person rules, with a reason in words, that no child is harmed; the grade becomes the kind's.

    Raises:
        NewsRefusedError: An operator told of danger at this moment, the kind means harm, or no
            reason was given.
    """
    case = news.case
    if case.danger_now:
        raise NewsRefusedError("danger_was_told")
    if kind.grade in SAFETY_GRADES:
        raise NewsRefusedError("kind_means_harm")
    if news.row.text_ct is None:
        raise NewsRefusedError("say_why_no_harm")
    case.harm, case.mandatory_report = False, []
    if is_graver(case.grade, kind.grade):
        journal.write(
            news.session, case, EventKind.GRADE_LOWERED, news.now, news.row.actor,
            old=case.grade, new=kind.grade, rule="harm-ruled-out",
        )  # fmt: skip
        case.grade = kind.grade
    news.decide(
        "HARM_RULED_OUT", "harm-ruled-out",
        "由专人研判排除侵害，理由已记录。", "A named person ruled out harm; the reason is recorded.",
    )  # fmt: skip
    refit_clocks(news.place, news.session, case, news.now)
