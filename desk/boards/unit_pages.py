"""The units with their load and absences: for the API, the command line and the desk's first page."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from catalogue.loader import Catalogue
from tasks.dispatch.absences import deputies_at, standing_in_for
from tasks.dispatch.dispatching import Load
from tasks.dispatch.units import absences_from, load_of


@dataclass(frozen=True)
class UnitLine:
    """One unit; `deputy` is who acts for it now, None while it is at work."""

    code: str
    name_zh: str
    name_en: str
    may_lead: bool
    load: Load
    deputy: str | None
    away_until: datetime | None


def unit_lines(session: Session, catalogue: Catalogue, now: datetime) -> list[UnitLine]:
    """Every unit that handles orders, in the order of the catalogue."""
    load, deputies = load_of(session, now), deputies_at(session, now)
    until = {each.unit: each.ends_at for each in absences_from(session, now) if each.starts_at <= now}
    return [
        UnitLine(
            code=unit.code,
            name_zh=unit.name_zh,
            name_en=unit.name_en,
            may_lead=unit.may_lead,
            load=load.get(unit.code, Load()),
            deputy=standing_in_for(unit.code, deputies) if unit.code in deputies else None,
            away_until=until.get(unit.code),
        )
        for unit in catalogue.departments.values()
        if unit.may_help
    ]
