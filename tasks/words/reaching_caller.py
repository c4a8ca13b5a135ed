"""Whether the unit in charge is told who called: only then can it speak to the caller, and be measured by it."""

from enum import StrEnum

from sqlmodel import Session, select

from models.case import Case, Person
from models.vocabulary import CallbackClass, PersonRole
from tasks.words.entitlement import About, Piece, Reader, may_read


class NotTold(StrEnum):
    """Why the unit in charge is not told who called, the gravest reason first."""

    HARM = "harm"
    GUARDIAN = "guardian"
    DESK_ONLY = "desk_only"
    NOBODY_TO_CALL = "nobody_to_call"
    ANONYMOUS = "anonymous"
    SECRET = "secret"
    NO_CALL = "no_call"


def reporter_in(session: Session, case: Case) -> Person | None:
    """The row of who reported, if there is one."""
    return session.exec(select(Person).where(Person.case_id == case.id, Person.role == PersonRole.REPORTER)).first()


def is_open_reporter(reporter: Person | None) -> bool:
    """Whether the reporter gave a name, wants no secrecy and may be called."""
    return reporter is not None and not reporter.anonymous and not reporter.keep_secret and reporter.may_call_back


def about(case: Case, reporter: Person | None, *, glass_broken: bool = False) -> About:
    """What of a case decides who may read it.

    A grade of U0 or U1 says that a child is, or may be, harmed, whoever set it and for whatever reason: while it
    stands, who called is kept from every unit as if harm had been heard.
    """
    return About(
        harm=case.is_grave, guardian_suspect=case.guardian_suspect,
        callback_class=case.callback_class, reporter_open=is_open_reporter(reporter), glass_broken=glass_broken,
    )  # fmt: skip


def may_reach_caller(session: Session, case: Case, reader: Reader) -> bool:
    """Whether this unit's slice of the case holds a number or an address to reach the caller at."""
    reporter = reporter_in(session, case)
    return reporter is not None and reporter.contact_ct is not None and may_read(Piece.REPORTER_CONTACT, reader, about(case, reporter))


def lead_may_reach_caller(session: Session, case: Case) -> bool:
    """Whether the unit in charge can speak to the caller."""
    return may_reach_caller(session, case, Reader.LEAD)


def why_lead_is_not_told(session: Session, case: Case) -> NotTold | None:
    """Why the unit in charge cannot speak to the caller; None if it can."""
    reporter = reporter_in(session, case)
    facts = about(case, reporter)
    reasons = (
        (facts.harm, NotTold.HARM),
        (facts.guardian_suspect, NotTold.GUARDIAN),
        (facts.callback_class is not CallbackClass.NORMAL, NotTold.DESK_ONLY),
        (reporter is None or reporter.contact_ct is None, NotTold.NOBODY_TO_CALL),
        (reporter is not None and reporter.anonymous, NotTold.ANONYMOUS),
        (reporter is not None and reporter.keep_secret, NotTold.SECRET),
        (reporter is not None and not reporter.may_call_back, NotTold.NO_CALL),
    )
    return next((reason for holds, reason in reasons if holds), None)
