"""`whistle custody`: the master key as people keep it. Nothing here prints a key."""

import base64
import binascii
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from desk.cli.errors import CommandError, one_line_errors
from desk.cli.tables import show_line
from desk.rewrapping import Found, look_at_all, rewrap_all
from desk.stack.home_lock import HomeInUseError, hold_home
from desk.stack.start import make_home
from models.database import Database
from models.keeping import unlock
from models.key_change import (
    KeyChangeError,
    Stage,
    check_may_seal,
    end_change,
    others_at_work,
    prepare_change,
    put_in_force,
    remembered,
    vault_of,
)
from models.key_parts import join_key, split_key
from models.settings import DeskSettings
from models.vault import KEY_BYTES, MasterKeyError, Vault, read_key_file, read_master_key, write_key_file

app = typer.Typer(
    help="The master key: make one, split it between two people, join it, try it, put another in its place.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
KeyFile = Annotated[Path, typer.Argument(help="A file with a master key.", show_default=False)]
NewFile = Annotated[Path, typer.Argument(help="A file that is not there yet.", show_default=False)]
SHOW_SECONDS, GONE_SECONDS, MOST_SHOWN = 5.0, 3.0, 5
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
    key, database = read_key_file(file), Database(DeskSettings().case_database_url)
    try:
        with database.reading() as session:
            known = remembered(session)
    finally:
        database.close()
    if known.check is None:
        raise CommandError("this database has never been unlocked; `whistle migrate` does that")
    if vault_of(known, key) is None:
        raise CommandError(f"{file} does not open this database")
    if known.stage is Stage.PREPARED:
        which = "the key in force" if Vault(key).recognises(known.check) else "the new key, prepared and not in force yet"
        show_line(f"{file} opens this database: {which}")
        return
    show_line(f"{file} opens this database")


@app.command()
@one_line_errors()
def rotate(new_key: KeyFile) -> None:
    """Prepare another master key: whoever is started with it reads everything; the old one goes on sealing.

    Set the old key as ever. Repeat it with another file for another new key, or with the old key to take it back.
    """
    settings = DeskSettings()
    fresh = read_key_file(new_key)
    old = read_master_key(settings.home, settings.master_key, may_create=False, from_file=settings.master_key_file)
    with _database(settings) as database, _told(), database.writing() as session:
        is_prepared = prepare_change(session, old, fresh)
    if not is_prepared:
        show_line(f"{new_key} is the key in force: no other one is prepared")
        return
    show_line(f"prepared: key {Vault(fresh).key_id()}. Now give it to every desk and worker in the place of the old one,")
    show_line("start them again one after the other, then `whistle custody rewrap`. Keep the old key.")


@app.command()
@one_line_errors()
def rewrap() -> None:
    """Let the new key seal, and seal anew with it what the old one sealed; it may be killed and repeated.

    Refused while anybody is at work who was started with the old key only.
    """
    settings = DeskSettings()
    with _database(settings) as database, _told(), _alone_if_embedded(settings, database):
        vault = unlock(database, settings)
        with database.reading() as session:
            check_may_seal(remembered(session), vault)
        _check_alone(database, vault)
        with database.writing() as session:
            is_new = put_in_force(session, vault)
        if is_new:
            show_line(f"key {vault.key_id()} is in force")
        _rewrap(database, vault)
        found = look_at_all(database, vault)
        while found.before:
            # Rows that somebody was changing just then.
            time.sleep(0.5)
            _rewrap(database, vault)
            found = look_at_all(database, vault)
    _show_broken(found)
    show_line(f"sealed with key {vault.key_id()}: {_counted(found)}; with the old one: nothing")
    show_line("When doctor is content: `whistle custody retire`")


@app.command()
@one_line_errors()
def retire() -> None:
    """Take the old key out of the database, once everything was tried and nothing is sealed with it."""
    settings = DeskSettings()
    with _database(settings) as database, _told():
        vault = unlock(database, settings)
        with database.reading() as session:
            stage = remembered(session).stage
        if stage is not Stage.IN_FORCE:
            raise CommandError(
                "no new key is in force: `whistle custody rewrap` comes first" if stage is Stage.PREPARED else "no old key is left to retire"
            )
        found = look_at_all(database, vault)
        if found.before:
            raise CommandError(f"still sealed with the old key: {sum(found.before.values())}; repeat `whistle custody rewrap`")
        with database.writing() as session:
            end_change(session, datetime.now(UTC))
    _show_broken(found)
    show_line(f"every one of {_counted(found)} was opened with key {vault.key_id()}")
    show_line("The old key opens nothing here any more. Backups from before need it: destroy it, and its parts, when the last of them is gone.")


def _check_alone(database: Database, vault: Vault) -> None:
    patience = time.monotonic() + GONE_SECONDS
    while True:
        with database.reading() as session:
            others = others_at_work(session, vault)
        if not others:
            return
        # A connection that was closed just now is shown for a moment.
        if time.monotonic() > patience:
            raise CommandError(
                f"connected without key {vault.key_id()}: {', '.join(others)}. Start them again with the new key, or stop them"
            )
        time.sleep(0.2)


def _rewrap(database: Database, vault: Vault) -> None:
    done, shown = 0, time.monotonic()
    for name, count in rewrap_all(database, vault):
        done += count
        if time.monotonic() - shown > SHOW_SECONDS:
            show_line(f"{done} sealed anew, now {name}")
            shown = time.monotonic()


def _counted(found: Found) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.anew.items()) or "nothing"


def _show_broken(found: Found) -> None:
    if found.broken:
        shown = ", ".join(found.broken[:MOST_SHOWN])
        typer.echo(f"opened by neither key, and left as they are: {len(found.broken)}, such as {shown}", err=True)


@contextmanager
def _database(settings: DeskSettings) -> Iterator[Database]:
    database = Database(settings.case_database_url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (KeyChangeError, HomeInUseError) as error:
        raise CommandError(str(error)) from None


@contextmanager
def _alone_if_embedded(settings: DeskSettings, database: Database) -> Iterator[None]:
    """One machine's own database tells nobody who is connected: there the desk is stopped for the moment this takes."""
    if not database.is_sqlite:
        yield
        return
    make_home(settings.home.resolve())
    with hold_home(settings.home.resolve()):
        yield


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
