"""Which departments hold a case, and handing it to them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from catalogue.loader import Catalogue
from models import journal
from models.case import Case
from models.clock_table import ClockEvent
from models.exchange import Assignment
from models.journal import MACHINE
from models.vocabulary import Ask, DecisionKind, EventKind, Outcome, Status
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, editing, lead_of, move, standing
from tasks.clocks import stop_clocks
from tasks.workplace import Workplace, workplace


@dataclass(frozen=True)
class Dispatch:
    """Lead and co-handlers of a case, and the units passed over because of a conflict of interest."""

    lead: str
    co_handlers: tuple[str, ...]
    passed_over: tuple[str, ...]


class NoDepartmentError(LookupError):
    """The catalogue names no unit that may take this kind of case."""


def decide_dispatch(
    kind: str, catalogue: Catalogue, complained_of: str | None, named_lead: str | None = None
) -> Dispatch:
    """Who takes a case of this kind.

    Args:
        kind: Code of the kind.
        catalogue: The catalogue in force.
        complained_of: The unit the request is about; it is never lead, never co-handler.
        named_lead: The lead a person ruled, if one did.

    Raises:
        NoDepartmentError: The kind has no lead and nobody named one.
    """
    entry = catalogue.kinds[kind]
    lead = named_lead or entry.lead
    if lead is None:
        raise NoDepartmentError(f"kind {kind} has no lead; a person must name one")
    wanted = [lead, *(each for each in (entry.lead, *entry.with_departments) if each and each != lead)]
    passed_over = tuple(each for each in wanted if each == complained_of)
    if lead == complained_of:
        lead = catalogue.departments[lead].alternative
    # A unit that a person replaced as lead does not come back as co-handler.
    others = entry.with_departments if named_lead is None else tuple(d for d in entry.with_departments if d != entry.lead)
    co_handlers = tuple(each for each in others if each not in {lead, complained_of})
    return Dispatch(lead, co_handlers, passed_over)


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
        dispatch(place, session, case, decide_dispatch(case.kind, place.catalogue, case.complained_of, named), now)


def dispatch(place: Workplace, session: Session, case: Case, plan: Dispatch, now: datetime) -> None:
    """Store a dispatch as a new round: former assignments end, new ones begin, the status moves on."""
    round_number = next_round(session, case)
    for part in standing(session, case):
        part.withdrawn_at = now
        stop_clocks(place, session, case, ClockEvent.WITHDRAWN, now, department=part.department)
    session.add(_part(case, plan.lead, round_number, now, leads=True))
    for department in plan.co_handlers:
        session.add(_part(case, department, round_number, now, leads=False))
    stop_clocks(place, session, case, ClockEvent.DISPATCHED, now)
    move(session, case, Status.DISPATCHED, now)
    journal.write(
        session, case, EventKind.ASSIGNED, now, MACHINE,
        lead=plan.lead, co_handlers=list(plan.co_handlers), round=round_number,
    )  # fmt: skip
    decide(place, session, case, f"assign:{round_number}", _verdict(place, case, plan), now)


def next_round(session: Session, case: Case) -> int:
    """The number of the next round of dispatch, from 1."""
    wanted = select(Assignment.round).where(Assignment.case_id == case.id).order_by(col(Assignment.round).desc())
    return (session.exec(wanted).first() or 0) + 1


def _part(case: Case, department: str, round_number: int, now: datetime, *, leads: bool) -> Assignment:
    return Assignment(
        case_id=case.id,
        department=department,
        leads=leads,
        round=round_number,
        ask=Ask.ACCEPT_ORDER if leads else Ask.HELP_LEAD,
        assigned_at=now,
    )


def _verdict(place: Workplace, case: Case, plan: Dispatch) -> Verdict:
    units = place.catalogue.departments
    zh = f"由{units[plan.lead].name_zh}主办"
    en = f"{units[plan.lead].name_en} leads"
    if plan.co_handlers:
        zh += "，" + "、".join(units[each].name_zh for each in plan.co_handlers) + "协办"
        en += "; with " + ", ".join(units[each].name_en for each in plan.co_handlers)
    if plan.passed_over:
        zh += "；被反映单位回避"
        en += "; the unit complained of is passed over"
    return Verdict(
        DecisionKind.ASSIGN, plan.lead, f"kind:{case.kind}", f"{zh}（派单目录 {case.kind}）。",
        f"{en} (dispatch catalogue, {case.kind}).",
        {"co_handlers": list(plan.co_handlers), "passed_over": len(plan.passed_over)},
    )  # fmt: skip
