"""Reading the files of a folder that people edit: all as they were at one moment, or not at all."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from models.rule_files import NotYamlError, RuleFileError, parse_yaml

MAX_BYTES = 300_000
"""Several times the longest shipped file; a bigger one is something else, dropped here by mistake."""


@dataclass(frozen=True)
class FolderSnapshot:
    """A folder of YAML as it was at one moment, in memory: nobody's next save changes it any more.

    `files` has the text of each file by its path from the folder. `name` is what messages call it: the
    folder, or the number of a version. A file that could not be read as text stands in `unreadable`
    with the reason, and not in `files`.
    """

    name: str
    files: Mapping[str, str]
    unreadable: Mapping[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str | None:
        """One file; None if it is not there or no text."""
        return self.files.get(path)

    def parsed(self, path: str) -> Any:
        """The file as `parse_yaml` gives it, parsed once; the file must be there.

        Raises:
            NotYamlError: It is not YAML.
        """
        if path not in self._parsed:
            text = self.text(path)
            if text is None:
                raise KeyError(path)
            try:
                self._parsed[path] = parse_yaml(text)
            except NotYamlError as error:
                self._parsed[path] = error
        found = self._parsed[path]
        if isinstance(found, NotYamlError):
            raise found
        return found

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class FolderTexts:
    """Relative path to text; a file that is no text stands in `unreadable` with the reason instead."""

    files: dict[str, str]
    unreadable: dict[str, str]


def texts_of(folder: Path, paths_in: Callable[[Path], list[Path]]) -> FolderTexts:
    """What the files that `paths_in` names in `folder` say now.

    Raises:
        RuleFileError: A file changed while it was being read, so that what was read may be half
            of it; whoever asks again a moment later gets an answer.
    """
    paths = paths_in(folder)
    # Two looks that agree: a save that fell between them, or into the first, shows in the second.
    first, second = ({path: _look(path) for path in paths} for _ in range(2))
    changed = [path for path in paths if first[path] != second[path]]
    if changed or paths_in(folder) != paths:
        raise RuleFileError([f"{path}: is being saved right now; try again" for path in changed or [folder]])
    found = FolderTexts({}, {})
    for path, look in first.items():
        name = path.relative_to(folder).as_posix()
        if isinstance(look.content, str):
            found.unreadable[name] = look.content
            continue
        try:
            found.files[name] = look.content.decode("utf-8")
        except UnicodeDecodeError as error:
            found.unreadable[name] = f"not UTF-8 (byte {error.start}); save it as UTF-8"
    return found


@dataclass(frozen=True)
class _Look:
    """The bytes of a file with the stamp of its last change, or why it cannot be read."""

    content: bytes | str
    stamp: tuple[int, int, int] = (0, 0, 0)


def _look(path: Path) -> _Look:
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            content = file.read(MAX_BYTES + 1)
            after = os.fstat(file.fileno())
    except IsADirectoryError:
        return _Look("is a folder; a file is expected")
    except OSError as error:
        return _Look(f"cannot be read ({error.strerror})")
    if len(content) > MAX_BYTES:
        return _Look(f"is above {MAX_BYTES:,} bytes; no rule file is that long")
    if _stamp(before) != _stamp(after):
        # Differs from every other look, so that the two looks cannot agree.
        return _Look(f"changed at {after.st_mtime_ns} while being read")
    return _Look(content, _stamp(after))


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
