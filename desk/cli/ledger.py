"""`whistle ledger …`: what departments send of their own ledgers of our orders."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlmodel import col

from data_checks.extract_words import sentence
from desk.bulk.times import moment_of
from desk.cli.errors import REFUSED, CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.tables import show_line, show_table
from desk.ledger_check import request_check
from desk.safe_cells import safe_row
from models.ledgers import LedgerImport, LedgerQuarantine
from models.vocabulary import ExtractState
from tasks.records.ledgers import contracts, take_in_ledger
from tasks.records.record_checks import UnknownPartError
from tasks.story.timeline import ZONE, shown_time

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ledgers of departments: take in an extract, see what was refused and why, list contracts.",
)
Department = Annotated[str, typer.Argument(help="A department's code, such as EDU")]
HEADS = ("import", "line", "their number", "order", "field", "reason")


@app.command("import")
@one_line_errors()
def take_in(
    department: Department,
    source: Annotated[str, typer.Argument(help="A file (also gzipped), or a SQLAlchemy URL if the contract reads a table")],
    part: Annotated[bool, typer.Option("--part", help="Not the whole ledger: missing rows mean nothing")] = False,
    extracted_at: Annotated[str | None, typer.Option(help="When it was taken, if the file does not say")] = None,
) -> None:
    """Land an extract in the staging table; rows that cannot be read wait apart with a reason each."""
    now = datetime.now(UTC)
    said = _moment(extracted_at)
    with local_desk() as place:
        try:
            made = take_in_ledger(place, department, source, now, said_taken_at=said, whole=not part)
        except UnknownPartError as error:
            raise CommandError(str(error)) from None
        started = made.state is ExtractState.LANDED and request_check(place.settings, department)
    if made.state is ExtractState.REFUSED:
        zh, en = sentence(made.problem or "", made.problem_field)
        raise CommandError(f"{department}, import {made.id} refused, nothing was taken in: {zh} {en}")
    show_line(
        f"import {made.id}: {made.rows} rows: {made.landed} landed, {made.unchanged} unchanged, {made.older} older,"
        f" {made.quarantined} quarantined"
    )
    show_line("its check has been started" if started else "Prefect does not answer; the hourly check will look at it")
    if made.quarantined:
        show_line(f"for the sender: whistle ledger quarantine {department}")
        raise SystemExit(REFUSED)


@app.command()
@one_line_errors()
def quarantine(
    department: Department,
    out: Annotated[Path | None, typer.Option("--csv", help="Write them to a file for the sender")] = None,
) -> None:
    """Rows that could not be taken in and have not come again in order, with the reason in zh and en."""
    with local_desk() as place, place.database.reading() as session:
        wanted = select(LedgerQuarantine).where(
            col(LedgerQuarantine.department) == department, col(LedgerQuarantine.settled_by).is_(None)
        )
        waiting = list(session.execute(wanted.order_by(col(LedgerQuarantine.id))).scalars())
    rows = [
        (each.import_id, each.line, each.their_ref, each.order_ref, each.field, " ".join(sentence(each.problem, each.field, each.line, each.shown)))
        for each in waiting
    ]
    if out is None:
        show_table("Quarantined", HEADS, rows)
        return
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        writer.writerows(safe_row(each) for each in rows)
    show_line(f"{len(rows)} rows written to {out}")


@app.command("list")
@one_line_errors()
def list_imports(limit: Annotated[int, typer.Option(min=1, max=1000)] = 30) -> None:
    """The newest extracts, landed or refused."""
    with local_desk() as place, place.database.reading() as session:
        newest = select(LedgerImport).order_by(col(LedgerImport.id).desc()).limit(limit)
        rows = list(session.execute(newest).scalars())
    show_table(
        "Extracts",
        ("import", "department", "received", "taken", "state", "problem", "rows", "landed", "unchanged", "older", "quarantined"),
        [
            (
                each.id, each.department, shown_time(each.imported_at), shown_time(each.extracted_at) if each.extracted_at else "",
                each.state, each.problem, each.rows, each.landed, each.unchanged, each.older, each.quarantined,
            )
            for each in rows
        ],
    )  # fmt: skip


@app.command("contracts")
@one_line_errors()
def list_contracts() -> None:
    """Check every contract, and list what was agreed."""
    show_table(
        "Contracts",
        ("department", "format", "versions", "fresh for (h)", "grace (h)", "tolerance (min)", "smallest share"),
        [
            (
                each.department, each.format, ", ".join(str(v.version) for v in each.versions), each.freshness_hours,
                each.grace_hours, each.tolerance_minutes, each.smallest_share,
            )
            for each in contracts().values()
        ],
    )  # fmt: skip


def _moment(written: str | None) -> datetime | None:
    if written is None:
        return None
    found = moment_of(written, ZONE)
    if found is None:
        raise CommandError(f"--extracted-at {written}: no moment; write it as 2026-11-24 09:00")
    return found
