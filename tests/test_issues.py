"""Common issues: what is joined, what keeps its number, who should take it, and what is never told."""

import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_matrix
from scipy.spatial.distance import squareform

from analysis.issues.describing import Known
from analysis.issues.features import unit_rows
from analysis.issues.finding import clusters_of, find_issues
from analysis.issues.grouping import group
from analysis.issues.heat import heats_of
from analysis.issues.issue import Cluster, Issue, growth_of, weeks_of
from analysis.issues.keeping_numbers import keep_numbers
from analysis.issues.near_duplicates import same_reports
from analysis.issues.owner import propose_owner
from analysis.issues.places import Place, places_of
from analysis.issues.publishing import publish
from analysis.issues.reports import Report
from analysis.issues.sentences import Guard, may_be_told, speaking_sentence
from analysis.issues.settings import GroupingSettings, HeatSettings, delivered_settings
from analysis.issues.topic_words import topic_words
from analysis.issues.wording import Wording
from catalogue.loader import load_catalogue
from tasks.words.scrubbing import scrub

MONDAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SETTINGS = delivered_settings()
CANTEEN = (
    "青禾小学食堂饭菜变质，很多学生吃完拉肚子，食堂卫生很差，希望查处",
    "青禾小学食堂给学生吃隔夜菜，学生拉肚子，学校说没有问题",
    "反映青禾小学食堂不卫生，菜里有虫子，学生吃了拉肚子发烧",
    "青禾小学食堂承包商用过期食材，已有学生拉肚子住院，要求公开处理结果",
    "青禾小学食堂后厨脏乱，学生连续拉肚子，家长要求更换食堂承包商",
    "青禾小学食堂又有学生拉肚子，饭菜变质没有人管，请求检查食堂",
)
NET_BAR = (
    "柳岸网吧让未成年人不登记身份证通宵上网",
    "柳岸网吧放学后全是穿校服的未成年人，不查身份证就能上网",
    "柳岸网吧接纳未成年人上网，老板借身份证给他们登记",
    "举报柳岸网吧，未成年人随便进，晚上通宵上网没人管",
    "柳岸网吧多次被举报仍让未成年人上网，身份证登记是假的",
)
ROAD = (
    "校门口的路灯坏了半年，晚自习放学很黑",
    "请问转学到外区需要哪些材料，什么时候办理",
    "孩子的疫苗本丢失后到哪里补办",
    "公园里的滑梯断裂，容易割伤小朋友，请维修",
    "游泳培训班停业跑路，剩余课时费不退",
    "主播诱导打赏，平台拒绝退还充值的钱",
    "文具店卖给低年级的激光笔伤眼睛",
    "公交车司机拒刷半价优惠票",
    "初中作业写到十一点，睡眠不够",
    "儿童医院挂号排到下个月，能否增加号源",
)
SCHOOL_BUS = (
    "枫桥幼儿园校车超载，核载三十人坐了五十人",
    "枫桥幼儿园的校车没有照管员，司机开得飞快",
    "枫桥幼儿园校车安全带全是坏的，还严重超载",
    "举报枫桥幼儿园黑校车，面包车改装，超载接送",
    "枫桥幼儿园校车司机边开车边打电话，车上超载",
)
OTHERS = tuple(
    f"{what}{where}，{wish}"
    for what, where in zip(
        ("绘本馆周末闭馆", "体育中心泳池漏水", "银杏树遮挡信号灯", "快递柜占盲道", "垃圾桶清运不及时", "广场舞音响扰人", "充电桩插头损坏", "无障碍坡道太陡"),
        ("在东苑二期", "靠近北门", "在老车站对面", "在滨水步道", "在菜市场后面", "在文化馆前", "在地下停车库", "在社区服务站"),
        strict=True,
    )
    for wish in ("盼望早日解决", "打过几次电话无回音", "何时能修好", "建议重新规划", "感谢上次来人看过")
)  # fmt: skip


