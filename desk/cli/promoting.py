"""What every command that makes something live has in common: who, why, and how a refusal is told."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from desk.cli.errors import SET_UP, CommandError
from desk.cli.tables import show_line
from tasks.house.promoted_rules import NothingLiveError, UnknownPromotionError
from tasks.house.promotion import PromotionRefusedError
from tasks.house.rule_folder import RuleFolderError
from tasks.house.rule_reports import NotSoundError
from tasks.house.versions import NoVersionLiveError, UnknownVersionError

LONGEST_REASON = 500
Reason = Annotated[str, typer.Option(help="Why, for the history; no case words")]
By = Annotated[str, typer.Option(help="Who promotes; the name you are logged in with unless said")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask again")]
_NOT_DONE = (
    NothingLiveError,
    NoVersionLiveError,
    PromotionRefusedError,
    RuleFolderError,
    UnknownPromotionError,
    UnknownVersionError,
)


@contextmanager
def refused() -> Iterator[None]:
    """Turn the errors of promoting into lines and exit code 2: nothing was changed."""
    try:
        yield
    except NotSoundError as error:
        for problem in error.problems:
            show_line(problem)
        _end(str(error))
    except _NOT_DONE as error:
        _end(str(error))


def name_of(by: str) -> str:
    """Who acts: as said, else the name this shell is logged in with."""
    return " ".join((by or getpass.getuser()).split())[:80]


def reason_of(reason: str) -> str:
    """The reason on one line.

    Raises:
        CommandError: There is none, or it is a whole story.
    """
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON:
        raise CommandError(f"--reason: say why, in up to {LONGEST_REASON} letters; it stays in the history")
    return words


def _end(words: str) -> None:
    typer.echo(f"whistle: {words}", err=True)
    raise typer.Exit(SET_UP)
