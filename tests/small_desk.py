"""A desk in a folder: real catalogue, rules and vault over a fresh SQLite database, no Prefect."""

import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote

from catalogue.loader import Catalogue, load_catalogue
from models.database import Database
from models.keeping import unlock
from models.migrations.running import migrate
from models.rule_files import read_rule_file
from models.settings import DeskSettings
from notifications.channels import SHIPPED_FILE, Channels, ChannelsFile
from sla_rules.loader import load_rule_book
from sla_rules.rule_book import RuleBook
from tasks.workplace import Workplace


@cache
def shipped_catalogue() -> Catalogue:
    """The catalogue delivered with the desk, read once for all tests."""
    return load_catalogue()


@cache
def shipped_rules() -> RuleBook:
    """The rule book delivered with the desk, read once for all tests."""
    return load_rule_book()


@cache
def shipped_channels_file() -> ChannelsFile:
    """The channels delivered with the desk, read once for all tests."""
    return read_rule_file(SHIPPED_FILE, ChannelsFile)


def shipped_channels(home: Path) -> Channels:
    """The delivered channels of a desk in `home`, where no secret is set."""
    return Channels(shipped_channels_file(), {"WHISTLE_HOME": quote(str(home.resolve()))})


@cache
def migrated() -> bytes:
    """An empty database with the newest schema, made once: migrating takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.db"
        database = Database(f"sqlite:///{path}")
        migrate(database)
        # The last connection to close folds the write-ahead log into the file.
        database.close()
        return path.read_bytes()


def small_desk(home: Path) -> Workplace:
    """A workplace in `home`: what is there is opened, else an empty database is made."""
    settings = DeskSettings(home=home, database_url="", master_key="")
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "cases.db").exists():
        (home / "cases.db").write_bytes(migrated())
    return _workplace(settings)


def desk_on(home: Path, url: str, key: Path) -> Workplace:
    """A workplace on a database that has the newest schema, with the master key in a file."""
    home.mkdir(parents=True, exist_ok=True)
    return _workplace(DeskSettings(home=home, database_url=url, master_key="", master_key_file=key))


def _workplace(settings: DeskSettings) -> Workplace:
    database = Database(settings.case_database_url)
    return Workplace(
        settings=settings,
        database=database,
        vault=unlock(database, settings),
        catalogue=shipped_catalogue(),
        rules=shipped_rules(),
        channels=shipped_channels(settings.home),
        code_version="test",
    )
