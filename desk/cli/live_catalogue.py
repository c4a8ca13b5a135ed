"""The catalogue in force, for commands that must work without a master key, or before a desk is set up."""

from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from catalogue.loader import Catalogue, catalogue_of
from catalogue.snapshot import CatalogueSnapshot
from models.database import Database
from models.house import HouseVersion
from models.settings import DeskSettings
from models.vocabulary import Versioned
from tasks.house.versions import live_version


def live_catalogue_version(settings: DeskSettings) -> HouseVersion | None:
    """The live version; None where no desk has been set up, or its database cannot be read."""
    url = make_url(settings.case_database_url)
    if url.get_backend_name() == "sqlite" and not (settings.home / "cases.db").exists():
        return None
    database = Database(settings.case_database_url)
    try:
        with database.reading() as session:
            return live_version(session, Versioned.CATALOGUE)
    except (OperationalError, ProgrammingError):
        # Of an older release, or not reachable: `whistle doctor` says which.
        return None
    finally:
        database.close()


def live_catalogue(settings: DeskSettings) -> Catalogue | None:
    """What the desk goes by; None where none has been set up yet.

    Raises:
        RuleFileError: This release cannot read it.
    """
    live = live_catalogue_version(settings)
    return catalogue_of(CatalogueSnapshot(f"version {live.number}", live.files)) if live else None
