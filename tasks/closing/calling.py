"""Opening the number to call, for one call, in its safe hours, on record."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from models.case import Person
from models.house import AccessLog
from models.vocabulary import PersonRole, Purpose, Status
from tasks.closing.callback_plan import CallbackPlan, plan_now
from tasks.news.inbox import NewsNotAllowedError, Speaker, find_case
from tasks.words.entitlement import Piece
from tasks.words.reading import readable_to
from tasks.workplace import Workplace


@dataclass(frozen=True)
class Call:
    """What the seat needs for one call, opened for that call only; never log or keep it."""

    contact: str
    name: str
    note: str
    may_leave_message: bool
    hours: tuple[str, str] | None


def open_call(place: Workplace, label: str, speaker: Speaker, now: datetime) -> Call | CallbackPlan:
    """The number to call now, on record; or why nobody may be called now.

    Raises:
        CaseNotFoundError: There is no such case for this speaker.
        NewsNotAllowedError: The case waits for no callback.
        SealedForeverError: The case has been sealed.
    """
    with place.database.writing() as session:
        case = find_case(session, label, speaker)
        if case.status is not Status.CALLBACK or Piece.REPORTER_CONTACT not in readable_to(session, case, speaker, now):
            raise NewsNotAllowedError("the case waits for no callback")
        plan = plan_now(place, session, case, now)
        session.add(
            AccessLog(
                at=now, client=speaker.client, case_id=case.id, what="contact", purpose=Purpose.CALLBACK,
                allowed=plan.allowed, subject=plan.code,
            )
        )  # fmt: skip
        person = session.exec(select(Person).where(Person.case_id == case.id, Person.role == PersonRole.REPORTER)).first()
        if not plan.allowed or person is None:
            return plan
        opened = {
            field: place.vault.open(case.id, case.wrapped_key, f"person.reporter.{field}", sealed) if sealed else ""
            for field, sealed in (("contact", person.contact_ct), ("name", person.name_ct), ("note", person.note_ct))
        }
        hours = (person.safe_from, person.safe_to) if person.safe_from and person.safe_to else None
        return Call(**opened, may_leave_message=person.may_leave_message, hours=hours)