def reports(*groups: tuple[str, ...], lead: str = "", kind: str = "", start: datetime = MONDAY) -> list[Report]:
    """One report a text, a few hours apart, ids by group and place."""
    return [
        Report(f"{at}.{each}", start + timedelta(hours=7 * each, minutes=at), text, lead=lead, kind=kind)
        for at, texts in enumerate(groups)
        for each, text in enumerate(texts)
    ]


def found(*groups: tuple[str, ...], known: Known | None = None) -> tuple[Issue, ...]:
    """The issues of these texts a fortnight later."""
    return find_issues(reports(*groups), SETTINGS, known or Known(), MONDAY + timedelta(days=14))


def cluster(*cases: str, start: datetime = MONDAY) -> Cluster:
    """A group of reports with these ids."""
    own = tuple(Report(case, start + timedelta(hours=at), case) for at, case in enumerate(cases))
    return Cluster(own, (), frozenset(), 0.5, len(own))


def test_reports_of_one_matter_at_one_place_are_one_issue_and_strangers_stay_alone() -> None:
    """Two issues among ten requests about other things."""
    issues = [each for each in found(CANTEEN, NET_BAR, ROAD, OTHERS) if each.topic and not each.case_ids[0].startswith("3")]
    assert {frozenset(each.case_ids) for each in issues if each.matters >= 5} == {
        frozenset(f"0.{at}" for at in range(len(CANTEEN))),
        frozenset(f"1.{at}" for at in range(len(NET_BAR))),
    }


def test_another_topic_at_another_school_is_another_issue() -> None:
    """Each with the place that its reports agree in."""
    issues = [each for each in found(CANTEEN, SCHOOL_BUS, ROAD, OTHERS) if {"0.0", "1.0"} & set(each.case_ids)]
    assert sorted(tuple(place.name for place in each.places) for each in issues) == [("枫桥幼儿园",), ("青禾小学",)]


def test_the_order_in_which_reports_are_given_changes_nothing() -> None:
    """Neither groups nor numbers."""
    given = reports(CANTEEN, NET_BAR, ROAD, OTHERS)
    shuffled = random.Random(7).sample(given, len(given))
    assert find_issues(given, SETTINGS, Known(), MONDAY) == find_issues(shuffled, SETTINGS, Known(), MONDAY)


def test_a_report_told_twice_is_weight_and_no_second_text() -> None:
    """The copy counts as a matter of its own, since somebody else may have sent it; not as another text."""
    (issue,) = [each for each in found((*CANTEEN, CANTEEN[0] + "！"), ROAD, OTHERS) if "0.0" in each.case_ids]
    assert (issue.matters, issue.distinct_texts) == (7, 6)


def test_linked_reports_of_one_matter_count_once() -> None:
    """Five calls of one mother are one matter and never five."""
    linked = [replace(each, matter="0.0") for each in reports(CANTEEN)]
    assert find_issues(linked, SETTINGS, Known(), MONDAY) == ()


@pytest.mark.parametrize(
    ("texts", "same"),
    [
        (("滨河花园旁边的工地每天夜里施工到凌晨三点吵得孩子睡不着觉", "滨河花园旁边的工地每天夜里施工到凌晨三点吵得孩子睡不着觉啊"), True),
        (("滨河花园旁边的工地每天夜里施工到凌晨三点吵得孩子睡不着觉", "柳岸网吧让未成年人不登记身份证通宵上网没有人管已经很久"), False),
        (("太吵了", "太吵了"), True),
        (("太吵了", "太黑了"), False),
        (("", ""), False),
    ],
    ids=["one word more", "another text", "short and equal", "short and different", "both empty"],
)  # fmt: skip
def test_near_duplicates_share_most_of_their_runs(texts: tuple[str, str], same: bool) -> None:
    """Short texts must be equal, and nothing is never the same as nothing."""
    first, second = same_reports(texts, SETTINGS.near_duplicates)
    assert bool(first == second) is same


