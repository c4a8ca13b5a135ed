"""摘要: the few numbers and sentences that the reader in a hurry needs, then the table of main figures."""

from collections.abc import Iterator

from analysis.report.facts import Cadence
from analysis.report.names import Pair
from analysis.report.paper import Block, Cell, Grid, Heading, Paragraph, Runs, Tone
from analysis.report.writing.changes import growth, moved
from analysis.report.writing.demand import leading
from analysis.report.writing.rates_said import partly_told
from analysis.report.writing.tables import NOTE, number, words
from analysis.report.writing.writer import Writer

MAIN: tuple[tuple[str, Pair], ...] = (
    ("received.total", Pair("受理诉求（件）", "Requests received")),
    ("received.harm", Pair("其中：涉嫌侵害未成年人（件）", "of which suspected harm to a child")),
    ("received.silent", Pair("无诉求来电（件）", "Calls without a request")),
    ("closed.total", Pair("办结（件）", "Closed")),
    ("open.end", Pair("期末在办（件）", "Open at the end")),
    ("late.now", Pair("期末逾期在办（件）", "Late at the end")),
    ("clocks.share", Pair("时限按时率", "Time limits kept")),
    ("rates.response", Pair("响应率", "Response rate")),
    ("rates.resolution", Pair("解决率", "Resolution rate")),
    ("rates.satisfaction", Pair("满意率", "Satisfaction rate")),
    ("rates.composite", Pair("综合成绩（分）", "Composite (points)")),
    ("safe.median", Pair("确认儿童安全用时（中位数）", "Time to safe, median")),
    ("repeat.share", Pair("重复诉求占比", "Share of repeated requests")),
)
"""In the order of the table; those that the facts do not have are left out."""


def summary(w: Writer) -> Iterator[Block]:
    """The chapter."""
    yield Heading(1, "", w.pick(Pair("摘要", "Summary")))
    paragraphs = (_demand(w), _handling(w), _ahead(w))
    if w.cadence is Cadence.DAILY:
        paragraphs = (
            w.join(_demand(w), leading(w, "received.by_family", "family")),
            w.join(_handling(w), _ahead(w)),
            (),
        )
    for runs in paragraphs:
        if runs:
            yield Paragraph(runs, Tone.LEAD)
    yield from _main_figures(w)


def _demand(w: Writer) -> Runs:
    opening = (
        Pair(
            "{this}，由{unit}主办的未成年人保护诉求共{received.total}件",
            "{unit} led {received.total|request|requests} about minors {this}",
        )
        if w.unit
        else Pair(
            "{this}，热线专席共受理未成年人保护诉求{received.total}件",
            "The desk received {received.total|request|requests} about minors {this}",
        )
    )
    held = Pair("{this}受理总数依规定不予公布。", "The number of requests received {this} is held back.")
    first = w.say(opening, held)
    if first and w.value("received.total") is not None:
        first = (*first, *growth(w, "received.growth"), *w.say(Pair("。", ".")))
    harm = w.say(
        Pair(
            "其中涉嫌侵害未成年人的{received.harm}件，均按紧急程度优先处置。",
            "{received.harm} of them concern suspected harm to a child and are handled first.",
        ),
        Pair(
            "涉嫌侵害未成年人的件数不予公布，均按紧急程度优先处置。",
            "How many of them concern suspected harm to a child is held back; these are handled first.",
        ),
    )
    return w.join(first, harm)


def _handling(w: Writer) -> Runs:
    closed = w.say(
        Pair(
            "{this}办结{closed.total}件，期末在办{open.end}件。",
            "{closed.total|request was|requests were} closed {this}, and {open.end} were open at its end.",
        ),
    )
    rates = w.say(
        Pair(
            "回访显示，诉求响应率{rates.response}、解决率{rates.resolution}、满意率{rates.satisfaction}",
            "Callbacks put the response rate at {rates.response}, resolution at {rates.resolution} and satisfaction at {rates.satisfaction}",
        ),
        None,
        Pair(
            "{this}无有效回访，三率不适用。", "There was no valid callback, so the three rates do not apply."
        ),
    )
    # The first of the three sentences alone goes on; it is said where all its numbers are.
    if rates and all(
        w.value(f"rates.{each}") is not None for each in ("response", "resolution", "satisfaction")
    ):
        change = moved(
            w, "rates.resolution", Pair("，解决率{before_words}", "; resolution is {before_words}")
        )
        rates = (*rates, *change, *w.say(Pair("。", ".")))
    rates = rates or partly_told(w)
    clocks = w.say(
        Pair("到期时限按时率{clocks.share}。", "Of the time limits that fell due, {clocks.share} were kept.")
    )
    return w.join(closed, rates, clocks)


def _ahead(w: Writer) -> Runs:
    issues = w.say(
        Pair(
            "梳理出可公布的共性问题{issues.total}个",
            "{issues.total|common issue|common issues} can be published",
        ),
    )
    if issues:
        candidates = w.say(
            Pair(
                "，提出“每月一题”候选题目{candidates.total}个",
                " and {candidates.total|topic is|topics are} proposed for the topic of the month",
            )
        )
        issues = (*issues, *candidates, *w.say(Pair("。", ".")))
    if w.unit:
        # These count the whole city's; a unit's own stand in its chapters.
        issues = ()
    warnings = (
        ()
        if w.unit
        else w.say(
            Pair("发出风险预警{warnings.total}条。", "{warnings.total|warning was|warnings were} given.")
        )
    )
    forecast = w.say(
        Pair(
            "预计{next}受理约{forecast.next}件（八成可能在{forecast.low}至{forecast.high}件之间）。",
            "About {forecast.next} requests are expected {in_next}, with four chances in five between {forecast.low} and {forecast.high}.",
        ),
        in_next=w.given["next"],
    )
    return w.join(issues, warnings, forecast)


def _main_figures(w: Writer) -> Iterator[Block]:
    wanted = [(path, said) for path, said in MAIN if path in w.facts.figures]
    if not wanted:
        return
    has_before = w.cadence is not Cadence.DAILY and any(
        _before(path) in w.facts.figures for path, _ in wanted
    )
    cells = [_cells(w, path, said, has_before) for path, said in wanted]
    if len(cells) % 2:
        cells.append(tuple(words("") for _ in cells[0]))
    # Two figures a line, so that the table stays on the first page.
    half = len(cells) // 2
    lines = tuple((*left, *right) for left, right in zip(cells[:half], cells[half:], strict=True))
    this, before = w.pick(_THIS[w.cadence]), w.pick(Pair("上期", "Before"))
    heads = (w.pick(Pair("指标", "Figure")), this, *((before,) if has_before else ())) * 2
    widths = ((24, 14, 12) if has_before else (32, 18)) * 2
    yield Grid("", w.pick(Pair("主要指标", "Main figures")), heads, lines, 1, w.say(NOTE), widths)


_THIS = {
    Cadence.DAILY: Pair("当日", "On the day"),
    Cadence.WEEKLY: Pair("本周", "This week"),
    Cadence.MONTHLY: Pair("本月", "This month"),
}


def _before(path: str) -> str:
    return "received.before" if path == "received.total" else f"{path}.before"


def _cells(w: Writer, path: str, said: Pair, has_before: bool) -> tuple[Cell, ...]:
    this = (words(w.pick(said)), number(w, path))
    return (*this, number(w, _before(path))) if has_before else this
