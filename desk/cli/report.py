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

from analysis.open_data import ASKED, HEADS, OpenData, open_data
from analysis.report.facts import Cadence
from analysis.report.period import period
from analysis.suppression_rules import load_suppression, suppression_digest
from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.report_files import make, rebuild
from desk.cli.report_rates import rates_
from desk.cli.tables import show_line
from desk.safe_cells import safe_row
from tasks.reporting.making import ReportNotPossibleError, rules_of
from tasks.reporting.months import numbers_of_month
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
    from_: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="A day of the first month, Beijing time")
    ],
    to: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="A day of the last month")],
    out: Annotated[Path, typer.Option(help="The CSV file; its description is written beside it as .json")],
) -> None:
    """Month × family of kinds × grade as CSV: the numbers of the monthly reports, so that both together tell no small count."""
    now = datetime.now(UTC)
    if to < from_:
        raise CommandError("--to lies before --from")
    with local_desk() as place:
        windows = rules_of(place).rates.windows
        try:
            # From the last back: if one is not over yet, none of them is told.
            told = {
                period(Cadence.MONTHLY, each, windows): numbers_of_month(place, each, ASKED, now)
                for each in reversed(list(_months(from_.date(), to.date())))
            }
        except ReportNotPossibleError as error:
            raise CommandError(str(error)) from None
        made = open_data(told, load_suppression(place.settings.home))
        _write(out, made, place)
    show_line(f"{out}: {made.about['numbers']} numbers, {made.about['blank']} of them blank")


def _months(first: date, last: date) -> Iterator[date]:
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(month // 12, month % 12 + 1, 1)


def _write(out: Path, made: OpenData, place: Workplace) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADS)
    writer.writerows(safe_row(row) for row in made.rows)
    content = stream.getvalue().encode()
    about = {
        **made.about,
        "sha256": hashlib.sha256(content).hexdigest(),
        "suppression_rules": suppression_digest(place.settings.home),
        "catalogue": place.catalogue.digest,
        "code": place.code_version,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    out.write_bytes(content)
    out.with_suffix(".json").write_text(
        json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
