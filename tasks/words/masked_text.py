"""Free text as the house sees it at first: the numbers in it, and the people of the case, masked as their own fields are.

What is looked for are the scrubber's own finders: numbers, documents, mail addresses and accounts, whoever's they are, and
every form in which a name of somebody in the case may stand. The masked text is as long as the text, so that marks in the
one stand at the same place in the other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from tasks.words.masking import KEPT
from tasks.words.scrubbing import Hidden, finders, forms_of_name, leaks

STAR = "*"
_FIELD_OF: Mapping[Hidden, str] = {Hidden.IDENTITY: "identity", Hidden.PHONE: "contact", Hidden.MAIL: "note", Hidden.ACCOUNT: "note"}
"""As which field of a person each find is masked; of a mail address or an account nothing stays, as of a note."""
_SHORTEST_VALUE = 4
_FIGURE = re.compile("[0-9A-Za-z零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两]")


def mask_text(text: str, people: Iterable[Mapping[str, str]], *, only_known: bool = False) -> str:
    """The text with the same number of characters, those that tell who somebody is replaced by stars.

    Args:
        text: Any.
        people: Everybody in the case, by field (`name`, `contact`, `identity`), in full.
        only_known: Leave numbers of whom `people` does not tell: for a text in full that a reader must not have all of.
    """
    known = list(people)
    shown = list(text)
    taken = [False] * len(text)
    for begin, end, field in (*_numbers(text, known if only_known else None), *_values(text, known)):
        if any(taken[begin:end]):
            continue
        taken[begin:end] = [True] * (end - begin)
        shown[begin:end] = _masked(text[begin:end], field)
    for begin, end, first in _names(text, known):
        # A name keeps the character it begins with, as its own field does; a part of one keeps none.
        kept = 1 if text[begin : begin + 1].casefold() == first else 0
        for at in range(begin + kept, end):
            shown[at] = STAR
    return "".join(shown)


def _numbers(text: str, known: Iterable[Mapping[str, str]] | None) -> Iterator[tuple[int, int, str]]:
    """Every number and address at a messenger; with `known`, those in which something of these people stands."""
    for what, pattern in finders(_FIELD_OF):
        for found in pattern.finditer(text):
            if known is None or any(set(leaks(found[0], each)) & {"contact", "identity"} for each in known):
                yield found.start(), found.end(), _FIELD_OF[what]


def _values(text: str, people: Iterable[Mapping[str, str]]) -> Iterator[tuple[int, int, str]]:
    """Numbers and names at messengers that are known, as they were typed."""
    for person in people:
        for field in ("contact", "identity"):
            value = person.get(field, "").strip()
            if len(value) >= _SHORTEST_VALUE:
                for found in re.finditer(re.escape(value), text, re.IGNORECASE):
                    yield found.start(), found.end(), field


def _names(text: str, people: Iterable[Mapping[str, str]]) -> list[tuple[int, int, str]]:
    """Where a name stands, in whatever form; forms that overlap are one."""
    found = []
    for person in people:
        name = person.get("name", "").strip()
        for pattern in forms_of_name(name):
            found += [(each.start(), each.end(), name[:1].casefold()) for each in pattern.finditer(text)]
    joined: list[tuple[int, int, str]] = []
    for begin, end, first in sorted(found):
        if joined and begin < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), joined[-1][2])
        else:
            joined.append((begin, end, first))
    return joined


def _masked(found: str, field: str) -> str:
    """One find: its figures and letters starred but for those that its field keeps; what stands between them stays."""
    places = [at for at, each in enumerate(found) if _FIGURE.match(each)]
    rule = next((each for each in KEPT[field] if len(places) >= each.least), None)
    head, tail = (rule.head, rule.tail) if rule else (0, 0)
    hidden = set(places[head : len(places) - tail]) if field != "note" else set(range(len(found)))
    return "".join(STAR if at in hidden else each for at, each in enumerate(found))
