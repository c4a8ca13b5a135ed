"""The words that make a topic: said in much of an issue, and seldom elsewhere."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from analysis.issues.wording import Wording

_LENGTHS = (4, 3, 2)
_STRETCH = re.compile("[\u4e00-\u9fff]+")
"""Letters make no topic: in Chinese messages they are pieces of links, such as `https` and `com`, and of names."""
_IDLE = ("今天", "昨天", "前天", "明天", "已经", "现在", "目前", "依然", "今年", "去年")
"""They say when, and not what about."""
_EDGES = frozenset("的了和与是在有为对将把被就也都而及或等我你他她它们您这那一不没请望个些几某每")
_STARTS = _EDGES | frozenset("省市区县镇名位")
_COUNTED = re.compile("[两二三四五六七八九十百千多数][个些名位次天月年日周岁人件条起]")
"""How many of something, and not of what."""
_OF_EVERY_REQUEST = frozenset(
    ["家长", "孩子", "学生", "处理", "问题", "情况", "反映", "希望", "请求", "要求", "解决", "部门", "相关", "有关", "投诉", "举报", "来电", "诉求"]
)
"""By themselves they fit whatever is asked; with others they may tell something (家长群, 处理结果)."""
_SAID_BY = 0.3


def topic_words(texts: Sequence[str], wording: Wording, without: Collection[str], most: int) -> tuple[str, ...]:
    """At most `most` words, the most telling first.

    Args:
        texts: Normalised, one for each matter of the issue.
        wording: Of all matters, to tell what is usual.
        without: Pieces of people's names; a word with one is left out.
        most: How many words at most.
    """
    least = max(2, _SAID_BY * len(texts))
    told = Counter(word for text in texts for word in _words(text))
    scored = [
        (count / len(texts) * (1 - wording.share(word)) ** 4 * (1 + 0.15 * len(word)), word)
        for word, count in told.items()
        if count >= least and not any(name in word for name in without)
    ]
    chosen: list[str] = []
    for _, word in sorted(scored, key=lambda each: (-each[0], each[1])):
        if not any(_overlap(word, other) for other in chosen):
            chosen.append(word)
        if len(chosen) == most:
            break
    return tuple(chosen)


def _words(text: str) -> set[str]:
    found: set[str] = set()
    for stretch in _STRETCH.findall(text):
        for length in _LENGTHS:
            pieces = (stretch[at : at + length] for at in range(len(stretch) - length + 1))
            found.update(each for each in pieces if _may_be_topic(each))
    return found


def _may_be_topic(word: str) -> bool:
    tells_much = word[0] not in _STARTS and word[-1] not in _EDGES and word not in _OF_EVERY_REQUEST
    return tells_much and not any(each in word for each in _IDLE) and _COUNTED.match(word) is None


def _overlap(word: str, other: str) -> bool:
    """Whether they share two characters or are pieces of one longer word."""
    shares = any(word[at : at + 2] in other for at in range(len(word) - 1))
    return shares or word[0] == other[-1] or word[-1] == other[0]
