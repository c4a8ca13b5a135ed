"""Unlocking a case database: the right master key, or a clear refusal to start."""

from sqlmodel import select

from models.case import Case
from models.database import Database
from models.house import DeskFact
from models.key_change import CHECK, name_for, remembered, vault_of
from models.settings import DeskSettings
from models.vault import MasterKeyError, Vault, read_master_key


def unlock(database: Database, settings: DeskSettings) -> Vault:
    """The vault of this database, whose master key is checked against the database's memory.

    On a database that has never been unlocked the key is created if need be, and remembered.

    Raises:
        MasterKeyError: The key is missing, malformed, or not the one this database was made with.
    """
    try:
        vault = _vault_for(database, settings)
    except MasterKeyError:
        # Whoever is turned away leaves no connection behind: a change of keys would wait for it.
        database.close()
        raise
    if not database.is_sqlite:
        database.say_who(name_for(vault))
    return vault


def _vault_for(database: Database, settings: DeskSettings) -> Vault:
    with database.reading() as session:
        known = remembered(session)
        has_cases = session.exec(select(Case.number).limit(1)).first() is not None
    key = read_master_key(
        settings.home,
        settings.master_key,
        may_create=known.check is None and not has_cases,
        from_file=settings.master_key_file,
    )
    if known.check is None:
        vault = Vault(key)
        with database.writing() as session:
            session.add(DeskFact(name=CHECK, value=vault.check_value()))
        return vault
    return _recognised(vault_of(known, key), settings)


def _recognised(vault: Vault | None, settings: DeskSettings) -> Vault:
    if vault is None:
        raise MasterKeyError(
            "this master key is not the one the case database was made with; restore the right key, after a change of it the new one"
            f" ({settings.master_key_file or settings.home / 'master.key'} or WHISTLE_MASTER_KEY). Nothing was changed."
        )
    return vault