def test_grouping_is_average_linkage_to_the_letter() -> None:
    """Against scipy's on all pairs, for rows drawn at random in clumps."""
    draw = np.random.default_rng(5)
    middles = draw.random((12, 40)) * (draw.random((12, 40)) < 0.3)
    rows = middles[draw.integers(0, 12, 150)] + draw.random((150, 40)) * (draw.random((150, 40)) < 0.1)
    features = unit_rows(csr_matrix(rows.astype(np.float32)))
    alike = np.clip(np.asarray((features @ features.T).todense(), dtype=np.float64), 0, 1)
    distances = squareform(1 - (alike + alike.T) / 2, checks=False)
    theirs = fcluster(linkage(distances, "average"), 1 - 0.5, "distance")
    ours = group(features, GroupingSettings(alike_from=0.5, place_share=0.1, kind_share=0.1, looked_up=64, looked_up_in=1_000, neighbours=200, most_rounds=100))
    assert len(set(ours)) == len(set(theirs)) == len(set(zip(ours, theirs, strict=True)))


def test_place_and_kind_alone_can_never_make_an_issue() -> None:
    """A file of settings that would allow it is refused."""
    with pytest.raises(ValidationError, match="must stay below alike_from"):
        GroupingSettings(alike_from=0.1, place_share=0.06, kind_share=0.05, looked_up=64, looked_up_in=500, neighbours=20, most_rounds=10)


def test_weights_of_heat_that_do_not_add_up_are_refused() -> None:
    """Heat is a share."""
    wrong = SETTINGS.heat.model_dump() | {"matters": 0.9}
    with pytest.raises(ValidationError, match=r"add up to 1\.45"):
        HeatSettings(**wrong)


def test_a_place_counts_as_far_as_two_texts_agree_in_its_name() -> None:
    """投诉丽景小区 and 家住丽景小区 agree in 丽景小区; a name of one text alone is none."""
    texts = ["投诉丽景小区的工地", "家住丽景小区很吵", "只有这里说到翠竹小区"]
    assert places_of(texts, SETTINGS.places) == [
        frozenset({Place("丽景小区", "estate")}),
        frozenset({Place("丽景小区", "estate")}),
        frozenset(),
    ]


WEEK_BEFORE = {"I2026W01-01": frozenset("abcdef"), "I2026W02-01": frozenset("uvwx")}


@pytest.mark.parametrize(
    ("now", "numbers"),
    [
        ([("a", "b", "c", "d", "e", "f", "g")], ["I2026W01-01"]),
        ([("e", "f", "g", "h")], ["I2026W01-01"]),
        ([("a", "b", "c", "d"), ("e", "f", "z")], ["I2026W01-01", "I2026W10-01"]),
        ([("e", "f", "z"), ("a", "b", "c", "d")], ["I2026W10-01", "I2026W01-01"]),
        ([("a", "b", "c", "d", "e", "f", "u", "v", "w", "x")], ["I2026W01-01"]),
        ([("p", "q")], ["I2026W10-01"]),
        ([("a", "p", "q"), ("b", "c", "d", "e", "f")], ["I2026W10-01", "I2026W01-01"]),
        ([("p", "q"), ("r", "s")], ["I2026W10-01", "I2026W10-02"]),
    ],
    ids=[
        "one more report",
        "old reports have left the window",
        "the greater part keeps the number",
        "whatever the order",
        "the greater of two joined keeps its number",
        "nothing shared",
        "one report that moved takes no number along",
        "two new ones",
    ],
)
def test_an_issue_keeps_its_number_while_it_lives(now: list[tuple[str, ...]], numbers: list[str]) -> None:
    """By the rule in the module."""
    assert keep_numbers([cluster(*cases) for cases in now], WEEK_BEFORE, 0.5) == numbers


def test_a_number_of_an_ended_issue_is_not_given_again() -> None:
    """As long as it is told of."""
    ended = {"I2026W10-01": frozenset("x")}
    assert keep_numbers([cluster("a", "b")], ended, 0.5) == ["I2026W10-02"]


