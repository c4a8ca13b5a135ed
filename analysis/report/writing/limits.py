"""局限: what the numbers do not say."""

from collections.abc import Iterator, Mapping

from analysis.report.names import Pair
from analysis.report.paper import Block, Heading, Listing, Runs
from analysis.report.writing.writer import Writer

ORIGINS: Mapping[str, Pair] = {
    "rehearsal": Pair("本报告由演练数据生成，人物、事件和数量均为虚构，不反映任何地方的真实情况。", "This report is made from a rehearsal: people, events and numbers are made up and tell nothing of any real place."),
    "messages": Pair("本报告由公开网络留言样本生成，用于检验分析方法；留言并非未成年人保护热线诉求，不反映任何热线的真实情况。留言原文未获转载许可，故不引用任何原句，只给出数量和主题词。", "This report is made from a sample of messages published on the web, to try the methods; they are not requests of a minors' hotline and tell nothing of one. The texts come without a licence, so no sentence of theirs is quoted: only numbers and topic words."),
}  # fmt: skip
"""By the parameter `origin`; without it the numbers are the desk's own."""
_PARTS: tuple[tuple[Pair, str], ...] = (
    (Pair("热线数据只反映打进来的诉求。件数增减可能来自宣传、线路和季节，不等同于侵害未成年人情况本身的增减；没有来电不等于没有问题。", "The hotline knows only who calls. More or fewer requests may come from publicity, lines or the season and are not more or less harm to children; that nobody calls does not mean that nothing is wrong."), ""),
    (Pair("三率的权重和系数来自个别区的做法，未见官方公式；不同事项的解决条件差别很大，不宜简单比较。", "The weights of the rates are one district's practice; no official formula was found. Kinds of request differ in what can be done at all, so rates should not be compared as they stand."), "rates."),
    (Pair("监护人涉嫌等诉求不作满意度回访，三率不反映这部分诉求的办理质量，须以儿童安全状况衡量。", "Where a guardian may be the offender nobody asks for satisfaction: the rates say nothing of how those were handled. The child's safety does."), "rates."),
    (Pair("不公布的数不能当作零，也不宜自行推算；读者从其他渠道掌握的情况不在本报告保护范围之内，使用时须注意。", "What is held back is not nought, and should not be worked out. What a reader knows from elsewhere is beyond what this report can guard."), ""),
    (Pair("共性问题由机器归并，边界不尽准确；没有例句的，是因为没有能够确保不指向个人的表述。", "Issues are grouped by machine and their edges are not sharp. Where no sentence is quoted, none was sure to point at nobody."), "issues."),
    (Pair("预测以过去的规律为前提，不能预见突发事件；学期阶段为约数，以教育部门公布的校历为准。", "A forecast takes the past to go on and foresees no sudden event. The periods of the school year are approximate; the education authority's notice decides."), "forecast."),
)  # fmt: skip


def limits(w: Writer) -> Iterator[Block]:
    """The chapter."""
    yield Heading(1, "", w.pick(Pair("局限", "Limits")))
    origin = ORIGINS.get(w.facts.sources.parameters.get("origin", ""))
    items: list[tuple[Runs, tuple[Runs, ...]]] = [((), (w.say(origin),))] if origin else []
    for text, about in _PARTS:
        if not about or any(each.startswith(about) for each in w.facts.figures):
            items.append(((), (w.say(text),)))
    yield Listing(tuple(items), ())
