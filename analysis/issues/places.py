"""Places that several texts name, by the words that names of places end in.

Where a name begins cannot be told from one Chinese sentence: 投诉丽景小区 and 家住丽景小区 agree in 丽景小区.
So a name counts as far as two texts agree in it, and a place that only one text names joins nothing.
(`tasks/links` reads the same words the other way: there a name of one case is looked for in all others.)
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.issues.settings import PlaceSettings

_SHORTEST_NAME = 2
_CUT = re.compile(r"[^\u4e00-\u9fff0-9a-z]|(?:[a-z]?\d{0,2}[省市区县](?=[\u4e00-\u9fffa-z0-9]))")
_GENERIC = re.compile(r"^(?:.*(?:的|我|们|是|在|该|本|这|那|某|每|各|个|所|家|入|近|旁|边|到|去|有|与|和|及|对|从|读|住|民|公)|[0-9]+)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A name as texts share it, and its sort (`school`, `estate`…)."""

    name: str
    sort: str


def places_of(texts: Sequence[str], settings: PlaceSettings) -> list[frozenset[Place]]:
    """The places of each text that at least `fewest_texts` texts name.

    Args:
        texts: Normalised, each once: a text told twice would vouch for itself.
        settings: Endings by sort.
    """
    sorts = {ending: sort for sort, endings in settings.sorts.items() for ending in endings}
    ending = re.compile("|".join(sorted(map(re.escape, sorts), key=len, reverse=True)))
    given = [list(_candidates(text, ending, settings.longest_name)) for text in texts]
    told = Counter(name for found in given for name in {name for names, _ in found for name in names})
    agreed = [frozenset(_agreed(found, told, sorts, settings.fewest_texts)) for found in given]
    return [frozenset(each for each in places if not each.name.endswith(settings.no_names)) for places in agreed]


def _candidates(text: str, ending: re.Pattern[str], longest: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """For each ending its possible names, longest first."""
    for match in ending.finditer(text):
        before = _CUT.split(text[max(0, match.start() - longest) : match.start()])[-1] or ""
        names = tuple(
            before[at:] + match[0]
            for at in range(len(before) - _SHORTEST_NAME + 1)
            if not _GENERIC.match(before[at : at + 1]) and not _GENERIC.match(before[-1])
        )
        if names:
            yield names, match[0]


def _agreed(
    found: list[tuple[tuple[str, ...], str]], told: Counter[str], sorts: dict[str, str], fewest: int
) -> Iterator[Place]:
    """Of each name the longest form in which about as many texts agree as in any."""
    for names, ending in found:
        best = max(names, key=lambda name: (told[name], len(name)))
        longer = [name for name in names if told[name] >= fewest and 2 * told[name] >= told[best]]
        name = max([best, *longer], key=len)
        if told[name] >= fewest:
            yield Place(name, sorts[ending])


def ordinary_pairs(settings: PlaceSettings) -> frozenset[str]:
    """Pairs of characters that endings of names are made of, such as 小区: they name no place by themselves."""
    endings = [ending for each in settings.sorts.values() for ending in each]
    return frozenset(ending[at : at + 2] for ending in endings for at in range(len(ending) - 1))
