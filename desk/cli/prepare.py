"""`whistle prepare`."""

from datetime import UTC, datetime

import typer

from desk.cli.errors import one_line_errors
from desk.cli.tables import show_line
from desk.prepare import prepare as prepare_desk
from models.settings import DeskSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
@one_line_errors()
def prepare() -> None:
    """Make or migrate the case database, with master key, departments and first API keys.

    `whistle up` does this by itself. Repeating it changes nothing.
    """
    for line in prepare_desk(DeskSettings(), datetime.now(UTC)):
        show_line(line)
