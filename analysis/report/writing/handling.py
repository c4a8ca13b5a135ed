"""How requests were handled: closing, time limits, the three rates and who was left out of them."""

from collections.abc import Iterator

from analysis.report.facts import Cadence
from analysis.report.names import Pair
from analysis.report.paper import Block, Heading, Paragraph, Runs, Tone
from analysis.report.writing.changes import moved
from analysis.report.writing.rates_said import partly_told
from analysis.report.writing.tables import Column, grid, grid_of_units
from analysis.report.writing.writer import Writer

NO_RANKING = Pair(
    "各单位按代码顺序排列，不作排名（国办函〔2025〕66号要求分档分类评价，不片面追求排名）。数据用于发现需要支持的环节，不宜单独作为考核依据。",
    "Units stand in the order of their codes and are not ranked: 国办函〔2025〕66号 asks for evaluation by class and against ranking for its own sake. The numbers are there to find out where help is needed.",
)


def handling(w: Writer) -> Iterator[Block]:
    """The chapter."""
    yield Heading(1, "", w.pick(Pair("办理与回访情况", "How requests were handled")))
    yield Heading(2, "", w.pick(Pair("办结与在办", "Closed and open")))
    if runs := stock(w):
        yield Paragraph(runs)
    yield Heading(2, "", w.pick(Pair("时限执行", "Time limits")))
    yield from _clocks(w)
    yield Heading(2, "", w.pick(Pair("回访与三率", "Callbacks and the three rates")))
    yield from _rates(w)
    if w.cadence is not Cadence.DAILY and not w.unit:
        yield Heading(2, "", w.pick(Pair("各单位办理情况", "By unit")))
        yield from _units(w)


def stock(w: Writer) -> Runs:
    """What was closed, what is open, what came back."""
    closed = w.say(
        Pair("{this}办结诉求{closed.total}件。", "{closed.total|request was|requests were} closed {this}."),
        Pair("{this}办结件数不予公布。", "The number of requests closed {this} is held back."),
    )
    late = w.say(
        Pair(
            "期末在办{open.end}件，其中逾期{late.now}件。",
            "At the end {open.end} were open, {late.now} of them late.",
        ),
    ) or w.say(
        Pair(
            "期末在办{open.end}件，其中逾期件数不予公布。",
            "At the end {open.end} were open; how many of them were late is held back.",
        ),
        Pair("期末在办件数不予公布。", "How many were open at the end is held back."),
    )
    rework = w.say(
        Pair(
            "已答复诉求的退回重办率为{returns.rework}。",
            "Of the answered ones {returns.rework} were sent back for rework.",
        ),
        Pair("退回重办率不予公布。", "The share that was sent back for rework is held back."),
        Pair(
            "尚无可计算退回重办率的诉求。", "Nothing had been answered yet, so there is no share of rework."
        ),
    )
    reopened = w.say(
        Pair(
            "办结后重新打开的占{returns.reopening}。",
            "Of the settled ones {returns.reopening} were opened again.",
        ),
    )
    return w.join(closed, late, rework, reopened)


def _clocks(w: Writer) -> Iterator[Block]:
    met = w.say(
        Pair(
            "{this}到期时限{clocks.judged}项次，按时完成{clocks.met}项次，按时率{clocks.share}",
            "{clocks.judged} time limits fell due {this}; {clocks.met} were met, which is {clocks.share}",
        ),
        Pair("{this}到期时限的按时情况不予公布。", "How many time limits were kept {this} is held back."),
        Pair(
            "{this}无到期时限，按时率不适用。", "No time limit fell due {this}, so there is no share to tell."
        ),
    )
    if met and w.value("clocks.share") is not None:
        met = (
            *met,
            *moved(w, "clocks.share", Pair("，{before_words}", "; that is {before_words}")),
            *w.say(Pair("。", ".")),
        )
    if met:
        yield Paragraph(met)
    shown = (
        Column("judged"),
        Column("met"),
        Column("missed"),
        Column("late"),
        Column("share", Pair("按时率", "Kept")),
    )
    yield from grid(
        w, "clocks.by_target", Pair("各类时限执行情况", "Time limits by what they measure"), shown
    )
    if w.cadence is Cadence.MONTHLY:
        by_grade = (Column("judged"), Column("met"), Column("share", Pair("按时率", "Kept")))
        yield from grid(
            w, "clocks.by_grade", Pair("不同紧急程度的时限执行情况", "Time limits by grade"), by_grade
        )


def _rates(w: Writer) -> Iterator[Block]:
    said = w.say(
        Pair(
            "{this}有效回访{rates.valid}件，响应率{rates.response}、解决率{rates.resolution}、满意率{rates.satisfaction}，综合成绩{rates.composite}分。",
            "{rates.valid|valid callback was|valid callbacks were} made {this}: response {rates.response}, resolution {rates.resolution}, satisfaction {rates.satisfaction}, composite {rates.composite} points.",
        ),
        None,
        Pair(
            "{this}无有效回访，三率不适用。",
            "There was no valid callback {this}, so the three rates do not apply.",
        ),
    ) or w.join(
        w.say(
            Pair(
                "{this}有效回访{rates.valid}件。",
                "{rates.valid|valid callback was|valid callbacks were} made {this}.",
            )
        ),
        partly_told(w),
    )
    change = moved(w, "rates.satisfaction", Pair("满意率{before_words}。", "Satisfaction is {before_words}."))
    if said:
        yield Paragraph(w.join(said, change))
    left_out = w.say(
        Pair(
            "另有{rates.excluded}件未纳入评价；有效回访中，监护人涉嫌等只评响应率的{rates.response_only}件。剔除数与三率一并公布，以免剔除掩盖问题。",
            "{rates.excluded} more were left out; of the valid callbacks {rates.response_only} were judged by response only, as where a guardian may be the offender. They are told beside the rates, so that leaving out cannot hide bad work.",
        ),
    ) or w.say(
        Pair(
            "另有{rates.excluded}件未纳入评价，剔除数与三率一并公布，以免剔除掩盖问题。",
            "{rates.excluded} more were left out; they are told beside the rates, so that leaving out cannot hide bad work.",
        ),
        Pair("未纳入评价的回访件数不予公布。", "How many callbacks were left out is held back."),
    )
    not_asked = w.value("rates.contact_not_asked") and w.say(
        Pair(
            "有效回访中有{rates.contact_not_asked}件，承办单位不掌握来电人是谁，没有问是否联系过，不计入响应率。",
            "{rates.contact_not_asked} of the valid callbacks did not ask whether the unit had been in touch, for it was not told who called: they count for no response rate.",
        )
    )
    if beside := w.join(left_out, not_asked or ()):
        yield Paragraph(beside)
    yield from grid(
        w,
        "rates.exclusions",
        Pair("未纳入评价的回访及原因", "Callbacks left out, and why"),
        (Column("callbacks"),),
    )


def _units(w: Writer) -> Iterator[Block]:
    rates = (
        Column("valid"),
        Column("response"),
        Column("resolution"),
        Column("satisfaction"),
        Column("composite"),
    )
    tables = [
        *grid_of_units(
            w,
            "received.by_department",
            Pair("各单位主办诉求", "Requests by lead unit"),
            (Column("cases"),),
        ),
        *grid_of_units(w, "rates.by_department", Pair("各单位回访评价", "Callbacks by unit"), rates),
    ]
    if tables:
        yield Paragraph(w.say(NO_RANKING), Tone.NOTE)
    yield from tables
