"""What many people say alike: how many matters of all use each pair of characters."""

from collections.abc import Iterable

import numpy as np

from analysis.issues.pieces import Integers, distinct

_AT_ONCE = 2_000


class Wording:
    """Counts matters, not reports: one person saying a name ten times makes it no common word."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """From pairs of a matter and a normalised text."""
        by_matter: dict[str, list[str]] = {}
        for matter, text in texts:
            by_matter.setdefault(matter, []).append(text)
        self._matters = len(by_matter)
        joined = ["\n".join(each).encode("utf-16-le", "replace") for each in by_matter.values()]
        blocks = [_pairs_of(joined[at : at + _AT_ONCE]) for at in range(0, len(joined), _AT_ONCE)]
        every = np.concatenate([*blocks, np.zeros(0, dtype=np.int64)])
        every.sort()
        first = np.flatnonzero(np.concatenate((np.ones(min(1, len(every)), dtype=bool), every[1:] != every[:-1])))
        counts = np.diff(np.concatenate((first, [len(every)])))
        self._said_in: dict[int, int] = dict(zip(every[first].tolist(), counts.tolist(), strict=True))

    def said_in(self, pair: str) -> int:
        """How many matters say it; 0 for characters outside the basic plane, which are not counted."""
        return self._said_in.get(ord(pair[0]) << 16 | ord(pair[1]), 0)

    def rarest(self, text: str, beside: "Wording | None" = None) -> int:
        """In how many matters, those of `beside` left out, the least usual pair is said; 0 without pairs."""
        counts = (self.said_in(pair) - (beside.said_in(pair) if beside else 0) for pair in pairs_in(text))
        return min(counts, default=0)

    def share(self, text: str) -> float:
        """At most so great a part of all matters says it."""
        return self.rarest(text) / max(1, self._matters)


def pairs_in(text: str) -> set[str]:
    """Every two neighbouring letters or figures."""
    return {text[at : at + 2] for at in range(len(text) - 1) if text[at : at + 2].isalnum()}


def _pairs_of(matters: list[bytes]) -> Integers:
    """Every pair once for each matter, as a number that no other pair has."""
    letters = np.frombuffer(b"\n\x00".join(matters), dtype=np.uint16).astype(np.int64)
    # A matter's own line breaks divide texts; lengths tell where the next matter starts.
    whose = np.repeat(np.arange(len(matters)), [len(each) // 2 + 1 for each in matters])[: len(letters)]
    pairs = (letters[:-1] << 16) | letters[1:]
    inside = (whose[:-1] == whose[1:]) & (letters[:-1] != ord("\n")) & (letters[1:] != ord("\n"))
    keys = distinct((whose[:-1][inside] << 32) | pairs[inside])
    return keys & 0xFFFFFFFF
