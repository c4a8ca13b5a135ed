"""`whistle doctor`."""

import os
from datetime import UTC, datetime

import typer

from desk.cli.errors import REFUSED
from desk.cli.tables import show_table
from desk.doctor.examination import examine
from desk.doctor.findings import Level
from models.settings import DeskSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def doctor() -> None:
    """Look for everything that is wrong, and say what to do; exit code 1 if anything is bad."""
    findings = list(examine(DeskSettings(), os.environ, datetime.now(UTC)))
    show_table(
        "Whistle doctor",
        ("check", "is", "found", "what to do"),
        [(each.name, each.level, each.words, each.advice) for each in findings],
    )
    if any(each.level is Level.BAD for each in findings):
        raise typer.Exit(REFUSED)
