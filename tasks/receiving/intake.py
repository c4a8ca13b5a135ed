"""Taking a request in: one transaction that makes the case, its people and its first journal entry."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from catalogue.call_rules import load_calls
from models import journal
from models.case import PERSON_WORDS, Case, Person
from models.log_lines import speaking_of
from models.vault import Vault
from models.vocabulary import NO_REQUEST, EventKind, Nature, PersonRole
from tasks.dispatch.conflict import keep_away
from tasks.house.promoted_rules import number_for_new_cases
from tasks.receiving.hand_over import record_hand_over
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.receiving.knowledge import KnowledgeUsed, knowledge_used
from tasks.words.scrubbing import leaks
from tasks.workplace import Workplace

log = logging.getLogger("whistle.intake")

CLOCK_SLACK = timedelta(minutes=5)
Reference = tuple[str, str | None]


class IntakeError(ValueError):
    """A request cannot be taken in as it is; the message names the field and what to do."""


@dataclass(frozen=True)
class TakenIn:
    """The case a request became; `is_new` is false if it was already here."""

    case_id: UUID
    label: str
    is_new: bool


def take_in(
    place: Workplace, form: IntakeForm, now: datetime, *, actor: str, batch_id: int | None = None
) -> TakenIn:
    """Make the case of one request, durable when this returns.

    Args:
        place: The desk.
        form: The request.
        now: Aware time of taking in; `form.received_at` may be earlier, not later.
        actor: Who takes it in, such as `client:ab12`.
        batch_id: The bulk import it came with.

    Raises:
        IntakeError: A field names something the desk does not have, or lies in the future.
    """
    _check(place, form, now)
    try:
        with place.database.writing() as session:
            known = _already_here(session, form)
            if known:
                return TakenIn(known.id, known.label, is_new=False)
            case = _make_case(place, session, form, now, actor, batch_id)
            taken = TakenIn(case.id, case.label, is_new=True)
    except IntegrityError:
        # Two senders brought the same source_ref at once; the other one won.
        with place.database.reading() as session:
            known = _already_here(session, form)
        if known is None:
            raise
        return TakenIn(known.id, known.label, is_new=False)
    with speaking_of(taken.case_id):
        log.info("%s taken in", taken.label, extra={"event": "case_taken_in"})
    return taken


def take_in_many(
    place: Workplace, forms: Sequence[IntakeForm], now: datetime, *, actor: str, batch_id: int
) -> list[TakenIn | IntakeError]:
    """Like `take_in` for each form, in one transaction; a refused form never harms the others.

    Returns:
        For each form, in order, the case it became or the reason why it did not.
    """
    try:
        with place.database.writing() as session:
            known = _known_among(session, forms)
            return [_one_of_many(place, session, known, form, now, actor, batch_id) for form in forms]
    except IntegrityError:
        # Another sender brought one of these at the same moment: one by one, that one is found.
        return [_alone(place, form, now, actor, batch_id) for form in forms]


def look_over(
    place: Workplace, forms: Sequence[IntakeForm], now: datetime
) -> list[TakenIn | IntakeError | None]:
    """What `take_in_many` would do, without doing it; None stands for a new case."""
    with place.database.reading() as session:
        known = _known_among(session, forms)
        return [_verdict(place, session, known, form, now) for form in forms]


def _one_of_many(
    place: Workplace,
    session: Session,
    known: dict[Reference, TakenIn],
    form: IntakeForm,
    now: datetime,
    actor: str,
    batch_id: int,
) -> TakenIn | IntakeError:
    verdict = _verdict(place, session, known, form, now)
    if verdict is not None:
        return verdict
    case = _make_case(place, session, form, now, actor, batch_id)
    known[form.source, form.source_ref] = TakenIn(case.id, case.label, is_new=False)
    return TakenIn(case.id, case.label, is_new=True)


def _alone(
    place: Workplace, form: IntakeForm, now: datetime, actor: str, batch_id: int
) -> TakenIn | IntakeError:
    try:
        return take_in(place, form, now, actor=actor, batch_id=batch_id)
    except IntakeError as error:
        return error


def _verdict(
    place: Workplace, session: Session, known: dict[Reference, TakenIn], form: IntakeForm, now: datetime
) -> TakenIn | IntakeError | None:
    try:
        _check(place, form, now)
        already = known.get((form.source, form.source_ref)) if form.source_ref else None
        if already is None:
            _main_case(session, form)
    except IntakeError as error:
        return error
    return already


def _known_among(session: Session, forms: Sequence[IntakeForm]) -> dict[Reference, TakenIn]:
    """The cases already made of these forms, by source and reference, in one look."""
    references = [(form.source, form.source_ref) for form in forms if form.source_ref]
    wanted = select(Case).where(tuple_(col(Case.source), col(Case.source_ref)).in_(references))
    return {
        (case.source, case.source_ref): TakenIn(case.id, case.label, is_new=False)
        for case in session.exec(wanted)
    }


def _check(place: Workplace, form: IntakeForm, now: datetime) -> None:
    if form.kind is not None and form.kind not in place.catalogue.kinds:
        raise IntakeError(f"kind: {form.kind} is not in the catalogue")
    if form.complained_of is not None and form.complained_of not in place.catalogue.departments:
        raise IntakeError(f"complained_of: {form.complained_of} is not a department of the catalogue")
    for unit in form.also_complained_of:
        if unit not in place.catalogue.departments:
            raise IntakeError(f"also_complained_of: {unit} is not a department of the catalogue")
    known_facts = {each.code for each in place.catalogue.dispatch.facts}
    for fact in form.dispatch_facts:
        if fact not in known_facts:
            raise IntakeError(f"dispatch_facts: {fact} is not a fact of the dispatch catalogue")
    if form.summary is not None and form.reporter is not None:
        told = leaks(form.summary, form.reporter.model_dump(include=set(PERSON_WORDS)))
        if told:
            raise IntakeError(f"summary: tells who reported ({', '.join(told)}); take that out")
    _check_what_was_done(place, form, now)


def _check_what_was_done(place: Workplace, form: IntakeForm, now: datetime) -> None:
    if form.knowledge_entry is not None and knowledge_used(place, form.knowledge_entry, now) is None:
        raise IntakeError(f"knowledge_entry: the knowledge base has no entry {form.knowledge_entry}")
    if form.handed_over is not None and (form.handed_over.at or now) > now + CLOCK_SLACK:
        raise IntakeError("handed_over.at: lies in the future; correct the time")
    if form.received_at is not None and form.received_at > now + CLOCK_SLACK:
        raise IntakeError("received_at: lies in the future; check the sender's clock and time zone")


def _already_here(session: Session, form: IntakeForm) -> Case | None:
    if form.source_ref is None:
        return None
    wanted = select(Case).where(Case.source == form.source, Case.source_ref == form.source_ref)
    return session.exec(wanted).first()


def _make_case(
    place: Workplace, session: Session, form: IntakeForm, now: datetime, actor: str, batch_id: int | None
) -> Case:
    used = _knowledge(place, form, now)
    case = Case(
        source=form.source,
        source_ref=form.source_ref,
        import_batch_id=batch_id,
        language=form.language,
        district=form.district,
        received_at=min(form.received_at or now, now),
        nature=Nature.OTHER if form.call_type in NO_REQUEST else form.nature or Nature.OTHER,
        given_kind=form.kind or _kind_of_call(place, form),
        call_type=form.call_type,
        knowledge_entry=used.entry if used else None,
        knowledge_version=used.version if used else None,
        danger_now=form.danger_now,
        guardian_suspect=form.suspect_is_guardian,
        child_age=form.child_age,
        complained_of=form.complained_of,
        also_complained_of=list(dict.fromkeys(form.also_complained_of)),
        dispatch_facts=list(dict.fromkeys(form.dispatch_facts)),
        answered_on_call=form.answer is not None,
        rules_version=number_for_new_cases(session),
        wake_at=now,
    )
    keep_away(case, place.catalogue)
    case.wrapped_key = place.vault.new_case_key(case.id)
    case.text_ct = place.vault.seal(case.id, case.wrapped_key, "case.text", form.text)
    if form.answer is not None:
        case.answer_ct = place.vault.seal(case.id, case.wrapped_key, "case.answer", form.answer)
    if form.summary is not None:
        case.summary_ct = place.vault.seal(case.id, case.wrapped_key, "case.summary", form.summary)
        case.summary_by, case.summary_at = actor, now
    case.linked_to = _main_case(session, form)
    session.add(case)
    session.flush()
    _add_people(place.vault, session, case, form)
    journal.write(
        session,
        case,
        EventKind.RECEIVED,
        now,
        actor,
        source=form.source,
        received_at=case.received_at.isoformat(),
        given_kind=case.given_kind,
        nature=form.nature,
        danger_now=form.danger_now,
        **_more_of(form, used),
    )
    if form.handed_over is not None:
        record_hand_over(session, case, form.handed_over, now, actor)
    return case


def _kind_of_call(place: Workplace, form: IntakeForm) -> str | None:
    """The kind of a call without a request, if the catalogue in force has it."""
    if form.call_type not in NO_REQUEST:
        return None
    kind = load_calls(place.settings.home).kinds[form.call_type]
    return kind if kind in place.catalogue.kinds else None


def _knowledge(place: Workplace, form: IntakeForm, now: datetime) -> KnowledgeUsed | None:
    """Only an answer that was given can have been taken from anywhere."""
    if form.knowledge_entry is None or form.answer is None:
        return None
    return knowledge_used(place, form.knowledge_entry, now)


def _more_of(form: IntakeForm, used: KnowledgeUsed | None) -> dict[str, Any]:
    """Codes that stand in the journal only where there is something to say."""
    call = {"call_type": form.call_type.value} if form.call_type else {}
    answered = {"knowledge": used.entry, "knowledge_version": used.version, "stale": used.is_stale} if used else {}
    return call | answered


def _main_case(session: Session, form: IntakeForm) -> UUID | None:
    if form.same_matter_as is None:
        return None
    main = session.exec(
        select(Case).where(col(Case.number) == int(form.same_matter_as.removeprefix("W-")))
    ).first()
    if main is None:
        raise IntakeError(f"same_matter_as: there is no case {form.same_matter_as}")
    return main.linked_to or main.id


def _add_people(vault: Vault, session: Session, case: Case, form: IntakeForm) -> None:
    told = {
        PersonRole.REPORTER: form.reporter or PersonForm(anonymous=True),
        PersonRole.CHILD: form.child,
        PersonRole.SUSPECT: form.suspect,
    }
    for role, person in told.items():
        if person is not None:
            session.add(_person(vault, case, role, person))


def _person(vault: Vault, case: Case, role: PersonRole, told: PersonForm) -> Person:
    sealed: dict[str, Any] = {
        f"{field}_ct": vault.seal(case.id, case.wrapped_key, f"person.{role}.{field}", getattr(told, field))
        for field in PERSON_WORDS
        if getattr(told, field)
    }
    return Person(
        case_id=case.id,
        role=role,
        anonymous=told.anonymous,
        keep_secret=told.keep_secret,
        may_call_back=told.may_call_back,
        may_leave_message=told.may_leave_message,
        safe_from=told.safe_from,
        safe_to=told.safe_to,
        **sealed,
    )
