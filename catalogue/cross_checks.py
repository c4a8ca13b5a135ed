"""What no single file of the catalogue can check about itself: that references meet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalogue.schema import Department, Kind, Signal
from models.rule_files import line_of, read_yaml

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class CrossChecks:
    """The parsed files, with the paths to name in a problem."""

    folder: Path
    departments: Sequence[Department]
    signals: Sequence[Signal]
    kinds: Mapping[Path, Sequence[Kind]]

    def problems(self) -> Iterator[str]:
        """Every broken reference and doubled code, as `file:line:column: field: reason`."""
        yield from self._of_departments()
        yield from self._of_kinds()
        yield from self._of_signals()

    def _of_departments(self) -> Iterator[str]:
        path = self.folder / "departments.yaml"
        codes = [each.code for each in self.departments]
        for number, each in enumerate(self.departments):
            place: Location = ("departments", number)
            if each.code in codes[:number]:
                yield _problem(path, (*place, "code"), f"{each.code} is there twice")
            if each.alternative == each.code:
                yield _problem(path, (*place, "alternative"), "a unit cannot stand in for itself")
            elif each.alternative not in codes:
                yield _problem(path, (*place, "alternative"), _unknown("department", each.alternative))

    def _of_kinds(self) -> Iterator[str]:
        seen: set[str] = set()
        for path, kinds in self.kinds.items():
            for number, kind in enumerate(kinds):
                place: Location = ("kinds", number)
                if kind.code in seen:
                    yield _problem(path, (*place, "code"), f"{kind.code} is there twice")
                seen.add(kind.code)
                yield from self._of_one_kind(path, place, kind)

    def _of_one_kind(self, path: Path, place: Location, kind: Kind) -> Iterator[str]:
        departments = {each.code: each for each in self.departments}
        if kind.lead is not None and kind.lead not in departments:
            yield _problem(path, (*place, "lead"), _unknown("department", kind.lead))
        elif kind.lead is not None and not departments[kind.lead].may_lead:
            yield _problem(path, (*place, "lead"), f"{kind.lead} may not lead")
        for at, code in enumerate(kind.with_departments):
            if code not in departments:
                yield _problem(path, (*place, "with", at), _unknown("department", code))
        known = {each.id for each in self.signals}
        for at, signal in enumerate(kind.raised_when):
            if signal not in known:
                yield _problem(path, (*place, "raised_when", at), _unknown("signal", signal))

    def _of_signals(self) -> Iterator[str]:
        path = self.folder / "signals.yaml"
        codes = {kind.code for kinds in self.kinds.values() for kind in kinds}
        ids = [each.id for each in self.signals]
        for number, each in enumerate(self.signals):
            place: Location = ("signals", number)
            if each.id in ids[:number]:
                yield _problem(path, (*place, "id"), f"{each.id} is there twice")
            if each.counts_as is not None and each.counts_as not in ids:
                yield _problem(path, (*place, "counts_as"), _unknown("signal", each.counts_as))
            for name, code in (("kind", each.kind), ("guardian_kind", each.guardian_kind)):
                if code is not None and code not in codes:
                    yield _problem(path, (*place, name), _unknown("kind", code))


def _unknown(what: str, code: str) -> str:
    return f"no {what} {code} in the catalogue; add it or correct its spelling"


def _problem(path: Path, location: Location, reason: str) -> str:
    # The file is read again for its line numbers: only a broken catalogue pays for it.
    line, column = line_of(read_yaml(path), location)
    return f"{path}:{line}:{column}: {'.'.join(str(part) for part in location)}: {reason}"
