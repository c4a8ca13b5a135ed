"""Reading what people said: the one door to the words and identities of a case, and it is logged.

What is behind the door for whom is decided by `tasks.words.entitlement`, piece by piece.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.case import PERSON_WORDS, Case, Person
from models.exchange import Assignment, Inbox
from models.house import AccessLog
from models.vault import SealedForeverError
from models.vocabulary import NewsKind, PersonRole, Purpose, ReadOf, Role
from tasks.news.inbox import Speaker, find_case, part_of
from tasks.words.entitlement import FREE_TEXT, OF_PEOPLE, About, Piece, Reader, Sight, readable, sight_of
from tasks.words.masked_text import mask_text
from tasks.words.masking import mask
from tasks.words.reaching_caller import about, reporter_in
from tasks.words.scrubbing import leaks
from tasks.words.special_access import glass_is_broken, notice_unusual_reading
from tasks.words.summaries import open_summary, reporter_of, summary_for_departments
from tasks.workplace import Workplace

_OF_HOUSE = {
    Role.OPERATOR: Reader.OPERATOR,
    Role.SUPERVISOR: Reader.SUPERVISOR,
    Role.ADMINISTRATOR: Reader.ADMINISTRATOR,
}
POLICE = "POLICE"


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
    """Everything in words about one case; never log, cache or pass it on.

    `hidden` are the pieces that are there but not for this reader.
    """

    text: str
    answer: str | None
    people: dict[PersonRole, dict[str, str]]
    said: tuple[Said, ...]
    summary: str | None = None
    hidden: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Slice:
    """What one department reads of a case: never log, cache or pass it on.

    `summary` is None while nobody has written one. `safe_hours` stand with the reporter's contact only. `own_answer` is
    what the unit itself answered last; None if it has not, or if who called is kept from it by now and stands in it.
    """

    summary: str | None
    people: dict[PersonRole, dict[str, str]]
    safe_hours: tuple[str, str] | None = None
    own_answer: str | None = None


def read_words(
    place: Workplace, label: str, speaker: Speaker, purpose: Purpose, now: datetime, *, in_full: bool = False
) -> Words:
    """The words of one case, for one purpose; the read is in the access log before they are given.

    Who the people are is masked, in their fields and in the words, unless it is asked for `in_full`; the log tells which it was.

    Raises:
        CaseNotFoundError: There is no such case for this speaker.
        ReadingNotAllowedError: The speaker's role may not read words.
        SealedForeverError: The case has been sealed.
    """
    case, may = _logged(place, label, speaker, purpose, now, what=ReadOf.WORDS_FULL if in_full else ReadOf.WORDS)
    with place.database.reading() as session:
        return _open(place, session, case, may, _sights(session, case, speaker, now, in_full=in_full))


def read_text(place: Workplace, label: str, speaker: Speaker, purpose: Purpose, now: datetime) -> Words:
    """The words of one case in full, the people's own fields still masked, for one purpose; a read of its own in the log.

    Raises:
        CaseNotFoundError: There is no such case for this speaker.
        ReadingNotAllowedError: The speaker's role may not read words.
        SealedForeverError: The case has been sealed.
    """
    case, may = _logged(place, label, speaker, purpose, now, what=ReadOf.TEXT_FULL)
    with place.database.reading() as session:
        sights = _sights(session, case, speaker, now, in_full=False)
        return _open(place, session, case, may, sights | {each: Sight.FULL for each in FREE_TEXT & may})


def read_person(
    place: Workplace, label: str, role: PersonRole, speaker: Speaker, purpose: Purpose, now: datetime
) -> dict[str, str]:
    """One person of a case in full, by field, for one purpose; a read of its own in the access log.

    Raises:
        CaseNotFoundError: There is no such case for this speaker.
        ReadingNotAllowedError: The speaker's role may not read words.
        SealedForeverError: The case has been sealed.
    """
    case, _ = _logged(place, label, speaker, purpose, now, what=ReadOf.PERSON_FULL, subject=role)
    with place.database.reading() as session:
        return _people(place, session, case, _sights(session, case, speaker, now, in_full=True)).get(role, {})


def _logged(
    place: Workplace, label: str, speaker: Speaker, purpose: Purpose, now: datetime, *, what: ReadOf, subject: str = ""
) -> tuple[Case, frozenset[Piece]]:
    """The case and what of it the speaker may read, once the read is in the access log."""
    with place.database.writing() as session:
        case = find_case(session, label, speaker)
        may = readable_to(session, case, speaker, now)
        allowed = Piece.TEXT in may
        session.add(
            AccessLog(
                at=now, client=speaker.client, case_id=case.id, what=what, purpose=purpose, allowed=allowed, subject=subject
            )
        )
        session.flush()
        notice_unusual_reading(place, session, speaker, now)
    _check_is_not_sealed(case)
    if not allowed:
        raise ReadingNotAllowedError(f"the role {speaker.role} does not read the words of a case")
    return case, may


def read_slice(place: Workplace, label: str, speaker: Speaker, now: datetime) -> Slice:
    """What the speaker's department reads of the case; the read is in the access log before it is given.

    Raises:
        CaseNotFoundError: The speaker's department has no part in it.
        SealedForeverError: The case has been sealed.
    """
    with place.database.writing() as session:
        case = find_case(session, label, speaker)
        part = part_of(session, case, speaker)
        reader = reader_of(part) if part else Reader.STRANGER
        may = readable_by_part(session, case, part, speaker, now)
        session.add(
            AccessLog(
                at=now, client=speaker.client, case_id=case.id, what=ReadOf.SLICE, purpose=Purpose.HANDLING, allowed=bool(may),
                subject=reader,
            )
        )  # fmt: skip
    _check_is_not_sealed(case)
    with place.database.reading() as session:
        sights = {each: Sight.FULL for each in may}
        people = _without_reporter(place, session, case, _people(place, session, case, sights))
        hours = _safe_hours(session, case) if PersonRole.REPORTER in people else None
        own = _own_answer(place, session, case, part, tells_caller=PersonRole.REPORTER in people) if part and Piece.OWN_ANSWER in may else None
        return Slice(summary_for_departments(place, case) if Piece.SUMMARY in may else None, people, hours, own)


def _own_answer(place: Workplace, session: Session, case: Case, part: Assignment, *, tells_caller: bool) -> str | None:
    wanted = select(Inbox).where(
        Inbox.case_id == case.id, Inbox.department == part.department,
        col(Inbox.kind).in_([NewsKind.REPLIED, NewsKind.CO_REPLIED]), col(Inbox.text_ct).is_not(None),
    )  # fmt: skip
    last = session.exec(wanted.order_by(col(Inbox.id).desc())).first()
    if last is None or last.text_ct is None:
        return None
    said = place.vault.open(case.id, case.wrapped_key, "inbox.text", last.text_ct)
    return said if tells_caller or not leaks(said, reporter_of(place, session, case)) else None


def _check_is_not_sealed(case: Case) -> None:
    if case.wrapped_key is None:
        raise SealedForeverError(f"case {case.id} is sealed: its words have been destroyed")


def readable_to(session: Session, case: Case, speaker: Speaker, now: datetime) -> frozenset[Piece]:
    """What somebody of the house may read of a case."""
    return readable(_OF_HOUSE.get(speaker.role, Reader.STRANGER), _about(session, case, speaker, now))


def readable_by_part(
    session: Session, case: Case, part: Assignment | None, speaker: Speaker, now: datetime
) -> frozenset[Piece]:
    """What a department may read of a case by the part it has; without one nothing."""
    return readable(reader_of(part) if part else Reader.STRANGER, _about(session, case, speaker, now))


def reader_of(part: Assignment) -> Reader:
    """What a department's part makes of it."""
    if part.department == POLICE:
        return Reader.POLICE
    return Reader.LEAD if part.leads else Reader.CO_HANDLER


