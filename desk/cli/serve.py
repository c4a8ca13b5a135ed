"""`whistle serve`: one part of a desk that is spread over processes and machines."""

import os
from typing import Annotated

import typer

from desk.cli.errors import SET_UP
from desk.stack.children import ROOT
from desk.stack.scale_out import NotSpreadError, Part, command_of
from desk.stack.start import make_home
from models.settings import DeskSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def serve(
    part: Annotated[Part, typer.Argument(help="Which part to run here.", show_default=False)],
    host: Annotated[str, typer.Option(help="Where prefect-api listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where prefect-api listens.")] = 4200,
) -> None:
    """Run one part in the foreground, for systemd or a container; `whistle up` needs none of this.

    Desk and worker listen where WHISTLE_HOST, WHISTLE_PORT and WHISTLE_WORKER_METRICS_PORT say. docs/scale-out.md has the rest.
    """
    home = DeskSettings().home.resolve()
    try:
        command = command_of(part, os.environ, home, host, port)
    except NotSpreadError as error:
        typer.echo(f"cannot serve {part}: {error}", err=True)
        raise typer.Exit(SET_UP) from None
    make_home(home)
    # In its place, not as its child: signals and exit codes are the part's own.
    os.chdir(ROOT)
    os.execve(command.arguments[0], command.arguments, command.env)
