"""Handing a case to its departments, and keeping with the order why it went to them and not to others."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models import journal
from models.assigning import DistrictCopy
from models.case import Case
from models.clock_table import ClockEvent
from models.exchange import Assignment
from models.journal import MACHINE
from models.vocabulary import Ask, DecisionKind, EventKind, Outcome, Recipient, Status
from tasks.case_task import case_task
from tasks.casebook import (
    Verdict,
    decide,
    editing,
    lead_of,
    lead_waiting_alerts_to_orders,
    move,
    standing,
    tell,
)
from tasks.clocks.running import stop_clocks
from tasks.clocks.starts import start_missing_clocks
from tasks.dispatch.conflict import is_kept_from
from tasks.dispatch.dispatch_facts import dispatch_facts
from tasks.dispatch.dispatch_words import name_of, why_not
from tasks.dispatch.dispatching import Dispatch, DispatchFacts, NoDepartmentError, decide_dispatch
from tasks.words.summaries import summarise_by_machine
from tasks.workplace import Workplace, workplace

__all__ = ["Dispatch", "DispatchFacts", "NoDepartmentError", "assign_departments", "decide_dispatch", "dispatch_case"]


@case_task
def assign_departments(case_id: UUID, now: datetime) -> None:
    """Hand the case to its lead and co-handlers, once for each round of dispatch."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if case.outcome is not Outcome.DISPATCHED or case.kind is None:
            return
        if case.status not in {Status.SCREENED, Status.REOPENED}:
            return
        held = lead_of(session, case)
        named = case.named_lead or (held.department if held else None)
        try:
            dispatch_case(place, session, case, now, named)
        except NoDepartmentError:
            _leave_to_a_person(place, session, case, now)


def dispatch_case(
    place: Workplace, session: Session, case: Case, now: datetime, named_lead: str | None = None
) -> Dispatch:
    """Decide who takes the case now, and hand it over as a new round.

    Args:
        place: The desk.
        session: A writing session that holds `case`.
        case: In a status that may become `DISPATCHED`, with a kind.
        now: Aware.
        named_lead: The lead a person ruled, if one did.

    Raises:
        NoDepartmentError: There is nobody to hand it to; nothing has been changed.
    """
    facts = dispatch_facts(place, session, case, now, named_lead)
    plan = decide_dispatch(facts, place.catalogue)
    _hand_over(place, session, case, facts, plan, now)
    return plan


def _leave_to_a_person(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    # Every unit that could take it is complained of. Nothing of the case is lowered or ended by that.
    verdict = Verdict(
        DecisionKind.ASSIGN, Status.NEEDS_REVIEW, "nobody-left",
        "派单目录内可主办的单位均须回避，转人工指定。",
        "Every unit that could lead must keep out of it: a person names one.",
    )  # fmt: skip
    decide(place, session, case, f"assign-nobody:{case.reopen_count}", verdict, now)
    case.outcome = None
    move(session, case, Status.NEEDS_REVIEW, now)
    start_missing_clocks(place, session, case, now)
    tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.REVIEW_CASE, f"review:{case.reopen_count}", now)


def _hand_over(
    place: Workplace, session: Session, case: Case, facts: DispatchFacts, plan: Dispatch, now: datetime
) -> None:
    """Store a dispatch as a new round: former assignments end, new ones begin, the status moves on."""
    round_number = next_round(session, case)
    for part in standing(session, case):
        part.withdrawn_at = now
        stop_clocks(place, session, case, ClockEvent.WITHDRAWN, now, department=part.department)
    session.add(_part(case, plan.lead, round_number, now, leads=True))
    for each in plan.co_handlers:
        session.add(_part(case, each.unit, round_number, now, leads=False, share=each.share))
    lead_waiting_alerts_to_orders(place, session, case, now)
    stop_clocks(place, session, case, ClockEvent.DISPATCHED, now)
    summarise_by_machine(place, session, case, now)
    move(session, case, Status.DISPATCHED, now)
    journal.write(
        session, case, EventKind.ASSIGNED, now, MACHINE,
        lead=plan.lead, co_handlers=list(plan.helping), round=round_number,
    )  # fmt: skip
    decide(place, session, case, f"assign:{round_number}", _verdict(place, facts, plan), now)
    _renew_copy(place, session, case, plan, round_number, now)