def test_numbers_hold_over_a_month_of_weeks_that_bring_more() -> None:
    """Each week looks at all reports so far and hands on what it found."""
    given = [replace(each, received_at=each.received_at + timedelta(weeks=int(each.case_id[2:]))) for each in reports(CANTEEN, NET_BAR, ROAD, OTHERS)]
    before: dict[str, frozenset[str]] = {}
    seen = set()
    for week in range(2, 7):
        now = MONDAY + timedelta(weeks=week)
        issues = find_issues([each for each in given if each.received_at < now], SETTINGS, Known(before=before), now)
        before |= {each.number: frozenset(each.case_ids) for each in issues}
        seen |= {each.number for each in issues if "0.0" in each.case_ids}
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("leads", "kinds", "owner", "reason"),
    [
        (("EDU", "EDU", "MARKET"), ("S04",) * 3, "EDU", "EDU leads 2 of 3 dispatched reports"),
        (("EDU", "MARKET"), ("S04", "S04"), "EDU", "no unit leads more than half; the catalogue's lead for kind S04 (2 of 2 reports)"),
        (("", ""), ("C08", "C08"), "CULTURE", "none is dispatched yet; the catalogue's lead for kind C08 (2 of 2 reports)"),
        (("", ""), ("", ""), "", "no report has a kind yet; a supervisor names the unit"),
    ],
    ids=["most are led by one", "half is not most", "none dispatched", "nothing known"],
)  # fmt: skip
def test_the_unit_is_proposed_with_the_reason(leads: tuple[str, ...], kinds: tuple[str, ...], owner: str, reason: str) -> None:
    """Majority lead, else the catalogue's."""
    own = [Report(str(at), MONDAY, "", lead=lead, kind=kind) for at, (lead, kind) in enumerate(zip(leads, kinds, strict=True))]
    proposal = propose_owner(own, load_catalogue().kinds)
    assert (proposal.department, proposal.reason) == (owner, reason)


def test_more_matters_make_more_heat_all_else_alike() -> None:
    """And no heat is above one."""
    small, large = (cluster(*(f"{count}-{at}" for at in range(count))) for count in (5, 20))
    cool, hot = heats_of([small, large], SETTINGS.heat, MONDAY + timedelta(days=30))
    assert cool.total < hot.total <= 1


def test_weeks_are_of_the_office_and_a_matter_counts_when_it_first_came() -> None:
    """Sunday 23:30 and Monday 00:30 in Beijing lie in two weeks; the week between is told as empty."""
    own = [
        Report("a", datetime(2026, 3, 1, 15, 30, tzinfo=UTC), ""),
        Report("b", datetime(2026, 3, 1, 16, 30, tzinfo=UTC), ""),
        Report("c", datetime(2026, 3, 16, 4, 0, tzinfo=UTC), ""),
        Report("d", datetime(2026, 3, 16, 5, 0, tzinfo=UTC), "", matter="a"),
    ]
    assert weeks_of(own) == (
        (date(2026, 2, 23), 1), (date(2026, 3, 2), 1), (date(2026, 3, 9), 0), (date(2026, 3, 16), 1),
    )  # fmt: skip


@pytest.mark.parametrize(("early", "late", "growth"), [(2, 5, 1.5), (4, 0, -1.0), (0, 3, None)])
def test_growth_is_four_weeks_against_the_four_before(early: int, late: int, growth: float | None) -> None:
    """The running week is not over and counts in neither; from nothing there is no growth to tell."""
    today = date(2026, 3, 4)
    weeks = [(date(2026, 1, 5), early), (date(2026, 2, 2), late), (date(2026, 3, 2), 50)]
    assert growth_of(weeks, today) == growth


def guard(texts: tuple[str, ...], others: tuple[str, ...], **changed: object) -> Guard:
    """An issue of these texts among others that are said by seven matters each."""
    own = Wording((str(at), text) for at, text in enumerate(texts))
    everybody = Wording(
        [(str(at), text) for at, text in enumerate(texts)] + [(f"{each}-{text}", text) for each in range(7) for text in others]
    )
    return replace(Guard(own, everybody, 5, (), (), ("噪音",)), **changed)  # type: ignore[arg-type]


