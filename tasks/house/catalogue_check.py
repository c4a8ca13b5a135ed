"""Everything there is to mend or to weigh about a catalogue, before it goes live."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from catalogue.cross_checks import DEPARTMENTS
from catalogue.cue_warnings import OrdinaryText, cue_warnings
from catalogue.findings import CatalogueNotes, Contents, read_all
from catalogue.loader import Catalogue, build
from catalogue.schema import Department, Near
from catalogue.snapshot import CatalogueSnapshot
from classifier.corpus_files import training_examples
from models.rule_files import NotYamlError, RuleFileError
from models.rule_problems import Finding, Problem, lines_of
from models.spelling import did_you_mean
from sla_rules.hints import reason_and_hint, yaml_hint

_CODES = {
    "kind": ("F S C N G J X and two figures, such as F01", ("code", "kind", "guardian_kind", "kinds", "leave_out")),
    "department": ("capital letters, such as EDU", ("lead", "alternative", "with", "unit", "one_of", "instead", "ties")),
}


@dataclass(frozen=True)
class Checked:
    """What the check says of a catalogue; `catalogue` is None for one with errors."""

    snapshot: CatalogueSnapshot
    catalogue: Catalogue | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[str, ...]:
        """One line for each error."""
        return lines_of(self.findings, "error")

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line for each warning."""
        return lines_of(self.findings, "warning")


def check_catalogue(
    snapshot: CatalogueSnapshot,
    *,
    reached: Iterable[str] | None = None,
    ordinary: Iterable[OrdinaryText] = (),
    known: CatalogueSnapshot | None = None,
) -> Checked:
    """Read a catalogue and tell everything at once, errors first, each with file, line and hint.

    Args:
        snapshot: The files.
        reached: Whom the channels file knows; None compares nobody with it.
        ordinary: Messages without harm that cues are tried on.
        known: Another version, usually the live one, whose cues were weighed already.
    """
    notes = HintedNotes(snapshot)
    contents = read_all(notes)
    found = notes.sorted_findings()
    if any(each.severity == "error" for each in found):
        return Checked(snapshot, None, found)
    catalogue = build(snapshot.digest, contents)
    before = _contents(known.sharing(snapshot)) if known else None
    for path, problem in cue_warnings(contents, catalogue, ordinary, before):
        notes.note(path, [problem])
    notes.note(DEPARTMENTS, _of_idle(contents, before))
    notes.note(DEPARTMENTS, _of_unreached(contents, reached))
    return Checked(snapshot, catalogue, notes.sorted_findings())


def ordinary_texts() -> list[OrdinaryText]:
    """The messages without harm of our own corpus; none if there is none, or it cannot be read."""
    try:
        examples = training_examples()
    except RuleFileError:
        # The corpus has a check of its own; a broken line of it says nothing about a cue.
        return []
    return [OrdinaryText(each.text, each.kinds) for each in examples if not each.harm]


class HintedNotes(CatalogueNotes):
    """Notes that say what was probably meant."""

    def yaml_hint(self, error: NotYamlError) -> str:
        """What to look for in a text that is not YAML."""
        return yaml_hint(error)

    def explain(self, error: Mapping[str, Any], model: type[BaseModel]) -> tuple[str, str]:
        """What is wrong, and what to write instead."""
        location = tuple(each for each in error["loc"] if each != "[key]")
        match error["type"]:
            case "string_pattern_mismatch":
                return self._of_code(error["input"], location)
            case "string_too_short" | "string_too_long" if "cues" in location:
                return f"a phrase has 2 to 60 characters, not {len(str(error['input']))}", ""
            case "extra_forbidden" | "missing" if _is_in_cue(location):
                return reason_and_hint({**error, "loc": location[-1:]}, Near, None)
            case "model_type" | "string_type" if _is_in_cue((*location, "")):
                return "a cue is a phrase, or {all: [phrase, phrase], within: 20}", ""
            case _:
                return reason_and_hint(error, model, None)

    def _of_code(self, written: object, location: tuple[str | int, ...]) -> tuple[str, str]:
        for what, (form, fields) in _CODES.items():
            if any(each in fields for each in location[-2:]) and not (
                what == "kind" and location[0] == "departments"
            ):
                guess = did_you_mean(written, self._names[what].values(), self._names[what])
                return f"{written!r} is not the code of a {what}: {form}", guess
        return f"{written!r} must be of small letters, digits and joining signs", ""

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        """Every name and code of departments and kinds, as far as the files can be read, with its code."""
        units, kinds = self._entries(DEPARTMENTS, "departments"), list[Mapping[str, Any]]()
        for path in self.snapshot.kind_paths:
            kinds += self._entries(path, "kinds")
        return {
            "department": _names_in(units, ("code", "name_zh", "full_zh", "name_en")),
            "kind": _names_in(kinds, ("code", "name_zh", "name_en")),
        }

    def _entries(self, path: str, key: str) -> list[Mapping[str, Any]]:
        if self.snapshot.text(path) is None:
            return []
        try:
            raw = self.snapshot.parsed(path)
        except NotYamlError:
            return []
        listed = raw.get(key) if isinstance(raw, Mapping) else None
        return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def _names_in(entries: Iterable[Mapping[str, Any]], keys: Iterable[str]) -> dict[str, str]:
    return {
        name: str(entry["code"])
        for entry in entries
        for key in keys
        if "code" in entry and isinstance(name := entry.get(key), str)
    }


def _is_in_cue(location: tuple[str | int, ...]) -> bool:
    """Whether this is a key of an entry under cues, as in kinds, 0, cues, zh, 3, within."""
    return len(location) > 4 and location[-4] == "cues" and isinstance(location[-2], int)


def leads_of(contents: Contents) -> frozenset[str]:
    """Every department that leads some kind, or would by a dispatch rule."""
    own = {kind.lead for file in contents.kinds.values() for kind in file.kinds}
    rules = contents.dispatch.rules if contents.dispatch else ()
    by_rule = {unit for rule in rules for unit in (rule.lead, *rule.instead)}
    return frozenset(each for each in own | by_rule if each)


def _contents(known: CatalogueSnapshot) -> Contents | None:
    """What the other version says; None if it says nothing that this release can read."""
    notes = CatalogueNotes(known)
    contents = read_all(notes)
    return None if any(each.severity == "error" for each in notes.sorted_findings()) else contents


def _of_idle(contents: Contents, before: Contents | None) -> Iterator[Problem]:
    idle = _idle(contents) - (_idle(before) if before else frozenset())
    for number, unit in enumerate(_units(contents)):
        if unit.code in idle:
            reason = f"{unit.code} leads nothing: no kind and no dispatch rule names it"
            hint = "name it as lead of a kind, or write may_lead: false"
            yield Problem(("departments", number, "may_lead"), reason, hint, "warning")


def _of_unreached(contents: Contents, reached: Iterable[str] | None) -> Iterator[Problem]:
    if reached is None:
        return
    unreached = leads_of(contents) - frozenset(reached)
    for number, unit in enumerate(_units(contents)):
        if unit.code in unreached:
            reason = f"{unit.code} ({unit.name_zh}) leads, but the channels file does not know how to tell it"
            hint = f"add `{unit.code}: department` under recipients in channels.yaml"
            yield Problem(("departments", number, "code"), reason, hint, "warning")


def _idle(contents: Contents) -> frozenset[str]:
    return frozenset(unit.code for unit in _units(contents) if unit.may_lead) - leads_of(contents)


def _units(contents: Contents) -> tuple[Department, ...]:
    return contents.departments.departments if contents.departments else ()
