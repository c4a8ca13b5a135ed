"""Reading the whole catalogue, or telling everything that is wrong with it at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from catalogue.cues import Cue, CueIndex
from catalogue.dispatch_rules import DispatchFile
from catalogue.findings import CatalogueNotes, Contents, read_all
from catalogue.link_rules import LinkRules
from catalogue.schema import Cues, Department, Kind, NatureCues, Near, Signal
from catalogue.snapshot import HERE, CatalogueSnapshot, snapshot_of
from models.rule_files import RuleFileError
from models.rule_problems import lines_of

_REMEMBERED = 8
"""A desk has one live catalogue, and a few more while somebody compares versions."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Kinds, departments and signals as one value; `digest` names this very content."""

    kinds: Mapping[str, Kind]
    departments: Mapping[str, Department]
    signals: tuple[Signal, ...]
    natures: tuple[NatureCues, ...]
    links: LinkRules
    dispatch: DispatchFile
    digest: str
    kind_cues: CueIndex = field(repr=False, compare=False)
    signal_cues: CueIndex = field(repr=False, compare=False)
    nature_cues: CueIndex = field(repr=False, compare=False)
    fact_cues: CueIndex = field(repr=False, compare=False)


_READ_BEFORE: dict[str, Catalogue] = {}


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The catalogue in `folder`, or the one delivered with the desk.

    Raises:
        RuleFileError: Something is missing or wrong; `problems` names every place as
            `file:line:column: field: reason`.
    """
    return catalogue_of(snapshot_of(folder or HERE))


def catalogue_of(snapshot: CatalogueSnapshot) -> Catalogue:
    """The catalogue whose files these are.

    Raises:
        RuleFileError: As `load_catalogue`.
    """
    # Reading takes seconds, and the same content is always the same catalogue. A file that could not be read is in no digest.
    known = None if snapshot.unreadable else _READ_BEFORE.get(snapshot.digest)
    if known is not None:
        return known
    notes = CatalogueNotes(snapshot)
    contents = read_all(notes)
    if problems := lines_of(notes.sorted_findings(), "error"):
        raise RuleFileError(problems)
    found = build(snapshot.digest, contents)
    while len(_READ_BEFORE) >= _REMEMBERED:
        _READ_BEFORE.pop(next(iter(_READ_BEFORE)), None)
    _READ_BEFORE[snapshot.digest] = found
    return found


def build(digest: str, contents: Contents) -> Catalogue:
    """The catalogue that sound contents make.

    Raises:
        ValueError: A file could not be read, and nobody looked at what was found.
    """
    departments, signals = contents.departments, contents.signals
    natures, links, dispatch = contents.natures, contents.links, contents.dispatch
    if not (departments and signals and natures and links and dispatch and contents.kinds):
        raise ValueError("a catalogue needs all its files")
    kinds = [kind for each in contents.kinds.values() for kind in each.kinds]
    return Catalogue(
        kinds=MappingProxyType({kind.code: kind for kind in sorted(kinds, key=lambda each: each.code)}),
        departments=MappingProxyType({each.code: each for each in departments.departments}),
        signals=signals.signals,
        natures=natures.natures,
        links=links,
        dispatch=dispatch,
        digest=digest,
        kind_cues=CueIndex(_all_cues((kind.code, kind.cues) for kind in kinds)),
        signal_cues=CueIndex(_all_cues((each.id, each.cues) for each in signals.signals)),
        nature_cues=CueIndex(_all_cues((each.nature, each.cues) for each in natures.natures)),
        fact_cues=CueIndex(_all_cues((each.code, each.cues) for each in dispatch.facts)),
    )


def _all_cues(owners: Iterable[tuple[str, Cues]]) -> Iterator[Cue]:
    for owner, cues in owners:
        for language, written in (("zh", cues.zh), ("en", cues.en)):
            for number, each in enumerate(written, start=1):
                yield _cue(owner, f"{owner}:{language}:{number}", each)


def _cue(owner: str, name: str, written: str | Near) -> Cue:
    if isinstance(written, str):
        return Cue(owner, name, ((written.lower(),),))
    parts = (part.lower().split("|") for part in written.together)
    return Cue(owner, name, tuple(tuple(each.strip() for each in part) for part in parts), written.within)
