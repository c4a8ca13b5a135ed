"""Names and numbers in the one form in which two reports write them alike. Pure; nothing is kept."""

import re

from catalogue.normalise import normalise

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷"
)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒")
_NO_NAME = frozenset({
    "不详", "未知", "不知", "匿名", "无名", "保密", "孩子", "小孩", "儿子", "女儿", "学生", "同学", "小朋友", "本人", "unknown",
    "anonymous", "none", "na", "n/a", "child",
})  # fmt: skip
_TITLE = re.compile(r"(?:小朋友|同学|老师|教练|先生|女士|校长|阿姨|叔叔)$")
_SURNAME = rf"(?:{'|'.join(_COMPOUND)}|[{_SURNAMES}])"
_CHILD = r"(?:孩子|儿子|女儿|学生|男孩|女孩|小孩|男童|女童|外甥|外甥女|侄子|侄女|孙子|孙女|妹妹|弟弟|小朋友)"
_CALLED = re.compile(
    rf"{_CHILD}[^,，。;；!！?？]{{0,8}}?(?:名叫|叫做|名字叫|名字是|姓名是?:?|叫)({_SURNAME}[\u4e00-\u9fff]{{1,2}})"
)
_ADDRESSED = re.compile(rf"(?<![\u4e00-\u9fff])({_SURNAME}[\u4e00-\u9fff]{{1,2}})(?:小朋友|同学)(?!们)")
_CALLED_EN = re.compile(
    r"(?:son|daughter|child|kid|boy|girl|pupil|student|nephew|niece|brother|sister)\b[^.,;!?]{0,12}?"
    r"(?:named|called|name is) ([a-z]{2,20}(?: [a-z]{2,20})?)"
)
_NOT_GIVEN = "的在今被是上读说和就也不去来了有住从到很已正才年"
_LEAST_DIGITS = 7


def name_form(name: str) -> str:
    """A person's name without titles, blanks and dots; empty for what is no name, such as 李某 or 不详."""
    clean = _TITLE.sub("", re.sub(r"[\s·.・-]+", " ", normalise(name)).strip())
    joined = clean.replace(" ", "") if not clean.isascii() else clean
    if joined in _NO_NAME or "某" in joined or "*" in joined or len(joined) < 2:
        return ""
    return joined


def surname_form(name: str) -> str:
    """The family name, also of 李某 and 李*; empty if it cannot be told."""
    clean = normalise(name)
    if not clean or clean in _NO_NAME:
        return ""
    if clean.isascii():
        words = clean.split()
        return words[-1] if len(words) > 1 else ""
    compound = next((each for each in _COMPOUND if clean.startswith(each)), "")
    return compound or (clean[0] if clean[0] in _SURNAMES else "")


def names_of_children(clean: str) -> tuple[str, ...]:
    """The names that normalised text gives to children, in the form of `name_form`; most often none."""
    found = [match[1] for match in _CALLED.finditer(clean)]
    found += [match[1] for match in _ADDRESSED.finditer(clean)]
    shortened = (re.split(f"[{_NOT_GIVEN}]", each[1:])[0] for each in found)
    chinese = [name_form(each[0] + given) for each, given in zip(found, shortened, strict=True)]
    english = [name_form(match[1]) for match in _CALLED_EN.finditer(clean)]
    return tuple(dict.fromkeys(each for each in (*chinese, *english) if len(each) > 1))


def contact_form(contact: str) -> str:
    """A phone number as its last eleven digits, anything else in lower case; empty if it is too short."""
    clean = normalise(contact)
    digits = re.sub(r"\D", "", clean)
    if len(digits) >= _LEAST_DIGITS and "@" not in clean:
        return digits[-11:]
    return clean if len(clean) >= _LEAST_DIGITS else ""


def identity_form(identity: str) -> str:
    """A document's number, letters and digits only; empty if it is too short to tell people apart."""
    number = re.sub(r"[^0-9a-z]", "", normalise(identity))
    return number if len(number) >= _LEAST_DIGITS else ""
