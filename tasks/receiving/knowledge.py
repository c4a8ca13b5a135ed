"""Answers taken from the knowledge base: which entry, in which version, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from catalogue.knowledge_base import KnowledgeBase, load_knowledge
from models.case import Case
from models.vocabulary import Outcome
from notifications.messages import DESK_ZONE
from tasks.workplace import Workplace


@dataclass(frozen=True)
class KnowledgeUsed:
    """The entry an answer was taken from, as it stood then; `is_stale` marks one that was due to be looked at again."""

    entry: str
    version: str
    is_stale: bool


@dataclass(frozen=True)
class Uses:
    """How many cases took their answer from an entry, and how many of them ended as answered."""

    all: int = 0
    answered: int = 0


def knowledge_of(place: Workplace) -> KnowledgeBase:
    """The knowledge base in force; an entry of a kind that the live catalogue lacks still answers.

    Raises:
        RuleFileError: The desk's own folder cannot be used.
    """
    return load_knowledge(place.settings.home)


def knowledge_used(place: Workplace, entry: str, now: datetime) -> KnowledgeUsed | None:
    """The entry as it stands at `now`; None if there is none of that id.

    Raises:
        RuleFileError: The desk's own folder cannot be used.
    """
    found = knowledge_of(place).entries.get(entry)
    if found is None:
        return None
    return KnowledgeUsed(found.id, found.version, found.is_stale(now.astimezone(DESK_ZONE).date()))


def uses_of_knowledge(session: Session) -> Mapping[str, Uses]:
    """Counts by entry; a case in which harm was found is used, never answered."""
    answered = (col(Case.outcome) == Outcome.ANSWERED) & col(Case.harm).is_(False)
    wanted = (
        select(Case.knowledge_entry, func.count(), func.count().filter(answered))
        .where(col(Case.knowledge_entry).is_not(None))
        .group_by(col(Case.knowledge_entry))
    )
    return {entry: Uses(whole, settled) for entry, whole, settled in session.exec(wanted) if entry}
