"""`whistle rules check`."""

import os
from collections.abc import Callable, Iterator

import typer

from catalogue.loader import load_catalogue
from desk.cli_errors import REFUSED
from desk.cli_tables import show_line
from models.rule_files import RuleFileError
from models.settings import DeskSettings
from notifications.channels import load_channels
from sla_rules.loader import load_rule_book

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Check the catalogue, the rules and the channels.",
)


@app.callback()
def _rules() -> None:
    """Check the catalogue, the rules and the channels."""


@app.command()
def check() -> None:
    """Read every rule file and print every problem as file:line:column: field: what is wrong."""
    problems = list(rule_problems(DeskSettings()))
    for problem in problems:
        show_line(problem)
    if problems:
        raise typer.Exit(REFUSED)
    show_line("catalogue, rules and channels are in order")


def rule_problems(settings: DeskSettings) -> Iterator[str]:
    """Everything that is wrong with the files the desk decides by, over all of them."""
    readers: tuple[Callable[[], object], ...] = (
        load_catalogue,
        load_rule_book,
        lambda: load_channels(None, os.environ, settings.home),
    )
    for read in readers:
        try:
            read()
        except RuleFileError as error:
            yield from error.problems
