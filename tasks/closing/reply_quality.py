"""Whether a department's reply says anything: pure, and measured on real replies by `benchmarks/replies.py`.

Taken away first is what says nothing by itself: greetings, thanks, "received", "passed on to …", promises to
answer later, dates and names. What is left must be enough, and say that something was found out, done or decided.
"""

import re
import unicodedata
from enum import StrEnum

FEWEST_CHARACTERS = {"zh": 10, "en": 20}
"""What must be left of a reply; letters and figures only."""
FEWEST_OF_A_SHARE = {"zh": 4, "en": 8}
"""The same of a co-handler's share: `已到场协助` says enough."""
COPIED = 0.8
"""With more of the reply's passages standing in the request than this, it is a copy."""
PASSAGE = 8


class Hollow(StrEnum):
    """What is wrong with a reply that says nothing."""

    EMPTY = "empty"
    ONLY_RECEIVED = "only_received"
    ONLY_PASSED_ON = "only_passed_on"
    ONLY_PROMISED = "only_promised"
    ONLY_ASKED_BACK = "only_asked_back"
    COPIED_REQUEST = "copied_request"
    SAME_AS_BEFORE = "same_as_before"


HOLLOW_WORDS: dict[Hollow, tuple[str, str]] = {
    Hollow.EMPTY: ("反馈没有实质内容", "the reply says nothing of substance"),
    Hollow.ONLY_RECEIVED: ("只说已收悉", "it only says that it was received"),
    Hollow.ONLY_PASSED_ON: ("只说已转他处，未说办理结果", "it only says that it was passed on, not what came of it"),
    Hollow.ONLY_PROMISED: ("只作承诺，未说已做什么", "it only promises, and tells nothing that was done"),
    Hollow.ONLY_ASKED_BACK: ("只要求补充信息或另行咨询", "it only asks the caller for more, or to ask elsewhere"),
    Hollow.COPIED_REQUEST: ("照抄诉求", "it repeats the request"),
    Hollow.SAME_AS_BEFORE: ("与被退回的反馈相同", "it is the reply that was sent back before"),
}

_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]*")
_CLAUSE = re.compile(r"[^，,：:]+[，,：:]*")
_POLITE = re.compile(
    r"^[\W\d_]*(?:尊敬的|亲爱的|广大)?(?:网友|网民|市民|群众|来信人|家长|先生|女士|朋友|同志)?[^，。]{0,14}?(?:您|你|你们)好[\W_]*"
    r"|(?:首先)?(?:非常|衷心|再次|最后|在此)*[，,]?(?:感谢|谢谢)(?:您|你|大家|广大)?[^，。！；]{0,40}|敬请(?:关注|谅解|理解)[^，。！；]{0,16}|祝(?:您|你)[^，。！；]{0,16}|很高兴[^，。！；]{0,16}|特此(?:回复|答复|说明|告知)|此复"
    r"|\b(?:dear|hello|hi)\s+\w+,?|\b(?:thank you|thanks|kind regards|best wishes|yours|sincerely)\b[^.!?]*",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"(?:现|并)?(?:将)?(?:就|对|把)?(?:有关|相关|具体|您|你|该)?[^，。；]{0,24}(?:情况|问题|事项|内容)?(?:回复|答复|说明|告知|反馈|解答)(?:您|你)?如下"
    r"|(?:关于|对于|针对|就)(?:您|你|您们|网友|群众|来电人)?[^，。；]{0,60}(?:的问题|一事|事宜|诉求|情况|建议|留言|来信|信访件)[，,]?"
)
_RECEIVED = re.compile(
    r"(?:您|你|您们|贵)?(?:通过[^，。]{0,20})?(?:所)?(?:反映|提出|来|的|发表|留)?[^，。；]{0,24}(?:收悉|知悉|获悉|收到|已阅|已登记|已记录)"
    r"|\b(?:we (?:have )?received|has been received|is received|noted)\b[^.]*",
    re.IGNORECASE,
)
_PASSED = re.compile(
    r"(?:已|已经|均已|予以|我们|我办|我局|现)*(?:将[^，。；]{0,40})?(?:转|转入|转交|转至|转办|转由|移交|交办|交由|批转|转送|转给|反馈至|交)(?:[^，。；]{0,40})(?:信箱|处理|办理|核实|核处|核查|查处|调查|处置|办复|答复|研究|反馈|回复|局|区|县|市|镇|部门|单位|公司|学校|办)(?:[^，。；]{0,8})"
    r"|已\s?[A-Z]?\d?[^，。；]{0,14}核处|\b(?:forwarded|passed (?:it )?on|referred|transferred|handed over) to\b[^.]*",
    re.IGNORECASE,
)
_PROMISED = re.compile(
    r"(?:将|会(?!同|商|议)|拟|争取|下一步|稍后|尽快|近期|及时|抓紧|正在|马上|待|等)[^，。；]{0,40}(?:处理|办理|核实|核查|调查|研究|答复|回复|反馈|跟进|改进|落实|解决|回应)[^，。；]{0,10}"
    r"|(?:高度重视|密切关注|认真对待)[^，。；]{0,20}|(?:耐心等待|留意近期|正在核查|正在调查)[^，。；]{0,12}|作出批示|如有(?:相关)?情况[^，。；]{0,20}|有(?:处理)?结果[^，。；]{0,20}"
    r"|\b(?:we will|will be|shall|going to)\b[^.]*(?:look into|handle|deal|investigat|process|reply|respond|follow|consider)[^.]*",
    re.IGNORECASE,
)
_ASKED_BACK = re.compile(
    r"(?:因|由于)?(?:您|你)?(?:未|没有|没)(?:提供|说明|说)[^。；]{0,60}|(?:请|建议)(?:您|你)?[^，。；]{0,30}(?:咨询|拨打|联系|反映|补充|完善|提供|详询|说明|投诉|举报|致电)[^，。；]{0,40}"
    r"|(?:不属于|不在|不归)[^，。；]{0,12}(?:我局|我办|我单位|我委|本局|本单位|职能|职责|管辖|辖区|范围)[^，。；]{0,20}|属于?[^，。；]{0,12}(?:辖区|管辖)|(?:无法|不能|暂不能)[^，。；]{0,12}(?:查实|确定|答复|回复|核实)[^，。；]{0,16}|以便[^，。；]{0,40}|(?:已经?(?:回复|答复)|回复链接)[^。；]{0,10}|我们不知道"
    r"|\b(?:please (?:call|contact|provide|ask|consult|tell)|not (?:our|within our)|outside our)\b[^.]*",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"https?://[^\s\u4e00-\u9fff]+|(?:电话|联系电话|咨询电话|热线)?[:：]?[0-9０-９\-—－]{7,}|[0-9]{2,4}\s*年\s*[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*日|[“\"「]?UU[0-9]+[”\"」]?|网友[“\"「][^”\"」]{1,12}[”\"」]")
