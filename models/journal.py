"""The append-only, hash-chained journal of a case."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.case import Case
from models.record import Event
from models.vocabulary import EventKind

MACHINE = "machine"


def write(
    session: Session, case: Case, kind: EventKind, at: datetime, actor: str, /, **facts: Any
) -> Event:
    """Append one entry to the journal of `case`, in the caller's transaction.

    Args:
        session: An open writing session that holds `case`.
        case: The case; its journal head moves on.
        kind: What happened.
        at: When, aware.
        actor: `machine`, `department:CODE` or `client:ID`.
        **facts: Codes, numbers and ISO times; never names or free text.
    """
    entry = next_entry(case, kind, at, actor, facts)
    session.add(entry)
    return entry


def next_entry(case: Case, kind: EventKind, at: datetime, actor: str, facts: dict[str, Any]) -> Event:
    """The next entry of `case`, whose journal head moves on at once; the caller adds it to the same transaction.

    With a case that is not stored yet, so that case and first entry are each written once.
    """
    entry = Event(
        case_id=case.id,
        seq=case.journal_length + 1,
        at=at,
        kind=kind,
        actor=actor,
        facts=facts,
        previous=case.journal_head,
        digest="",
    )
    entry.digest = digest_of(entry)
    case.journal_length, case.journal_head = entry.seq, entry.digest
    return entry


def digest_of(entry: Event) -> str:
    """SHA-256, in hex, of everything an entry says and of the entry before it."""
    said = [
        entry.previous,
        str(entry.case_id),
        entry.seq,
        entry.at.astimezone(UTC).isoformat(),
        entry.kind.value,
        entry.actor,
        entry.facts,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def entries_of(session: Session, case_id: UUID) -> list[Event]:
    """The journal of one case, oldest first."""
    wanted = select(Event).where(col(Event.case_id) == case_id).order_by(col(Event.seq))
    return list(session.execute(wanted).scalars())


def broken_chains(session: Session) -> Iterator[str]:
    """One line for every case whose journal was altered, cut or is missing entries."""
    cases = select(Case).order_by(col(Case.number)).execution_options(yield_per=500)
    for case in session.execute(cases).scalars():
        problem = problem_of(case, entries_of(session, case.id))
        if problem:
            yield f"{case.label}: {problem}"


def was_altered(entries: list[Event]) -> bool:
    """Whether an entry does not hash to its digest any more; missing ones are another matter."""
    return any(digest_of(entry) != entry.digest for entry in entries)


def problem_of(case: Case, entries: list[Event]) -> str | None:
    """What is wrong with one case's journal, given whole and oldest first; None if nothing."""
    previous = ""
    for place, entry in enumerate(entries, start=1):
        if entry.seq != place:
            return f"entry {place} is missing"
        if entry.previous != previous or digest_of(entry) != entry.digest:
            return f"entry {place} was altered"
        previous = entry.digest
    if len(entries) != case.journal_length or previous != case.journal_head:
        return f"{case.journal_length} entries expected, {len(entries)} found"
    return None
