"""Conflict of interest: which units may have nothing to do with a case. The one place that says so.

Every dispatch, whistle, copy, alert, opinion passed on and every read of a case asks here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, String, and_, cast, not_
from sqlmodel import col

from catalogue.loader import Catalogue
from catalogue.schema import Department
from models.case import Case

CHIEF = "CHIEF:"


class KeptBecause(StrEnum):
    """Why a unit is kept away from a case."""

    COMPLAINED_OF = "complained_of"
    TIED = "tied"
    BELOW = "below"
    TIED_BY_FACT = "tied_by_fact"


def exclusions(
    complained_of: Collection[str], facts: Collection[str], catalogue: Catalogue
) -> dict[str, KeptBecause]:
    """The units kept away, each with the first reason found.

    Those are the units complained of; those tied to one of them, in whichever entry of the catalogue
    the tie stands; those a fact ties to somebody complained of; and all units below any of these,
    which take its orders. The unit above is not kept away: it is the one to complain to.

    Args:
        complained_of: Codes of units; one the catalogue no longer has still counts.
        facts: Codes of facts of the dispatch catalogue.
        catalogue: For ties and superiors.
    """
    units = catalogue.departments.values()
    found = dict.fromkeys(complained_of, KeptBecause.COMPLAINED_OF)
    for unit in _tied_to(found, units):
        found.setdefault(unit, KeptBecause.TIED)
    for fact in catalogue.dispatch.facts:
        if fact.code in facts:
            for unit in fact.ties:
                found.setdefault(unit, KeptBecause.TIED_BY_FACT)
    for unit in _below(found, units):
        found.setdefault(unit, KeptBecause.BELOW)
    return found


def _tied_to(excluded: Mapping[str, object], units: Iterable[Department]) -> Iterator[str]:
    for each in list(units):
        if each.code in excluded:
            yield from each.tied_to
        elif not excluded.keys().isdisjoint(each.tied_to):
            yield each.code


def _below(excluded: Mapping[str, object], units: Iterable[Department]) -> list[str]:
    below, known = list[str](), set(excluded)
    while found := [each.code for each in units if each.superior in known and each.code not in known]:
        known |= set(found)
        below += found
    return below


def complained_of(case: Case) -> tuple[str, ...]:
    """Every unit the request is about, the one named first at the head."""
    first = [case.complained_of] if case.complained_of else []
    return tuple(dict.fromkeys([*first, *(case.also_complained_of or ())]))


def exclusions_of(case: Case, catalogue: Catalogue) -> dict[str, KeptBecause]:
    """What `exclusions` says of one case as it stands."""
    return exclusions(complained_of(case), case.dispatch_facts or (), catalogue)


def keep_away(case: Case, catalogue: Catalogue) -> dict[str, KeptBecause]:
    """Store with the case whom it is kept from, so that every read knows it without the catalogue.

    A unit once kept away stays away: only the list of reasons may become shorter when the
    catalogue changes, never the list of units.
    """
    found = exclusions_of(case, catalogue)
    kept = sorted({*(case.kept_from or ()), *found})
    if kept != case.kept_from:
        # A new list and not the old one changed: the database notices only that.
        case.kept_from = kept
    return found


def is_kept_from(case: Case, unit: str | None) -> bool:
    """Whether this unit, or the unit whose chief this is, may have nothing to do with the case."""
    if not unit:
        return False
    code = unit.removeprefix(CHIEF)
    return code == case.complained_of or code in (case.also_complained_of or ()) or code in (case.kept_from or ())


def open_to(unit: str) -> ColumnElement[bool]:
    """The same question for a query over cases: those that this unit is not kept from."""
    # Codes are capital letters, so a code between quotes is found in the JSON text if and only if
    # it is an entry; both databases can do this.
    entry = f'%"{unit}"%'
    return and_(
        col(Case.complained_of).is_distinct_from(unit),
        not_(cast(Case.also_complained_of, String).like(entry)),
        not_(cast(Case.kept_from, String).like(entry)),
    )


def stand_ins(unit: str, catalogue: Catalogue, instead: Iterable[str] = ()) -> Iterator[str]:
    """Who may be asked instead of a unit, in order: those named, then its alternatives one by one."""
    seen = {unit}
    for each in instead:
        if each not in seen:
            seen.add(each)
            yield each
    passed, here = {unit}, unit
    while here in catalogue.departments:
        here = catalogue.departments[here].alternative
        if here in passed:
            # The catalogue's alternatives run in a ring in the end.
            return
        passed.add(here)
        if here not in seen:
            yield here


def unit_instead(case: Case, unit: str, catalogue: Catalogue) -> str | None:
    """The unit itself, or the first of its alternatives that the case is not kept from; None if none."""
    candidates = (unit, *stand_ins(unit, catalogue))
    return next((each for each in candidates if not is_kept_from(case, each)), None)
