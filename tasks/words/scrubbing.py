"""Taking the reporter out of words that a department is to read; when in doubt there are no words at all.

Two questions, both pure: what of a reporter still stands in a text (`leaks`), and what a text looks like
without it (`scrub`). A machine cannot tell whose number stands in a letter, so `scrub` takes out every
number, address, plate and mail address, and every clause in which somebody speaks of themselves. What of
such a clause may stay, where it tells of the reporter no more than a role, is for `tasks.words.role_clauses`.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tasks.words.role_clauses import place_of_parent, rest_of_report


class Hidden(StrEnum):
    """What was taken out, and so what a gap stands for."""

    MAIL = "mail"
    LINK = "link"
    IDENTITY = "identity"
    PHONE = "phone"
    PLATE = "plate"
    ACCOUNT = "account"
    ADDRESS = "address"
    NAME = "name"
    SPEAKER = "speaker"


GAPS: dict[Hidden, tuple[str, str]] = {
    Hidden.MAIL: ("〔邮箱略〕", "[mail]"),
    Hidden.LINK: ("〔链接略〕", "[link]"),
    Hidden.IDENTITY: ("〔证件号略〕", "[id number]"),
    Hidden.PHONE: ("〔号码略〕", "[number]"),
    Hidden.PLATE: ("〔车牌略〕", "[plate]"),
    Hidden.ACCOUNT: ("〔账号略〕", "[account]"),
    Hidden.ADDRESS: ("〔地址略〕", "[address]"),
    Hidden.NAME: ("〔姓名略〕", "[name]"),
    Hidden.SPEAKER: ("〔涉及报告人，略〕", "[about who told us]"),
}
PLACES = ("（地点：{}）", " (place: {})")
"""How the place of the matter stands beside the gap of the clause it was taken from."""
MOST_TAKEN_OUT = 0.6
"""With more of the words gone than this, a person writes the summary."""
FEWEST_LEFT = 8
SHORTEST_HAN, SHORTEST_DIGITS, SHORTEST_LATIN = 4, 6, 8
"""How long a piece of a reporter's address, number or note must be to say who that is."""