def _sights(
    session: Session, case: Case, speaker: Speaker, now: datetime, *, in_full: bool
) -> dict[Piece, Sight]:
    reader, about = _OF_HOUSE.get(speaker.role, Reader.STRANGER), _about(session, case, speaker, now)
    return {each: sight_of(each, reader, about, asked_in_full=in_full) for each in Piece}


def _about(session: Session, case: Case, speaker: Speaker, now: datetime) -> About:
    broken = speaker.department is None and glass_is_broken(session, case, speaker, now)
    return about(case, reporter_in(session, case), glass_broken=broken)


def _safe_hours(session: Session, case: Case) -> tuple[str, str] | None:
    reporter = reporter_in(session, case)
    return (reporter.safe_from, reporter.safe_to) if reporter and reporter.safe_from and reporter.safe_to else None


def _open(
    place: Workplace, session: Session, case: Case, may: frozenset[Piece], sights: Mapping[Piece, Sight]
) -> Words:
    known = known_people(place, session, case)
    # What is closed to this reader in a person's own field is not opened by the words either.
    closed = known_people(place, session, case, {each for each in OF_PEOPLE if each not in may})

    def opened(where: str, sealed: bytes | None, piece: Piece) -> str:
        said = place.vault.open(case.id, case.wrapped_key, where, sealed) if sealed else ""
        return mask_text(said, known) if sights[piece] is Sight.MASKED else mask_text(said, closed, only_known=True)

    later = session.exec(
        select(Inbox).where(Inbox.case_id == case.id, col(Inbox.text_ct).is_not(None)).order_by(col(Inbox.id))
    )
    return Words(
        text=opened("case.text", case.text_ct, Piece.TEXT),
        answer=(opened("case.answer", case.answer_ct, Piece.ANSWER) or None) if Piece.ANSWER in may else None,
        people=_people(place, session, case, sights),
        said=tuple(
            Said(each.kind, each.actor, each.received_at, opened("inbox.text", each.text_ct, Piece.NEWS)) for each in later
        )
        if Piece.NEWS in may
        else (),
        summary=open_summary(place, case) if Piece.SUMMARY in may else None,
        hidden=_hidden(session, case, may),
    )


