"""One sentence that speaks for an issue and for nobody in it, or none.

Three guards, each enough to refuse a sentence: the scrubber that the caller brings (the desk's own, which
takes out numbers, addresses and those who speak of themselves) must have found nothing to take out; nothing
in it may look like a name, a number or a person; and every pair of its characters must be said in several
matters outside the issue, so that no wording is anybody's own: what only one issue says is most likely the
name of a place or of the person complained of. Without a scrubber there are no sentences.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from analysis.issues.wording import Wording, pairs_in

Scrubber = Callable[[str], str | None]
"""The text as it may be read by others, or None if it cannot be vouched for."""

SHORTEST, LONGEST = 8, 40
_SENTENCES = re.compile(r"[^。！？!?；;\n，,：:]+")
_PERSONAL = re.compile(
    r"[0-9零〇一二三四五六七八九十百两]{2,}|[0-9]|[a-z@*_]"
    r"|[我俺咱你您他她]|本人|鄙人|家住|住在|[儿女孙侄甥]|妻|夫|爸|妈|爷|奶|姥|姨|叔|伯|舅|哥|弟|姐|妹|邻居|同事|同学|班主任"
    r"|婚|孕|病|残|岁|年级|班级|某|姓|名叫|叫做|叫[\u4e00-\u9fff]|署名|联系人|负责人|老师|先生|女士|小姐|校长|园长|教练|师傅|医生|主任|书记|经理|局长|市长|厅长|区长|队长|同志"
    r"|〔|\["
)
_TITLED = re.compile(
    "[\u4e00-\u9fff](?:老师|先生|女士|小姐|校长|园长|教练|师傅|医生|主任|书记|经理|局长|市长|厅长|区长|队长|同志|同学|阿姨|叔叔)"
)
_AREA = re.compile("[\u4e00-\u9fff](?:街道|[镇乡村])$")


def may_be_told(word: str, endings: Collection[str]) -> bool:
    """Whether a topic word names neither a person by a title nor a place by its ending; 小区 alone names none."""
    is_place = _AREA.search(word) or any(word != each and word.endswith(each) for each in endings)
    return not _TITLED.search(word) and not is_place


@dataclass(frozen=True)
class Guard:
    """What a sentence is held against.

    `own` is the wording of the issue, `all_matters` that of all; `people` are pieces of known names,
    `places` pairs of characters of its places; one of the words of `topic` must stand in the sentence.
    """

    own: Wording
    all_matters: Wording
    fewest_matters: int
    people: Collection[str]
    places: Collection[str]
    topic: tuple[str, ...]

    def lets_pass(self, sentence: str) -> bool:
        """Whether nothing in the sentence can be anybody's own."""
        pairs = pairs_in(sentence)
        return (
            SHORTEST <= len(sentence) <= LONGEST
            and not _PERSONAL.search(sentence)
            and not pairs & set(self.places)
            and not any(name in sentence for name in self.people)
            and any(word in sentence for word in self.topic)
            and self.all_matters.rarest(sentence, self.own) >= self.fewest_matters
        )


def speaking_sentence(texts: Sequence[str], scrubber: Scrubber | None, guard: Guard) -> str | None:
    """The sentence most like the rest of the issue; None if no sentence passes every guard.

    Args:
        texts: Normalised, one for each matter of the issue.
        scrubber: None means no sentences.
        guard: The rest.
    """
    if scrubber is None:
        return None
    sentences: set[str] = {each.strip() for text in texts for each in _SENTENCES.findall(text)}
    for each in sorted(sentences, key=lambda each: (-_likeness(each, guard.own), each)):
        if guard.lets_pass(each) and scrubber(each) == each:
            return each
    return None


def _likeness(sentence: str, own: Wording) -> float:
    pairs = pairs_in(sentence)
    said: int = sum(own.said_in(pair) for pair in pairs)
    return said / (len(pairs) + 4)