_HAN = "\u4e00-\u9fff"
_DIGIT = "[0-9零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两]"
_GAP = r"[\s\-－—–·.．()（）]{0,3}"
_NUMERALS = str.maketrans("零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两", "0012345678912345678912")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F) if chr(wide - 0xFEE0).isalnum() or chr(wide - 0xFEE0) in "@+-_#"}
"""Wide letters and figures as narrow ones; Chinese punctuation stays what it is."""
_TITLES = "老师|女士|先生|小姐|阿姨|叔叔|大爷|大妈|大姐|大哥|师傅|医生|大夫|护士|主任|校长|园长|院长|经理|律师|同学|家长|某某|某"
_ROLES = frozenset(
    ["学生", "孩子", "儿童", "男孩", "女孩", "家长", "家属", "亲属", "居民", "村民", "业主", "市民", "群众", "网友", "路人", "邻居", "乘客", "顾客", "来电人", "老师", "教师", "班主任", "教练", "保安", "司机", "女士", "先生", "同学", "爸爸", "妈妈", "父亲", "母亲", "父母", "继父", "继母", "养父", "养母", "爷爷", "奶奶", "外公", "外婆", "哥哥", "姐姐", "弟弟", "妹妹", "叔叔", "舅舅"]
)
_ROLE_ONLY = re.compile(f"(?:{'|'.join(sorted(_ROLES, key=len, reverse=True))}|某|匿名|热心|一位|一名|的|其|不知道?|不详|未知|不清楚|没有|无|不愿透露|姓名|保密)+")
"""What is typed where a name belongs and is none."""
_PATTERNS: tuple[tuple[Hidden, re.Pattern[str]], ...] = (
    (Hidden.LINK, re.compile(r"(?:https?://|www\.)[^\s，。；、]+", re.IGNORECASE)),
    (Hidden.MAIL, re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\]| at )\s?[\w-]+(?:\s?(?:\.|\(dot\)| dot )\s?[\w-]+)+", re.IGNORECASE | re.ASCII)),
    (Hidden.IDENTITY, re.compile(rf"(?<![0-9A-Za-z])[1-9]{_GAP}(?:[0-9]{_GAP}){{13,16}}[0-9Xx](?![0-9A-Za-z])")),
    (Hidden.IDENTITY, re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,2}[0-9]{7,9}(?![0-9A-Za-z])")),
    (Hidden.PLATE, re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领警学][ ·.]?[A-Za-z][ ·.]?(?:[A-HJ-NP-Za-hj-np-z0-9][ ·.]?){4,5}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳]")),
    (Hidden.PHONE, re.compile(rf"(?<!{_DIGIT})(?:[+＋]?{_GAP}{_DIGIT}{_GAP})(?:{_DIGIT}{_GAP}){{5,18}}{_DIGIT}(?!{_DIGIT})")),
    (Hidden.ACCOUNT, re.compile(r"(?:微信|ＱＱ|QQ|wechat|weixin|whatsapp|telegram|抖音|快手|小红书|微博)(?:号|名|昵称|id)?\s*[:：是为]?\s*[@A-Za-z0-9_.-]{4,40}", re.IGNORECASE)),
    (Hidden.ADDRESS, re.compile(
        rf"(?:[{_HAN}]{{2,8}}(?:省|市|自治区))?(?:[{_HAN}]{{2,6}}(?:区|县|旗))?[{_HAN}]{{0,8}}(?:街道|镇|乡|村|社区|小区|家园|花园|公寓|大院|胡同|大街|大道|路|街|巷|里|苑|园)"
        rf"[{_HAN}]{{0,4}}(?:甲|乙)?{_DIGIT}{{1,5}}(?:号院?|弄|栋|幢|座|号楼|楼|单元|室|组|队)(?:{_DIGIT}{{0,5}}(?:号楼|楼|单元|门|层|室|号|户))*{_DIGIT}{{0,5}}")),
    (Hidden.ADDRESS, re.compile(rf"{_DIGIT}{{1,4}}(?:号楼|栋|幢|座)(?:{_DIGIT}{{1,3}}单元)?{_DIGIT}{{0,5}}(?:室|号|户)?")),
    (Hidden.ADDRESS, re.compile(rf"{_DIGIT}{{1,3}}单元{_DIGIT}{{0,5}}(?:室|号|户)?")),
    (Hidden.ADDRESS, re.compile(
        r"\b\d{1,5}[A-Za-z]?,?\s+(?:[A-Z][\w'.-]*\s+){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Terrace|Boulevard|Blvd|Close|Square)\b\.?"
        r"(?:,?\s*(?:Apt|Apartment|Unit|Flat|Room|#)\.?\s*\w{1,6})?", re.IGNORECASE)),
    (Hidden.NAME, re.compile(rf"(?:我叫|我是|我姓|免贵姓|本人|本人叫|姓名[:：]?|名叫)\s*[{_HAN}]{{2,4}}(?=[，,。.；;、\s]|$)")),
)  # fmt: skip
_SPEAKS = (
    re.compile(
        r"我(?:们)?(?:是|叫|姓|家|住|在(?!乎|想|意)|班|校|单位|公司|店|楼|隔壁|邻居|同事|朋友|亲戚|丈夫|妻子|老公|老婆|爱人|前夫|前妻|爸|妈|父|母|爷|奶|姥|外公|外婆|儿|女|孩子|孙|外甥|侄|弟|妹|哥|姐|学生|徒弟"
        r"|(?:来)?(?:反映|举报|投诉|报告|报警)的|的?(?:手机|电话|号码|微信|邮箱|名字|学生|孩子|儿子|女儿|邻居|同事|家|单位))"
        r"|本人|俺|咱家|咱们?(?:小区|楼|村|班|学校)|(?:来电|报告|举报|反映|投诉)人|作为[^，。]{0,24}?(?:老师|教师|邻居|家长|医生|护士|社工|同学|同事|员工|保安)"
    ),
    re.compile(
        r"\b(?:I am|I'm|I was|I work|I live|I teach|I rent|call me|reach me|contact me|my name|my (?:number|phone|mobile|email|mail|address|house|home|flat|son|daughter|child|kids?|nephew|niece|grand\w+|"
        r"class|student|pupil|patient|client|neighbou?rs?|colleague|co-?worker|wife|husband|partner|ex|brother|sister|mother|father|mum|mom|dad|boss|school|shop|office|building)|"
        r"our (?:building|street|class|school|neighbou?rs?|family)|as (?:a|an|the|her|his|their) (?:teacher|neighbou?r|doctor|nurse|colleague|friend|aunt|uncle|grand\w+|parent|mother|father))\b",
        re.IGNORECASE,
    ),
)
_GOES_ON = (
    re.compile(
        rf"^\s*(?:也|就|又|并|而且)?(?:叫(?!我|他|她|人)[{_HAN}]{{1,4}}\s*[，,。.；;\s]*$|今年|现年|年龄|{_DIGIT}{{1,3}}多?岁|户籍|户口|籍贯|老家"
        r"|在[^，。]{1,24}(?:工作|上班|打工|任教|教书|任职|做|当|开店|租房|居住)|(?:就)?是[^，。]{0,24}(?:老师|教师|邻居|家长|医生|护士|社工|同学|同事|员工|保安|业主|居民|亲戚|朋友|姑|姨|舅|叔|伯|爷|奶|姥|外公|外婆|妈|爸|母亲?|父亲?)\s*[，,。.；;\s]*$)"
    ),
    re.compile(
        r"^\s*(?:and\s+|also\s+)?(?:(?:my\s+)?(?:sur|last\s+|first\s+|family\s+)?name|named|called|aged?\b|\d{1,3}\s+years|liv(?:e|ing)\b|work(?:ing)?\b|teach(?:ing)?\b|phone|mobile|number|reachable|(?:a|an|the)\s+(?:teacher|neighbou?r|doctor|nurse|colleague|friend|aunt|uncle|parent|mother|father)\b)",
        re.IGNORECASE,
    ),
)
"""A clause without a subject that says who somebody is: after one that speaks of the speaker it goes on with that."""
_SAYS_WHO = re.compile(rf"^\s*(?:也|就|又|并|而且|免贵)?(?:姓(?!氏)[{_HAN}]|名叫|名字|大名|小名|家?住(?!院)|现住|家在)")
"""The same, and so plain that it goes on in the next sentence too."""
_BEGINS = re.compile(rf"^\s*(?:免贵)?姓[{_HAN}]{{1,2}}\s*[，,。.；;\s]*$")
"""Who begins a message like this means themselves."""
_CALLED = re.compile(rf"姓(?![名氏])([{_HAN}])|(?:我叫|本人叫|名叫|名字[是叫])\s*([{_HAN}]{{2,4}}?)(?=[，,。.；;、\s住在是的]|$)")
_SENTENCE_ENDS = tuple("。.!！？?；;\n")
_CLAUSES = re.compile(r"[^，,。.！!？?；;：:\n]*[，,。.！!？?；;：:\n]*")


