"""What a case needs next: one question, asked again after every step."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.case import Case
from models.transitions import IS_OPEN
from models.vocabulary import Outcome, Status, Step
from tasks.casebook import case_of, decided, standing
from tasks.classifying.reviewing import is_unanswered
from tasks.clocks.running import clocks_of, outdated_clocks
from tasks.clocks.starts import missing_clocks, untold
from tasks.closing.approval import approval_unasked
from tasks.closing.callback import callback_key
from tasks.closing.closure import closure_key, closure_ready
from tasks.closing.ending import may_close
from tasks.escalation.levels import fired_levels, owed_levels
from tasks.news.digestion import unread
from tasks.notifying import notices_due
from tasks.workplace import Workplace, workplace

MOST_STEPS = 60
ON_THE_WAY = frozenset({Status.SCREENED, Status.REOPENED})
"""Screened and on the way to a department, to an answer or to a person: the only ones not yet routed."""


@dataclass(frozen=True)
class AtHand:
    """Everything that decides the next step, as plain values."""

    status: Status
    outcome: Outcome | None
    has_kind: bool
    is_routed: bool
    clocks_missing: bool = False
    departments_untold: bool = False
    clocks_outdated: bool = False
    notices_due: bool = False
    links_unlooked: bool = False
    news_unread: bool = False
    review_date_come: bool = False
    review_unanswered: bool = False
    levels_owed: bool = False
    closure_unjudged: bool = False
    callback_undecided: bool = False
    approval_unasked: bool = False
    may_close: bool = False


def next_step(at_hand: AtHand) -> Step | None:
    """The next thing to do, most urgent first; None when the case can only wait.

    The order is the order of a case's life. News comes before escalation, so that a reply that has
    already arrived stops its clock before anybody is told that it is late.
    """
    screened = at_hand.status in ON_THE_WAY
    due: tuple[tuple[bool, Step], ...] = (
        (at_hand.status is Status.RECEIVED, Step.SCREEN),
        (screened and not at_hand.has_kind, Step.CLASSIFY),
        (screened and at_hand.links_unlooked, Step.PROPOSE_LINKS),
        (screened and not at_hand.is_routed, Step.ROUTE),
        (screened and at_hand.outcome is Outcome.DISPATCHED, Step.ASSIGN),
        (at_hand.clocks_outdated, Step.REFIT_CLOCKS),
        (at_hand.clocks_missing or at_hand.departments_untold, Step.START_CLOCKS),
        (at_hand.notices_due, Step.NOTIFY),
        (at_hand.links_unlooked, Step.PROPOSE_LINKS),
        (at_hand.news_unread, Step.DIGEST_NEWS),
        (at_hand.review_date_come, Step.TAKE_DOWN),
        (at_hand.review_unanswered, Step.DISPATCH_UNREVIEWED),
        (at_hand.levels_owed, Step.ESCALATE),
        (at_hand.closure_unjudged, Step.CHECK_CLOSURE),
        (at_hand.callback_undecided, Step.CALL_BACK),
        (at_hand.approval_unasked, Step.ASK_APPROVAL),
        (at_hand.may_close, Step.CLOSE),
    )
    return next((step for is_due, step in due if is_due), None)


class StepsDoNotEndError(RuntimeError):
    """A case kept needing steps: its rules contradict each other, and a person must look."""


@dataclass
class Steps:
    """What a stored case needs at `now`, asked anew after each step, until it can only wait.

    `news_seen` is how much had been said to the case when it was last looked at: whatever was said after that look
    nobody has digested, and the case must not sleep on it.

    Raises:
        StepsDoNotEndError: While iterating, after `MOST_STEPS`; no life needs nearly as many in one activation.
    """

    case_id: UUID
    now: datetime
    news_seen: int = 0

    def __iter__(self) -> Iterator[Step]:
        """One step after the other, each when the one before is done."""
        place = workplace()
        for _ in range(MOST_STEPS):
            with place.database.reading() as session:
                case = case_of(session, self.case_id)
                # Read before anything else is: what is said while we look counts as not seen.
                self.news_seen = case.news_count
                step = next_step(look_at(place, session, case, self.now))
            if step is None:
                return
            yield step
        raise StepsDoNotEndError


def look_at(place: Workplace, session: Session, case: Case, now: datetime) -> AtHand:
    """The facts of one case that its next step depends on.

    They are read in the order in which `next_step` asks for them, and no further than its answer:
    what comes later stays False and could not change it. This is asked after every step, and most
    of what an activation reads is read here.
    """
    at_hand = AtHand(
        status=case.status,
        outcome=case.outcome,
        has_kind=case.kind is not None,
        is_routed=case.status not in ON_THE_WAY
        or decided(session, case, f"route:{case.reopen_count}") is not None,
        # Suspected harm goes to its department and is told first; other reports of it are found after.
        links_unlooked=case.status in ON_THE_WAY and not _is_grave(case) and _unlooked(case),
    )
    for look in (_at_departments, _at_exchange, _at_time, _at_closing):
        if next_step(at_hand) is not None:
            break
        at_hand = replace(at_hand, **look(place, session, case, now))
    return at_hand


def _at_departments(place: Workplace, session: Session, case: Case, _now: datetime) -> dict[str, Any]:
    if not IS_OPEN[case.status]:
        return {}
    parts = standing(session, case)
    return {
        "clocks_missing": bool(missing_clocks(place, session, case, parts)),
        "departments_untold": bool(untold(parts)),
        "clocks_outdated": bool(outdated_clocks(place, session, case)),
    }


def _at_exchange(_place: Workplace, session: Session, case: Case, now: datetime) -> dict[str, Any]:
    return {
        "notices_due": notices_due(session, case, now),
        "links_unlooked": _unlooked(case),
        "news_unread": bool(unread(session, case)),
    }


def _unlooked(case: Case) -> bool:
    known = case.kind is not None and case.wrapped_key is not None
    return known and case.matched_at is None and IS_OPEN[case.status]


def _is_grave(case: Case) -> bool:
    return case.is_grave


def _at_time(place: Workplace, session: Session, case: Case, now: datetime) -> dict[str, Any]:
    fired, clocks = fired_levels(session, case), clocks_of(session, case)
    return {
        "review_date_come": case.hung_up_until is not None and now >= case.hung_up_until,
        "review_unanswered": is_unanswered(session, case, clocks, now),
        "levels_owed": IS_OPEN[case.status] and bool(owed_levels(place.rules_for(case), case, clocks, fired, now)),
    }


def _at_closing(place: Workplace, session: Session, case: Case, now: datetime) -> dict[str, Any]:
    replied = case.status is Status.REPLIED
    ready = replied and closure_ready(session, case)
    return {
        "closure_unjudged": replied and decided(session, case, closure_key(session, case)) is None,
        "callback_undecided": ready and decided(session, case, callback_key(case)) is None,
        "approval_unasked": approval_unasked(place, session, case, now),
        "may_close": may_close(place, session, case),
    }
