"""`whistle deploy`: what a running Prefect must be told once for a release."""

import os

import typer

from desk.cli.errors import SET_UP, one_line_errors
from desk.cli.migrate import run_step
from desk.cli.tables import show_line
from desk.stack.scale_out import NotSpreadError, desk_env
from models.settings import DeskSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
@one_line_errors()
def deploy() -> None:
    """Tell a running Prefect of the work pool, the deployments and the automations of this release."""
    home = DeskSettings().home.resolve()
    try:
        env = desk_env(os.environ, home)
    except NotSpreadError as error:
        typer.echo(f"cannot deploy: {error}", err=True)
        raise typer.Exit(SET_UP) from None
    run_step(env, "desk.deployments")
    show_line("work pool, deployments and automations: registered")
