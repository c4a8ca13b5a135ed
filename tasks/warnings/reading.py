"""From the case database to what early warning judges: codes, days and keyed tokens; no word is opened for it.

Venues and reporters are the fingerprints that linking keeps of every case (`models.matching`), put through one
more keyed hash: what stands in a warning cannot be joined to them without the desk's key. A sealed case has none
any more and counts by its codes only.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from analysis.early_warning.series import OFFICE_TIME, Occurrence
from analysis.early_warning.venues import Mention
from models.case import Case
from models.matching import MatchField, MatchToken
from models.vault import Vault
from models.vocabulary import NO_REQUEST, CallType

FEWEST_OF_VENUE = 3
"""A venue named less often in all the time looked at has no series of its own: it could not rise anyway."""


@dataclass(frozen=True, slots=True)
class Come:
    """One matter that came in, by codes; `venues` and `reporter` are tokens."""

    case_id: UUID
    at: datetime
    kind: str
    district: str
    is_silent: bool
    venues: tuple[str, ...] = ()
    reporter: str = ""
    matter: str = ""


def come_in(session: Session, vault: Vault, first: date, last: date) -> list[Come]:
    """Everything received on the days `first` to `last` (Beijing, both included), oldest first.

    Calls in which nobody asks for anything are left out, but for the silent ones.
    """
    start, end = midnight(first), midnight(last + timedelta(days=1))
    tokens = _tokens(session, vault, start, end)
    wanted = (
        select(
            col(Case.id), col(Case.number), col(Case.received_at), col(Case.kind), col(Case.district),
            col(Case.call_type), col(Case.linked_to),
        )
        .where(col(Case.received_at) >= start, col(Case.received_at) < end)
        .order_by(col(Case.received_at), col(Case.number))
    )  # fmt: skip
    found = []
    for case_id, number, at, kind, district, call_type, linked_to in session.execute(wanted):
        if call_type in NO_REQUEST and call_type is not CallType.SILENT:
            continue
        own = tokens.get(number, ((), ""))
        found.append(
            Come(case_id, at, kind or "", district or "", call_type is CallType.SILENT, *own, str(linked_to or case_id))
        )
    return found


def midnight(day: date) -> datetime:
    """When a day of the office begins."""
    return datetime.combine(day, time(), OFFICE_TIME)


def _tokens(
    session: Session, vault: Vault, start: datetime, end: datetime
) -> dict[int, tuple[tuple[str, ...], str]]:
    wanted = select(col(MatchToken.case_number), col(MatchToken.field), col(MatchToken.token)).where(
        col(MatchToken.field).in_([MatchField.VENUE, MatchField.REPORTER_CONTACT]),
        col(MatchToken.at) >= start, col(MatchToken.at) < end,
    )  # fmt: skip
    venues: dict[int, list[str]] = defaultdict(list)
    reporters: dict[int, str] = {}
    known: dict[tuple[MatchField, int], str] = {}
    for number, field, token in session.execute(wanted):
        name = known.get((field, token))
        if name is None:
            name = known[field, token] = vault.blind_index(f"early warning {field.value} {token}")
        if field is MatchField.VENUE:
            venues[number].append(name)
        else:
            reporters[number] = name
    return {
        number: (tuple(sorted(venues.get(number, ()))), reporters.get(number, ""))
        for number in venues.keys() | reporters.keys()
    }


def occurrences(come: Iterable[Come]) -> list[Occurrence]:
    """What is counted by day: each matter once, when it first came, and each of its venues that is named often enough."""
    first = _first_of_each_matter(come)
    often = Counter(venue for each in first for venue in each.venues)
    found = []
    for each in first:
        named = [venue for venue in each.venues if often[venue] >= FEWEST_OF_VENUE]
        found.append(
            Occurrence(each.at, each.kind, each.district, named[0] if named else "", is_silent=each.is_silent)
        )
        found += [Occurrence(each.at, venue=venue) for venue in named[1:]]
    return found


def mentions(come: Iterable[Come]) -> list[Mention]:
    """Every request that names a venue; several of one matter stand for their reporters."""
    return [
        Mention(each.at, venue, each.kind, each.reporter, each.matter)
        for each in come
        for venue in each.venues
        if not each.is_silent
    ]


def _first_of_each_matter(come: Iterable[Come]) -> list[Come]:
    seen: set[str] = set()
    found = []
    for each in come:
        if each.matter not in seen:
            seen.add(each.matter)
            found.append(each)
    return found
