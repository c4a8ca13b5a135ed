"""Whether the desk's own report to police, which the law wants at once, has been made."""

from sqlmodel import Session, col, select

from models.case import Case
from models.exchange import Inbox
from models.vocabulary import NewsKind


def has_police_receipt(session: Session, case: Case) -> bool:
    """Whether time, channel and receipt number of a report are on record."""
    wanted = select(Inbox.id).where(
        Inbox.case_id == case.id,
        Inbox.kind == NewsKind.POLICE_NOTIFIED,
        col(Inbox.read_at).is_not(None),
        col(Inbox.refused).is_(None),
    )
    return session.exec(wanted).first() is not None


def is_police_receipt_coming(session: Session, case: Case) -> bool:
    """Whether a receipt is on record or came with the request and is about to be digested."""
    wanted = select(Inbox.id).where(
        Inbox.case_id == case.id, Inbox.kind == NewsKind.POLICE_NOTIFIED, col(Inbox.refused).is_(None)
    )
    return session.exec(wanted).first() is not None


def owes_police_report(session: Session, case: Case) -> bool:
    """Whether the case must be reported to police and has not been."""
    return bool(case.mandatory_report) and not has_police_receipt(session, case)
