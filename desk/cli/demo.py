"""`whistle demo`."""

from pathlib import Path
from typing import Annotated

import typer

from desk.rehearsal import start as rehearsal

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def demo(
    cases: Annotated[int, typer.Option(min=1, help="How many sample cases")] = 60,
    home: Annotated[Path | None, typer.Option(help="An empty or new folder; a temporary one if left out")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the temporary folder")] = False,
) -> None:
    """Sample cases live a month on a fast clock: simulated departments, real Prefect, real alerts.

    It has a desk of its own and touches no other. Exit code 1 if a case ends otherwise than its
    sample says.
    """
    raise typer.Exit(rehearsal.run(cases, home, keep=keep))