def _people(
    place: Workplace, session: Session, case: Case, sights: Mapping[Piece, Sight]
) -> dict[PersonRole, dict[str, str]]:
    """Everybody in the case, each field as this reader sees it."""
    people = {}
    for each in session.exec(select(Person).where(Person.case_id == case.id)):
        told = dict[str, str]()
        for field in PERSON_WORDS:
            sight, sealed = sights.get(Piece(f"{each.role}.{field}"), Sight.HIDDEN), getattr(each, f"{field}_ct")
            if not sealed or sight is Sight.HIDDEN:
                continue
            value = place.vault.open(case.id, case.wrapped_key, f"person.{each.role}.{field}", sealed)
            told[field] = value if sight is Sight.FULL else mask(field, value)
        if told or sights.get(Piece.TEXT, Sight.HIDDEN) is not Sight.HIDDEN:
            people[each.role] = told
    return people


def known_people(
    place: Workplace, session: Session, case: Case, wanted: Collection[Piece] = OF_PEOPLE
) -> list[dict[str, str]]:
    """These fields of everybody in the case in full, to keep them out of other words; never stored, logged or shown."""
    return [
        {
            field: place.vault.open(case.id, case.wrapped_key, f"person.{each.role}.{field}", sealed)
            for field in PERSON_WORDS
            if Piece(f"{each.role}.{field}") in wanted and (sealed := getattr(each, f"{field}_ct"))
        }
        for each in session.exec(select(Person).where(Person.case_id == case.id))
    ]


def _without_reporter(
    place: Workplace, session: Session, case: Case, people: dict[PersonRole, dict[str, str]]
) -> dict[PersonRole, dict[str, str]]:
    """Numbers and notes about others that are, or tell, the reporter's: left out.

    Where the child is stays, though the reporter may live there too: nobody could help otherwise.
    """
    if PersonRole.REPORTER in people:
        return people
    own = reporter_of(place, session, case)
    return {
        role: {field: value for field, value in told.items() if field not in {"contact", "note"} or not leaks(value, own)}
        for role, told in people.items()
    }


def _hidden(session: Session, case: Case, may: frozenset[Piece]) -> tuple[Piece, ...]:
    found = []
    for each in session.exec(select(Person).where(Person.case_id == case.id)):
        found += [
            Piece(f"{each.role}.{field}")
            for field in PERSON_WORDS
            if getattr(each, f"{field}_ct") and f"{each.role}.{field}" not in may
        ]
    return tuple(found)
