"""Taking a request in: one transaction that makes the case, its people and its first journal entry."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.case import PERSON_WORDS, Case
from models.key_change import hold_key
from models.log_lines import speaking_of
from tasks.house.promoted_rules import number_for_new_cases
from tasks.receiving.intake_form import IntakeForm
from tasks.receiving.knowledge import knowledge_used
from tasks.receiving.new_case import NewCase, new_case, store
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
        KeyReplacedError: Another master key is in force than this process has.
    """
    _check(place, form, now)
    try:
        with place.database.writing() as session:
            known = _already_here(session, form)
            if known:
                return TakenIn(known.id, known.label, is_new=False)
            hold_key(session, place.vault)
            made = _made(place, session, form, now, actor, batch_id)
            store(session, [(made, actor)], now)
            taken = _taken(made, is_new=True)
    except IntegrityError:
        # Two senders brought the same source_ref at once; the other one won.
        with place.database.reading() as session:
            known = _already_here(session, form)
        if known is None:
            raise
        return TakenIn(known.id, known.label, is_new=False)
    tell_taken_in(taken)
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
            return take_in_together(place, session, [(form, actor) for form in forms], now, batch_id=batch_id)
    except IntegrityError:
        # Another sender brought one of these at the same moment: one by one, that one is found.
        return [_alone(place, form, now, actor, batch_id) for form in forms]


def take_in_together(
    place: Workplace, session: Session, orders: Sequence[tuple[IntakeForm, str]], now: datetime, *, batch_id: int | None = None
) -> list[TakenIn | IntakeError]:
    """Take in each form for its actor, in the caller's transaction; a refused form never harms the others.

    Returns:
        For each form, in order, the case it became or the reason why it did not. A form that repeats an earlier one
        of the group finds the same case.

    Raises:
        IntegrityError: Another sender brought one of these at the same moment; nothing of the group can be kept.
    """
    known = _known_among(session, [form for form, _ in orders])
    hold_key(session, place.vault)
    fresh, made = dict[Reference, NewCase](), list[tuple[NewCase, str]]()
    outcomes: list[TakenIn | IntakeError | tuple[NewCase, bool]] = []
    for form, actor in orders:
        verdict = _verdict(place, session, known, form, now)
        if verdict is not None:
            outcomes.append(verdict)
            continue
        earlier = fresh.get((form.source, form.source_ref)) if form.source_ref else None
        new = earlier or _made(place, session, form, now, actor, batch_id)
        if earlier is None:
            made.append((new, actor))
            fresh[form.source, form.source_ref] = new
        outcomes.append((new, earlier is None))
    store(session, made, now)
    return [_taken(each[0], is_new=each[1]) if isinstance(each, tuple) else each for each in outcomes]


def tell_taken_in(taken: TakenIn) -> None:
    """Say in the log that a new case is durable."""
    with speaking_of(taken.case_id):
        log.info("%s taken in", taken.label, extra={"event": "case_taken_in"})


def look_over(
    place: Workplace, forms: Sequence[IntakeForm], now: datetime
) -> list[TakenIn | IntakeError | None]:
    """What `take_in_many` would do, without doing it; None stands for a new case."""
    with place.database.reading() as session:
        known = _known_among(session, forms)
        return [_verdict(place, session, known, form, now) for form in forms]


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
    """The cases already made of these forms, by source and reference, in one look for each source."""
    references: dict[str, set[str]] = {}
    for form in forms:
        if form.source_ref:
            references.setdefault(form.source, set()).add(form.source_ref)
    # Source by source: for a list of pairs SQLite reads every case there is.
    return {
        (case.source, case.source_ref): TakenIn(case.id, case.label, is_new=False)
        for source, each in references.items()
        for case in session.exec(known_by_reference(source, each))
    }


def known_by_reference(source: str, references: Collection[str]) -> SelectOfScalar[Case]:
    """The cases of one source that were made of these references of its own."""
    return select(Case).where(Case.source == source, col(Case.source_ref).in_(references))


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


def _taken(new: NewCase, *, is_new: bool) -> TakenIn:
    return TakenIn(new.case.id, new.case.label, is_new)


def _made(
    place: Workplace, session: Session, form: IntakeForm, now: datetime, actor: str, batch_id: int | None
) -> NewCase:
    main, rules = _main_case(session, form), number_for_new_cases(session)
    return new_case(place, form, main, now, actor=actor, rules_version=rules, batch_id=batch_id)


def _main_case(session: Session, form: IntakeForm) -> UUID | None:
    if form.same_matter_as is None:
        return None
    main = session.exec(
        select(Case).where(col(Case.number) == int(form.same_matter_as.removeprefix("W-")))
    ).first()
    if main is None:
        raise IntakeError(f"same_matter_as: there is no case {form.same_matter_as}")
    return main.linked_to or main.id
