"""`python -m desk.prepare`: make the desk ready to start, or say why it cannot.

Safe to run again at any time, also twice at once: what is ready stays as it is.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlmodel import Session, select

from desk.people.first_keys import make_first_keys
from models.database import Database
from models.house import RuleSet
from models.migrations.running import DatabaseTooNewError, migrate
from models.rule_files import RuleFileError
from models.settings import DeskSettings
from models.vault import MasterKeyError
from tasks.classifying.model_promotion import settle_classifier
from tasks.dispatch.department_table import sync_departments
from tasks.house.installed_catalogue import settle_catalogue
from tasks.house.installed_rules import settle_rules
from tasks.house.promotion import PromotionRefusedError
from tasks.workplace import Workplace, open_workplace

REFUSED = 2


class PrepareError(RuntimeError):
    """The desk cannot be made ready; the message says what to do."""


def prepare(settings: DeskSettings, now: datetime) -> Iterator[str]:
    """Make everything ready, and tell what was done, one line at a time.

    Args:
        settings: Which desk.
        now: Aware time of this start.

    Raises:
        PrepareError: The home or the database cannot be used.
        DatabaseTooNewError: A newer release has migrated the database.
        MasterKeyError: The master key is missing or not the right one.
        RuleFileError: The catalogue, the rules or the channels cannot be used.
        PromotionRefusedError: The rules that came with the release fail their own examples.
    """
    yield from _make_home(settings)
    try:
        yield _migrate(settings)
        place = open_workplace(settings)
        try:
            yield "master key: opens this database"
            yield from settle_catalogue(place, now)
            yield from settle_classifier(place, now)
            yield from _record_house(place, now)
            yield from settle_rules(place, now)
            yield from make_first_keys(place, now)
            place.database.tend()
        finally:
            place.database.close()
    except DBAPIError as error:
        # The driver's own words may repeat a statement and its values.
        raise PrepareError(
            f"the case database {_address(settings)} cannot be used ({type(error.orig).__name__});"
            " check WHISTLE_DATABASE_URL, and that the server runs and lets this user in"
        ) from None


def _make_home(settings: DeskSettings) -> Iterator[str]:
    if settings.home.is_dir():
        return
    try:
        settings.home.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise PrepareError(f"{settings.home} cannot be made: {error.strerror}; set WHISTLE_HOME") from None
    yield f"home: {settings.home} made"


def _migrate(settings: DeskSettings) -> str:
    try:
        database = Database(settings.case_database_url)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise PrepareError(
            "WHISTLE_DATABASE_URL is not an address this desk can use; it looks like"
            " postgresql+pg8000://user:password@host/database"
        ) from None
    try:
        done = migrate(database)
    finally:
        database.close()
    if done.before is None:
        return f"case database: made, version {done.after}"
    if done.before == done.after:
        return f"case database: version {done.after}, up to date"
    return f"case database: migrated from version {done.before} to {done.after}"


def _record_house(place: Workplace, now: datetime) -> Iterator[str]:
    """Bring the department table and the list of rule sets to what was loaded."""
    versions = {
        "catalogue": place.catalogue.digest,
        "sla_rules": place.rules.digest,
        "calendar": place.rules.calendar_digest,
    }
    with place.database.writing() as session:
        if not place.database.is_sqlite:
            session.execute(text("LOCK TABLE rule_set, department IN EXCLUSIVE MODE"))
        new = [name for name, digest in versions.items() if _record_rule_set(session, name, digest, now)]
        changed = sync_departments(session, place.catalogue)
    kinds, departments = len(place.catalogue.kinds), len(place.catalogue.departments)
    yield f"catalogue: {kinds} kinds, {departments} departments ({changed} changed)"
    yield f"rules: {', '.join(f'{name} {versions[name][:12]}' for name in versions)}"
    if new:
        yield f"rules: first seen now: {', '.join(new)}"
    unset = place.channels.unset_variables()
    if unset:
        yield f"channels: {len(unset)} recipients without a channel of their own use the default one"


def _record_rule_set(session: Session, name: str, digest: str, now: datetime) -> bool:
    """Whether this version had never been seen."""
    known = select(RuleSet.id).where(RuleSet.name == name, RuleSet.digest == digest)
    if session.exec(known).first() is not None:
        return False
    session.add(RuleSet(name=name, digest=digest, first_seen_at=now))
    return True


def _address(settings: DeskSettings) -> str:
    return make_url(settings.case_database_url).render_as_string(hide_password=True)


def main() -> int:
    """Prepare the desk that `WHISTLE_…` variables name; 0, or 2 after a refusal told on stderr."""
    try:
        for line in prepare(DeskSettings(), datetime.now(UTC)):
            print(line, flush=True)  # noqa: T201 - these lines are what the program is for
    except ValidationError as error:
        wrong = (f"WHISTLE_{each['loc'][0]}".upper() + f": {each['msg']}" for each in error.errors())
        print(f"cannot prepare: {'; '.join(wrong)}", file=sys.stderr)  # noqa: T201 - as above
        return REFUSED
    except (PrepareError, DatabaseTooNewError, MasterKeyError, RuleFileError, PromotionRefusedError) as error:
        print(f"cannot prepare: {error}", file=sys.stderr)  # noqa: T201 - as above
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
