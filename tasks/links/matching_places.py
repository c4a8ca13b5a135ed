"""Schools, venues and addresses that a text names, in the one form in which two reports name them alike."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_MOST = 6
_NUMERAL = "[一二三四五六七八九十]{1,3}"
_SCHOOLS = (
    "小学|中学|幼儿园|幼稚园|托儿所|学校|学院|书院|职高|技校|附小|附中"
    "|培训机构|培训中心|培训班|训练营|夏令营|托管班|托管中心|晚托班|小饭桌|早教中心"
)
_VENUES = (
    "网吧|网咖|电竞馆|电竞酒店|酒店|宾馆|旅馆|民宿|ktv|酒吧|福利院|救助站|医院|卫生院|公园|游泳馆|游乐场|游乐园"
    "|超市|便利店|商场|剧本杀馆|台球厅"
)
_ESTATES = "小区|花园|家园|公寓|新村|社区|庄园|嘉园|雅苑|佳苑|大院|胡同|村"
_BEFORE = r"([\u4e00-\u9fff0-9a-z]{0,10}?)"
_VENUE = re.compile(rf"{_BEFORE}({_SCHOOLS}|{_VENUES})")
_ESTATE = re.compile(rf"{_BEFORE}({_ESTATES})(?:小区)?(?!委会|干部|民)")
_SHORT = re.compile(
    r"(?:第|^|(?<=[市区县镇在读是去到 ,.，。]))(\d{1,3})(小|中)(?![学时孩伙姐块部段会把些午间年班组])"
)
_NUMBER = re.compile(
    rf"({_NUMERAL})(?=号楼|号院|栋|幢|座|单元|小学|中学|幼儿园|小(?!区|时|孩)|中(?!心|间|午))"
)
_HOUSE = re.compile(
    r"\W{0,2}(?:(\d{1,3})(?:号楼|号院|栋|幢|座|[-#—])\W{0,2})(?:\d{1,2}(?:单元|[-—])\W{0,2})?(?:\d{1,2}层\W{0,2})?"
    r"(?:(\d{3,4})(?!\d))?"
)
_ROAD = re.compile(r"([\u4e00-\u9fff]{2,10}?(?:大街|路|街|巷))(\d{1,4})号(?!线)")
_STOPS = re.compile(
    "就读于|位于|家住|居住|住|在|到|去|的|是|读|从|我|他|她|你|们|被|让|给|了|叫|把|离|跟|这|那|某|该|孩子|儿子|女儿|小孩|学生|老师|附近|门口|对面"
    "|旁边|隔壁|周边|一所|一家|一个|有个|有家|举报|投诉|反映|今年|去年|明年|目前|现在|以前|之前|后来|平时|每天|晚上"
    "|公办|民办|私立|公立|普通|重点|寄宿|同一|别|其他|其它|本地|当地|老家|城里|镇上|村里|发现|经常|很多|全"
)
_JOINS = re.compile(r"^(?:和(?!平)|与|及|以及|还有|上(?!海|地|庄)|往|进|对|住|来自?)")
_REGION = re.compile(r"^.*(?:省|市|自治区|(?<!小)区|县|旗|街道|镇|乡|路|街)(?=.{2})")
_COMMON = re.compile(r"^(?:第?\d+|实验|中心|机关|附属|外国语|希望|民族|附|小区|社区|人民|儿童)$")
_SCHOOL_EN = re.compile(
    r"((?:[a-z0-9][a-z0-9'.-]* ){1,4})"
    r"((?:primary|elementary|middle|high|secondary|nursery|boarding|grammar) school"
    r"|school|kindergarten|nursery|academy|college|hotel|internet cafe|hospital|park)(?![a-z])"
)
_ESTATE_EN = re.compile(
    r"((?:[a-z0-9][a-z0-9'-]* ){1,3})(estate|apartments|gardens|residences|compound|village)(?![a-z])"
    r"(?:,? ?(?:building|block|tower) ([a-z0-9]{1,3})(?![a-z0-9]))?"
    r"(?:,? ?unit [a-z0-9]{1,2})?(?:,? ?(?:flat|room|apartment|apt|unit)\.? (\d{2,4}))?"
)
_STREET_EN = re.compile(r"(?<!\d)(\d{1,4}) ((?:[a-z]+ ){1,2})(street|road|avenue|lane|drive)(?![a-z])")
_STOPS_EN = frozenset({
    "the", "at", "in", "a", "an", "our", "my", "his", "her", "their", "this", "that", "of", "near", "from",
    "to", "goes", "attends", "into", "by", "is", "was", "and", "or", "with", "for", "behind", "opposite",
    "outside", "inside", "local", "same", "primary", "private", "public", "called", "named", "i", "he",
    "she", "they", "we", "it", "studying", "living", "live", "lives", "there", "about", "on", "happened",
    "works", "teaches", "every", "some", "any",
})  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Each place once, in the order of the text, and no more than a few of a sort.

    A building stands with its estate in front, a room with its building.
    """

    venues: tuple[str, ...] = ()
    estates: tuple[str, ...] = ()
    buildings: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()


