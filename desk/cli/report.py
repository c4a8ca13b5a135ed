"""`whistle report …`: figures for people outside the desk."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from analysis.open_data import HEADS, EarlierFileError, EarlierRow, OpenData, open_data
from analysis.suppression import CannotProtectError
from analysis.suppression_rules import load_suppression, suppression_digest
from analysis.windows import ZONE
from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.report_files import make, rebuild
from desk.cli.report_rates import rates_
from desk.cli.tables import show_line
from desk.safe_cells import safe_row
from tasks.workplace import Workplace

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Figures for people outside the desk; small counts are blank.",
)
app.command("make")(make)
app.command("rebuild")(rebuild)


@app.callback()
def _report() -> None:
    """Figures for people outside the desk."""


app.command("rates")(rates_)


@app.command("open-data")
@one_line_errors()
def open_data_(
    from_: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="A day of the first month, Beijing time")],
    to: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="A day of the last month")],
    out: Annotated[Path, typer.Option(help="The CSV file; its description is written beside it as .json")],
    earlier: Annotated[list[Path] | None, typer.Option(help="A file published earlier; name every one")] = None,
) -> None:
    """Month × family of kinds × grade as CSV, with everything blank that could tell a small count."""
    first, last = from_.date(), to.date()
    if last < first:
        raise CommandError("--to lies before --from")
    if date(last.year + last.month // 12, last.month % 12 + 1, 1) > datetime.now(ZONE).date():
        raise CommandError(f"{last:%Y-%m} is not over yet: its numbers still change, and two exports would tell by how many")
    published = [row for path in earlier or () for row in _earlier_rows(path)]
    with local_desk() as place:
        home, families = place.settings.home, sorted({each[0] for each in place.catalogue.kinds})
        try:
            with place.database.reading() as session:
                made = open_data(session, first, last, families, load_suppression(home), published)
        except (CannotProtectError, EarlierFileError) as error:
            raise CommandError(str(error)) from None
        _write(out, made, place, [_digest(path.read_bytes()) for path in earlier or ()])
    show_line(f"{out}: {made.about['numbers']} numbers, {made.about['blank']} of them blank")


def _write(out: Path, made: OpenData, place: Workplace, earlier: list[str]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADS)
    writer.writerows(safe_row(row) for row in made.rows)
    content = stream.getvalue().encode()
    about = {
        **made.about,
        "sha256": _digest(content),
        "earlier_sha256": earlier,
        "suppression_rules": suppression_digest(place.settings.home),
        "catalogue": place.catalogue.digest,
        "code": place.code_version,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    out.write_bytes(content)
    out.with_suffix(".json").write_text(json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _earlier_rows(path: Path) -> Iterator[EarlierRow]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != HEADS:
            raise CommandError(f"{path.name}: not a file of this export; its first line must be {','.join(HEADS)}")
        for row in rows:
            try:
                cases = int(row["cases"]) if row["cases"] else None
                yield EarlierRow(date.fromisoformat(row["from"]), date.fromisoformat(row["to"]), (row["family"], row["grade"]), cases)
            except (TypeError, ValueError):
                raise CommandError(f"{path.name}: line {rows.line_num} is not a row of this export") from None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
