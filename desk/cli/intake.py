"""`whistle intake FILE`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from desk.bulk.files import AUTO
from desk.bulk.mapping import FIELDS, parse_map
from desk.bulk.taking_in import SOURCE_NAME, BulkOrder, BulkReport, run_bulk, source_named_after
from desk.cli.errors import STOPPED, CommandError, one_line_errors
from desk.cli.local_desk import CLI, local_desk
from desk.cli.tables import show_line, show_table

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
FIELDS_HELP = f"field=column, repeated; a+b joins columns. Fields: {', '.join(FIELDS)}"


@app.command()
@one_line_errors()
def intake(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or JSONL, each also with .gz")],
    map_: Annotated[list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help=FIELDS_HELP)] = None,
    source: Annotated[str, typer.Option(help="Who sent it; the file's name if left out")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first rows")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every row, keep none")] = False,
    zone: Annotated[str, typer.Option(help="Of times that name no zone")] = "Asia/Shanghai",
    encoding: Annotated[str, typer.Option(help="auto, or such as gb18030")] = AUTO,
    errors: Annotated[Path | None, typer.Option(help="Refused rows; FILE.errors.csv if left out")] = None,
) -> None:
    """Make a case of every row. Running it again makes only the cases that are not there yet.

    Without --map, columns are taken by the names of the fields. Rows that are refused are listed
    with their number, field and reason; the row number is the one a spreadsheet shows.
    """
    order = BulkOrder(
        path=file,
        source=_checked(source) or source_named_after(file),
        mapped=parse_map(map_ or [], zone),
        encoding=encoding,
        limit=limit,
        dry_run=dry_run,
        errors=errors,
    )
    report = _run_with_progress(order)
    _show(order, report)
    if report.interrupted:
        show_line("Stopped. What is in is in; run the same command again to go on.")
        raise typer.Exit(STOPPED)


def _checked(source: str) -> str:
    if source and not SOURCE_NAME.fullmatch(source):
        raise CommandError("--source: use 1 to 40 of a-z, 0-9, point, _ and -")
    return source


def _run_with_progress(order: BulkOrder) -> BulkReport:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with local_desk() as place, Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        return run_bulk(
            place,
            order,
            lambda: datetime.now(UTC),
            actor=f"client:{CLI}",
            on_count=lambda total: bar.update(task, total=total, description="taking in"),
            on_rows=lambda rows: bar.update(task, completed=rows),
        )


def _show(order: BulkOrder, report: BulkReport) -> None:
    made = "would be made" if order.dry_run else "made"
    show_table(
        f"Intake of {order.path.name} as source {order.source}",
        ("rows", made, "known", "refused", "seconds"),
        [(report.rows, report.made, report.known, report.refused, f"{report.seconds:.1f}")],
    )
    if report.errors:
        show_line(f"Refused rows are listed in {report.errors}")
