"""The table of units, brought to what the catalogue in force says."""

from sqlmodel import Session, select

from catalogue.loader import Catalogue
from models.house import Department


def sync_departments(session: Session, catalogue: Catalogue) -> int:
    """How many units were added, renamed, retired or brought back; none is ever removed."""
    stored = {each.code: each for each in session.exec(select(Department))}
    changed = 0
    for code, unit in catalogue.departments.items():
        wanted = (unit.name_zh, unit.name_en, True)
        row = stored.setdefault(code, Department(code=code, name_zh="", name_en=""))
        if (row.name_zh, row.name_en, row.active) != wanted:
            row.name_zh, row.name_en, row.active = wanted
            session.add(row)
            changed += 1
    for code, row in stored.items():
        if code not in catalogue.departments and row.active:
            row.active = False
            changed += 1
    return changed
