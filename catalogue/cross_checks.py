"""What no single file of the catalogue can check about itself: that references meet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalogue.schema import Department, Kind, Signal
from models.rule_problems import Location, Problem
from models.spelling import did_you_mean

DEPARTMENTS, SIGNALS, NATURES = "departments.yaml", "signals.yaml", "natures.yaml"
Placed = tuple[str, Problem]


@dataclass(frozen=True, slots=True)
class CrossChecks:
    """The parsed files; `kinds` by the path of their file."""

    departments: Sequence[Department]
    signals: Sequence[Signal]
    kinds: Mapping[str, Sequence[Kind]]

    def problems(self) -> Iterator[Placed]:
        """Every broken reference and doubled code, with the file it stands in."""
        yield from self._of_departments()
        yield from self._of_kinds()
        yield from self._of_signals()

    def _of_departments(self) -> Iterator[Placed]:
        path = DEPARTMENTS
        codes = [each.code for each in self.departments]
        for number, each in enumerate(self.departments):
            place: Location = ("departments", number)
            if each.code in codes[:number]:
                yield path, Problem((*place, "code"), f"{each.code} is there twice")
            if each.alternative == each.code:
                yield path, Problem((*place, "alternative"), "a unit cannot stand in for itself")
            elif each.alternative not in codes:
                yield path, _unknown((*place, "alternative"), "department", each.alternative, self._names)
            for name, code in (("superior", each.superior), *(("tied_to", unit) for unit in each.tied_to)):
                if code is not None and code not in codes:
                    yield path, _unknown((*place, name), "department", code, self._names)

    def _of_kinds(self) -> Iterator[Placed]:
        seen: set[str] = set()
        for path, kinds in self.kinds.items():
            for number, kind in enumerate(kinds):
                place: Location = ("kinds", number)
                if kind.code in seen:
                    yield path, Problem((*place, "code"), f"{kind.code} is there twice")
                seen.add(kind.code)
                yield from self._of_one_kind(path, place, kind)

    def _of_one_kind(self, path: str, place: Location, kind: Kind) -> Iterator[Placed]:
        departments = {each.code: each for each in self.departments}
        if kind.lead is not None and kind.lead not in departments:
            yield path, _unknown((*place, "lead"), "department", kind.lead, self._names)
        elif kind.lead is not None and not departments[kind.lead].may_lead:
            yield path, Problem((*place, "lead"), f"{kind.lead} may not lead")
        for at, code in enumerate(kind.with_departments):
            if code not in departments:
                yield path, _unknown((*place, "with", at), "department", code, self._names)
        known = {each.id for each in self.signals}
        for at, signal in enumerate(kind.raised_when):
            if signal not in known:
                yield path, _unknown((*place, "raised_when", at), "signal", signal, dict.fromkeys(known))

    def _of_signals(self) -> Iterator[Placed]:
        path = SIGNALS
        codes = {kind.code for kinds in self.kinds.values() for kind in kinds}
        ids = [each.id for each in self.signals]
        for number, each in enumerate(self.signals):
            place: Location = ("signals", number)
            if each.id in ids[:number]:
                yield path, Problem((*place, "id"), f"{each.id} is there twice")
            if each.counts_as is not None and each.counts_as not in ids:
                yield path, _unknown((*place, "counts_as"), "signal", each.counts_as, dict.fromkeys(ids))
            for name, code in (("kind", each.kind), ("guardian_kind", each.guardian_kind)):
                if code is not None and code not in codes:
                    yield path, _unknown((*place, name), "kind", code, dict.fromkeys(codes))

    @property
    def _names(self) -> Mapping[str, str]:
        """Every code and name of a department, with its code."""
        return {name: each.code for each in self.departments for name in (each.code, *names_of(each))}


def names_of(unit: Department) -> tuple[str, str, str]:
    """What people may write instead of a department's code."""
    return unit.name_zh, unit.full_zh, unit.name_en


def _unknown(location: Location, what: str, code: str, names: Mapping[str, str | None]) -> Problem:
    codes = {other or name for name, other in names.items()}
    others = {name: other for name, other in names.items() if other}
    reason = f"no {what} {code} in the catalogue; add it or correct its spelling"
    return Problem(location, reason, did_you_mean(code, codes, others))