_DONE = re.compile(r"已(?!收|转|交|获|知|阅|将)|了(?!解)|经(?:查|核|调查|了解|办)|\b(?:was|were|has|have|had)\b", re.IGNORECASE)
"""A clause with one of these tells what was done, however it goes on."""
_ORDER: tuple[tuple[Hollow, re.Pattern[str]], ...] = (
    (Hollow.ONLY_PASSED_ON, _PASSED),
    (Hollow.ONLY_ASKED_BACK, _ASKED_BACK),
    (Hollow.ONLY_PROMISED, _PROMISED),
    (Hollow.ONLY_RECEIVED, _RECEIVED),
)
_ORDER_OF_A_SHARE = tuple(each for each in _ORDER if each[0] is not Hollow.ONLY_ASKED_BACK)
"""A co-handler may find that nothing of the matter is its own."""


def judge_reply(
    text: str, request: str = "", before: tuple[str, ...] = (), language: str = "zh", *, is_share: bool = False
) -> Hollow | None:
    """What is wrong with a reply; None if it says something.

    Args:
        text: The reply.
        request: What it answers; a copy of it is no answer. May be empty.
        before: Replies to the same order that were sent back.
        language: `zh` or `en`, of the reply.
        is_share: Whether it is a co-handler's share, which may be short.
    """
    order, fewest = (_ORDER_OF_A_SHARE, FEWEST_OF_A_SHARE) if is_share else (_ORDER, FEWEST_CHARACTERS)
    clean = unicodedata.normalize("NFKC", text).replace("\u3000", " ").strip()
    if clean and any(_bare(clean) == _bare(unicodedata.normalize("NFKC", each)) for each in before):
        return Hollow.SAME_AS_BEFORE
    if _is_copy(_bare(clean), _bare(unicodedata.normalize("NFKC", request))):
        return Hollow.COPIED_REQUEST
    found: list[Hollow] = []
    left = 0
    for sentence in _SENTENCE.findall(_NUMBERS.sub(" ", clean)):
        for clause in _CLAUSE.findall(_FRAME.sub(" ", _POLITE.sub(" ", sentence))):
            what = next((kind for kind, pattern in order if pattern.search(clause)), None)
            if what is Hollow.ONLY_PROMISED and _DONE.search(clause):
                what = None
            rest = clause
            if what is not None:
                found.append(what)
                for _, pattern in order:
                    rest = pattern.sub(" ", rest)
            left += len(_bare(rest))
    if left >= fewest[language]:
        return None
    return next((kind for kind, _ in order if kind in found), Hollow.EMPTY)


def language_of_reply(text: str) -> str:
    """`zh` if there is any Chinese in it."""
    return "zh" if re.search("[\u4e00-\u9fff]", text) else "en"


def _bare(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def _is_copy(reply: str, request: str) -> bool:
    passages = [reply[at : at + PASSAGE] for at in range(len(reply) - PASSAGE + 1)]
    return len(passages) > PASSAGE and sum(each in request for each in passages) > COPIED * len(passages)
