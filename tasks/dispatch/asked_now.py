"""What an order asks of its unit at this moment: from where the case stands, and from what the unit has already said."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.case import Case
from models.exchange import Assignment
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT
from models.vocabulary import NewsKind, Status, Target


class AskedNow(StrEnum):
    """One thing that is asked of a unit, or why nothing is."""

    ACCEPT = "accept"
    CONTACT = "contact"
    ANSWER = "answer"
    ANSWER_AGAIN = "answer_again"
    HELP = "help"
    RULING = "ruling"
    TRANSFER = "transfer"
    MORE_TIME = "more_time"
    TAKEN_IN = "taken_in"
    CHECKED = "checked"
    HUNG_UP = "hung_up"
    LOOK_AGAIN = "look_again"
    NOTHING = "nothing"
    OVER = "over"


@dataclass(frozen=True)
class Asked:
    """One thing and until when; no time where nothing measures it."""

    what: AskedNow
    due_at: datetime | None = None


ACCEPTING = frozenset({NewsKind.ACKNOWLEDGED, NewsKind.CONTACTED, NewsKind.REPLIED, NewsKind.CO_REPLIED})
"""Whoever says one of these has accepted the order, by the table of clocks."""


def asked_now(
    case: Case, part: Assignment, due: Mapping[Target, datetime], unread: Collection[NewsKind], look_by: datetime | None = None,
    *, transfer_asked: bool = False,
) -> tuple[Asked, ...]:  # fmt: skip
    """Everything asked of the unit now, what comes first before what comes later; never empty.

    Args:
        case: The case as it stands.
        part: The unit's standing assignment.
        due: When the unit's running clocks run out, the joint one among them.
        unread: What the unit has said and the case has not taken in yet.
        look_by: Until when a look at the closed case is asked for, if it is.
        transfer_asked: Whether the unit has objected to an order that cannot be returned, and nobody has decided yet.
    """
    if not IS_OPEN[case.status]:
        return (Asked(AskedNow.LOOK_AGAIN, look_by),) if look_by and part.leads else (Asked(AskedNow.OVER),)
    if case.status is Status.LINKED:
        return (Asked(AskedNow.NOTHING),)
    answered = NewsKind.REPLIED if part.leads else NewsKind.CO_REPLIED
    if answered in unread:
        return (Asked(AskedNow.TAKEN_IN),)
    if part.leads and not IS_WITH_DEPARTMENT[case.status]:
        return (Asked(AskedNow.CHECKED if part.replied_at else AskedNow.NOTHING),)
    if part.replied_at is not None:
        return (Asked(AskedNow.NOTHING),)
    if case.status is Status.HUNG_UP:
        return (Asked(AskedNow.HUNG_UP, case.hung_up_until),)
    return (*_beside(case, part, transfer_asked=transfer_asked), *_to_do(case, part, due, unread))


def _beside(case: Case, part: Assignment, *, transfer_asked: bool) -> tuple[Asked, ...]:
    """What waits for the desk meanwhile; the duty and the clocks stay with the unit."""
    waits = {Status.DISPUTED: AskedNow.RULING, Status.EXTENSION_ASKED: AskedNow.MORE_TIME}
    if part.leads and transfer_asked:
        return (Asked(AskedNow.TRANSFER),)
    return (Asked(waits[case.status]),) if part.leads and case.status in waits else ()


def _to_do(
    case: Case, part: Assignment, due: Mapping[Target, datetime], unread: Collection[NewsKind]
) -> tuple[Asked, ...]:
    asked = []
    if part.accepted_at is None and ACCEPTING.isdisjoint(unread):
        asked.append(Asked(AskedNow.ACCEPT, due.get(Target.ACCEPTANCE)))
    if not part.leads:
        return (*asked, Asked(AskedNow.HELP, due.get(Target.CO_HANDLER)))
    # Where no clock measures it, the caller is not this unit's to reach.
    if Target.FIRST_CONTACT in due and part.contacted_at is None and NewsKind.CONTACTED not in unread:
        asked.append(Asked(AskedNow.CONTACT, due[Target.FIRST_CONTACT]))
    again = case.status is Status.REWORK
    return (*asked, Asked(AskedNow.ANSWER_AGAIN if again else AskedNow.ANSWER, due.get(Target.FEEDBACK)))
