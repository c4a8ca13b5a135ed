"""附表: the numbers behind the charts, and what only few readers look up."""

from collections.abc import Iterator

from analysis.report.names import Pair
from analysis.report.paper import Block, Heading, NewPage
from analysis.report.writing.tables import Column, from_first_told, grid, grid_of_units, largest
from analysis.report.writing.writer import Writer


def annex(w: Writer) -> Iterator[Block]:
    """The chapter; begins on a page of its own."""
    kept = Column("share", Pair("按时率", "Kept"))
    cases = (Column("cases"),)
    tables = [
        *grid(w, "received.by_week", Pair("逐周受理件数（自可公布的第一周起）", "Requests by week, from the first that can be told"), cases, from_first_told(w, "received.by_week", "cases")),
        *grid(w, "forecast.by_week", Pair("逐周预测", "Forecast by week"), (Column("expected"), Column("low"), Column("high"))),
        *grid(w, "received.by_kind", Pair("按事项统计的诉求（仅列可公布的）", "Requests by kind, those that can be published"), cases, largest(w, "received.by_kind", "cases")),
        *(grid_of_units(w, "clocks.by_department", Pair("各单位时限执行情况", "Time limits by unit"), (Column("judged"), kept)) if not w.unit else ()),
        *grid(w, "warnings.by_sort", Pair("预警分类统计", "Warnings by sort"), (Column("count"),)),
        *grid(w, "orders.by_state", Pair("主动办理单状态统计", "Proactive orders by state"), (Column("count"),)),
    ]  # fmt: skip
    if tables:
        yield NewPage()
        yield Heading(1, "", w.pick(Pair("附表", "Annex: tables")))
        yield from tables