def _renew_copy(
    place: Workplace, session: Session, case: Case, plan: Dispatch, round_number: int, now: datetime
) -> None:
    withdraw_copies(session, case, now)
    if plan.copy is None:
        return
    copy = DistrictCopy(
        case_id=case.id, unit=plan.copy.unit, round=round_number, slice=plan.copy.slice, at=now
    )
    session.add(copy)
    session.flush()
    tell(place, session, case, plan.copy.unit, Ask.READ_COPY, f"copy:{round_number}", now)


def withdraw_copies(session: Session, case: Case, now: datetime, *, only_kept_away: bool = False) -> None:
    """End the copies of the case, or those of units it is kept from: their links show nothing any more."""
    wanted = select(DistrictCopy).where(DistrictCopy.case_id == case.id, col(DistrictCopy.withdrawn_at).is_(None))
    for each in session.exec(wanted):
        if not only_kept_away or is_kept_from(case, each.unit):
            each.withdrawn_at = now


def next_round(session: Session, case: Case) -> int:
    """The number of the next round of dispatch, from 1."""
    wanted = select(Assignment.round).where(Assignment.case_id == case.id).order_by(col(Assignment.round).desc())
    return (session.exec(wanted).first() or 0) + 1


def _part(
    case: Case, department: str, round_number: int, now: datetime, *, leads: bool, share: str = ""
) -> Assignment:
    return Assignment(
        case_id=case.id,
        department=department,
        leads=leads,
        share=share,
        round=round_number,
        ask=Ask.ACCEPT_ORDER if leads else Ask.HELP_LEAD,
        assigned_at=now,
    )


def _verdict(place: Workplace, facts: DispatchFacts, plan: Dispatch) -> Verdict:
    zh, en = _sentence(place, plan)
    return Verdict(
        DecisionKind.ASSIGN, plan.lead, plan.rule_id, zh, en,
        {
            "co_handlers": list(plan.helping),
            "shares": {each.unit: each.share for each in plan.co_handlers},
            "passed_over": len(plan.passed_over),
            "considered": [each.to_codes() for each in plan.considered],
            "facts": list(facts.facts),
            "copy": {"unit": plan.copy.unit, "slice": plan.copy.slice, "line": plan.copy.line.id} if plan.copy else None,
        },
    )  # fmt: skip


def _sentence(place: Workplace, plan: Dispatch) -> tuple[str, str]:
    """Who leads and helps with what, what the place hears, and why nobody else: in Chinese and English."""
    units = place.catalogue.departments
    shares = {each.code: each for each in place.catalogue.dispatch.shares}
    lead_zh, lead_en = name_of(plan.lead, units)
    zh, en = [f"由{lead_zh}主办"], [f"{lead_en} leads"]
    if plan.co_handlers:
        zh.append("协办：" + "、".join(
            name_of(each.unit, units)[0] + (f"（{shares[each.share].zh}）" if each.share in shares else "")
            for each in plan.co_handlers
        ))  # fmt: skip
        en.append("with " + ", ".join(
            name_of(each.unit, units)[1] + (f" ({shares[each.share].en})" if each.share in shares else "")
            for each in plan.co_handlers
        ))  # fmt: skip
    if plan.copy:
        zh.append(plan.copy.line.zh)
        en.append(plan.copy.line.en)
    not_zh, not_en = why_not(plan.considered, units)
    if not_zh:
        zh.append(not_zh)
        en.append(not_en)
    return f"{'；'.join(zh)}（依派单目录）。", f"{'; '.join(en)} (by the dispatch catalogue)."
