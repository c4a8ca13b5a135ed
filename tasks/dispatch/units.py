"""The units themselves: what each has on its table, and who stands in for those that are away."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from models.assigning import UnitAbsence
from models.case import Case
from models.exchange import Assignment
from models.record import Clock
from models.transitions import OPEN_STATUSES
from models.vocabulary import Ask
from tasks.casebook import post
from tasks.dispatch.absences import absent_units_of, deputies_at
from tasks.dispatch.conflict import is_kept_from
from tasks.dispatch.dispatching import Load
from tasks.news.inbox import Speaker
from tasks.news.rows import wake
from tasks.workplace import Workplace


class UnitNotFoundError(LookupError):
    """The catalogue has no such unit."""


class AbsenceNotPossibleError(ValueError):
    """An absence cannot be noted, or ended, as asked; the message says what to change."""


def load_of(session: Session, now: datetime) -> dict[str, Load]:
    """Every unit with an order that is not answered yet: how many, and how many of its clocks are over."""
    orders = (
        select(Assignment.department, func.count())
        .join(Case, col(Case.id) == col(Assignment.case_id))
        .where(
            col(Assignment.withdrawn_at).is_(None),
            col(Assignment.replied_at).is_(None),
            col(Case.status).in_(OPEN_STATUSES),
        )
        .group_by(Assignment.department)
    )
    late = (
        select(Assignment.department, func.count(func.distinct(Clock.id)))
        .join(Clock, col(Clock.case_id) == col(Assignment.case_id))
        .where(
            col(Assignment.withdrawn_at).is_(None),
            # A joint clock is the lead's to answer for.
            or_(
                col(Clock.department) == col(Assignment.department),
                (col(Clock.department) == "") & col(Assignment.leads),
            ),
            col(Clock.stopped_at).is_(None),
            col(Clock.due_at) < now,
        )
        .group_by(Assignment.department)
    )
    overdue = {unit: count for unit, count in session.exec(late)}
    found = {unit: Load(count, overdue.get(unit, 0)) for unit, count in session.exec(orders)}
    return found | {unit: Load(0, count) for unit, count in overdue.items() if unit not in found}


def note_absence(
    place: Workplace, session: Session, unit: str, deputy: str, starts_at: datetime, ends_at: datetime | None,
    actor: str, now: datetime,
) -> UnitAbsence:  # fmt: skip
    """Note that a unit is away, and who stands in: from `starts_at`, until `ends_at` or until it is back.

    Args:
        place: The desk, for its catalogue.
        session: A writing session.
        unit: Who is away; it keeps what it has, and its deputy hears of it and may answer for it.
        deputy: Who takes its new orders meanwhile; it must be able to do what the unit does.
        starts_at: Aware; may lie ahead.
        ends_at: Aware, after `starts_at` and after `now`; None until somebody says that it is back.
        actor: Who said so.
        now: Aware.

    Raises:
        UnitNotFoundError: One of the two is not in the catalogue.
        AbsenceNotPossibleError: The deputy cannot stand in, or the times do not fit.
    """
    known = place.catalogue.departments
    for each in (unit, deputy):
        if each not in known:
            raise UnitNotFoundError(f"{each} is not a department of the catalogue")
    if unit == deputy:
        raise AbsenceNotPossibleError("deputy: a unit cannot stand in for itself; name another one")
    if not known[deputy].may_help or (known[unit].may_lead and not known[deputy].may_lead):
        raise AbsenceNotPossibleError(f"deputy: {deputy} may not do what {unit} does; name a unit that may lead")
    if ends_at is not None and ends_at <= max(starts_at, now):
        raise AbsenceNotPossibleError("until: must lie ahead, and after the beginning")
    if _overlaps(session, unit, starts_at, ends_at):
        raise AbsenceNotPossibleError(f"{unit} is noted as away at that time already; say that it is back first")
    absence = UnitAbsence(
        unit=unit, deputy=deputy, starts_at=starts_at, ends_at=ends_at, said_by=actor, said_at=now
    )
    session.add(absence)
    session.flush()
    if starts_at <= now:
        _tell_deputy(place, session, absence, now)
    return absence


def _tell_deputy(place: Workplace, session: Session, absence: UnitAbsence, now: datetime) -> None:
    """What the unit has not answered yet, told to its deputy; what comes later is told with it."""
    held = (
        select(Assignment, Case)
        .where(col(Case.id) == col(Assignment.case_id))
        .where(
            Assignment.department == absence.unit,
            col(Assignment.withdrawn_at).is_(None),
            col(Assignment.replied_at).is_(None),
            col(Case.status).in_(OPEN_STATUSES),
        )
    )
    for part, case in session.exec(held).all():
        if is_kept_from(case, absence.deputy):
            continue
        dedupe = f"{case.id.hex}:absence:{absence.id}:{absence.deputy}"
        ask = part.ask if part.accepted_at is None else Ask.ANSWER_ORDER
        post(place, session, case, absence.deputy, ask, dedupe, now, part_of=absence.unit)
        wake(session, case.id, now)


def _overlaps(session: Session, unit: str, starts_at: datetime, ends_at: datetime | None) -> bool:
    wanted = select(UnitAbsence.id).where(
        UnitAbsence.unit == unit, or_(col(UnitAbsence.ends_at).is_(None), col(UnitAbsence.ends_at) > starts_at)
    )
    if ends_at is not None:
        wanted = wanted.where(col(UnitAbsence.starts_at) < ends_at)
    return session.exec(wanted.limit(1)).first() is not None


def note_back(place: Workplace, session: Session, unit: str, actor: str, now: datetime) -> list[UnitAbsence]:
    """End the unit's absence now, and call off those noted for later; an absence called off ends as it begins.

    Raises:
        UnitNotFoundError: It is not noted as away, nor in the catalogue.
        AbsenceNotPossibleError: It is not noted as away.
    """
    wanted = select(UnitAbsence).where(
        UnitAbsence.unit == unit, or_(col(UnitAbsence.ends_at).is_(None), col(UnitAbsence.ends_at) > now)
    )
    ended = list(session.exec(wanted))
    if not ended and unit not in place.catalogue.departments:
        raise UnitNotFoundError(f"{unit} is not a department of the catalogue")
    if not ended:
        raise AbsenceNotPossibleError(f"{unit} is not noted as away; nothing to end")
    for each in ended:
        each.ends_at, each.ended_by = max(each.starts_at, now), actor
    return ended


def at_work(session: Session, speaker: Speaker, now: datetime) -> Speaker:
    """The speaker with the units that its own one stands in for at this moment."""
    if speaker.department is None:
        return speaker
    return replace(speaker, stands_for=absent_units_of(speaker.department, deputies_at(session, now)))


def absences_from(session: Session, now: datetime) -> list[UnitAbsence]:
    """The absences of now and of later, soonest first."""
    wanted = (
        select(UnitAbsence)
        .where(or_(col(UnitAbsence.ends_at).is_(None), col(UnitAbsence.ends_at) > now))
        .order_by(col(UnitAbsence.starts_at), col(UnitAbsence.id))
    )
    return list(session.exec(wanted))
