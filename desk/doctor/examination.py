"""`whistle doctor`: look at everything that can be wrong with a desk, and say what to do."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from desk.doctor.archive import look_at_archive
from desk.doctor.cases import look_at_cases, look_at_schema
from desk.doctor.catalogue import look_at_catalogue
from desk.doctor.findings import Finding, Level, worse
from desk.doctor.house import look_at_disk, look_at_master_key, look_at_modes, look_at_rules
from desk.doctor.intake import look_at_intake
from desk.doctor.prefect import look_at_prefect
from desk.doctor.rules import look_at_live_rules
from desk.watching.patience import NoAnswerError, Patience
from desk.watching.prefect import prefect_login, prefect_url
from models.database import Database
from models.migrations.running import version_of
from models.settings import DeskSettings

PATIENCE_SECONDS = 5.0


def examine(settings: DeskSettings, environment: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """Every check, one after another; none changes anything, and one that fails stops no other.

    Args:
        settings: Of the desk to look at.
        environment: For channel secrets and `PREFECT_API_URL`.
        now: Aware time.
    """
    yield from look_at_database(settings, now)
    yield from look_at_rules(settings, environment)
    yield from look_at_intake(settings.home, now)
    yield look_at_modes(settings.home, settings.master_key_file)
    yield look_at_disk(settings.home)
    yield from look_at_prefect(prefect_url(settings, environment), now, asked_for=bool(environment.get("PREFECT_API_URL")), login=prefect_login(environment), alarm_url=settings.alarm_url)


def look_at_database(settings: DeskSettings, now: datetime) -> Iterator[Finding]:
    """The case database, its key, its cases and its live rules; it is never created by looking."""
    name = "case database"
    if not settings.database_url and not (settings.home / "cases.db").exists():
        words = f"there is none in {settings.home}"
        yield worse(name, Level.BAD, words, "run `whistle prepare`, or set WHISTLE_HOME to the desk's data")
        return
    database = Database(settings.case_database_url)
    try:
        # Everything below would wait as long as the database does.
        Patience(lambda: version_of(database), "doctor").within(PATIENCE_SECONDS)
        schema = look_at_schema(database)
        yield schema
        # With tables or columns missing, nothing below could be asked.
        if schema.level is Level.OK:
            yield look_at_master_key(database, settings)
            if not database.is_sqlite:
                yield look_at_archive(database)
            with database.reading() as session:
                yield from look_at_cases(session, now, now)
                yield from look_at_live_rules(session, settings, now)
                yield from look_at_catalogue(session, settings)
    except NoAnswerError:
        words = f"does not answer within {PATIENCE_SECONDS:.0f} seconds"
        yield worse(name, Level.BAD, words, "see what holds it up (locks, disk, network); nothing of it was looked at")
    except (OperationalError, ProgrammingError, InterfaceError):
        yield worse(name, Level.BAD, "cannot be read", "see that it runs and that its address is right")
    finally:
        database.close()
