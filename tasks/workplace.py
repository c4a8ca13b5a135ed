"""What every task of this process works with: the database, the vault and the rules in force."""

import hashlib
import os
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from sqlalchemy.orm import object_session
from sqlmodel import Session

from catalogue.loader import Catalogue, load_catalogue
from models.case import Case
from models.database import Database
from models.keeping import unlock
from models.settings import DeskSettings
from models.vault import Vault
from notifications.channels import Channels, load_channels
from sla_rules.loader import load_rule_book
from sla_rules.rule_book import RuleBook
from tasks.promoted_rules import PromotedRules, live_number

VERSION = "0.1.0"
DECIDING = ("catalogue", "models", "notifications", "sla_rules", "tasks", "flows")


@dataclass(frozen=True)
class Workplace:
    """One process's view of the desk; cheap to pass, expensive to open, safe between threads.

    `rules` are those that came with this release. Which rules are live, and which a case goes by,
    says the case database, so that every process on every machine takes up a new set by itself.
    """

    settings: DeskSettings
    database: Database
    vault: Vault
    catalogue: Catalogue
    rules: RuleBook
    channels: Channels
    code_version: str

    def rules_for(self, case: Case) -> RuleBook:
        """The rule book this case goes by.

        Raises:
            RuleFileError: This release cannot read the rule set that was stored.
        """
        session = object_session(case)
        if isinstance(session, Session):
            return self._promoted.book(session, case.rules_version)
        with self.database.reading() as own:
            return self._promoted.book(own, case.rules_version)

    def live_rules(self) -> RuleBook:
        """The rule book that new cases go by now.

        Raises:
            RuleFileError: This release cannot read the rule set that was stored.
        """
        with self.database.reading() as session:
            return self._promoted.book(session, live_number(session))

    def rules_of_version(self, session: Session, number: int) -> RuleBook:
        """The rule book of one promotion.

        Raises:
            UnknownPromotionError: There is none of that number.
            RuleFileError: This release cannot read the rule set that was stored.
        """
        return self._promoted.book(session, number)

    @cached_property
    def _promoted(self) -> PromotedRules:
        return PromotedRules(self.rules)


def open_workplace(settings: DeskSettings) -> Workplace:
    """Everything a process needs to work on cases.

    Raises:
        MasterKeyError: The master key is missing or not the right one.
        RuleFileError: The catalogue, the rules or the channels cannot be used.
    """
    database = Database(settings.case_database_url)
    return Workplace(
        settings=settings,
        database=database,
        vault=unlock(database, settings),
        catalogue=load_catalogue(),
        rules=load_rule_book(),
        channels=load_channels(None, os.environ, settings.home),
        code_version=code_version(),
    )


_in_use: list[Workplace] = []


def workplace() -> Workplace:
    """The workplace of this process, opened from the environment when first asked for."""
    if not _in_use:
        _in_use.append(open_workplace(DeskSettings()))
    return _in_use[-1]


def use_workplace(place: Workplace) -> None:
    """Make `place` the workplace of this process: tests and the rehearsal bring their own."""
    _in_use[:] = [place]


@cache
def code_version() -> str:
    """The release, and a fingerprint of the code that decides; stored with every decision."""
    root = Path(__file__).parents[1]
    total = hashlib.sha256()
    for folder in DECIDING:
        for path in sorted((root / folder).rglob("*.py")):
            total.update(path.read_bytes())
    return f"{VERSION}+{total.hexdigest()[:12]}"
