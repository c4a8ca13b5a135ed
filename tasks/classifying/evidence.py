"""How strongly a message speaks for each kind of request."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalogue.cues import CueIndex, Hit

OPENING = 40
"""Characters in which people say what they want; a cue there counts twice."""

REAL_EVIDENCE = 2.0
"""A three-character phrase, or a two-character one in the opening. Less is a word in passing."""

UNCONFIRMED_HARM = 4.0
"""What it takes to name a harm that the safety screen did not hear."""

_REPETITION = 0.2
_MOST_REPETITIONS = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """One owner's score and the names of the cues behind it, strongest first."""

    owner: str
    score: float
    cues: tuple[str, ...]


def weigh(index: CueIndex, text: str) -> Mapping[str, Evidence]:
    """Evidence per owner of `index` in normalised `text`; owners without a cue are absent."""
    by_owner: dict[str, list[Hit]] = defaultdict(list)
    for hit in index.find(text):
        by_owner[hit.cue.owner].append(hit)
    return {owner: _of(owner, hits) for owner, hits in by_owner.items()}


def _of(owner: str, hits: Iterable[Hit]) -> Evidence:
    scored = sorted(((_score(hit), hit.cue.name) for hit in hits), key=lambda each: (-each[0], each[1]))
    return Evidence(owner, sum(score for score, _ in scored), tuple(name for _, name in scored))


def _score(hit: Hit) -> float:
    repeated = 1 + _REPETITION * min(hit.times - 1, _MOST_REPETITIONS)
    return hit.cue.weight * repeated * (2 if hit.first < OPENING else 1)
