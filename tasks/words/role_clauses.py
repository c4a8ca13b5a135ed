"""Clauses that speak of a reporter by their role alone, and what of them is the matter and not the reporter.

Two kinds only, each read as a whole; every other clause that speaks of the reporter is left out as it stands:

* a reporter's role before a word for saying ("the caller reports that …"): the rest is the matter, unless it turns back
  to the reporter (its own child, its own home) or begins with what the reporter did or is;
* a parent, or somebody whose child goes there, and a school ("I am a parent at …"): the school's name may stay, without
  class, child and whatever else stands beside it, if the other clauses are about a school. So many are parents of a school
  that its name says nothing of who told; that of a member of staff or of a neighbour would.
"""

import re
from collections.abc import Iterable

_HAN = "\u4e00-\u9fff"
_REPORTER = "(?:来电人|报告人|举报人|反映人|投诉人)"
_SAYS = re.compile(rf"^\s*{_REPORTER}(?:来电|再次|又|现)?((?:反映|称|表示|说|举报|投诉|认为|希望|要求|咨询|建议)(?:到)?)(.*)$", re.DOTALL)
_BACK_TO_REPORTER = re.compile("^(?:是|系|为|作为|在|住|有|曾|姓|叫|去|来|到|看|听|见|发现|刚|昨|今|前|上周|已|被|带|送|接|和|与|跟|找|打|想|会|能|家|工作|从|给|把|路过|经过)|其|自己|自家|本人|我|俺|咱|亲眼|亲耳|同事|邻居|隔壁|楼上|楼下|单位|认识|亲戚|朋友|家住|住在")
_SCHOOL = rf"(?![在一某这那该本我他她])[{_HAN}]{{2,14}}?(?:幼儿园|小学|中学|学校|初中|高中|职高|托育中心|托育机构|培训机构|培训中心)"
_CLASS = r"(?:(?:[一二三四五六七八九123456789]年级|[初高][一二三]|[大中小]班|[一二三四五六七八九十0-9（()）]{1,5}班)的?){0,2}"
_PARENT = r"(?:一名|一位|一个)?(?:学生|孩子|幼儿|新生|住校生|走读生)?的?家长"
_CHILD = r"(?:的|家|家的)?(?:孩子|小孩|儿子|女儿|娃)"
_GOES_THERE = r"(?:上学|读书|就读|念书|上课)?"
_BY_ROLE = (
    re.compile(rf"(?:我|本人|俺|{_REPORTER})(?:就|也)?(?:是|系|为)(?P<place>{_SCHOOL})的?{_CLASS}{_PARENT}"),
    re.compile(rf"作为(?P<place>{_SCHOOL})的?{_CLASS}{_PARENT}"),
    re.compile(rf"(?:我|我们|咱|俺){_CHILD}(?:现在|目前)?(?:在|就读于|上的是)(?P<place>{_SCHOOL})(?:的)?{_CLASS}{_GOES_THERE}"),
    re.compile(rf"{_REPORTER}(?:反映|称|表示|说)?(?:其|自己){_CHILD}(?:现在|目前)?(?:在|就读于)(?P<place>{_SCHOOL})(?:的)?{_CLASS}{_GOES_THERE}"),
)
_SCHOOL_EN = (
    r"(?:[A-Z][\w'.-]*\s+){1,5}(?:(?:Primary|Elementary|Middle|High|Secondary|Nursery)\s+School|School|Kindergarten|Nursery|Academy)"
)
_BY_ROLE_EN = (
    re.compile(rf"(?:[Aa]nd\s+)?(?:I\s+am|I'm)\s+(?:a|the)\s+(?:parent|mother|father|mum|mom|dad)\s+(?:of\s+a\s+(?:pupil|student|child)\s+)?(?:at|of|from)\s+(?:the\s+)?(?P<place>{_SCHOOL_EN})"),
    re.compile(rf"[Mm]y\s+(?:son|daughter|child|kid)\s+(?:goes\s+to|is\s+at|attends|studies\s+at|is\s+a\s+(?:pupil|student)\s+(?:at|of))\s+(?:the\s+)?(?P<place>{_SCHOOL_EN})"),
)  # fmt: skip
_ABOUT_A_SCHOOL = re.compile(
    "学校|校方|校园|校门|校车|校服|校长|食堂|老师|教师|班主任|教室|操场|宿舍|课堂|上课|补课|作业|收费|园方|园长|幼儿园|托育|机构|学生|同学"
    r"|\b(?:schools?|teachers?|canteen|class(?:room)?|head(?:mistress|master|teacher)|principal|kindergarten|nursery|pupils?|students?|homework)\b",
    re.IGNORECASE,
)
_EDGES = " \t\r\n，,。.！!？?；;：:、"


def rest_of_report(clause: str) -> str | None:
    """What a clause such as `来电人反映食堂有异味` says, without who says it; None if it is not such a clause, or turns back."""
    found = _SAYS.match(clause)
    if found is None or _BACK_TO_REPORTER.search(found[2]):
        return None
    return f"{found[1]}{found[2]}"


def place_of_parent(clause: str, others: Iterable[str]) -> str | None:
    """The school in a clause that tells of the reporter only that a child of theirs goes there, if the matter is about a school.

    Args:
        clause: One that speaks of the reporter.
        others: The clauses that do not.
    """
    bare = clause.strip(_EDGES)
    for pattern in (*_BY_ROLE, *_BY_ROLE_EN):
        found = pattern.fullmatch(bare)
        if found:
            return found["place"] if any(_ABOUT_A_SCHOOL.search(each) for each in others) else None
    return None
