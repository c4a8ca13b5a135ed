"""Finding thousands of cues in one pass over a message.

A cue is a phrase, or several phrases close together. The index files every phrase under its
first two characters; a message is cut into its pairs of characters once, and only phrases whose
pair occurs are looked for. That keeps the time linear in the length of the message.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add

_ENDING = r"(?:'s|s|es|d|ed|ing)?(?![a-z0-9])"
_PHRASE_WEIGHTS_ZH = {1: 0.5, 2: 1.0, 3: 2.0, 4: 3.0}
_LONG_PHRASE_WEIGHT = 4.0
_NEAR_WEIGHT = 3.0
_LONGEST_PHRASE = 60


@dataclass(frozen=True, slots=True)
class Cue:
    """What one owner (a kind, a signal, a nature) listens for.

    `parts` holds one tuple of alternatives for a plain phrase and several for phrases that must
    begin within `within` characters of each other. `name` is like `F01:zh:3`.
    """

    owner: str
    name: str
    parts: tuple[tuple[str, ...], ...]
    within: int = 0

    @property
    def weight(self) -> float:
        """How much the cue proves: long phrases and phrases in company prove more."""
        if len(self.parts) > 1:
            return _NEAR_WEIGHT
        phrase = self.parts[0][0]
        if phrase.isascii():
            words = phrase.count(" ") + phrase.count("-") + 1
            return (1.5, 3.0, 4.0)[min(words, 3) - 1]
        return _PHRASE_WEIGHTS_ZH.get(len(phrase), _LONG_PHRASE_WEIGHT)


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue that was heard: how often, and where first (characters of the normalised text)."""

    cue: Cue
    times: int
    first: int


class CueIndex:
    """All cues of one sort, ready to be looked for."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        self._phrases: dict[str, list[Cue]] = defaultdict(list)
        self._groups: list[tuple[Cue, tuple[re.Pattern[str], ...]]] = []
        for cue in cues:
            if len(cue.parts) == 1:
                self._phrases[cue.parts[0][0]].append(cue)
            else:
                self._groups.append((cue, tuple(_any_of(part) for part in cue.parts)))
        parts = {phrase for cue, _ in self._groups for part in cue.parts for phrase in part}
        self._by_start: dict[str, list[str]] = defaultdict(list)
        for phrase in {*self._phrases, *parts}:
            self._by_start[phrase[:2]].append(phrase)
        self._patterns = {each: _any_of([each]) for each in self._phrases if each[0].isascii()}

    def find(self, text: str) -> tuple[Hit, ...]:
        """Every cue heard in normalised `text`, in no particular order, each once."""
        starts = _starts(text)
        present = {
            phrase
            for start in starts & self._by_start.keys()
            for phrase in self._by_start[start]
            if phrase in text
        }
        return (*self._phrases_heard(text, present), *self._groups_heard(text, present))

    def places(self, text: str) -> tuple[tuple[str, int, int], ...]:
        """Where cues stand in normalised `text`: (owner, begin, end) in characters, for showing to a person."""
        found = []
        for hit in self.find(text):
            phrases = [phrase for part in hit.cue.parts for phrase in part]
            reach = hit.first + hit.cue.within + _LONGEST_PHRASE if hit.cue.within else len(text)
            near = text[hit.first : reach]
            for match in _any_of(phrases).finditer(near):
                found.append((hit.cue.owner, hit.first + match.start(), hit.first + match.end()))
        return tuple(sorted(set(found), key=lambda each: (each[1], -each[2], each[0])))

    def _phrases_heard(self, text: str, present: set[str]) -> Iterable[Hit]:
        for phrase in self._phrases.keys() & present:
            times, first = self._count(text, phrase)
            if times:
                yield from (Hit(cue, times, first) for cue in self._phrases[phrase])

    def _groups_heard(self, text: str, present: set[str]) -> Iterable[Hit]:
        for cue, patterns in self._groups:
            if any(present.isdisjoint(part) for part in cue.parts):
                continue
            first = _first_meeting(text, patterns, cue.within)
            if first is not None:
                yield Hit(cue, 1, first)

    def _count(self, text: str, phrase: str) -> tuple[int, int]:
        pattern = self._patterns.get(phrase)
        if pattern is None:
            return text.count(phrase), text.find(phrase)
        spots = [match.start() for match in pattern.finditer(text)]
        return len(spots), spots[0] if spots else -1


@lru_cache(maxsize=1)
def _starts(text: str) -> frozenset[str]:
    """Every character of `text` and every pair of neighbours; several indexes ask of one message."""
    return frozenset(map(add, text, text[1:])) | frozenset(text)


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    # Longer first, so that `打孩子` is not cut short by `打`.
    ordered = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(_as_pattern(phrase) for phrase in ordered))


def _as_pattern(phrase: str) -> str:
    if not phrase[0].isascii():
        return re.escape(phrase)
    return rf"(?<![a-z0-9]){re.escape(phrase)}{_ENDING}"


def _first_meeting(text: str, parts: Sequence[re.Pattern[str]], within: int) -> int | None:
    """Where all parts first begin within `within` characters of each other, in any order."""
    streams = [pattern.finditer(text) for pattern in parts]
    spots = []
    for stream in streams:
        match = next(stream, None)
        if match is None:
            return None
        spots.append(match.start())
    while max(spots) - min(spots) > within:
        # Only moving the hindmost part can bring them closer.
        hindmost = spots.index(min(spots))
        match = next(streams[hindmost], None)
        if match is None:
            return None
        spots[hindmost] = match.start()
    return min(spots)
