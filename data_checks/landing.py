"""Landing an extract in the staging table: newer wins, older never does, and what is unfit waits apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from data_checks.contract import Contract
from data_checks.extract_files import Extract, ExtractRefusedError
from data_checks.extract_rows import AHEAD, Unfit, parse_moment, row_of
from data_checks.extract_words import Problem
from models.ledgers import LedgerImport, LedgerQuarantine, LedgerRow
from models.vocabulary import ExtractState

AT_ONCE = 1000
"""Rows in one statement; both databases bind at most some 32,000 values."""
COMPARED = (
    "order_ref", "leads", "kind", "status",
    "received_at", "accepted_at", "replied_at", "closed_at", "updated_at",
)  # fmt: skip


@dataclass
class Sorted:
    """The rows of one extract, sorted by what becomes of them; `unchanged` are numbers of the sender."""

    fresh: list[dict[str, Any]] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    older: int = 0
    unfit: list[Unfit] = field(default_factory=list)


def land(session: Session, contract: Contract, extract: Extract, taken_at: datetime, now: datetime, *, whole: bool = True) -> LedgerImport:
    """Take an extract in, in the caller's transaction.

    Args:
        session: A writing session.
        contract: The agreement with the sender.
        extract: What was sent.
        taken_at: When it was taken, aware; see `taken_at_of`.
        now: Aware.
        whole: False for a part, whose missing rows mean nothing.

    Raises:
        ExtractRefusedError: Nothing of it was taken in; tell it with `note_refusal`.
    """
    before = _last_whole(session, contract.department)
    _check_extract(contract, extract, taken_at, now, before, whole=whole)
    rows = [row_of(contract, extract.version, line, raw, taken_at) for line, raw in extract.rows]
    sorted_rows = _sort(session, contract.department, rows, [line for line, _ in extract.rows])
    made = LedgerImport(
        department=contract.department, schema_version=extract.version.version, file_digest=extract.digest,
        whole=whole, extracted_at=taken_at, imported_at=now, state=ExtractState.LANDED, rows=len(extract.rows),
        landed=len(sorted_rows.fresh), unchanged=len(sorted_rows.unchanged), older=sorted_rows.older,
        quarantined=len(sorted_rows.unfit),
    )  # fmt: skip
    session.add(made)
    session.flush()
    assert made.id is not None
    _store(session, contract.department, sorted_rows, made.id, taken_at, whole=whole)
    return made


def taken_at_of(contract: Contract, extract: Extract, said: datetime | None, now: datetime) -> datetime:
    """When an extract was taken: as its sender or its file says, or now for a table read just now.

    Raises:
        ExtractRefusedError: Neither says so, or not in a form that can be read.
    """
    if said is not None:
        return said
    if extract.taken_at is None:
        if contract.format == "table":
            return now
        raise ExtractRefusedError(Problem.NOT_DATED, "taken_at")
    try:
        found = parse_moment(extract.taken_at, "iso")
    except ValueError:
        raise ExtractRefusedError(Problem.BAD_TIME, "taken_at") from None
    return found if found.tzinfo else found.replace(tzinfo=contract.zone)


def note_refusal(
    session: Session, contract: Contract, digest: str, error: ExtractRefusedError, now: datetime, *, whole: bool = True
) -> LedgerImport:
    """Remember that an extract was refused, so that its sender is asked to mend it."""
    made = LedgerImport(
        department=contract.department, file_digest=digest, whole=whole, imported_at=now,
        state=ExtractState.REFUSED, problem=error.problem, problem_field=error.field[:200] or None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _last_whole(session: Session, department: str) -> LedgerImport | None:
    wanted = select(LedgerImport).where(
        col(LedgerImport.department) == department,
        col(LedgerImport.state) == ExtractState.LANDED,
        col(LedgerImport.whole),
    )
    return session.execute(wanted.order_by(col(LedgerImport.extracted_at).desc()).limit(1)).scalar_one_or_none()


def _check_extract(
    contract: Contract, extract: Extract, taken_at: datetime, now: datetime, before: LedgerImport | None, *, whole: bool
) -> None:
    if taken_at > now + AHEAD:
        raise ExtractRefusedError(Problem.DATED_AHEAD, "taken_at")
    if not whole or before is None or before.extracted_at is None:
        return
    if taken_at < before.extracted_at:
        raise ExtractRefusedError(Problem.OLDER_EXTRACT, "taken_at")
    if len(extract.rows) < contract.smallest_share * before.rows:
        raise ExtractRefusedError(Problem.HALF_A_FILE, f"{len(extract.rows)} rows, {before.rows} before")


def _sort(
    session: Session, department: str, rows: Sequence[dict[str, Any] | Unfit], lines: Sequence[int]
) -> Sorted:
    found, newest = Sorted(), dict[str, tuple[int, dict[str, Any]]]()
    for line, row in zip(lines, rows, strict=True):
        if isinstance(row, Unfit):
            found.unfit.append(row)
        else:
            _keep_newest(found, newest, line, row)
    known = _known_rows(session, department)
    for ref, (_, row) in newest.items():
        stored = known.get(ref)
        if stored is None:
            found.fresh.append(row)
        elif row["updated_at"] < stored.updated_at:
            found.older += 1
            found.unchanged.append(ref)
        elif all(row[name] == getattr(stored, name) for name in COMPARED):
            found.unchanged.append(ref)
        else:
            found.replaced.append(stored.id)
            found.fresh.append(row)
    return found


def _keep_newest(
    found: Sorted, newest: dict[str, tuple[int, dict[str, Any]]], line: int, row: dict[str, Any]
) -> None:
    ref = row["their_ref"]
    if ref not in newest:
        newest[ref] = (line, row)
        return
    other = newest[ref][1]
    if row["updated_at"] == other["updated_at"]:
        if row != other:
            found.unfit.append(Unfit(line, "updated_at", Problem.CONTRADICTS, "", ref, row["order_ref"]))
        return
    found.older += 1
    if row["updated_at"] > other["updated_at"]:
        newest[ref] = (line, row)


def _known_rows(session: Session, department: str) -> dict[str, Any]:
    columns = [col(LedgerRow.id), col(LedgerRow.their_ref), *(getattr(LedgerRow, name) for name in COMPARED)]
    wanted = select(*columns).where(col(LedgerRow.department) == department)
    return {row.their_ref: row for row in session.execute(wanted)}


def _store(
    session: Session, department: str, rows: Sorted, import_id: int, taken_at: datetime, *, whole: bool
) -> None:
    for ids in _chunks(rows.replaced):
        session.execute(delete(LedgerRow).where(col(LedgerRow.id).in_(ids)).execution_options(synchronize_session=False))
    for fresh in _chunks([row | {"import_id": import_id, "seen_at": taken_at} for row in rows.fresh]):
        session.execute(insert(LedgerRow).values(fresh))
    for refs in _chunks(rows.unchanged):
        seen = update(LedgerRow).where(col(LedgerRow.department) == department, col(LedgerRow.their_ref).in_(refs))
        session.execute(
            seen.values(seen_at=taken_at, import_id=import_id).execution_options(synchronize_session=False)
        )
    _settle_quarantine(session, department, rows, import_id, whole=whole)
    session.add_all(_quarantined(department, import_id, each) for each in rows.unfit)


def _quarantined(department: str, import_id: int, unfit: Unfit) -> LedgerQuarantine:
    return LedgerQuarantine(
        import_id=import_id, department=department, line=unfit.line, their_ref=unfit.their_ref,
        order_ref=unfit.order_ref, field=unfit.field, problem=unfit.problem, shown=unfit.shown,
    )  # fmt: skip


def _settle_quarantine(session: Session, department: str, rows: Sorted, import_id: int, *, whole: bool) -> None:
    """Rows that were sent again in order; a whole extract says anew of every other what is still wrong."""
    arrived = [row["their_ref"] for row in rows.fresh] + rows.unchanged
    waiting = update(LedgerQuarantine).where(
        col(LedgerQuarantine.department) == department, col(LedgerQuarantine.settled_by).is_(None)
    )
    for refs in _chunks(arrived):
        again = waiting.where(col(LedgerQuarantine.their_ref).in_(refs))
        session.execute(again.values(settled_by=import_id).execution_options(synchronize_session=False))
    if whole:
        session.execute(waiting.values(settled_by=import_id).execution_options(synchronize_session=False))


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
