"""One sentence that speaks for an issue and for nobody in it, or none.

Three guards, each enough to refuse a sentence: the scrubber that the caller brings (the desk's own, which
takes out numbers, addresses and those who speak of themselves) must have found nothing to take out; nothing
in it may look like a name, a number or a person; and every pair of its characters must be said in several
matters outside the issue, so that no wording is anybody's own: what only one issue says is most likely the
name of a place or of the person complained of. Without a scrubber there are no sentences.
"""

import re
from collections.abc import Callable, Collection, Sequence

from analysis.issues.wording import Wording, pairs_in

Scrubber = Callable[[str], str | None]
"""The text as it may be read by others, or None if it cannot be vouched for."""

SHORTEST, LONGEST = 8, 40
_SENTENCES = re.compile(r"[^。！？!?；;\n，,：:]+")
_PERSONAL = re.compile(
    r"[0-9零〇一二三四五六七八九十百两]{2,}|[0-9]|[a-z@*_]"
    r"|[我俺咱你您他她]|本人|鄙人|家住|住在|[儿女孙侄甥]|妻|夫|爸|妈|爷|奶|姥|姨|叔|伯|舅|哥|弟|姐|妹|邻居|同事|同学|班主任"
    r"|某|姓|名叫|叫做|叫[\u4e00-\u9fff]|署名|联系人|负责人|老师|先生|女士|小姐|校长|园长|教练|师傅|医生|主任|书记|经理|局长|市长|厅长|区长|队长|同志"
    r"|〔|\["
)


def speaking_sentence(
    texts: Sequence[str],
    own: Wording,
    scrubber: Scrubber | None,
    wording: Wording,
    fewest_matters: int,
    without: Collection[str],
) -> str | None:
    """The sentence most like the rest of the issue; None if no sentence passes every guard.

    Args:
        texts: Normalised, one for each matter of the issue.
        own: The wording of the issue.
        scrubber: None means no sentences.
        wording: Of all matters.
        fewest_matters: In so many matters outside the issue every pair of characters must be said.
        without: Names of places and known people; a sentence with any two characters of a person's
            name or with a place's name is refused.
    """
    if scrubber is None:
        return None
    sentences = {each.strip() for text in texts for each in _SENTENCES.findall(text)}
    ranked = sorted(sentences, key=lambda each: (-_likeness(each, own), each))
    for each in ranked:
        if not SHORTEST <= len(each) <= LONGEST or _PERSONAL.search(each) or any(name in each for name in without if name):
            continue
        if wording.rarest(each, own) >= fewest_matters and scrubber(each) == each:
            return each
    return None


def _likeness(sentence: str, own: Wording) -> float:
    pairs = pairs_in(sentence)
    return sum(own.said_in(pair) for pair in pairs) / (len(pairs) + 4)
