"""`whistle custody`: the master key as people keep it. Nothing here prints a key."""

import base64
import binascii
import os
from pathlib import Path
from typing import Annotated

import typer

from desk.cli.errors import CommandError, one_line_errors
from desk.cli.tables import show_line
from models.database import Database
from models.house import DeskFact
from models.keeping import CHECK
from models.key_parts import join_key, split_key
from models.settings import DeskSettings
from models.vault import KEY_BYTES, MasterKeyError, Vault, read_key_file, write_key_file

app = typer.Typer(
    help="The master key: make one, split it between two people, join it, try it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
KeyFile = Annotated[Path, typer.Argument(help="A file with a master key.", show_default=False)]
NewFile = Annotated[Path, typer.Argument(help="A file that is not there yet.", show_default=False)]
PartFile = Annotated[Path, typer.Argument(help="A file with one part of a master key.", show_default=False)]


@app.command()
@one_line_errors()
def new(file: NewFile) -> None:
    """Make a master key, in a file that only its owner may read."""
    _write(file, os.urandom(KEY_BYTES))
    show_line(f"{file}: a new master key; without it nothing that is sealed can be read")


@app.command()
@one_line_errors()
def split(file: KeyFile, first: NewFile, second: NewFile) -> None:
    """Make two parts of a key; either of them alone tells nothing, both are needed to join it.

    Every split is new: for a second pair of people split again.
    """
    parts = split_key(read_key_file(file))
    if join_key(*parts) != read_key_file(file):
        raise CommandError("the parts do not give the key again; nothing was written")
    for place, part in zip((first, second), parts, strict=True):
        _write(place, part)
    show_line(f"{first}, {second}: give each to one person, then remove them here")


@app.command()
@one_line_errors()
def join(first: PartFile, second: PartFile, file: NewFile) -> None:
    """Put a key together from its two parts."""
    _write(file, join_key(_part(first), _part(second)))
    show_line(f"{file}: the master key; try it with `whistle custody check {file}`")


@app.command()
@one_line_errors()
def check(file: KeyFile) -> None:
    """Whether a key opens the case database that WHISTLE_DATABASE_URL names; nothing is read or changed."""
    vault, database = Vault(read_key_file(file)), Database(DeskSettings().case_database_url)
    try:
        with database.reading() as session:
            remembered = session.get(DeskFact, CHECK)
    finally:
        database.close()
    if remembered is None:
        raise CommandError("this database has never been unlocked; `whistle migrate` does that")
    if not vault.recognises(remembered.value):
        raise CommandError(f"{file} does not open this database")
    show_line(f"{file} opens this database")


def _write(file: Path, content: bytes) -> None:
    try:
        write_key_file(file, content)
    except OSError as error:
        raise CommandError(f"{file} cannot be made: {error.strerror}") from None


def _part(file: Path) -> bytes:
    try:
        return base64.b64decode(file.read_text(encoding="ascii").strip(), validate=True)
    except (OSError, UnicodeDecodeError, binascii.Error, ValueError):
        raise MasterKeyError(f"{file} is not a part of a master key") from None
