"""A rule folder as it was at one moment, in memory: nobody's next save changes it any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from models.folder_texts import FolderSnapshot, texts_of
from models.rule_files import NotYamlError, digest_of_texts

HERE = Path(__file__).parent
GRADES, PAUSES, ESCALATION = "rules/grades.yaml", "rules/pauses.yaml", "rules/escalation.yaml"
PROCEDURE, EXAMPLES = "rules/procedure.yaml", "examples.yaml"
DEFAULT_CALENDAR = "china"


@dataclass(frozen=True)
class Snapshot(FolderSnapshot):
    """The files of one rule set: relative path (`rules/grades.yaml`) to its text."""

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
        RuleFileError: A file is being saved right now.
    """
    found = texts_of(folder, _paths)
    return Snapshot(str(folder), found.files, found.unreadable)


def _paths(folder: Path) -> list[Path]:
    found = [path for part in ("rules", "calendars") for path in sorted((folder / part).glob("*.yaml"))]
    examples = folder / EXAMPLES
    return [*found, examples] if examples.exists() else found
