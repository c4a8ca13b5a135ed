"""What every task of this process works with: the database, the vault and what is in force."""

import copy
import hashlib
import os
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from sqlalchemy.orm import object_session
from sqlmodel import Session

from catalogue.loader import Catalogue, load_catalogue
from classifier.delivered import delivered_reader
from classifier.reader import Reader
from models.case import Case
from models.database import Database
from models.keeping import unlock
from models.settings import DeskSettings
from models.vault import Vault
from models.vocabulary import Versioned
from notifications.channels import Channels, load_channels
from sla_rules.loader import load_rule_book
from sla_rules.rule_book import RuleBook
from tasks.house.in_force import HouseInForce, NotTakenUp
from tasks.house.promoted_rules import PromotedRules, live_number

VERSION = "0.1.0"
DECIDING = ("catalogue", "classifier", "models", "notifications", "sla_rules", "tasks", "flows")


@dataclass(eq=False)
class Workplace:
    """One process's view of the desk; cheap to pass, expensive to open, safe between threads.

    `rules` are those that came with this release. Which rules are live, and which a case goes by,
    says the case database, so that every process on every machine takes up a new set by itself.

    `catalogue` and `reader` (the learned model; None judges by cues alone) begin as those that
    came with the release and become the live ones with `take_up`. What one view takes up, the next
    `workplace()` has; a view that a task holds already stays as it is, so that the task judges,
    decides and signs by one catalogue.
    """

    settings: DeskSettings
    database: Database
    vault: Vault
    catalogue: Catalogue
    rules: RuleBook
    channels: Channels
    code_version: str
    reader: Reader | None = None
    house: HouseInForce = field(default_factory=HouseInForce, repr=False)

    def take_up(self) -> tuple[NotTakenUp, ...]:
        """Go by the newest versions of the house that this release can read, from now on.

        One query when there is nothing new.

        Returns:
            The versions that cannot be read and so changed nothing; `house_versions` tells of them.
        """
        with self.database.reading() as session:
            self.house.take_up(session, self._known())
        self._go_by(self.house)
        return self.house.unreadable

    def _known(self) -> dict[str, Any]:
        known: dict[str, Any] = {self.catalogue.digest: self.catalogue}
        return known if self.reader is None else {**known, self.reader.digest: self.reader}

    def steady_view(self) -> "Workplace":
        """This workplace with what is in force now; later `take_up`s of others do not change it."""
        view = copy.copy(self)
        view._promoted = self._promoted
        view._go_by(self.house)
        return view

    def _go_by(self, house: HouseInForce) -> None:
        self.catalogue = house.values.get(Versioned.CATALOGUE, self.catalogue)
        self.reader = house.values.get(Versioned.CLASSIFIER, self.reader)

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
    place = Workplace(
        settings=settings,
        database=database,
        vault=unlock(database, settings),
        catalogue=load_catalogue(),
        rules=load_rule_book(),
        channels=load_channels(None, os.environ, settings.home),
        code_version=code_version(),
        reader=delivered_reader(),
    )
    place.take_up()
    return place


_in_use: list[Workplace] = []


def workplace() -> Workplace:
    """The workplace of this process as of now, opened from the environment when first asked for."""
    if not _in_use:
        _in_use.append(open_workplace(DeskSettings()))
    return _in_use[-1].steady_view()


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
