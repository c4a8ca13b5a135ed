"""The folder in which a supervisor edits: drafted from a version, remembering which."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from sqlmodel import Session

from models.house import Promotion
from models.rule_files import RuleFileError
from sla_rules.snapshot import EXAMPLES, snapshot_of
from tasks.house.promoted_rules import live_promotion, promotions

BASED_ON = ".based-on"
Signature = tuple[tuple[str, int, int], ...]


class Read(Protocol):
    """The files of a folder as they were at one moment."""

    @property
    def files(self) -> Mapping[str, str]:
        """Relative path to text."""

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Relative path to why the file is no text."""


class Stored(Protocol):
    """A version as the database keeps it."""

    number: int
    files: dict[str, str]


Version = TypeVar("Version", bound=Stored)
Reader = Callable[[Path], Read]


class RuleFolderError(ValueError):
    """A folder cannot be used for what was asked; the message says why."""


def working_folder(home: Path) -> Path:
    """Where supervisors of the desk in `home` edit, and what its workers watch."""
    return home / "rules"


def signature_of(folder: Path) -> Signature:
    """Name, size and time of change of what a rule set in `folder` is made of; cheap, for watching.

    Returns:
        Empty if the folder is missing or has no such file.
    """
    found = []
    parts = (path for part in ("rules", "calendars") for path in (folder / part).glob("*.yaml"))
    for path in sorted([folder / BASED_ON, folder / EXAMPLES, *parts]):
        try:
            state = path.stat()
        except FileNotFoundError:
            # Editors save by renaming: gone now, there at the next look.
            continue
        found.append((str(path.relative_to(folder)), state.st_size, state.st_mtime_ns))
    return tuple(found)


def based_on(folder: Path) -> int | None:
    """The version the folder was drafted from; None if it does not say.

    Raises:
        RuleFolderError: It says something that is not a number.
    """
    try:
        told = (folder / BASED_ON).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        told = ""
    if not (told.isascii() and told.isdigit()):
        raise RuleFolderError(f"{folder / BASED_ON} must hold the number of a version and nothing else")
    return int(told)


def draft_live(session: Session, folder: Path) -> Promotion:
    """Write the live files into `folder`, as `write_draft` does; the version they are.

    Raises:
        RuleFolderError: The folder holds something else.
        NothingLiveError: No rule set ever went live.
        RuleFileError: A file of it is being saved right now.
    """
    live = live_promotion(session)
    write_draft(folder, live, promotions(session))
    return live


def write_draft(
    folder: Path, live: Version, earlier: Iterable[Version], read: Reader = snapshot_of
) -> None:
    """Write the live files into `folder`, to be edited there.

    Args:
        folder: Missing, empty, or holding the unedited files of an earlier version, which are
            brought up to date: nobody's work is lost by that.
        live: What is live.
        earlier: The versions the folder may hold unedited.
        read: How such a folder is read; as one of SLA rules unless said.

    Raises:
        RuleFolderError: The folder holds something else.
        RuleFileError: A file of it is being saved right now.
    """
    old = unedited(folder, earlier, read)
    if old is None and folder.exists() and any(folder.iterdir()):
        raise RuleFolderError(f"{folder} is not empty, and not an unedited draft: name another folder")
    for name in set(old.files if old else ()) - set(live.files):
        (folder / name).unlink()
    for name, content in live.files.items():
        _replace(folder / name, content)
    mark_based_on(folder, live.number)


def keep_draft(name: str, folder: Path, draft: Callable[[], Stored]) -> Iterator[str]:
    """A folder to edit in, made or brought up to date by `draft`; one that was edited is left alone."""
    is_new = not folder.exists()
    try:
        live = draft()
    except (RuleFolderError, RuleFileError):
        yield f"{name}: {folder} holds edits that are not live"
        return
    if is_new:
        yield f"{name}: version {live.number} may be edited in {folder}"


def mark_based_on(folder: Path, number: int) -> None:
    """Let the folder say which version its files were made from."""
    _replace(folder / BASED_ON, f"{number}\n")


def unedited(folder: Path, versions: Iterable[Version], read: Reader = snapshot_of) -> Version | None:
    """The version whose files the folder holds, byte by byte and no others; None if it was edited.

    Raises:
        RuleFileError: A file is being saved right now.
    """
    found = read(folder)
    if found.unreadable or not found.files:
        return None
    return next((version for version in versions if version.files == found.files), None)


def _replace(path: Path, content: str) -> None:
    """Write a file so that whoever looks at the same moment sees all of the old or all of the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(f".{path.name}.{os.getpid()}")
    whole.write_bytes(content.encode())
    whole.replace(path)
