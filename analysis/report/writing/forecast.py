"""What is expected: the next period with its interval, and the weeks ahead."""

from collections.abc import Iterator
from datetime import date

from analysis.charts.line import Ahead, Legend, line_chart
from analysis.report.facts import Cadence
from analysis.report.names import Pair
from analysis.report.numbers import short_day
from analysis.report.paper import Block, Heading, Paragraph, Picture
from analysis.report.paths import cell_path
from analysis.report.writing.season import season_ahead
from analysis.report.writing.tables import from_first_told, label_of, mark
from analysis.report.writing.writer import HELD, Writer


def forecast(w: Writer) -> Iterator[Block]:
    """The chapter; daily briefs have none."""
    if w.cadence is Cadence.DAILY:
        return
    yield Heading(1, "", w.pick(Pair("趋势与预测", "Trend and forecast")))
    expected = w.say(
        Pair(
            "按近期水平、星期规律和学期安排推算，{next}预计受理{forecast.next}件，八成可能落在{forecast.low}至{forecast.high}件之间。",
            "From the recent level, the weekday and the school year, {forecast.next} requests are expected {in_next}; four times in five it should be between {forecast.low} and {forecast.high}.",
        ),
        Pair("{next}预测件数不予公布。", "The forecast for {in_next} is held back."),
        Pair("历史数据不足，暂不预测。", "There is not enough history for a forecast."),
        in_next=w.given["next"],
    )
    if runs := w.join(expected, season_ahead(w)):
        yield Paragraph(runs)
    yield from _chart(w)


def _chart(w: Writer) -> Iterator[Block]:
    name = "received.by_week"
    table, coming = w.facts.tables.get(name), w.facts.tables.get("forecast.by_week")
    if table is None:
        return
    marks = [mark(w, name, each, "cases", label_of(w, table, each)) for each in from_first_told(w, name, "cases")]
    if sum(each.value is not None for each in marks) < 2:
        return
    ahead = []
    for row in coming.rows if coming else ():
        values = [
            w.value(cell_path("forecast.by_week", row.key, each)) for each in ("expected", "low", "high")
        ]
        numbers = [float(each) for each in values if each is not None]
        if len(numbers) == 3:
            ahead.append(Ahead(short_day(date.fromisoformat(row.key[0])), *numbers))
    caption = w.pick(
        Pair(
            "逐周受理件数及预测（横轴为周一日期）",
            "Requests by week, and the forecast (weeks by their Monday)",
        )
        if ahead
        else Pair("逐周受理件数（横轴为周一日期）", "Requests by week (by their Monday)")
    )
    legend = Legend(
        w.pick(Pair("实际受理", "Received")),
        w.pick(HELD),
        w.pick(Pair("预测及八成区间", "Expected, four in five within the band")),
    )
    said = ("；" if w.is_zh else "; ").join(f"{each.label} {each.said}" for each in marks)
    yield Picture("", caption, line_chart(caption, said, marks, legend, w.language, ahead=ahead))