@dataclass(frozen=True)
class Scrubbed:
    """A text without the reporter; `text` is None where it cannot be vouched for, and `hidden` says what went.

    `left_out` counts the clauses that went because they speak of the reporter.
    """

    text: str | None
    hidden: tuple[Hidden, ...]
    left_out: int = 0


def scrub(text: str, own: Mapping[str, str], language: str = "zh") -> Scrubbed:
    """The text without numbers, addresses and names, and without what the speaker says of themselves.

    Args:
        text: What was said.
        own: What is known of the reporter, by the fields of a person (`name`, `contact`, `identity`,
            `address`, `note`); may be empty.
        language: `zh` or `en`, of the words that stand in the gaps.

    Returns:
        No text, if anything of `own` is left, if little is left at all, or if most of it had to go.
    """
    hidden: list[Hidden] = []

    def gap(what: Hidden) -> str:
        hidden.append(what)
        return GAPS[what][language == "en"]

    clean = text.translate(_NARROW)
    said = sum(each.isalnum() for each in clean)
    clauses = [rest_of_report(each) or each for each in _CLAUSES.findall(clean)]
    speaking = _of_speaker(clauses)
    others = [clause for clause, speaks in zip(clauses, speaking, strict=True) if not speaks]
    kept, left_out = [], 0
    for clause, speaks in zip(clauses, speaking, strict=True):
        if not speaks:
            kept.append(clause)
            continue
        left_out += 1
        place = place_of_parent(clause, others)
        ends = ("，。", ",.")[language == "en"][clause.rstrip().endswith(tuple("。.!?！？\n"))]
        kept.append(f"{gap(Hidden.SPEAKER)}{PLACES[language == 'en'].format(place) if place else ''}{ends}")
    told = "".join(kept)
    for what, pattern in _PATTERNS:
        told = pattern.sub(lambda _, what=what: gap(what), told)  # type: ignore[misc]
    for form in sorted(_names(own.get("name", "")), key=len, reverse=True):
        told = re.sub(_as_word(form), lambda _: gap(Hidden.NAME), told, flags=re.IGNORECASE)
    told = _without_echo(told)
    left = len(_bare(told, language))
    sure = left >= FEWEST_LEFT and left >= (1 - MOST_TAKEN_OUT) * said and not leaks(told, own)
    return Scrubbed(told.strip() if sure else None, tuple(dict.fromkeys(hidden)), left_out)