@dataclass
class _Found:
    venues: list[str] = field(default_factory=list)
    estates: list[str] = field(default_factory=list)
    buildings: list[str] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)


def places_in(clean: str, district: str | None) -> Places:
    """The places of a text.

    Args:
        clean: Normalised text: `catalogue.normalise`.
        district: Stands before names that every district has, such as 第三小学; None for unknown.
    """
    text = _NUMBER.sub(lambda match: str(_number(match[1])), clean)
    found = _Found()
    found.venues += (_with_district(*each, district) for each in _venues(text))
    _estates(text, found)
    _roads(text, found)
    _english(text, district, found)
    return Places(*(_few(each) for each in (found.venues, found.estates, found.buildings, found.rooms)))


def _venues(text: str) -> Iterator[tuple[str, str]]:
    for match in _VENUE.finditer(text):
        name = _own_name(match[1])
        if len(name) > 1 or name.isdigit():
            yield name.removeprefix("第"), match[2]
    for match in _SHORT.finditer(text):
        yield match[1], "小学" if match[2] == "小" else "中学"


def _estates(text: str, found: _Found) -> None:
    for match in _ESTATE.finditer(text):
        name = _own_name(match[1])
        if len(name) < 2:
            continue
        estate = name + match[2]
        found.estates.append(estate)
        if house := _HOUSE.match(text, match.end()):
            _house(estate, house[1], house[2], found)


def _roads(text: str, found: _Found) -> None:
    for match in _ROAD.finditer(text):
        name = _own_name(match[1])
        if len(name) > 2:
            found.buildings.append(f"{name}{match[2]}号")


def _english(text: str, district: str | None, found: _Found) -> None:
    for match in _SCHOOL_EN.finditer(text):
        if name := _own_words(match[1]):
            found.venues.append(_with_district(name.removeprefix("no. "), f" {match[2]}", district))
    for match in _ESTATE_EN.finditer(text):
        if name := _own_words(match[1]):
            estate = f"{name} {match[2]}"
            found.estates.append(estate)
            _house(estate, match[3], match[4], found)
    for match in _STREET_EN.finditer(text):
        if name := _own_words(match[2]):
            found.buildings.append(f"{match[1]} {name} {match[3]}")


def _house(estate: str, building: str | None, room: str | None, found: _Found) -> None:
    if building is None:
        return
    found.buildings.append(f"{estate}/{building}")
    if room is not None:
        found.rooms.append(f"{estate}/{building}/{room}")


def _own_name(before: str) -> str:
    """The end of what stands before 小学 and the like that is the name: no verb, no region."""
    name = _JOINS.sub("", _STOPS.split(before)[-1])
    return _REGION.sub("", name)


def _own_words(before: str) -> str:
    words: list[str] = []
    for word in reversed(before.split()):
        if word in _STOPS_EN:
            break
        words.insert(0, word)
    return " ".join(words)


def _with_district(name: str, sort: str, district: str | None) -> str:
    return f"{district}/{name}{sort}" if district and _COMMON.match(name) else f"{name}{sort}"


def _number(numeral: str) -> int:
    tens, ten, ones = numeral.rpartition("十")
    digit = "零一二三四五六七八九".find
    if not ten:
        return int("".join(str(digit(each)) for each in numeral))
    return (digit(tens) if tens else 1) * 10 + (digit(ones) if ones else 0)


def _few(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:_MOST]
