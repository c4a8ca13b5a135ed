"""What to weigh about cues: those heard where they were not meant to be."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalogue.cross_checks import NATURES, SIGNALS
from catalogue.cues import CueIndex
from catalogue.findings import Contents
from catalogue.loader import Catalogue
from catalogue.normalise import normalise
from catalogue.schema import Cues, Near
from models.rule_problems import Location, Problem

MOST_ORDINARY = 0.02
"""The share of ordinary texts that a cue of harm or of another kind may be heard in unremarked."""
FEWEST_ORDINARY = 3
"""Texts: a cue heard in one or two of a small corpus says nothing."""
SHOWN = 3
Placed = tuple[str, Problem]


@dataclass(frozen=True)
class OrdinaryText:
    """One message that tells of no harm, with the kinds it is rightly taken for."""

    text: str
    kinds: frozenset[str]


@dataclass(frozen=True)
class WrittenCue:
    """One cue where it stands; `name` is that of `catalogue.cues`, such as `F01:zh:3`."""

    owner: str
    name: str
    path: str
    location: Location
    said: str | Near

    @property
    def phrases(self) -> tuple[str, ...]:
        """Every alternative of it, in the form that is looked for."""
        parts = [self.said] if isinstance(self.said, str) else self.said.together
        return tuple(each.strip().lower() for part in parts for each in part.split("|"))

    @property
    def identity(self) -> tuple[str, str]:
        """What makes it the same cue in another version, wherever it stands there."""
        return self.owner, str(self.said)


def cues_of(contents: Contents) -> Iterator[WrittenCue]:
    """Every cue of kinds, signals and natures."""
    for path, file in contents.kinds.items():
        for number, kind in enumerate(file.kinds):
            yield from _written(kind.code, path, ("kinds", number, "cues"), kind.cues)
    for number, signal in enumerate(contents.signals.signals if contents.signals else ()):
        yield from _written(signal.id, SIGNALS, ("signals", number, "cues"), signal.cues)
    for number, each in enumerate(contents.natures.natures if contents.natures else ()):
        yield from _written(each.nature, NATURES, ("natures", number, "cues"), each.cues)


def cue_warnings(
    contents: Contents, catalogue: Catalogue, ordinary: Iterable[OrdinaryText], known: Contents | None
) -> Iterator[Placed]:
    """What is to be weighed about cues, with the file each stands in.

    Args:
        contents: The files, sound.
        catalogue: What they make.
        ordinary: Messages without harm; none for a desk without a corpus.
        known: Another version, usually the live one: what was to be weighed there already is not
            told again. None tells everything.
    """
    settled = {each.identity for each in cues_of(known)} if known else set()
    written = list(cues_of(contents))
    new = {each.name: each for each in written if each.identity not in settled}
    yield from _single_characters(new.values())
    yield from _parts_of_others([each for each in written if each.owner in catalogue.kinds], new)
    yield from _heard_in_ordinary(catalogue, list(ordinary), new)


def _single_characters(cues: Iterable[WrittenCue]) -> Iterator[Placed]:
    """Of phrases in company one may be a single character; if each may, nearly any text has them."""
    for cue in cues:
        parts = [cue.said] if isinstance(cue.said, str) else cue.said.together
        single = [_single_character(part) for part in parts]
        if all(single):
            said = " with ".join(repr(each) for each in single)
            reason = f"{said} is heard in words of every kind: single characters only"
            yield cue.path, Problem(cue.location, reason, "write the words they were meant in", "warning")


def _single_character(part: str) -> str | None:
    return next((each.strip() for each in part.split("|") if len(each.strip()) < 2), None)


def _parts_of_others(cues: list[WrittenCue], new: Mapping[str, WrittenCue]) -> Iterator[Placed]:
    """Plain phrases of a kind inside phrases of another: whoever says the longer speaks for both."""
    by_phrase: dict[str, list[WrittenCue]] = defaultdict(list)
    for cue in cues:
        if isinstance(cue.said, str):
            by_phrase[cue.phrases[0]].append(cue)
    inside: dict[str, list[WrittenCue]] = defaultdict(list)
    for longer, holders in by_phrase.items():
        for part in _parts(longer) & by_phrase.keys():
            for cue in by_phrase[part]:
                others = [each for each in holders if each.owner != cue.owner]
                if cue.name in new or any(each.name in new for each in others):
                    inside[cue.name] += others
    for cue in cues:
        if around := inside.get(cue.name):
            first = ", ".join(f"{each.said!r} ({each.owner})" for each in around[:SHOWN])
            more = f" and {len(around) - SHOWN} more" if len(around) > SHOWN else ""
            reason = f"{cue.said!r} is part of {first}{more}: whoever says that speaks for {cue.owner} as well"
            yield cue.path, Problem(cue.location, reason, "make it longer, or keep it if both are meant", "warning")


def _parts(phrase: str) -> set[str]:
    """What else would be heard where `phrase` is said: parts of words in Chinese, whole words in English."""
    if phrase[0].isascii():
        words = phrase.split(" ")
        spans = ((start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1))
        return {" ".join(words[start:end]) for start, end in spans} - {phrase}
    starts = range(len(phrase) - 1)
    return {phrase[start:end] for start in starts for end in range(start + 2, len(phrase) + 1)} - {phrase}


def _heard_in_ordinary(
    catalogue: Catalogue, ordinary: list[OrdinaryText], new: Mapping[str, WrittenCue]
) -> Iterator[Placed]:
    heard: Counter[str] = Counter()
    for each in ordinary:
        clean = normalise(each.text)
        heard.update(_wrongly_heard(catalogue.kind_cues, clean, _group_x(catalogue) | each.kinds))
        heard.update(_wrongly_heard(catalogue.signal_cues, clean, _harmless(catalogue)))
    for name, times in heard.items():
        if name in new and times >= max(FEWEST_ORDINARY, MOST_ORDINARY * len(ordinary)):
            cue = new[name]
            reason = f"heard in {times} of {len(ordinary)} ordinary texts that are not about {cue.owner}"
            yield cue.path, Problem(cue.location, reason, "make it longer, or ask for a second phrase", "warning")


def _wrongly_heard(index: CueIndex, clean: str, rightly: frozenset[str]) -> set[str]:
    return {hit.cue.name for hit in index.find(clean) if hit.cue.owner not in rightly}


def _group_x(catalogue: Catalogue) -> frozenset[str]:
    """Kinds of everything else, whose cues are words that many messages have."""
    return frozenset(code for code, kind in catalogue.kinds.items() if kind.group == "X")


def _harmless(catalogue: Catalogue) -> frozenset[str]:
    """Signals that alone raise nothing, such as that a child is spoken of."""
    return frozenset(each.id for each in catalogue.signals if not each.harm and each.grade is None)


def _written(owner: str, path: str, place: Location, cues: Cues) -> Iterator[WrittenCue]:
    for language, said in (("zh", cues.zh), ("en", cues.en)):
        for number, each in enumerate(said):
            yield WrittenCue(owner, f"{owner}:{language}:{number + 1}", path, (*place, language, number), each)
