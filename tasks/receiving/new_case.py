"""The rows a request becomes: made without the database, then stored together, each written once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from catalogue.call_rules import load_calls
from models.case import PERSON_WORDS, Case, Person
from models.journal import next_entry
from models.record import Event
from models.vault import Vault
from models.vocabulary import NO_REQUEST, EventKind, Nature, PersonRole
from tasks.dispatch.conflict import keep_away
from tasks.receiving.hand_over import record_hand_over
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.receiving.knowledge import KnowledgeUsed, knowledge_used
from tasks.workplace import Workplace


@dataclass(frozen=True, eq=False)
class NewCase:
    """One case with its people and its first journal entry, not stored yet; its number comes with the storing."""

    form: IntakeForm
    case: Case
    people: tuple[Person, ...]
    entry: Event


def new_case(
    place: Workplace,
    form: IntakeForm,
    main: UUID | None,
    now: datetime,
    *,
    actor: str,
    rules_version: int | None,
    batch_id: int | None,
) -> NewCase:
    """The rows of one request that was found fit to be taken in; its words are sealed.

    Args:
        place: The desk.
        form: The request.
        main: The case it is one matter with.
        now: Aware time of taking in.
        actor: Who takes it in.
        rules_version: The promotion it goes by.
        batch_id: The bulk import it came with.
    """
    used = _knowledge(place, form, now)
    case = Case(
        # Said although they are the defaults: the library would look at the signature of each default's maker, for every case.
        id=uuid4(),
        also=[],
        mandatory_report=[],
        kept_from=[],
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
        rules_version=rules_version,
        linked_to=main,
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
    told = {
        "source": form.source,
        "received_at": case.received_at.isoformat(),
        "given_kind": case.given_kind,
        "nature": form.nature,
        "danger_now": form.danger_now,
        **_more_of(form, used),
    }
    return NewCase(
        form, case, _people(place.vault, case, form), next_entry(case, EventKind.RECEIVED, now, actor, told)
    )


def store(session: Session, made: Sequence[tuple[NewCase, str]], now: datetime) -> None:
    """Store new cases, each with who took it in, in the caller's transaction.

    The cases of a group are one statement, their people another: nothing here knows one case from the other.
    """
    session.add_all([new.case for new, _ in made])
    # Nothing tells the object layer that people and journal point to cases: cases go first.
    session.flush()
    for new, actor in made:
        session.add_all(new.people)
        session.add(new.entry)
        if new.form.handed_over is not None:
            record_hand_over(session, new.case, new.form.handed_over, now, actor)


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
    answered = (
        {"knowledge": used.entry, "knowledge_version": used.version, "stale": used.is_stale} if used else {}
    )
    return call | answered


def _people(vault: Vault, case: Case, form: IntakeForm) -> tuple[Person, ...]:
    told = {
        PersonRole.REPORTER: form.reporter or PersonForm(anonymous=True),
        PersonRole.CHILD: form.child,
        PersonRole.SUSPECT: form.suspect,
    }
    return tuple(_person(vault, case, role, person) for role, person in told.items() if person is not None)


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
