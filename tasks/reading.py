"""Reading what people said: the one door to the words and identities of a case, and it is logged."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.case import Case, Person
from models.exchange import Inbox
from models.house import AccessLog
from models.vocabulary import PersonRole, Purpose, Role
from tasks.news import Speaker, find_case
from tasks.workplace import Workplace

MAY_READ = frozenset({Role.OPERATOR, Role.SUPERVISOR})
"""The seat itself. A department gets a summary written for it, not the caller's own words, which
tell who called (hazard 3 of the desk's register); an administrator needs none to keep it running."""

SEALED_FIELDS = ("name", "contact", "identity", "address", "note")


class ReadingNotAllowedError(PermissionError):
    """This client may not read the words of this case; the attempt is in the access log."""


@dataclass(frozen=True)
class Said:
    """One thing somebody said later."""

    kind: str
    actor: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Words:
    """Everything in words about one case; never log, cache or pass it on."""

    text: str
    answer: str | None
    people: dict[PersonRole, dict[str, str]]
    said: tuple[Said, ...]


def read_words(place: Workplace, label: str, speaker: Speaker, purpose: Purpose, now: datetime) -> Words:
    """The words of one case, for one purpose; the read is in the access log before they are given.

    Raises:
        CaseNotFoundError: There is no such case for this speaker.
        ReadingNotAllowedError: The speaker's role may not read words.
        SealedForeverError: The case has been sealed.
    """
    allowed = speaker.role in MAY_READ
    with place.database.writing() as session:
        case = find_case(session, label, speaker)
        session.add(
            AccessLog(
                at=now, client=speaker.client, case_id=case.id, what="words", purpose=purpose, allowed=allowed
            )
        )
    if not allowed:
        raise ReadingNotAllowedError(f"the role {speaker.role} does not read the words of a case")
    with place.database.reading() as session:
        return _open(place, session, case)


def _open(place: Workplace, session: Session, case: Case) -> Words:
    def opened(where: str, sealed: bytes | None) -> str:
        return place.vault.open(case.id, case.wrapped_key, where, sealed) if sealed else ""

    people = session.exec(select(Person).where(Person.case_id == case.id))
    later = session.exec(
        select(Inbox).where(Inbox.case_id == case.id, col(Inbox.text_ct).is_not(None)).order_by(col(Inbox.id))
    )
    return Words(
        text=opened("case.text", case.text_ct),
        answer=opened("case.answer", case.answer_ct) or None,
        people={
            each.role: {
                field: words
                for field in SEALED_FIELDS
                if (words := opened(f"person.{each.role}.{field}", getattr(each, f"{field}_ct")))
            }
            for each in people
        },
        said=tuple(
            Said(each.kind, each.actor, each.received_at, opened("inbox.text", each.text_ct)) for each in later
        ),
    )
