"""The one door through which a machine reads the words of many cases to find common issues.

Nobody sees what is opened: it lives in this process for as long as issues are looked for, and goes into no log,
artifact, state or result. The run is written down once, as every reading of many cases is (`BulkReading`). Sealed cases
have no words any more and are left out.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from analysis.issues.reports import Report
from models.case import Case, Person
from models.exchange import Assignment
from models.house import BulkReading
from models.vault import Vault
from models.vocabulary import NO_REQUEST
from tasks.words.scrubbing import scrub
from tasks.workplace import Workplace

ANALYSIS = "analysis"
READER = "flow:common-issues"
CASES_AT_ONCE = 2_000


def reports_of(place: Workplace, since: datetime, until: datetime, now: datetime) -> list[Report]:
    """Every request received from `since` (within) to `until` (not within), with its words.

    The reading is on record before the first word is opened.

    Raises:
        MasterKeyError: The stored words were not sealed with this desk's key.
    """
    with place.database.reading() as session:
        numbers = _numbers(session, since, until)
    _note_reading(place, len(numbers), since, now)
    found: list[Report] = []
    for at in range(0, len(numbers), CASES_AT_ONCE):
        with place.database.reading() as session:
            found += _opened(session, place.vault, numbers[at : at + CASES_AT_ONCE])
    return found


def _numbers(session: Session, since: datetime, until: datetime) -> list[int]:
    """Of the requests that still have words, in order; a call without a request is none."""
    wanted = select(col(Case.number)).where(
        col(Case.received_at) >= since, col(Case.received_at) < until,
        col(Case.wrapped_key).is_not(None), col(Case.text_ct).is_not(None),
        col(Case.call_type).is_(None) | col(Case.call_type).not_in(NO_REQUEST),
    )  # fmt: skip
    return [number for number in session.scalars(wanted.order_by(col(Case.number))) if number is not None]


def _note_reading(place: Workplace, cases: int, since: datetime, now: datetime) -> None:
    with place.database.writing() as session:
        session.add(BulkReading(at=now, by=READER, purpose=ANALYSIS, cases=cases, received_from=since))


def _opened(session: Session, vault: Vault, numbers: Sequence[int]) -> list[Report]:
    wanted = (
        select(
            col(Case.id), col(Case.received_at), col(Case.wrapped_key), col(Case.text_ct), col(Case.district),
            col(Case.kind), col(Case.linked_to), col(Assignment.department),
        )
        .outerjoin(
            Assignment,
            (col(Assignment.case_id) == col(Case.id)) & col(Assignment.leads) & col(Assignment.withdrawn_at).is_(None),
        )
        .where(col(Case.number) >= numbers[0], col(Case.number) <= numbers[-1], col(Case.number).in_(numbers))
        .order_by(col(Case.number))
    )  # fmt: skip
    found: dict[UUID, Report] = {}
    for case_id, at, key, sealed, district, kind, linked_to, lead in session.execute(wanted):
        if key is None or sealed is None:
            continue
        text = vault.open(case_id, key, "case.text", sealed)
        found[case_id] = Report(
            case_id=str(case_id), received_at=at, text=text, district=district or "", kind=kind or "", lead=lead or "",
            matter=str(linked_to) if linked_to else "",
        )  # fmt: skip
    return list(found.values())


def names_in(place: Workplace) -> Callable[[Sequence[str]], Collection[str]]:
    """Gives the names of everybody in some cases, so that none of them is told; they go no further than that."""

    def names(case_ids: Sequence[str]) -> Collection[str]:
        found: set[str] = set()
        with place.database.reading() as session:
            for at in range(0, len(case_ids), CASES_AT_ONCE // 4):
                ids = [UUID(each) for each in case_ids[at : at + CASES_AT_ONCE // 4]]
                wanted = (
                    select(col(Case.id), col(Case.wrapped_key), col(Person.role), col(Person.name_ct))
                    .join(Person, col(Person.case_id) == col(Case.id))
                    .where(col(Case.id).in_(ids), col(Person.name_ct).is_not(None), col(Case.wrapped_key).is_not(None))
                )
                for case_id, key, role, sealed in session.execute(wanted):
                    found.add(place.vault.open(case_id, key, f"person.{role.value}.name", sealed))
        return found

    return names


def vouched_for(sentence: str) -> str | None:
    """The sentence, if the desk's own scrubber finds nothing in it to take out."""
    found = scrub(sentence, {})
    return found.text if not found.hidden else None
