"""Unlocking a case database: the right master key, or a clear refusal to start."""

from sqlmodel import select

from models.case import Case
from models.database import Database
from models.house import DeskFact
from models.settings import DeskSettings
from models.vault import MasterKeyError, Vault, read_master_key

CHECK = "master_key_check"


def unlock(database: Database, settings: DeskSettings) -> Vault:
    """The vault of this database, whose master key is checked against the database's memory.

    On a database that has never been unlocked the key is created if need be, and remembered.

    Raises:
        MasterKeyError: The key is missing, malformed, or not the one this database was made with.
    """
    with database.reading() as session:
        remembered = session.get(DeskFact, CHECK)
        has_cases = session.exec(select(Case.number).limit(1)).first() is not None
    vault = Vault(
        read_master_key(
            settings.home,
            settings.master_key,
            may_create=remembered is None and not has_cases,
            from_file=settings.master_key_file,
        )
    )
    if remembered is None:
        with database.writing() as session:
            session.add(DeskFact(name=CHECK, value=vault.check_value()))
    elif not vault.recognises(remembered.value):
        raise MasterKeyError(
            "this master key is not the one the case database was made with; restore the right key"
            f" ({settings.master_key_file or settings.home / 'master.key'} or WHISTLE_MASTER_KEY). Nothing was changed."
        )
    return vault
