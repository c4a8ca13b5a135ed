"""`whistle migrate`: what is done once for a release, not by every process that starts."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import typer

from desk.cli.errors import REFUSED, SET_UP, one_line_errors
from desk.cli.tables import show_line
from desk.prepare import prepare
from desk.stack.children import ROOT
from desk.stack.scale_out import NotSpreadError, prefect_server_env
from desk.stack.start import make_home
from models.settings import DeskSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
@one_line_errors()
def migrate() -> None:
    """Bring the case database, then Prefect's, to this release; make the master key of a new desk.

    Once for each release, before anything of it starts. Repeating it changes nothing.
    """
    home = DeskSettings().home.resolve()
    try:
        env = prefect_server_env(os.environ, home)
    except NotSpreadError as error:
        typer.echo(f"cannot migrate: {error}", err=True)
        raise typer.Exit(SET_UP) from None
    make_home(home)
    for line in prepare(DeskSettings(), datetime.now(UTC)):
        show_line(line)
    run_step(env, "prefect", "server", "database", "upgrade", "--yes")
    show_line("Prefect's database: up to date")


def run_step(env: dict[str, str], module: str, *arguments: str) -> None:
    """Run a module to its end; a failure is told in one line and ends this command."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=env,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        # What it said may name an address with its password: only the kind of the last error is told.
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        kind = last[0].partition(":")[0] if last else ""
        typer.echo(
            f"{module} ended with code {done.returncode} ({kind}); try it by hand: python -m {module} {' '.join(arguments)}",
            err=True,
        )
        raise typer.Exit(REFUSED)
