"""Whether the unit in charge is told who called: only then can it speak to the caller, and be measured by it."""

from sqlmodel import Session, select

from models.case import Case, Person
from models.vocabulary import PersonRole
from tasks.words.entitlement import About, Piece, Reader, may_read


def reporter_in(session: Session, case: Case) -> Person | None:
    """The row of who reported, if there is one."""
    return session.exec(select(Person).where(Person.case_id == case.id, Person.role == PersonRole.REPORTER)).first()


def is_open_reporter(reporter: Person | None) -> bool:
    """Whether the reporter gave a name, wants no secrecy and may be called."""
    return reporter is not None and not reporter.anonymous and not reporter.keep_secret and reporter.may_call_back


def lead_may_reach_caller(session: Session, case: Case) -> bool:
    """Whether the lead's slice of the case holds a number or an address to reach the caller at."""
    reporter = reporter_in(session, case)
    if reporter is None or reporter.contact_ct is None:
        return False
    about = About(
        harm=case.harm, guardian_suspect=case.guardian_suspect, callback_class=case.callback_class,
        reporter_open=is_open_reporter(reporter),
    )  # fmt: skip
    return may_read(Piece.REPORTER_CONTACT, Reader.LEAD, about)