def clean(text: str) -> str | None:
    """The desk's own scrubber, knowing nobody."""
    return scrub(text, {}).text


COMMON = "夜里施工噪音影响居民休息"


def test_a_sentence_that_many_others_could_have_said_is_told() -> None:
    """The control of the refusals below."""
    assert speaking_sentence((COMMON,), clean, guard((COMMON,), (COMMON,))) == COMMON


@pytest.mark.parametrize(
    "text",
    [
        "施工噪音影响张小宝休息",
        "噪音大请打幺三八零零零",
        "我在夜里听到施工噪音",
        "夜里施工噪音影响王老师",
        "夜里噪音影响叫小明的学生",
        "邻居夜里施工噪音影响居民",
        "噪音来自三十二栋居民夜里施工",
        "夜里施工噪音影响@abc休息",
        "夜里施工噪音影响怀孕居民",
    ],
)  # fmt: skip
def test_a_sentence_with_a_person_a_number_or_an_address_is_never_told(text: str) -> None:
    """Even if seven other matters said the very same, save for the name, which nobody else says."""
    others = (COMMON,) if "张小宝" in text else (text, COMMON)
    assert speaking_sentence((text,), clean, guard((text,), others)) is None


@pytest.mark.parametrize(
    "changed",
    [{"fewest_matters": 8}, {"people": ("居民",)}, {"places": ("夜里",)}, {"topic": ("油烟",)}],
    ids=["too few others say it", "a piece of a known name", "a piece of the issue's place", "not about the topic"],
)
def test_each_guard_alone_refuses_a_sentence(changed: dict[str, object]) -> None:
    """One by one."""
    assert speaking_sentence((COMMON,), clean, guard((COMMON,), (COMMON,), **changed)) is None


def test_what_only_the_issue_itself_says_is_taken_for_a_name() -> None:
    """Seven reports of one issue may all name the person they complain of."""
    named = "夜里施工噪音都怪冯阿牛"
    assert speaking_sentence((named,) * 7, clean, guard((named,) * 7, (COMMON,))) is None


@pytest.mark.parametrize(
    ("word", "told"),
    [("王老师", False), ("老师", True), ("胡书记", False), ("青禾小学", False), ("小学", True), ("黄土镇", False), ("食堂", True)],
)
def test_a_topic_word_that_names_a_person_or_a_place_is_not_told(word: str, told: bool) -> None:
    """However many others say it: an official or a school that the whole town talks about is still named."""
    endings = [each for sort in SETTINGS.places.sorts.values() for each in sort]
    assert may_be_told(word, endings) is told


def test_pieces_of_links_and_words_of_time_are_no_topic() -> None:
    linked = "今天又见网吧违规接纳，详见 https://www.baidu.com/tieba 昨天已经说过"
    wording = Wording((str(at), text) for at, text in enumerate((linked, linked, "路灯不亮", "公交站牌坏了")))
    words = topic_words([linked, linked], wording, (), 50)
    assert any("网吧" in each for each in words)
    assert not [each for each in words if re.search("[a-z]|今天|昨天|已经", each)]


def test_what_fits_every_request_is_no_topic_by_itself() -> None:
    told = "家长，处理，家长群，孩子，诉求"
    wording = Wording((str(at), text) for at, text in enumerate((told, told, "路灯不亮", "公交站牌坏了")))
    assert topic_words([told, told], wording, (), 50) == ("家长群",)


def test_how_many_of_something_is_no_topic() -> None:
    told = "两个家长说，网吧接纳学生，三名学生，每天有几个孩子"
    wording = Wording((str(at), text) for at, text in enumerate((told, told, "路灯不亮", "公交站牌坏了")))
    words = topic_words([told, told], wording, (), 50)
    assert any("接纳" in each for each in words)
    assert not [each for each in words if re.search("^(两个|个|三名|名|几|每)|个$|几$", each)]


