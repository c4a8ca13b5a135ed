"""Handing several orders over at once: which would go where, doing it case by case, and what became of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from desk.boards.case_pages import storable_number
from models.case import Case
from models.exchange import Inbox
from models.vocabulary import Grade, NewsKind, Status
from tasks.casebook import lead_of
from tasks.dispatch.absences import deputies_at, standing_in_for
from tasks.dispatch.conflict import is_kept_from
from tasks.dispatch.reassigning import why_it_stays
from tasks.news.forms import Reassigned
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError, Speaker, find_case, post_news
from tasks.workplace import Workplace

MOST = 50


@dataclass(frozen=True)
class Candidate:
    """One order that was ticked: where it would go, or the code of why it stays. Of an unknown one only the number."""

    number: str
    grade: Grade | None = None
    status: Status | None = None
    kind: str | None = None
    taker: str = ""
    stays: str = ""


@dataclass(frozen=True)
class HandedOver:
    """What became of one order: `is_read` once the case has digested it, `stays` if it was turned down."""

    number: str
    lead: str = ""
    is_read: bool = False
    stays: str = ""


def look_ahead(
    place: Workplace, session: Session, numbers: Sequence[str], wish: Reassigned, speaker: Speaker, now: datetime
) -> list[Candidate]:
    """What would become of each order, as it stands; nothing is written and no words are opened."""
    given_to = wish.department
    acting = standing_in_for(given_to, deputies_at(session, now))
    found = []
    for number in numbers:
        case = _find(session, number, speaker)
        if case is None:
            found.append(Candidate(number, stays="unknown_case"))
            continue
        stays = why_it_stays(place, session, case, wish.given_from, given_to) or ""
        # An absent unit's deputy takes it, unless the case is kept from that one.
        taker = given_to if is_kept_from(case, acting) else acting
        if not stays and taker == wish.given_from:
            stays = "same_unit"
        found.append(Candidate(case.label, case.grade, case.status, case.kind, "" if stays else taker, stays))
    return found


def hand_over(
    place: Workplace, numbers: Sequence[str], wish: Reassigned, speaker: Speaker, once: str, now: datetime
) -> None:
    """Tell each case, in a transaction of its own; told twice with the same `once`, it moves once.

    What no longer fits by then is turned down by the case itself, and stays where it is.
    """
    for number in numbers[:MOST]:
        try:
            post_news(place, storable_number(number), NewsKind.REASSIGNED, wish, speaker, _key(speaker, once), now)
        except (CaseNotFoundError, NewsNotAllowedError):
            # The page that follows says so beside its number.
            continue


def what_became(session: Session, numbers: Sequence[str], speaker: Speaker, once: str) -> Iterator[HandedOver]:
    """How far each order is, in the order given."""
    for number in numbers[:MOST]:
        case = _find(session, number, speaker)
        if case is None:
            yield HandedOver(number, stays="unknown_case")
            continue
        wanted = select(Inbox).where(Inbox.case_id == case.id, Inbox.news_key == _key(speaker, once))
        told = session.exec(wanted).first()
        lead = lead_of(session, case)
        if told is None:
            yield HandedOver(case.label, stays="case_is_sealed" if case.status is Status.SEALED else "unknown_case")
        else:
            yield HandedOver(case.label, lead.department if lead else "", told.read_at is not None, told.refused or "")


def _find(session: Session, number: str, speaker: Speaker) -> Case | None:
    try:
        return find_case(session, storable_number(number), speaker)
    except CaseNotFoundError:
        return None


def _key(speaker: Speaker, once: str) -> str:
    return f"{speaker.client}:{once}"
