"""The dispatch summary: what departments read of a case, written for them and without the reporter.

A person of the seat writes it. Where no harm is suspected, the machine writes one at dispatch if it can
vouch for it; where it cannot, or where harm is suspected, departments see codes until a person has written.
"""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from models import journal
from models.case import PERSON_WORDS, Case, Person
from models.grades import SAFETY_GRADES
from models.journal import MACHINE
from models.vocabulary import EventKind, PersonRole
from tasks.news.context import News, NewsRefusedError
from tasks.words.scrubbing import Scrubbed, leaks, names_said, scrub
from tasks.workplace import Workplace

PLACE = "case.summary"


class TellsReporterError(ValueError):
    """A summary names or describes the reporter; the message says by which fields, never the words."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields
        super().__init__(f"text: tells who reported ({', '.join(fields)}); take that out")


def summarise_by_machine(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """Write the summary of a case that goes out, if that is the machine's to do and it is sure."""
    if case.summary_ct is not None or case.text_ct is None or is_for_a_person(case):
        return
    words = place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct)
    proposed = scrub(words, reporter_of(place, session, case), case.language)
    if proposed.text is not None:
        _store(place, session, case, proposed.text, MACHINE, now, proposed.left_out)


def is_for_a_person(case: Case) -> bool:
    """Whether only a person may write what departments read of this case."""
    return case.is_grave or case.guardian_suspect


def summary_for_departments(place: Workplace, case: Case) -> str | None:
    """What departments read; a machine's draft is closed again once harm is suspected, until a person has written."""
    if case.summary_by == MACHINE and is_for_a_person(case):
        return None
    return open_summary(place, case)


def is_summary_missing(case: Case) -> bool:
    """Whether departments have nothing to read of this case; `is_unwritten` asks the same of many."""
    return case.summary_ct is None or (case.summary_by == MACHINE and is_for_a_person(case))


def is_unwritten() -> ColumnElement[bool]:
    """Cases of which departments have nothing to read, as a condition for a query over cases."""
    grave = or_(col(Case.harm), col(Case.guardian_suspect), col(Case.grade).in_(SAFETY_GRADES))
    return or_(col(Case.summary_ct).is_(None), and_(col(Case.summary_by) == MACHINE, grave))


def propose_summary(place: Workplace, session: Session, case: Case) -> Scrubbed:
    """What a person may begin with; the caller must have logged that the words are read."""
    if case.summary_ct is not None:
        return Scrubbed(open_summary(place, case), ())
    words = place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct) if case.text_ct else ""
    return scrub(words, reporter_of(place, session, case), case.language)


def check_summary(place: Workplace, session: Session, case: Case, text: str) -> None:
    """Return if nothing of the reporter stands in the text.

    Raises:
        TellsReporterError: Something does.
    """
    found = leaks(text, reporter_of(place, session, case))
    if found:
        raise TellsReporterError(found)


def summary_written(news: News) -> None:
    """A person's summary replaces what was there; one that tells the reporter is refused here as well."""
    words = news.place.vault.open(news.case.id, news.case.wrapped_key, "inbox.text", news.row.text_ct or b"")
    try:
        check_summary(news.place, news.session, news.case, words)
    except TellsReporterError:
        raise NewsRefusedError("tells_reporter") from None
    _store(news.place, news.session, news.case, words, news.row.actor, news.now)


def open_summary(place: Workplace, case: Case) -> str | None:
    """The summary in words; None while there is none. Whoever calls this has asked `entitlement`."""
    if case.summary_ct is None:
        return None
    return place.vault.open(case.id, case.wrapped_key, PLACE, case.summary_ct)


def reporter_of(place: Workplace, session: Session, case: Case) -> dict[str, str]:
    """What is known of the reporter, to keep it out of other words; never stored, logged or shown."""
    wanted = select(Person).where(Person.case_id == case.id, Person.role == PersonRole.REPORTER)
    person = session.exec(wanted).first()
    own = {
        field: place.vault.open(case.id, case.wrapped_key, f"person.{person.role}.{field}", sealed)
        for field in PERSON_WORDS
        if person is not None and (sealed := getattr(person, f"{field}_ct"))
    }
    # A name that was only said, and that nobody wrote into its field, is the reporter's all the same.
    said = names_said(place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct)) if case.text_ct else ""
    return own | {"name": f"{own.get('name', '')} {said}".strip()} if said else own


def _store(
    place: Workplace, session: Session, case: Case, text: str, by: str, now: datetime, left_out: int = 0
) -> None:
    case.summary_ct = place.vault.seal(case.id, case.wrapped_key, PLACE, text)
    case.summary_by, case.summary_at = by, now
    journal.write(session, case, EventKind.SUMMARY_WRITTEN, now, by, by=_kind_of(by), **({"left_out": left_out} if left_out else {}))


def _kind_of(by: str) -> str:
    return "machine" if by == MACHINE else "person"