def names_said(text: str) -> str:
    """What the speaker says to be called, as far as it is said plainly: surnames and names with blanks between, or nothing."""
    clauses = _CLAUSES.findall(unicodedata.normalize("NFKC", text))
    own = [clause for clause, speaks in zip(clauses, _of_speaker(clauses), strict=True) if speaks]
    return " ".join(found[1] or found[2] for clause in own for found in _CALLED.finditer(clause))


def _of_speaker(clauses: Sequence[str]) -> list[bool]:
    """Which clauses speak of the speaker, those too that go on with it in the same sentence and name nobody anew."""
    found: list[bool] = []
    goes_on = same_sentence = False
    is_first = True
    for clause in clauses:
        who = (goes_on and _SAYS_WHO.search(clause)) or (is_first and _BEGINS.search(clause))
        speaks = _speaks(clause) or bool(who) or (goes_on and same_sentence and any(each.search(clause) for each in _GOES_ON))
        found.append(speaks)
        if any(each.isalnum() for each in clause):
            goes_on, same_sentence, is_first = speaks, not clause.rstrip().endswith(_SENTENCE_ENDS), False
    return found


def _speaks(clause: str) -> bool:
    return any(pattern.search(clause) for pattern in _SPEAKS)


def leaks(text: str, own: Mapping[str, str]) -> tuple[str, ...]:
    """The fields of a reporter of which something recognisable stands in `text`, however it is spelt.

    Names count with any two characters of them and with the surname before a title or after 姓; numbers in any
    writing with six figures in a row; an address or a note with a few characters in a row, beyond
    province, city and district.
    """
    letters, figures = _letters(text), _figures(text)
    found = []
    if any(re.search(_as_word(form), unicodedata.normalize("NFKC", text), re.IGNORECASE) for form in _names(own.get("name", ""))):
        found.append("name")
    for field in ("contact", "identity"):
        value = own.get(field, "")
        if _shares(figures, _figures(value), SHORTEST_DIGITS) or _shares_word(letters, _letters(value)):
            found.append(field)
    for field in ("address", "note"):
        value = _beyond_district(own.get(field, "")) if field == "address" else own.get(field, "")
        if _shares_word(letters, _letters(value)) or _shares(figures, _figures(value), SHORTEST_DIGITS):
            found.append(field)
    return tuple(found)


