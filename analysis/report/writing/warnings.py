"""Early warnings, and the proactive orders that came of them (未诉先办)."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.report.facts import Cadence
from analysis.report.names import Pair
from analysis.report.paper import Block, Cell, Grid, Heading, Num, Paragraph, Run, Runs, Text
from analysis.report.paths import record_path
from analysis.report.writing.records import day_of, text_of
from analysis.report.writing.writer import ABSENT, HELD, Writer, words_of_data

_MOST = {Cadence.DAILY: 5, Cadence.WEEKLY: 10, Cadence.MONTHLY: 30}


def warnings(w: Writer) -> Iterator[Block]:
    """The chapter."""
    yield Heading(1, "", w.pick(Pair("风险预警与主动办理", "Early warnings and proactive orders")))
    chosen = own_warnings(w)
    told = w.say(
        Pair(
            "{this}发出风险预警{warnings.total}条。",
            "{warnings.total|warning was|warnings were} given {this}.",
        )
    )
    if w.unit:
        told = ()
    acted = w.say(
        Pair(
            "主动办理单在办{orders.open}件，其中逾期{orders.late}件；办结{orders.closed}件。",
            "Proactive orders: {orders.open} open, {orders.late} of them late; {orders.closed} closed.",
        ),
    ) or w.say(Pair("主动办理单在办{orders.open}件。", "Proactive orders open: {orders.open}."))
    if runs := w.join(told, acted):
        yield Paragraph(runs)
    if w.cadence is Cadence.DAILY:
        yield from (Paragraph(_in_a_line(w, each)) for each in chosen[: _MOST[w.cadence]])
    elif chosen:
        yield _warnings(w, chosen[: _MOST[w.cadence]])
    elif not told and ("warnings.total" in w.facts.figures or w.cadence is Cadence.MONTHLY):
        yield Paragraph(w.say(Pair("{this}没有需要通报的预警。", "There was no warning to report {this}.")))
    orders = own_orders(w)
    if orders and w.cadence is not Cadence.DAILY:
        yield _orders(w, orders[: _MOST[w.cadence]])


def own_orders(w: Writer) -> list[Mapping[str, Any]]:
    """The proactive orders; in a unit's report its own."""
    return [each for each in w.facts.orders if not w.unit or each.get("owner") == w.unit]


def own_warnings(w: Writer) -> list[Mapping[str, Any]]:
    """The warnings; in a unit's report those that led to an order of its own."""
    orders = {text_of(each, "number") for each in own_orders(w)}
    return [each for each in w.facts.warnings if not w.unit or text_of(each, "order") in orders]


def _in_a_line(w: Writer, each: Mapping[str, Any]) -> Runs:
    """A warning as a sentence, because a brief has one page."""
    number = text_of(each, "number")
    kind, where = text_of(each, "kind"), _where(w, each)
    about: list[Run] = [w.coded("kind", kind, record_path("warning", number, "kind"))] if kind else []
    about += where
    order = text_of(each, "order")
    given: dict[str, Run] = {
        "number": words_of_data(number, record_path("warning", number, "number")),
        "sort": Text(w.name("sort", text_of(each, "sort"))),
        "on": day_of("warning", each, "on"),
        "order": words_of_data(order, record_path("warning", number, "order")),
    }
    opening = w.say(Pair("{number}（{on}）：{sort}", "{number} ({on}): {sort}"), **given)
    between = Text(w.pick(Pair("，", ", ")))
    told: list[Run] = [run for part in about for run in (between, part)]
    acted = w.say(Pair("，已派主动办理单{order}", "; proactive order {order}"), **given) if order else ()
    return (*opening, *told, *acted, *w.say(Pair("。", ".")))


def _where(w: Writer, each: Mapping[str, Any]) -> list[Run]:
    """Its district and sort of place, as far as they are told."""
    told = (("district", "district"), ("place", "sort_of_place"))
    number = text_of(each, "number")
    return [
        w.coded(dimension, code, record_path("warning", number, field))
        for dimension, field in told
        if (code := text_of(each, field))
    ]


def _warnings(w: Writer, chosen: list[Mapping[str, Any]]) -> Grid:
    heads = (
        Pair("编号", "Number"), Pair("类型", "Sort"), Pair("事项", "Kind of request"), Pair("地区或场所类型", "Where"),
        Pair("日期", "Day"), Pair("规模", "Size"), Pair("主动办理单", "Order"),
    )  # fmt: skip
    caption = w.pick(Pair("风险预警", "Warnings"))
    lines = tuple(_warning(w, each) for each in chosen)
    return Grid("", caption, tuple(w.pick(each) for each in heads), lines, 1, (), (15, 16, 16, 15, 14, 9, 15))


def _warning(w: Writer, each: Mapping[str, Any]) -> tuple[Cell, ...]:
    number = text_of(each, "number")
    kind, where = text_of(each, "kind"), _where(w, each)
    size = each.get("size")
    said: Run = Text(w.pick(HELD)) if size is None else Num(str(size), record_path("warning", number, "size"))
    order = text_of(each, "order")
    return (
        Cell((words_of_data(number, record_path("warning", number, "number")),), is_code=True),
        Cell((Text(w.name("sort", text_of(each, "sort"))),)),
        Cell((w.coded("kind", kind, record_path("warning", number, "kind")) if kind else Text(ABSENT),)),
        Cell(w.listed(where) or (Text(ABSENT),)),
        Cell((day_of("warning", each, "on"),), is_code=True),
        Cell((said,), is_number=True),
        Cell(
            (words_of_data(order, record_path("warning", number, "order")) if order else Text(ABSENT),),
            is_code=True,
        ),
    )


def _orders(w: Writer, chosen: list[Mapping[str, Any]]) -> Grid:
    heads = (
        Pair("编号", "Number"), Pair("事由", "About"), Pair("责任单位", "Unit"), Pair("状态", "State"),
        Pair("派出日期", "Opened"), Pair("办理期限", "Due"), Pair("办结日期", "Closed"),
    )  # fmt: skip
    caption = w.pick(Pair("主动办理单", "Proactive orders"))
    lines = tuple(_order(w, each) for each in chosen)
    return Grid(
        "", caption, tuple(w.pick(each) for each in heads), lines, 1, (), (14, 14, 16, 14, 14, 14, 14)
    )


def _order(w: Writer, each: Mapping[str, Any]) -> tuple[Cell, ...]:
    number, about = text_of(each, "number"), text_of(each, "about")
    state = w.name("state", text_of(each, "state").lower())
    if each.get("late") is True:
        state += w.pick(Pair("（逾期）", " (late)"))
    named: Run = words_of_data(about, record_path("order", number, "about")) if about else Text(ABSENT)
    unit = text_of(each, "owner")
    return (
        Cell((words_of_data(number, record_path("order", number, "number")),), is_code=True),
        Cell((named,), is_code=True),
        Cell((Text(w.name("department", unit) if unit else ABSENT),)),
        Cell((Text(state),)),
        *(Cell((day_of("order", each, field),), is_code=True) for field in ("opened", "due", "closed")),
    )
