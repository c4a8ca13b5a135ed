"""Handing an emergency over at once, beside the record and never instead of it."""

from datetime import datetime

from sqlmodel import Session

from models import journal
from models.case import Case
from models.journal import MACHINE
from models.vocabulary import Ask, DecisionKind, EventKind, Grade, Outcome, Recipient
from tasks.casebook import Verdict, decide, tell
from tasks.closing.police_report import is_police_receipt_coming
from tasks.dispatch.conflict import unit_instead
from tasks.workplace import Workplace

POLICE = "POLICE"

HANDED_OVER = Verdict(
    DecisionKind.SCREEN,
    Outcome.EMERGENCY_TRANSFERRED,
    "emergency-transfer",
    "有现实危险：立即转110处置，同时照常登记（《北京市接诉即办工作条例》第十一条）。",
    "Danger now: handed over to the emergency service at once, and recorded as usual (regulation, art. 11).",
)


def hand_over_if_needed(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """Tell police and the duty supervisor of a U0 case, once in its life."""
    if case.grade is not Grade.U0:
        return
    if not decide(place, session, case, "emergency", HANDED_OVER, now):
        return
    told = police_for(place, case)
    tell(place, session, case, told, Ask.EMERGENCY, "emergency", now)
    tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.EMERGENCY, "emergency", now)
    journal.write(session, case, EventKind.EMERGENCY_HANDED_OVER, now, MACHINE, told=told)


def ask_for_police_report(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """Ask the desk for its own report to police, which an order to a department does not replace.

    Not if the receipt came with the request: whoever handed the call over to 110 has done it.
    """
    if case.mandatory_report and not is_police_receipt_coming(session, case):
        tell(place, session, case, Recipient.DESK, Ask.REPORT_TO_POLICE, "police", now)


def police_for(place: Workplace, case: Case) -> str:
    """The police, or the unit above them when it is a police unit the request complains of."""
    return unit_instead(case, POLICE, place.catalogue) or Recipient.DUTY_SUPERVISOR
