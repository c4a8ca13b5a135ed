"""Made-up requests in families: several reporters of one matter, each telling another part of it.

The words come from our own training texts, cut up and mixed anew for each reporter; names, places
and who knows what are drawn at random. Whoever wrote this also wrote the rules that it measures:
the figures show that the mechanism works and what it costs, not what a real city would give.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from classifier.corpus_files import training_examples
from tasks.links.matching import Told

DISTRICTS = tuple(f"D-{number:02d}" for number in range(1, 17))
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
GIVEN = "子轩雨涵浩然欣怡梓诗宇佳琪思远明小红伟芳静磊洋娜强军杰婷慧博文俊晨曦一诺可心乐天家豪雅晓峰云飞"
ESTATE_WORDS = [
    "阳光",
    "金辉",
    "翠竹",
    "天桥",
    "锦绣",
    "和谐",
    "东湖",
    "西苑",
    "南湾",
    "北辰",
    "龙泉",
    "凤凰",
    "紫荆",
    "玉兰",
    "百合",
    "海棠",
    "望江",
    "临河",
    "春晖",
    "秋实",
]
ESTATE_ENDS = ["花园", "家园", "小区", "公寓", "新村", "嘉园"]
SCHOOL_WORDS = [
    "实验",
    "育才",
    "光明",
    "红星",
    "前进",
    "胜利",
    "向阳",
    "朝晖",
    "启明",
    "新华",
    "青云",
    "长安",
    "文昌",
    "树人",
    "明德",
    "博雅",
]
SCHOOL_ENDS = ["小学", "中学", "幼儿园", "学校"]
ESTATES = (ESTATE_WORDS, ["", *ESTATE_WORDS], ["", "东区", "西区", "一期", "二期"], ESTATE_ENDS)
"""12,600 names; of schools there are 1,280, and forty numbered ones in each district."""
NUMBERED = 0.3
FAMILY_SHARE = 0.12
"""Of the matters; the others have one report only."""
SAME_CALLER = 0.3
"""Of the later reports: the first caller asks again."""


@dataclass(frozen=True)
class Made:
    """One request, with the number of its matter: the honest label."""

    matter: int
    kind: str
    received_at: datetime
    told: Told


@dataclass(frozen=True)
class _Matter:
    number: int
    kind: str
    district: str
    child: str
    age: int
    address: str
    estate: str
    school: str
    begins_at: datetime


def made_requests(count: int, first: datetime, days: int, seed: int) -> list[Made]:
    """So many requests over so many days, in the order in which they were received."""
    made: list[Made] = []
    pieces = _pieces()
    draw = random.Random(seed)
    number = 0
    while len(made) < count:
        number += 1
        made += _reports(_matter(number, draw, sorted(pieces), first, days), pieces, draw)
    return sorted(made[:count], key=lambda each: each.received_at)


def _pieces() -> dict[str, list[str]]:
    """The clauses of our training texts, by kind."""
    found: dict[str, list[str]] = defaultdict(list)
    for example in training_examples():
        clauses = re.split(r"[。！？!?;；\n]", example.text)
        found[example.kind] += [each.strip() for each in clauses if 6 <= len(each.strip()) <= 80]
    return {kind: texts for kind, texts in found.items() if len(texts) >= 12 and not kind.startswith("X")}


def _matter(number: int, draw: random.Random, kinds: list[str], first: datetime, days: int) -> _Matter:
    estate = "".join(draw.choice(each) for each in ESTATES)
    house = f"{draw.randint(1, 30)}号楼{draw.randint(1, 6)}单元{draw.randint(1, 24)}{draw.randint(1, 6):02d}"
    numbered = f"第{draw.randint(1, 20)}{draw.choice(SCHOOL_ENDS[:2])}"
    named = draw.choice(ESTATE_WORDS) + draw.choice(SCHOOL_WORDS) + draw.choice(SCHOOL_ENDS)
    school = numbered if draw.random() < NUMBERED else named
    return _Matter(
        number, draw.choice(kinds), draw.choice(DISTRICTS),
        draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2)))),
        draw.randint(3, 16), estate + house, estate, school,
        first + timedelta(minutes=draw.randint(0, days * 24 * 60)),
    )  # fmt: skip


def _reports(matter: _Matter, pieces: dict[str, list[str]], draw: random.Random) -> Iterator[Made]:
    how_many = draw.choice((2, 2, 3, 4)) if draw.random() < FAMILY_SHARE else 1
    tellers = ("parent", "neighbour", "teacher", "passer_by")
    first: Told | None = None
    for place in range(how_many):
        at = matter.begins_at + timedelta(hours=draw.expovariate(1 / 72) if place else 0)
        if first is not None and draw.random() < SAME_CALLER:
            told = _asked_again(first, pieces[matter.kind], draw)
        else:
            told = _told(matter, draw.choice(tellers), pieces[matter.kind], draw)
        first = first or told
        yield Made(matter.number, matter.kind, at, told)


def _told(matter: _Matter, teller: str, pieces: list[str], draw: random.Random) -> Told:
    words = "。".join(draw.sample(pieces, k=draw.choice((2, 3))))
    where = {
        "parent": f"孩子在{matter.school}，", "neighbour": f"我住{matter.address[:-4]}，是{matter.address[-4:]}那家，",
        "teacher": f"{matter.school}的一个学生，", "passer_by": f"在{matter.estate}门口看到的，",
    }[teller]  # fmt: skip
    knows_name = teller in ("parent", "teacher")
    age = matter.age if knows_name else matter.age + draw.choice((-1, 0, 0, 1))
    return Told(
        text=where + words,
        district=matter.district if draw.random() < 0.7 else None,
        child_age=age if draw.random() < 0.6 else None,
        child_name=matter.child if knows_name and draw.random() < 0.7 else "",
        child_address=matter.address if teller == "parent" and draw.random() < 0.6 else "",
        contact=f"139{draw.randint(0, 99_999_999):08d}" if draw.random() < 0.8 else "",
    )


def _asked_again(told: Told, pieces: list[str], draw: random.Random) -> Told:
    """The same caller, with another clause."""
    clauses = [*told.text.split("。"), draw.choice(pieces)]
    return Told(
        "。".join(clauses), told.district, told.child_age, told.child_name,
        child_address=told.child_address, contact=told.contact,
    )  # fmt: skip