def finders(wanted: Container[Hidden]) -> Iterator[tuple[Hidden, re.Pattern[str]]]:
    """The patterns of these kinds, in the order they must be tried in; letters of either case."""
    for what, pattern in _PATTERNS:
        if what in wanted:
            yield what, re.compile(pattern.pattern, pattern.flags | re.IGNORECASE)


def forms_of_name(name: str) -> list[re.Pattern[str]]:
    """Everything in which this name betrays its owner, as patterns."""
    return [re.compile(_as_word(form), re.IGNORECASE) for form in _names(name)]


def _names(name: str) -> set[str]:
    """The forms in which a name betrays its owner."""
    forms: set[str] = set()
    clean = unicodedata.normalize("NFKC", name)
    for part in re.findall(f"[{_HAN}]+", clean):
        if _ROLE_ONLY.fullmatch(part):
            continue
        bare = re.sub(f"(?:{_TITLES})+$", "", part)
        forms |= {part[at : at + 2] for at in range(len(part) - 1)} - set(_TITLES.split("|")) - _ROLES
        if bare:
            forms |= {f"{bare[0]}{title}" for title in _TITLES.split("|")} | {f"{little}{bare[0]}" for little in ("小", "老", "阿", "姓")}
    forms |= {word for word in re.findall(r"[^\W\d_]{2,}", clean) if not re.search(f"[{_HAN}]", word)}
    return forms


def _as_word(form: str) -> str:
    return re.escape(form) if re.search(f"[{_HAN}]", form) else rf"(?<![^\W\d_]){re.escape(form)}(?![^\W\d_])"


def _letters(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())


def _figures(text: str) -> str:
    """Figures in their order, of any writing; everything that is no figure and no filler ends a run."""
    clean = unicodedata.normalize("NFKC", text).translate(_NUMERALS)
    return re.sub(r"[^0-9]+", "|", re.sub(r"(?<=[0-9])[\s\-－—–·.．,，、()（）_/+]+(?=[0-9])", "", clean))


def _shares(text: str, value: str, shortest: int) -> bool:
    runs = {run[at : at + shortest] for run in value.split("|") for at in range(len(run) - shortest + 1)}
    return any(run in text for run in runs)


def _shares_word(text: str, value: str) -> bool:
    """Whether a stretch of `value` long enough to tell stands in `text`; both as `_letters` gives them."""
    for size, wanted in ((SHORTEST_HAN, True), (SHORTEST_LATIN, False)):
        for at in range(len(value) - size + 1):
            piece = value[at : at + size]
            if bool(re.search(f"[{_HAN}]", piece)) is wanted and not piece.isdigit() and piece in text:
                return True
    return False


def _beyond_district(address: str) -> str:
    clean = unicodedata.normalize("NFKC", address)
    return re.sub(rf"^\s*(?:[{_HAN}]{{2,8}}?(?:省|自治区))?(?:[{_HAN}]{{2,6}}?市)?(?:[{_HAN}]{{2,6}}?(?:区|县|旗))?", "", clean)


def _without_echo(text: str) -> str:
    """One gap where several of a kind follow one another."""
    for words in GAPS.values():
        for mark in words:
            text = re.sub(rf"(?:{re.escape(mark)}[，。,.\s]*)+(?={re.escape(mark)})", "", text)
    return text


def _bare(text: str, language: str) -> str:
    for words in GAPS.values():
        text = text.replace(words[language == "en"], "")
    return "".join(each for each in text if each.isalnum())
