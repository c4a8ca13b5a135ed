"""Taking in what a department sends of its ledger."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path

from data_checks.contract import Contract, load_contracts
from data_checks.extract_files import (
    Extract,
    ExtractRefusedError,
    content_of,
    digest_of,
    read_extract,
    read_table,
)
from data_checks.landing import land, note_refusal, taken_at_of
from models.ledgers import LedgerImport
from tasks.records.record_checks import UnknownPartError
from tasks.workplace import Workplace


@cache
def contracts() -> dict[str, Contract]:
    """The contracts that came with this release, by the department's code."""
    return load_contracts()


def take_in_ledger(
    place: Workplace,
    department: str,
    source: str,
    now: datetime,
    *,
    said_taken_at: datetime | None = None,
    whole: bool = True,
) -> LedgerImport:
    """Land one extract whole, or refuse it whole; either is remembered.

    Args:
        place: The desk.
        department: Its code.
        source: A file's path, or the SQLAlchemy URL of its database if the contract reads a table.
        now: Aware.
        said_taken_at: When it was taken, aware, if the file does not say so itself.
        whole: False for a part.

    Raises:
        UnknownPartError: The department has no contract.
        OSError: The file cannot be opened; nothing is remembered of that.
    """
    contract = contracts().get(department)
    if contract is None:
        raise UnknownPartError(department)
    digest = hashlib.sha256(source.encode()).hexdigest()
    try:
        digest, extract = _read(contract, source)
        taken_at = taken_at_of(contract, extract, said_taken_at, now)
        with place.database.writing() as session:
            return land(session, contract, extract, taken_at, now, whole=whole)
    except ExtractRefusedError as error:
        with place.database.writing() as session:
            return note_refusal(session, contract, digest, error, now, whole=whole)


def _read(contract: Contract, source: str) -> tuple[str, Extract]:
    if contract.format == "table":
        extract = read_table(contract, source)
        return extract.digest, extract
    content = content_of(Path(source))
    return digest_of(content), read_extract(contract, content)