def test_without_a_scrubber_or_when_it_fails_there_is_no_sentence() -> None:
    """Closed, not open."""
    assert speaking_sentence((COMMON,), None, guard((COMMON,), (COMMON,))) is None
    assert speaking_sentence((COMMON,), lambda _: None, guard((COMMON,), (COMMON,))) is None


def test_one_person_repeating_a_name_makes_it_no_common_word() -> None:
    """Matters are counted, not reports."""
    said = Wording(("m", "冯阿牛") for _ in range(9))
    assert said.said_in("阿牛") == 1


def issue(count: int, **changed: object) -> Issue:
    """An issue of so many matters in one week."""
    (made,) = find_issues(
        [Report(f"case-{at}", MONDAY + timedelta(hours=at), f"{CANTEEN[0]}，{at}", district="D1") for at in range(count)],
        SETTINGS, Known(), MONDAY + timedelta(days=7),
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(("matters", "published"), [(4, 0), (5, 1)])
def test_issues_of_fewer_than_five_matters_never_leave(matters: int, published: int) -> None:
    """At the very edge."""
    assert len(publish([issue(matters)], SETTINGS.publishing)) == published


def test_what_leaves_names_no_case_and_no_place() -> None:
    """The sort of a place and a district shared by all are told, nothing nearer."""
    (told,) = publish([each for each in found(CANTEEN, ROAD, OTHERS) if "0.0" in each.case_ids], SETTINGS.publishing)
    assert told.sorts_of_places == ("school",)
    assert not [word for word in ("青禾", "0.0", "case") if word in str(told)]


def test_names_numbers_and_addresses_planted_in_every_report_never_leave() -> None:
    """The same man in all reports, and as a matter of others as well, his number, his door, and a child's name."""
    planted = "承包商冯阿牛电话13800138000，住青禾路八号院三单元，孩子林小满同学病了"
    texts = tuple(f"{text}，{planted}" for text in CANTEEN)
    gossip = tuple(f"{text}，听说也是冯阿牛干的" for text in NET_BAR)
    known = Known(scrubber=clean, people=("冯阿牛", "林小满"))
    published = str(publish(found(texts, gossip, ROAD, OTHERS, known=known), SETTINGS.publishing))
    assert "I2026W10" in published
    assert not [each for each in ("冯", "阿牛", "1380", "青禾", "八号", "单元", "小满", "林小", "柳岸") if each in published]


def test_districts_are_told_only_if_they_are_one() -> None:
    """Two districts together could leave one with a single matter."""
    (one,) = publish([issue(5)], SETTINGS.publishing)
    (two,) = publish([issue(5, districts=("D1", "D2"))], SETTINGS.publishing)
    assert (one.district, two.district) == ("D1", "")


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((6, 5), (6, 5)),
        ((6, 0, 5), (6, 0, 5)),
        ((6, 3), (None, None)),
        ((6, 1, 2), (None, None, None)),
        ((6, 3, 2), (6, None, None)),
    ],
    ids=["none small", "an empty week", "one blank is the rest of the sum", "blanks too few together", "blanks that cannot be told apart"],
)  # fmt: skip
def test_small_weeks_are_blank_and_cannot_be_subtracted(counts: tuple[int, ...], told: tuple[int | None, ...]) -> None:
    """The total stands beside them."""
    weeks = tuple((date(2026, 3, 2) + timedelta(weeks=at), count) for at, count in enumerate(counts))
    (published,) = publish([issue(9, weeks=weeks, matters=sum(counts))], SETTINGS.publishing)
    assert tuple(count for _, count in published.weeks) == told


def test_other_ways_to_join_can_be_put_in_for_comparison() -> None:
    """The benchmark hands k-means and HDBSCAN the same rows."""
    one = clusters_of(reports(CANTEEN, ROAD), SETTINGS, lambda rows: np.zeros(rows.shape[0], dtype=np.int64))
    assert len(one) == 1
