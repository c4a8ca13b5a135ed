"""Tables of the facts as tables of the report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import dropwhile
from typing import NamedTuple

from analysis.charts.drawing import Mark
from analysis.report.facts import Row, State, Table
from analysis.report.names import Pair
from analysis.report.numbers import day, short_day
from analysis.report.paper import Cell, Grid, Num, Paragraph, Runs, Text, Tone
from analysis.report.paths import cell_path
from analysis.report.writing.writer import Writer

DIMENSIONS: Mapping[str, Pair] = {
    "day": Pair("日期", "Day"),
    "monday": Pair("周（周一起）", "Week from Monday"),
    "family": Pair("类别", "Group"),
    "kind": Pair("事项", "Kind of request"),
    "grade": Pair("等级", "Grade"),
    "district": Pair("区", "District"),
    "department": Pair("单位", "Unit"),
    "target": Pair("时限", "Time limit"),
    "reason": Pair("原因", "Reason"),
    "sort": Pair("预警类型", "Sort of warning"),
    "state": Pair("状态", "State"),
}
COLUMNS: Mapping[str, Pair] = {
    "cases": Pair("件数", "Requests"),
    "before": Pair("上期件数", "Before"),
    "share": Pair("占比", "Share"),
    "judged": Pair("考核项次", "Judged"),
    "met": Pair("按时", "Met"),
    "missed": Pair("超时完成", "Missed"),
    "late": Pair("逾期未完成", "Late still"),
    "valid": Pair("有效回访", "Valid callbacks"),
    "response": Pair("响应率", "Response"),
    "resolution": Pair("解决率", "Resolution"),
    "satisfaction": Pair("满意率", "Satisfaction"),
    "composite": Pair("综合成绩（分）", "Composite (points)"),
    "callbacks": Pair("回访数", "Callbacks"),
    "expected": Pair("预测件数", "Expected"),
    "low": Pair("区间下限", "Low"),
    "high": Pair("区间上限", "High"),
    "count": Pair("数量", "Number"),
}
NOTE = Pair(
    "注（下同）：“{held}”指该数少于{limit}件，或者会使少于{limit}件的数被推算出来；“不适用”指没有可供计算的数据，都不能当作零来理解。",
    'Note, here and below: "{held}" means that the number is below {limit}, or would let somebody work out one that is; "n/a" means that there is nothing to count it from. Neither may be read as zero.',
)
REST = Pair("未列入上表的单位：", "Units that are not in the table: ")
REST_ENDS = Pair(
    "。其各数为零、少于{limit}件、不公布或不适用，不作区分。",
    ". Their numbers are nought, below {limit}, held back or not applicable; which of these is not told.",
)


class Column(NamedTuple):
    """A column that is shown, and its head if it is not called as usual."""

    code: str
    head: Pair | None = None


def grid(
    w: Writer, name: str, caption: Pair, columns: Sequence[Column], rows: Iterable[Row] | None = None
) -> list[Grid]:
    """The table with this name, or none at all if it is missing, or if every number in it is held back."""
    table = w.facts.tables.get(name)
    if table is None:
        return []
    wanted = [each for each in columns if each.code in table.columns]
    chosen = list(table.rows if rows is None else rows)
    if not any(figure_of(table, row, each.code) is State.SHOWN for row in chosen for each in wanted):
        return []
    has_signs = any(figure_of(table, row, each.code) is not State.SHOWN for row in chosen for each in wanted)
    heads = [w.pick(DIMENSIONS[each]) for each in table.key]
    heads += [w.pick(each.head or COLUMNS[each.code]) for each in wanted]
    lines = tuple(
        (
            *key_cells(w, name, table, row),
            *(number(w, cell_path(name, row.key, each.code)) for each in wanted),
        )
        for row in chosen
    )
    note = w.say(NOTE) if has_signs else ()
    return [Grid("", w.pick(caption), tuple(heads), lines, len(table.key), note)]


def grid_of_units(
    w: Writer, name: str, caption: Pair, columns: Sequence[Column]
) -> Iterator[Grid | Paragraph]:
    """A table by unit; units of which it has nothing to tell are named in one sentence below it.

    A nought that is shown counts as nothing to tell, so that a unit with none and a unit with a few stand in
    the same sentence and look the same.
    """
    table = w.facts.tables.get(name)
    if table is None:
        return
    telling = [each for each in table.rows if _tells(table, each, columns)]
    shown = grid(w, name, caption, columns, telling)
    yield from shown
    rest = [
        w.coded("department", each.key[0], cell_path(name, each.key, "key"))
        for each in table.rows
        if each not in telling
    ]
    if shown and rest:
        yield Paragraph((*w.say(REST), *w.listed(rest), *w.say(REST_ENDS)), Tone.NOTE)


def _tells(table: Table, row: Row, columns: Sequence[Column]) -> bool:
    """Whether some number of the row is shown and is not nought."""
    wanted = (table.columns.index(each.code) for each in columns if each.code in table.columns)
    return any(row.figures[at].value for at in wanted)


def number(w: Writer, path: str) -> Cell:
    """A cell that tells one figure."""
    return Cell((w.num(path),), is_number=True)


def words(text: str) -> Cell:
    """A cell of words."""
    return Cell((Text(text),))


def runs(parts: Runs) -> Cell:
    """A cell of a sentence."""
    return Cell(parts)


def key_cells(w: Writer, name: str, table: Table, row: Row) -> list[Cell]:
    """What names a row: words for codes, days as they are written."""
    cells = []
    for dimension, code in zip(table.key, row.key, strict=True):
        if dimension in ("day", "monday"):
            cells.append(
                Cell((Num(day(date.fromisoformat(code), w.language), cell_path(name, row.key, "key")),))
            )
        else:
            cells.append(Cell((w.coded(dimension, code, cell_path(name, row.key, "key")),)))
    return cells


def figure_of(table: Table, row: Row, column: str) -> State:
    """Whether a number can be read."""
    return row.figures[table.columns.index(column)].state


def mark(w: Writer, name: str, row: Row, column: str, label: str) -> Mark:
    """The number as a chart draws it."""
    path = cell_path(name, row.key, column)
    value = w.value(path)
    return Mark(label, None if value is None else float(value), w.num(path).text, path)


def label_of(w: Writer, table: Table, row: Row) -> str:
    """A short name of a row for a chart."""
    parts = zip(table.key, row.key, strict=True)
    said = [
        short_day(date.fromisoformat(code)) if each in ("day", "monday") else w.name(each, code)
        for each, code in parts
    ]
    return "·".join(said)


def largest(w: Writer, name: str, column: str) -> list[Row]:
    """The rows whose number is shown, greatest first; equal ones in the order of the table."""
    table = w.facts.tables.get(name)
    if table is None or column not in table.columns:
        return []
    at = table.columns.index(column)
    shown = [each for each in table.rows if each.figures[at].value is not None]
    return sorted(shown, key=lambda each: -(each.figures[at].value or 0))


def from_first_told(w: Writer, name: str, column: str) -> list[Row]:
    """The rows from the first one on whose number is shown: a desk's table of weeks begins before the desk did."""
    table = w.facts.tables.get(name)
    if table is None or column not in table.columns:
        return []
    return list(dropwhile(lambda row: figure_of(table, row, column) is not State.SHOWN, table.rows))


def has_blanks(w: Writer, name: str, column: str) -> bool:
    """Whether a number of this column is held back, so that nobody can say which one is the greatest."""
    table = w.facts.tables.get(name)
    return table is not None and any(figure_of(table, each, column) is State.BLANK for each in table.rows)
