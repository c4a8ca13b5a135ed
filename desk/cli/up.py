"""`whistle up`."""

import typer

from desk.stack.start import run_stack
from models.settings import DeskSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def up() -> None:
    """Start database, Prefect, worker and desk; print the addresses; stop all of it on Ctrl-C.

    Data lie in ./var, or where WHISTLE_HOME says.
    """
    raise typer.Exit(run_stack(DeskSettings()))
