"""Sealing: when a closed case's time is over its key is destroyed; codes, times and a proof stay."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, or_, select

from models import journal
from models.case import PERSON_WORDS, Case, CaseLink, Person
from models.exchange import Evidence, Inbox
from models.journal import MACHINE
from models.sealing import LegalHold, SealProof
from models.vocabulary import EventKind, Grade, HoldReason, Role, Status
from sla_rules.retention_rules import Retention, load_retention
from tasks.casebook import case_of, edit_beside_worker, move
from tasks.closing.following_up import drop_follow_ups
from tasks.news.inbox import NewsNotAllowedError, Speaker, find_case
from tasks.workplace import Workplace

AT_ONCE = 500
MAY_HOLD = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


def rules_of(place: Workplace) -> Retention:
    """The rules in force.

    Raises:
        RuleFileError: The desk's own file cannot be used; nothing is sealed by it.
    """
    return load_retention(place.settings.home)


def due_for_sealing(session: Session, rules: Retention, now: datetime, limit: int = AT_ONCE) -> list[UUID]:
    """Closed cases whose time is over, oldest first: not held, and not one matter with a case that is kept."""
    held = select(LegalHold.case_id).where(col(LegalHold.lifted_at).is_(None))
    over = or_(
        *(
            (col(Case.grade) == grade)
            & col(Case.harm).is_(harm)
            & (col(Case.closed_at) <= now - rules.class_of(grade, harm=harm).seal_after.length)
            for grade in Grade
            for harm in (False, True)
        )
    )
    wanted = select(Case.id).where(col(Case.status) == Status.CLOSED, over, col(Case.id).not_in(held)).order_by(col(Case.closed_at), col(Case.number))
    found: list[UUID] = []
    looked_at = 0
    # Bit by bit: of a city's closed cases hundreds of thousands may be over at once.
    while len(found) < limit and (some := session.exec(wanted.offset(looked_at).limit(limit)).all()):
        looked_at += len(some)
        found += [each for each in some if _is_due(session, rules, case_of(session, each), now)]
    return found[:limit]


def _is_due(session: Session, rules: Retention, case: Case, now: datetime) -> bool:
    return _is_over(rules, case, now) and all(
        each.status is Status.SEALED or (_is_over(rules, each, now) and not is_held(session, each.id))
        for each in _same_matter(session, case)
    )


def _is_over(rules: Retention, case: Case, now: datetime) -> bool:
    kept = rules.class_of(case.grade, harm=case.harm).seal_after.length
    return case.status is Status.CLOSED and case.closed_at is not None and case.closed_at + kept <= now


def _same_matter(session: Session, case: Case) -> list[Case]:
    """Cases linked with this one: none may lose its words while another still needs them."""
    main = case.linked_to or case.id
    links = session.exec(select(CaseLink.case_id).where(CaseLink.main_case_id == main)).all()
    ids = {main, *links, *session.exec(select(Case.id).where(Case.linked_to == main)).all()} - {case.id}
    return list(session.exec(select(Case).where(col(Case.id).in_(ids))))


def is_held(session: Session, case_id: UUID) -> bool:
    """Whether a legal hold keeps the case's words."""
    wanted = select(LegalHold.id).where(LegalHold.case_id == case_id, col(LegalHold.lifted_at).is_(None))
    return session.exec(wanted).first() is not None


def seal_case(place: Workplace, rules: Retention, case_id: UUID, now: datetime) -> bool:
    """Destroy the words of one case if its time is still over; False if something keeps them.

    The key goes, and the sealed bytes with it, so that not even a stolen master key finds anything in this
    database. Backups made before keep both until they expire.
    """

    def act(session: Session, case: Case) -> bool:
        if is_held(session, case.id) or not _is_due(session, rules, case, now):
            return False
        kind = rules.class_of(case.grade, harm=case.harm)
        session.add(_proof(session, case, kind.code, digest_of(rules), now))
        journal.write(session, case, EventKind.SEALED, now, MACHINE, retention_class=kind.code)
        _destroy(session, case, now)
        move(session, case, Status.SEALED, now)
        return True

    return edit_beside_worker(place, case_id, act)


def digest_of(rules: Retention) -> str:
    """SHA-256 of the rules, in hex."""
    return hashlib.sha256(repr(rules).encode()).hexdigest()


def _proof(session: Session, case: Case, code: str, digest: str, now: datetime) -> SealProof:
    files = session.exec(select(Evidence.size_bytes).where(Evidence.case_id == case.id)).all()
    later = session.exec(select(Inbox.id).where(Inbox.case_id == case.id, col(Inbox.text_ct).is_not(None))).all()
    people = session.exec(select(Person.id).where(Person.case_id == case.id)).all()
    own = sum(each is not None for each in (case.text_ct, case.answer_ct, case.summary_ct))
    return SealProof(
        case_id=case.id, at=now, retention_class=code, rules_digest=digest, journal_head=case.journal_head,
        texts=own + len(later), people=len(people), files=len(files), bytes=sum(files),
    )  # fmt: skip


def _destroy(session: Session, case: Case, now: datetime) -> None:
    case.wrapped_key = case.text_ct = case.answer_ct = case.summary_ct = None
    case.source_ref = None
    drop_follow_ups(session, case.id, now)
    emptied: tuple[tuple[type[Person | Inbox | Evidence], dict[str, object]], ...] = (
        (Person, {f"{field}_ct": None for field in PERSON_WORDS}),
        (Inbox, {"text_ct": None}),
        (Evidence, {"content_ct": b"", "name_ct": None}),
    )
    for table, values in emptied:
        wanted = update(table).where(col(table.case_id) == case.id).values(**values)
        session.execute(wanted.execution_options(synchronize_session=False))


def hold(place: Workplace, label: str, reason: HoldReason, speaker: Speaker, now: datetime) -> None:
    """Keep a case's words whatever the rules say, until the hold is lifted.

    Raises:
        CaseNotFoundError: No such case for the speaker.
        NewsNotAllowedError: The role may not, or the case is sealed already.
    """
    _may_hold(speaker)
    with place.database.writing() as session:
        case = find_case(session, label, speaker)
        if case.status is Status.SEALED:
            raise NewsNotAllowedError("the case is sealed: there is nothing left to hold")
        if not is_held(session, case.id):
            session.add(LegalHold(case_id=case.id, reason=reason, by=speaker.client, at=now))


def lift_hold(place: Workplace, label: str, speaker: Speaker, now: datetime) -> bool:
    """End every hold on a case; False if there was none.

    Raises:
        CaseNotFoundError: No such case for the speaker.
        NewsNotAllowedError: The role may not.
    """
    _may_hold(speaker)
    with place.database.writing() as session:
        case = find_case(session, label, speaker)
        standing = session.exec(select(LegalHold).where(LegalHold.case_id == case.id, col(LegalHold.lifted_at).is_(None))).all()
        for each in standing:
            each.lifted_by, each.lifted_at = speaker.client, now
        return bool(standing)


def _may_hold(speaker: Speaker) -> None:
    if speaker.role not in MAY_HOLD:
        raise NewsNotAllowedError("a legal hold is for supervisors and administrators")


