"""A catalogue folder as it was at one moment, in memory: nobody's next save changes it any more."""

from dataclasses import dataclass
from pathlib import Path

from models.folder_texts import FolderSnapshot, texts_of
from models.rule_files import digest_of_texts

HERE = Path(__file__).parent
KINDS = "kinds"


@dataclass(frozen=True)
class CatalogueSnapshot(FolderSnapshot):
    """The files of one catalogue: relative path (`kinds/family.yaml`) to its text."""

    @property
    def digest(self) -> str:
        """SHA-256 in hex over names and bytes of all files."""
        return digest_of_texts(self.files)

    @property
    def kind_paths(self) -> tuple[str, ...]:
        """The files of kinds, in name order."""
        return tuple(sorted(path for path in (*self.files, *self.unreadable) if path.startswith(f"{KINDS}/")))

    def sharing(self, other: "CatalogueSnapshot") -> "CatalogueSnapshot":
        """The same files; those whose text the other has as well are not parsed a second time."""
        same = (path for path in self.files if other.files.get(path) == self.files[path])
        self._parsed.update({path: other._parsed[path] for path in same if path in other._parsed})
        return self


def snapshot_of(folder: Path) -> CatalogueSnapshot:
    """What the YAML files of `folder` and its `kinds/` say now.

    Raises:
        RuleFileError: A file is being saved right now.
    """
    found = texts_of(folder, _paths)
    return CatalogueSnapshot(str(folder), found.files, found.unreadable)


def _paths(folder: Path) -> list[Path]:
    return [path for part in (folder, folder / KINDS) for path in sorted(part.glob("*.yaml"))]
