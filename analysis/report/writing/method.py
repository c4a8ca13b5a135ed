"""方法与口径: what is counted, over which time, out of what, and what is held back."""

from collections.abc import Iterator

from analysis.report.facts import Cadence
from analysis.report.names import Pair
from analysis.report.paper import Block, Heading, Listing, Paragraph, Runs, Tone
from analysis.report.writing.writer import Writer

_RATES = Pair(
    "分母为有效回访，即接通、已登记且未被拒收的回访，不是工单数；一件诉求在一个统计期内以最后一次接通的回访计一次。响应率为已联系除以问过是否联系的有效回访（承办单位不掌握来电人的，不问）；解决率为已解决除以全评回访；满意率为满意加{basically}倍基本满意，除以全评回访；综合成绩由响应率、满意率、解决率按{weight_response}、{weight_satisfaction}、{weight_resolution}加权，按百分制保留一位小数。合计先加后除，不是各单位比率的平均。没有有效回访的为“不适用”，不计零。",
    "The denominator is the valid callback (somebody was reached, the record was digested and not refused), not the order; an order counts once in a period, by its last such callback. Response is contacted out of those that asked about contact (where the unit was not told who called, nobody asks); resolution is resolved out of those judged in full; satisfaction is satisfied plus {basically} times basically satisfied, out of the same. The composite weighs response, satisfaction and resolution by {weight_response}, {weight_satisfaction} and {weight_resolution}, out of a hundred. Totals divide the sums and are not a mean of units' rates. Where nothing is valid a rate does not apply; it is not nought.",
)
_SUPPRESSION = Pair(
    "少于{limit}件的数不公布（可能为零，也可能为其他小数目）；为防止由合计、由不同时期报告相减推出小数目，另有部分较大的数一并不公布，直至经线性规划检验无法推出为止。三率只在其背后各数都可公布时公布。不公布年龄、街道、学校，不作三项交叉。",
    "Counts below {limit} are held back (they may be nought or any small number). So that none follows from totals or from the difference of two reports, some larger ones are held back with them, until a linear program finds no way to a small count. A rate is published only if every count behind it could be. Ages, streets and schools are never told, and never are three things crossed.",
)
_PARTS: tuple[tuple[Pair, Pair, str], ...] = (
    (Pair("诉求", "Requests"), Pair("一次来电、来信或转办登记为一件诉求，按受理时间计入统计期；上期为紧邻的同等时段。类别和事项按专席目录划分，由系统初判、人工复核。", "Each call, letter or transfer taken in is one request, counted by when it was received; the one before is the period of the same length just before. Groups and kinds are the desk's catalogue's: a machine proposes, people review."), ""),
    (Pair("三率", "The three rates"), _RATES, "rates."),
    (Pair("剔除", "Left out"), Pair("监护人涉嫌侵害的只评响应率；不得主动联系的不评；未接通、无安全联系方式等逐项计数，与三率并列公布。", "Where a guardian may be the offender only response is judged; where nobody may be called nothing is. Calls in vain, no safe contact and the like are counted one by one and told beside the rates."), "rates."),
    (Pair("时限", "Time limits"), Pair("以统计期内到期的时限为分母，按时完成的为按时；超时完成和逾期未完成分列。因改派、改级取消的和日历未公布的不计。联合办理的时限计入停止时的主办单位。", "Those that fell due in the period are judged; met late and still running are told apart. Limits taken away by another grade or lead, and those beyond the published calendar, are not counted. A joint limit is the lead's that held the order when it stopped."), "clocks."),
    (Pair("用时", "Times"), Pair("确认安全用时从受理起算，至首次登记“安全”止；首次联系用时从派单起算。中位数和九成数按最近序位法取值，即至少一半、九成不超过的最短用时。尚未确认的计入等待，不计入用时。", "Time to safe runs from the call to the first record that the child is safe, first contact from the order. Median and ninetieth are by nearest rank: the shortest time that half, or nine in ten, kept. Those still waiting are counted as waiting and are in no time."), "safe."),
    (Pair("共性问题", "Common issues"), Pair("近似文本先合并，再按平均相似度归并；不足{limit}件的不列。主题词和例句须在足够多的其他诉求中也有人这样说，方可公布。", "Texts that say nearly the same are merged, then grouped by average likeness; below {limit} matters nothing is listed. Words and sentences are published only if enough other requests use them too."), "issues."),
    (Pair("预警与预测", "Warnings and forecasts"), Pair("常态值由近期水平、星期和学期阶段推算；骤增按错误发现率控制误报。预测区间的宽窄由以往预测误差得出，八成区间即十次中约八次落入。", "What is usual follows from the recent level, the weekday and the school year; sudden rises are chosen so that false ones stay rare. The width of a forecast's interval comes from how far off earlier ones were; about four in five fall inside."), "forecast."),
    (Pair("小数目保护", "Small counts"), _SUPPRESSION, ""),
)  # fmt: skip


def method(w: Writer) -> Iterator[Block]:
    """The chapter; a daily brief and a weekly one have a few lines of it."""
    if w.cadence is not Cadence.MONTHLY:
        yield Paragraph(
            w.join(
                _window(w),
                w.say(
                    Pair(
                        "少于{limit}件的数及可推出它们的数不公布；三率的分母为有效回访。详细口径见当月报告。",
                        "Counts below {limit}, and what they would follow from, are held back. The rates are out of valid callbacks. The monthly report explains the rest.",
                    )
                ),
            ),
            Tone.NOTE,
        )
        return
    yield Heading(1, "", w.pick(Pair("方法与口径", "Method")))
    items: list[tuple[Runs, tuple[Runs, ...]]] = [(w.say(Pair("统计期", "Period")), (_window(w),))]
    for name, text, about in _PARTS:
        if not about or any(each.startswith(about) for each in w.facts.figures):
            items.append((w.say(name), (w.say(text),)))
    yield Listing(tuple(items), ())


def _window(w: Writer) -> Runs:
    scope = w.facts.scope
    first, last = w.day(scope.first, "scope/first"), w.day(scope.last, "scope/last")
    if w.cadence is Cadence.DAILY:
        return w.say(
            Pair("统计期为前一日{day_ends}至{last}{day_ends}（北京时间）。", "The period runs from {day_ends} the day before to {day_ends} on {last}, Beijing time."),
            last=last,
        )  # fmt: skip
    return w.say(
        Pair("统计期为{first}零时至{last}二十四时（北京时间）。", "The period runs from the beginning of {first} to the end of {last}, Beijing time."),
        first=first, last=last,
    )  # fmt: skip
