"""Reading the whole catalogue, or telling everything that is wrong with it at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from catalogue.cross_checks import CrossChecks
from catalogue.cues import Cue, CueIndex
from catalogue.schema import (
    Cues,
    Department,
    DepartmentFile,
    Kind,
    KindFile,
    NatureCues,
    NatureFile,
    Near,
    Signal,
    SignalFile,
)
from models.rule_files import RuleFileError, RuleModel, digest_of, read_rule_file

HERE = Path(__file__).parent
FileModel = TypeVar("FileModel", bound=RuleModel)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Kinds, departments and signals as one value; `digest` names this very content."""

    kinds: Mapping[str, Kind]
    departments: Mapping[str, Department]
    signals: tuple[Signal, ...]
    natures: tuple[NatureCues, ...]
    digest: str
    kind_cues: CueIndex = field(repr=False, compare=False)
    signal_cues: CueIndex = field(repr=False, compare=False)
    nature_cues: CueIndex = field(repr=False, compare=False)


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The catalogue in `folder`, or the one delivered with the desk.

    Raises:
        RuleFileError: Something is missing or wrong; `problems` names every place as
            `file:line:column: field: reason`.
    """
    folder = folder or HERE
    problems: list[str] = []
    departments_file = _read(folder / "departments.yaml", DepartmentFile, problems)
    signals_file = _read(folder / "signals.yaml", SignalFile, problems)
    natures_file = _read(folder / "natures.yaml", NatureFile, problems)
    kind_paths = sorted((folder / "kinds").glob("*.yaml"))
    if not kind_paths:
        problems.append(f"{folder / 'kinds'}: no file of kinds found")
    kind_files = {path: _read(path, KindFile, problems) for path in kind_paths}
    if problems or not (departments_file and signals_file and natures_file):
        raise RuleFileError(problems)
    kinds_by_path = {path: file.kinds for path, file in kind_files.items() if file}
    checks = CrossChecks(folder, departments_file.departments, signals_file.signals, kinds_by_path)
    if problems := list(checks.problems()):
        raise RuleFileError(problems)
    kinds = [kind for each in kinds_by_path.values() for kind in each]
    own = [folder / name for name in ("departments.yaml", "signals.yaml", "natures.yaml")]
    return Catalogue(
        kinds=MappingProxyType({kind.code: kind for kind in sorted(kinds, key=lambda each: each.code)}),
        departments=MappingProxyType({each.code: each for each in departments_file.departments}),
        signals=signals_file.signals,
        natures=natures_file.natures,
        digest=digest_of([*own, *kind_paths]),
        kind_cues=CueIndex(_all_cues((kind.code, kind.cues) for kind in kinds)),
        signal_cues=CueIndex(_all_cues((each.id, each.cues) for each in signals_file.signals)),
        nature_cues=CueIndex(_all_cues((each.nature, each.cues) for each in natures_file.natures)),
    )


def _read(path: Path, model: type[FileModel], problems: list[str]) -> FileModel | None:
    """The file, or None with its problems added to `problems`."""
    try:
        return read_rule_file(path, model)
    except RuleFileError as error:
        problems.extend(error.problems)
        return None


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
