"""Bulk intake: many requests from one file, in small transactions, repeatable at will."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from desk.bulk.errors import ErrorsFile, errors_path
from desk.bulk.files import AUTO, Survey, survey
from desk.bulk.mapping import FieldMap, RowError, check_columns, form_of
from desk.bulk.rows import Row, cell_text, count_rows, headings, rows_of
from models.house import ImportBatch
from tasks.receiving.intake import IntakeError, TakenIn, look_over, take_in_many
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace

BATCH_ROWS = 100
SOURCE_NAME = re.compile(r"[a-z0-9_.-]{1,40}")


@dataclass(frozen=True)
class BulkOrder:
    """What to take in and how.

    `source` names the organisation; `errors` is where refusals go, None for beside the file;
    a dry run looks at every row and writes no case.
    """

    path: Path
    source: str
    mapped: FieldMap
    encoding: str = AUTO
    limit: int | None = None
    dry_run: bool = False
    errors: Path | None = None


@dataclass
class BulkReport:
    """What came of it so far. After an interruption what was `made` is in, and running the same
    order again goes on from there."""

    rows: int = 0
    made: int = 0
    known: int = 0
    refused: int = 0
    seconds: float = 0.0
    errors: Path | None = None
    interrupted: bool = False


def run_bulk(
    place: Workplace,
    order: BulkOrder,
    clock: Callable[[], datetime],
    *,
    actor: str,
    on_count: Callable[[int], None] = lambda _: None,
    on_rows: Callable[[int], None] = lambda _: None,
) -> BulkReport:
    """Take in every row of a file that can be; the others are listed in the errors file.

    A row's source_ref, or else a keyed fingerprint of the whole row, keeps it from becoming two
    cases, however often this runs.

    Args:
        place: The desk.
        order: What to take in.
        clock: Tells the aware time.
        actor: Who takes it in.
        on_count: Told once how many rows there are.
        on_rows: Told after each transaction how many rows were dealt with.

    Raises:
        BulkFileError: The file as a whole cannot be used; nothing was taken in.
        MappingError: A mapped column is missing; nothing was taken in.
    """
    started = time.monotonic()
    known = survey(order.path, order.encoding)
    columns = headings(order.path, known)
    if columns is not None:
        check_columns(order.mapped, columns)
    on_count(count_rows(order.path, known, order.limit))
    report = BulkReport()
    with ErrorsFile(errors_path(order.path, order.errors, place.settings.home)) as errors:
        batch_id = None if order.dry_run else _open_batch(place, order, known, clock())
        try:
            for rows in _batches(islice(rows_of(order.path, known), order.limit)):
                _take_rows(place, order, rows, batch_id, clock(), actor, errors, report)
                on_rows(report.rows)
        except KeyboardInterrupt:
            report.interrupted = True
        if batch_id is not None:
            _close_batch(place, batch_id, report, clock())
        report.errors = errors.path if errors.count else None
    report.seconds = time.monotonic() - started
    return report


def source_named_after(path: Path) -> str:
    """A source name for a file without one: from the file's name, so that two organisations that
    both number from 1 are not taken for each other."""
    stem = path.name.lower().split(".")[0][:40]
    return stem if SOURCE_NAME.fullmatch(stem) else f"file-{hashlib.sha256(stem.encode()).hexdigest()[:8]}"


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH_ROWS)):
        yield batch


def _take_rows(
    place: Workplace,
    order: BulkOrder,
    rows: list[Row],
    batch_id: int | None,
    now: datetime,
    actor: str,
    errors: ErrorsFile,
    report: BulkReport,
) -> None:
    forms: list[tuple[int, IntakeForm]] = []
    refusals: list[tuple[int, str, str]] = []
    for row in rows:
        try:
            forms.append((row.number, _with_reference(place, row, form_of(row, order.mapped, order.source))))
        except RowError as error:
            refusals.append((row.number, error.field, error.reason))
    ready = [form for _, form in forms]
    results = (
        look_over(place, ready, now)
        if batch_id is None
        else take_in_many(place, ready, now, actor=actor, batch_id=batch_id)
    )
    for (number, _), result in zip(forms, results, strict=True):
        if isinstance(result, IntakeError):
            field, _, reason = str(result).partition(": ")
            refusals.append((number, field, reason))
    for refusal in sorted(refusals):
        errors.add(*refusal)
    _count(report, len(rows), len(refusals), results)


def _count(
    report: BulkReport, rows: int, refused: int, results: Iterable[TakenIn | IntakeError | None]
) -> None:
    known = sum(1 for each in results if isinstance(each, TakenIn) and not each.is_new)
    report.rows += rows
    report.refused += refused
    report.known += known
    report.made += rows - refused - known


def _with_reference(place: Workplace, row: Row, form: IntakeForm) -> IntakeForm:
    if form.source_ref is not None:
        return form
    said = json.dumps({name: cell_text(cell) for name, cell in row.cells.items()}, sort_keys=True)
    # Keyed, because a plain hash of words would let anybody test a guess at them, even after sealing.
    return form.model_copy(update={"source_ref": f"row-{place.vault.blind_index(said)}"})


def _open_batch(place: Workplace, order: BulkOrder, known: Survey, now: datetime) -> int:
    batch = ImportBatch(source=order.source, file_digest=known.digest, started_at=now)
    with place.database.writing() as session:
        session.add(batch)
        session.flush()
        assert batch.id is not None
        return batch.id


def _close_batch(place: Workplace, batch_id: int, report: BulkReport, now: datetime) -> None:
    with place.database.writing() as session:
        batch = session.get_one(ImportBatch, batch_id)
        batch.rows, batch.made = report.rows, report.made
        batch.known, batch.refused = report.known, report.refused
        batch.finished_at = None if report.interrupted else now
        session.add(batch)
