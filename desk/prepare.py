"""`python -m desk.prepare`: the case database brought to this release, keys and units in place.

Exits 2 with one message when the desk must not start: wrong or missing master key, unusable rules,
a database that is away or newer than the code.
"""

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from desk.keys import make_key
from flows.clock import real_time
from models.database import Database
from models.house import ApiClient, Department, RuleSet
from models.rule_files import RuleFileError
from models.schema import SchemaTooNewError, migrate
from models.settings import DeskSettings
from models.vault import MasterKeyError
from models.vocabulary import Role
from tasks.workplace import Workplace, open_workplace

FIRST_KEYS = (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)


def prepare(settings: DeskSettings, now: datetime) -> Iterator[str]:
    """Do what a start needs, saying in a line each what was done; repeating it changes nothing.

    Raises:
        MasterKeyError: The master key is missing or not the right one.
        RuleFileError: The catalogue, the rules or the channels cannot be used.
        SchemaTooNewError: The database belongs to a newer release.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.case_database_url)
    try:
        yield f"case database at revision {migrate(database)}"
        place = open_workplace(settings)
        yield f"{len(place.catalogue.kinds)} kinds, {len(place.catalogue.departments)} departments, rules checked"
        with place.database.writing() as session:
            _sync_departments(session, place)
            _note_rule_sets(session, place, now)
            yield from _first_keys(session, settings.home / "keys", now)
        place.database.close()
    finally:
        database.close()


def _sync_departments(session: Session, place: Workplace) -> None:
    known = {each.code: each for each in session.exec(select(Department))}
    for code, unit in place.catalogue.departments.items():
        row = known.pop(code, None) or Department(code=code, name_zh="", name_en="")
        row.name_zh, row.name_en, row.active = unit.name_zh, unit.name_en, True
        session.add(row)
    for gone in known.values():
        # Kept, because old cases name it; inactive, because no new one may.
        gone.active = False
        session.add(gone)


def _note_rule_sets(session: Session, place: Workplace, now: datetime) -> None:
    in_force = {
        "catalogue": place.catalogue.digest,
        "sla_rules": place.rules.digest,
        "calendar": place.rules.calendar_digest,
    }
    for name, digest in in_force.items():
        seen = select(RuleSet.id).where(RuleSet.name == name, RuleSet.digest == digest)
        if session.exec(seen).first() is None:
            session.add(RuleSet(name=name, digest=digest, first_seen_at=now))


def _first_keys(session: Session, folder: Path, now: datetime) -> Iterator[str]:
    if session.exec(select(col(ApiClient.id)).limit(1)).first() is not None:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for role in FIRST_KEYS:
        path = folder / f"{role}.key"
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(make_key(session, f"first {role}", role, None, now) + "\n")
        yield f"first {role} key in {path}"


def main() -> int:
    """Prepare, or say why not; returns the exit code."""
    settings = DeskSettings()
    try:
        for line in prepare(settings, real_time()):
            sys.stdout.write(line + "\n")
    except (MasterKeyError, SchemaTooNewError) as refusal:
        return _refuse(str(refusal))
    except RuleFileError as refusal:
        return _refuse("\n".join(refusal.problems))
    except DBAPIError as error:
        # Its text may hold the password of the database URL.
        return _refuse(f"the case database cannot be used ({type(error.orig).__name__}); check WHISTLE_DATABASE_URL")
    return 0


def _refuse(why: str) -> int:
    sys.stderr.write(f"The desk does not start: {why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
