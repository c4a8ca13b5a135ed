"""A rule folder as it was at one moment, in memory: nobody's next save changes it any more."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from models.rule_files import NotYamlError, RuleFileError, digest_of_texts, parse_yaml

HERE = Path(__file__).parent
GRADES, PAUSES, ESCALATION = "rules/grades.yaml", "rules/pauses.yaml", "rules/escalation.yaml"
PROCEDURE, EXAMPLES = "rules/procedure.yaml", "examples.yaml"
DEFAULT_CALENDAR = "china"

MAX_BYTES = 300_000
"""Twenty times the longest shipped file; a bigger one is something else, dropped here by mistake."""


@dataclass(frozen=True)
class Snapshot:
    """The files of one rule set: relative path (`rules/grades.yaml`) to its text.

    `name` is what messages call the set: the folder, or the number of a promotion. A file that
    could not be read as text stands in `unreadable` with the reason, and not in `files`.
    """

    name: str
    files: Mapping[str, str]
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 in hex over names and bytes of `rules/*.yaml`; calendars and examples apart."""
        rules = {path: text for path, text in self.files.items() if path.startswith("rules/")}
        return digest_of_texts(rules)

    @property
    def calendar_digest(self) -> str:
        """SHA-256 in hex over name and bytes of the calendar that grades.yaml names."""
        text = self.text(self.calendar_path)
        return digest_of_texts({} if text is None else {self.calendar_path: text})

    @property
    def calendar_path(self) -> str:
        """`calendars/<id>.yaml`; the one of China as long as grades.yaml names none."""
        named = self._grades.get("calendar")
        return f"calendars/{named if isinstance(named, str) else DEFAULT_CALENDAR}.yaml"

    @property
    def is_partial(self) -> bool:
        """Whether grades.yaml says `only`: a set for looking at, which is never promoted."""
        return "only" in self._grades

    def text(self, path: str) -> str | None:
        """The file of this set, or, if a partial set leaves it out, the desk's own; else None."""
        return self.files[path] if path in self.files else self._borrowed.get(path)

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

    @cached_property
    def _grades(self) -> Mapping[str, Any]:
        try:
            written = self.parsed(GRADES) if GRADES in self.files else None
        except NotYamlError:
            written = None
        return written if isinstance(written, Mapping) else {}

    @cached_property
    def _borrowed(self) -> Mapping[str, str]:
        return snapshot_of(HERE).files if self.is_partial else {}


def snapshot_of(folder: Path) -> Snapshot:
    """What the files of `folder` say now: `rules/`, `calendars/` and `examples.yaml`.

    Raises:
        RuleFileError: A file changed while it was being read, so that what was read may be half
            of it; whoever asks again a moment later gets an answer.
    """
    paths = _paths(folder)
    # Two looks that agree: a save that fell between them, or into the first, shows in the second.
    first, second = ({path: _look(path) for path in paths} for _ in range(2))
    changed = [path for path in paths if first[path] != second[path]]
    if changed or _paths(folder) != paths:
        raise RuleFileError(
            [f"{path}: is being saved right now; try again" for path in changed or [folder]]
        )
    files, unreadable = {}, {}
    for path, look in first.items():
        name = path.relative_to(folder).as_posix()
        if isinstance(look.content, str):
            unreadable[name] = look.content
            continue
        try:
            files[name] = look.content.decode("utf-8")
        except UnicodeDecodeError as error:
            unreadable[name] = f"not UTF-8 (byte {error.start}); save it as UTF-8"
    return Snapshot(str(folder), files, unreadable)


@dataclass(frozen=True)
class _Look:
    """The bytes of a file with the stamp of its last change, or why it cannot be read."""

    content: bytes | str
    stamp: tuple[int, int, int] = (0, 0, 0)


def _paths(folder: Path) -> list[Path]:
    found = [path for part in ("rules", "calendars") for path in sorted((folder / part).glob("*.yaml"))]
    examples = folder / EXAMPLES
    return [*found, examples] if examples.exists() else found


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
