"""What `dispatch.yaml` cannot check about itself: that it meets the kinds and departments."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalogue.dispatch_rules import CopyRule, DispatchFile, DispatchRule, When
from catalogue.schema import Department, Kind
from models.rule_problems import Location, Problem
from models.spelling import did_you_mean

FILE_NAME = "dispatch.yaml"
NO_COPY = "none"
LISTS = ("kinds", "natures", "districts", "grades", "facts")


def problems_of(
    dispatch: DispatchFile, departments: Iterable[Department], kinds: Iterable[Kind]
) -> Iterator[Problem]:
    """Every broken reference, doubled code and line that is never reached."""
    units, by_code = {each.code: each for each in departments}, {each.code: each for each in kinds}
    checks = _Checks(dispatch, units, by_code)
    yield from checks.of_doubled()
    yield from checks.of_facts()
    yield from checks.of_shares()
    yield from checks.of_copies()
    for number, rule in enumerate(dispatch.rules):
        yield from checks.of_rule(number, rule)


@dataclass(frozen=True, slots=True)
class _Checks:
    dispatch: DispatchFile
    departments: Mapping[str, Department]
    kinds: Mapping[str, Kind]

    def of_doubled(self) -> Iterator[Problem]:
        lists: dict[str, Sequence[str]] = {
            "facts": [each.code for each in self.dispatch.facts],
            "shares": [each.code for each in self.dispatch.shares],
            "slices": [each.code for each in self.dispatch.slices],
            "rules": [each.id for each in self.dispatch.rules],
        }
        for name, codes in lists.items():
            for number, code in enumerate(codes):
                if code in codes[:number]:
                    yield Problem((name, number), f"{code} is there twice")

    def of_facts(self) -> Iterator[Problem]:
        for number, fact in enumerate(self.dispatch.facts):
            for at, unit in enumerate(fact.ties):
                yield from self._unit(("facts", number, "ties", at), unit)

    def of_shares(self) -> Iterator[Problem]:
        known = {each.code for each in self.dispatch.shares}
        for number, line in enumerate(self.dispatch.unit_shares):
            place: Location = ("unit_shares", number)
            yield from self._unit((*place, "unit"), line.unit)
            if line.share not in known:
                yield _unknown((*place, "share"), "share", line.share, known)
            yield from self._kinds(place, line.kinds)
            earlier = self.dispatch.unit_shares[:number]
            if any(each.unit == line.unit and not each.kinds for each in earlier):
                yield Problem(place, f"never reached: an earlier line gives {line.unit} its share for every kind")
        general = {each.unit for each in self.dispatch.unit_shares if not each.kinds}
        helping = {unit for kind in self.kinds.values() for unit in kind.with_departments}
        # A rule or a conflict may turn any lead into somebody who only helps.
        for unit in sorted((helping | {kind.lead for kind in self.kinds.values() if kind.lead}) - general):
            yield Problem(("unit_shares",), f"{unit} helps with some kind but has no share; add a line without kinds")

    def of_copies(self) -> Iterator[Problem]:
        copies = self.dispatch.district_copy
        yield from self._unit(("district_copy", "unit"), copies.unit)
        known = {NO_COPY, *(each.code for each in self.dispatch.slices)}
        for number, line in enumerate(copies.lines):
            place: Location = ("district_copy", "lines", number)
            yield from self._when(place, line)
            if line.slice not in known:
                yield _unknown((*place, "slice"), "slice", line.slice, known)

    def of_rule(self, number: int, rule: DispatchRule) -> Iterator[Problem]:
        place: Location = ("rules", number)
        yield from self._when(place, rule)
        if rule.lead is not None:
            yield from self._leader((*place, "lead"), rule.lead)
        for at, unit in enumerate(rule.instead):
            yield from self._leader((*place, "instead", at), unit)
        shares = {each.code for each in self.dispatch.shares}
        for at, helper in enumerate(rule.helpers or ()):
            here: Location = (*place, "with", at)
            for unit in helper.units:
                yield from self._helper(here, unit)
            if helper.share not in shares:
                yield _unknown((*here, "share"), "share", helper.share, shares)
        hidden_by = next((each.id for each in self.dispatch.rules[:number] if _covers(each.when, rule.when)), None)
        if hidden_by:
            yield Problem(place, f"never reached: {hidden_by} comes first and fits whatever this one fits")

    def _when(self, place: Location, line: DispatchRule | CopyRule) -> Iterator[Problem]:
        yield from self._kinds((*place, "when"), line.when.kinds)
        known = {each.code for each in self.dispatch.facts}
        for at, fact in enumerate(line.when.facts):
            if fact not in known:
                yield _unknown((*place, "when", "facts", at), "fact", fact, known)

    def _kinds(self, place: Location, kinds: Sequence[str]) -> Iterator[Problem]:
        for at, kind in enumerate(kinds):
            if kind not in self.kinds:
                yield _unknown((*place, "kinds", at), "kind", kind, self.kinds)

    def _leader(self, place: Location, unit: str) -> Iterator[Problem]:
        yield from self._unit(place, unit)
        if unit in self.departments and not self.departments[unit].may_lead:
            yield Problem(place, f"{unit} may not lead")

    def _helper(self, place: Location, unit: str) -> Iterator[Problem]:
        yield from self._unit(place, unit)
        if unit in self.departments and not self.departments[unit].may_help:
            yield Problem(place, f"{unit} is only ever complained of; it handles nothing")

    def _unit(self, place: Location, unit: str) -> Iterator[Problem]:
        if unit not in self.departments:
            yield _unknown(place, "department", unit, self.departments)


def _covers(earlier: When, later: When) -> bool:
    """Whether every request that fits `later` fits `earlier` as well."""
    for name in LISTS:
        wide, narrow = set(getattr(earlier, name)), set(getattr(later, name))
        if wide and not (narrow and narrow <= wide):
            return False
    if any(
        getattr(earlier, name) not in (None, getattr(later, name))
        for name in ("child_case", "guardian_may_be_offender")
    ):
        return False
    from_fits = earlier.age_from is None or (later.age_from is not None and later.age_from >= earlier.age_from)
    below = later.age_below is not None and earlier.age_below is not None and later.age_below <= earlier.age_below
    return from_fits and (earlier.age_below is None or below)


def _unknown(location: Location, what: str, code: str, known: Iterable[str]) -> Problem:
    reason = f"no {what} {code} in the catalogue; add it or correct its spelling"
    return Problem(location, reason, did_you_mean(code, known))
