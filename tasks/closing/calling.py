"""Opening the number to call, for one call, in its safe hours, on record."""

from dataclasses import dataclass
from datetime import datetime

from models.case import Case, Person
from models.house import AccessLog
from models.vocabulary import Purpose, ReadOf, Status
from models.wall_clock import DESK_ZONE
from sla_rules.open_hours import OpenHours
from tasks.closing.callback_plan import UNUSUAL_HOUR, CallbackPlan, own_hours, plan_now
from tasks.news.inbox import NewsNotAllowedError, Speaker, find_case
from tasks.words.entitlement import Piece
from tasks.words.reaching_caller import reporter_in
from tasks.words.reading import readable_to
from tasks.workplace import Workplace


@dataclass(frozen=True)
class Call:
    """What the seat needs for one call, opened for that call only; never log or keep it.

    `hours` are the caller's own; `unusual` says that there are none and that the desk's usual hours are over.
    """

    contact: str
    name: str
    note: str
    may_leave_message: bool
    hours: tuple[str, str] | None
    unusual: bool = False


def open_call(
    place: Workplace, label: str, speaker: Speaker, now: datetime, *, although_unusual: bool = False
) -> Call | CallbackPlan:
    """The number to call now, on record; or why nobody may be called now.

    Who named no hours is called in the desk's usual ones; at others the seat must say so first.

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
        person = reporter_in(session, case)
        unusual = plan.allowed and _is_unusual(place, case, person, now)
        if unusual and not although_unusual:
            plan = UNUSUAL_HOUR
        session.add(
            AccessLog(
                at=now, client=speaker.client, case_id=case.id, what=ReadOf.CONTACT, purpose=Purpose.CALLBACK,
                allowed=plan.allowed, subject=UNUSUAL_HOUR.code if unusual else plan.code,
            )
        )  # fmt: skip
        if not plan.allowed or person is None:
            return plan
        opened = {
            field: place.vault.open(case.id, case.wrapped_key, f"person.reporter.{field}", sealed) if sealed else ""
            for field, sealed in (("contact", person.contact_ct), ("name", person.name_ct), ("note", person.note_ct))
        }
        return Call(**opened, may_leave_message=person.may_leave_message, hours=own_hours(person), unusual=unusual)


def usual_hours(place: Workplace, case: Case) -> OpenHours:
    """When somebody who named no hours is called, by the rules the case goes by."""
    return place.rules_for(case).callback.hours


def _is_unusual(place: Workplace, case: Case, person: Person | None, now: datetime) -> bool:
    local = now.astimezone(DESK_ZONE)
    own = own_hours(person) if person else None
    return own is None and not usual_hours(place, case).holds(local.hour * 60 + local.minute)
