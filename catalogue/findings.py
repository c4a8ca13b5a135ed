"""Everything that is wrong with a catalogue, all at once, each with its place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from catalogue.cross_checks import DEPARTMENTS, NATURES, SIGNALS, CrossChecks
from catalogue.dispatch_checks import FILE_NAME as DISPATCH
from catalogue.dispatch_checks import problems_of as problems_of_dispatch
from catalogue.dispatch_rules import DispatchFile
from catalogue.link_rules import FILE_NAME as LINKS
from catalogue.link_rules import LinkRules
from catalogue.link_rules import problems_of as problems_of_links
from catalogue.schema import DepartmentFile, KindFile, NatureFile, SignalFile
from catalogue.snapshot import KINDS, CatalogueSnapshot
from models.rule_notes import Notes
from models.spelling import nearest

READ = (DEPARTMENTS, SIGNALS, NATURES, LINKS, DISPATCH)
"""The files beside those of kinds; any other is a stray."""

_PHRASE = "constrained-str"
_NEAR = re.compile(r"Near|function-\w+\[.*Near\]")


@dataclass(frozen=True)
class Contents:
    """What the files of a catalogue say; None for one that could not be read or does not fit.

    `kinds` has the files of kinds that could be read, by path.
    """

    departments: DepartmentFile | None
    signals: SignalFile | None
    natures: NatureFile | None
    links: LinkRules | None
    dispatch: DispatchFile | None
    kinds: Mapping[str, KindFile] = field(default_factory=dict)


class CatalogueNotes(Notes):
    """One pass over the files of a catalogue."""

    def __init__(self, snapshot: CatalogueSnapshot) -> None:
        super().__init__(snapshot)
        self.snapshot = snapshot

    def missing(self, path: str) -> tuple[str, str]:
        """Why a file that must be there has no text, and what to do."""
        if path in self.snapshot.unreadable:
            return self.snapshot.unreadable[path], ""
        strays = [each for each in self.snapshot.files if each not in (*READ, *self.snapshot.kind_paths)]
        similar = nearest(path, strays)
        return "file not found", f"rename {similar} if that is the file" if similar else "copy the delivered one"

    def errors_of(self, error: ValidationError) -> Iterator[Mapping[str, Any]]:
        """Of a cue that is neither a phrase nor phrases in company: only what it was meant to be."""
        for each in super().errors_of(error):
            parts = each["loc"]
            tag = next((at for at, part in enumerate(parts) if part == _PHRASE or _is_near(part)), None)
            if tag is None:
                yield each
            elif not _meant_otherwise(each, parts[tag]):
                yield {**each, "loc": (*parts[:tag], *parts[tag + 1 :])}

    def look_at_kinds(self) -> dict[str, KindFile]:
        """Every file of kinds that can be read, by path."""
        paths = self.snapshot.kind_paths
        if not paths:
            self.note_file(KINDS, "no file of kinds found", "copy the delivered folder")
        found = {path: self.read(path, KindFile) for path in paths}
        return {path: file for path, file in found.items() if file}

    def note_strays(self) -> None:
        """Adds the files that somebody may believe in and nothing reads."""
        for path in (*self.snapshot.files, *self.snapshot.unreadable):
            if path not in READ and path not in self.snapshot.kind_paths:
                self.note_file(path, "nothing reads this file", f"read are {', '.join(READ)}, {KINDS}/", "warning")


def read_all(notes: CatalogueNotes) -> Contents:
    """What the catalogue says, as far as it can be read; what is wrong is in `notes` afterwards."""
    contents = Contents(
        departments=notes.read(DEPARTMENTS, DepartmentFile),
        signals=notes.read(SIGNALS, SignalFile),
        natures=notes.read(NATURES, NatureFile),
        links=notes.read(LINKS, LinkRules),
        dispatch=notes.read(DISPATCH, DispatchFile),
        kinds=notes.look_at_kinds(),
    )
    whole = len(contents.kinds) == len(notes.snapshot.kind_paths)
    # With a file missing, every reference into it would be told as broken.
    if contents.departments and contents.signals and contents.natures and whole:
        kinds = {path: file.kinds for path, file in contents.kinds.items()}
        checks = CrossChecks(contents.departments.departments, contents.signals.signals, kinds)
        for path, problem in checks.problems():
            notes.note(path, [problem])
        if contents.links:
            codes = [kind.code for each in kinds.values() for kind in each]
            notes.note(LINKS, problems_of_links(contents.links, codes))
        if contents.dispatch:
            units = contents.departments.departments
            known = [kind for each in kinds.values() for kind in each]
            notes.note(DISPATCH, problems_of_dispatch(contents.dispatch, units, known))
    notes.note_strays()
    return contents


def _meant_otherwise(error: Mapping[str, Any], tag: object) -> bool:
    """Whether pydantic only says that a phrase is no group of phrases, or the other way round."""
    if _is_near(tag):
        return str(error["type"]) == "model_type"
    return error["type"] == "string_type" and isinstance(error["input"], Mapping)


def _is_near(part: object) -> bool:
    return isinstance(part, str) and _NEAR.fullmatch(part) is not None
