"""What many people say alike: how many matters of all use each pair of characters."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from analysis.issues.reports import Report
from catalogue.normalise import normalise


class Wording:
    """Counts matters, not reports: one person saying a name ten times makes it no common word."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """From pairs of a matter and a normalised text."""
        self._matters: dict[str, set[str]] = defaultdict(set)
        self._count: set[str] = set()
        for matter, text in texts:
            self._count.add(matter)
            for pair in pairs_in(text):
                self._matters[pair].add(matter)

    def said_in(self, pair: str) -> int:
        """How many matters say it."""
        return len(self._matters.get(pair, ()))

    def rarest(self, text: str, beside: "Wording | None" = None) -> int:
        """In how many matters, those of `beside` left out, the least usual pair is said; 0 without pairs."""
        counts = (self.said_in(pair) - (beside.said_in(pair) if beside else 0) for pair in pairs_in(text))
        return min(counts, default=0)

    def share(self, text: str) -> float:
        """At most so great a part of all matters says it."""
        return self.rarest(text) / max(1, len(self._count))


def pairs_in(text: str) -> set[str]:
    """Every two neighbouring letters or figures."""
    return {text[at : at + 2] for at in range(len(text) - 1) if text[at : at + 2].isalnum()}


def wording_of(reports: Sequence[Report], first_characters: int) -> Wording:
    """The wording of many reports."""
    return Wording((each.counted_as, normalise(each.text)[:first_characters]) for each in reports)
