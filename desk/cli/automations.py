"""`whistle automations`: whom Prefect tells when a run crashes or nobody works."""

import os

import httpx
import typer
from prefect.settings import PREFECT_API_URL, temporary_settings

from desk.automations.installing import install_automations
from desk.cli.errors import REFUSED
from desk.cli.tables import show_table
from desk.watching.prefect import prefect_url
from models.settings import DeskSettings

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def automations() -> None:
    """Whom Prefect tells when a run crashes or nobody works."""


@app.command()
def install() -> None:
    """Put them into the desk's Prefect server (or that of PREFECT_API_URL), or renew them; as often as you like."""
    settings = DeskSettings()
    url = settings.alarm_url
    # With no address Prefect would start a server of its own: the stack's is meant.
    where = {} if PREFECT_API_URL.value() else {PREFECT_API_URL: prefect_url(settings, os.environ)}
    try:
        with temporary_settings(where):
            done = install_automations(url)
    except httpx.HTTPError as error:
        typer.echo(f"Prefect does not answer, or refuses ({type(error).__name__}); is PREFECT_API_URL right?", err=True)
        raise typer.Exit(REFUSED) from None
    show_table("Automations", ("name", "is"), done)
    if not url:
        typer.echo("They tell nobody yet: set WHISTLE_ALARM_URL to an address that takes a POST, and install again.")
