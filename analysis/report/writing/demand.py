"""What was asked: how many requests, of what kinds, how urgent, from where."""

from collections.abc import Iterator

from analysis.charts.bars import Group, bars, columns
from analysis.charts.drawing import Mark
from analysis.charts.small import heat_table
from analysis.report.facts import Cadence
from analysis.report.names import Pair
from analysis.report.paper import Block, Heading, Paragraph, Picture, Runs, Text
from analysis.report.paths import cell_path
from analysis.report.writing.tables import Column, grid, has_blanks, label_of, largest, mark
from analysis.report.writing.writer import HELD, Writer

_MOST_KINDS = 10
SHARE = Column("share")
BEFORE = Column("before")


def demand(w: Writer) -> Iterator[Block]:
    """The chapter."""
    yield Heading(1, "", w.pick(Pair("诉求受理情况", "What was asked")))
    yield Heading(2, "", w.pick(Pair("总体情况", "Overall")))
    if runs := overall(w):
        yield Paragraph(runs)
    if w.cadence is not Cadence.DAILY:
        yield from _by_day(w)
    yield Heading(2, "", w.pick(Pair("类别分布", "By group and kind")))
    yield from _by_family(w)
    yield from _by_kind(w)
    yield Heading(2, "", w.pick(Pair("紧急程度", "By grade")))
    yield from _by_grade(w)
    yield Heading(2, "", w.pick(Pair("地区分布", "By district")))
    yield from _by_district(w)


def overall(w: Writer) -> Runs:
    """How many, by whom and how often again."""
    total = w.say(
        Pair("{this}受理诉求{received.total}件，上期为{received.before}件，日均{received.per_day}件。", "{received.total|request was|requests were} received {this}, against {received.before} before; that is {received.per_day} a day."),
    ) or w.say(Pair("{this}受理诉求{received.total}件。", "{received.total|request was|requests were} received {this}."))  # fmt: skip
    anonymous = w.say(
        Pair(
            "匿名来电{received.anonymous}件，匿名反映与实名反映同等受理。",
            "{received.anonymous} callers gave no name; they are served like any other.",
        ),
        Pair(
            "匿名来电件数不予公布，匿名反映与实名反映同等受理。",
            "How many callers gave no name is held back; they are served like any other.",
        ),
    )
    silent = w.say(
        Pair(
            "另有无声、挂断等未提出诉求的来电{received.silent}件，均经安全筛查。",
            "Besides, {received.silent} calls such as silent ones asked for nothing; all were screened for danger.",
        ),
        Pair(
            "无声、挂断等未提出诉求的来电均经安全筛查，件数不予公布。",
            "Calls that asked for nothing, such as silent ones, were all screened for danger; how many is held back.",
        ),
    )
    repeat = w.say(
        Pair(
            "重复诉求{repeat.repeated}件，占{repeat.share}。",
            "{repeat.repeated} requests, {repeat.share}, repeated an earlier one.",
        ),
        Pair("重复诉求件数不予公布。", "How many repeated an earlier one is held back."),
    )
    return w.join(total, anonymous, silent, repeat)


def _by_day(w: Writer) -> Iterator[Block]:
    name = "received.by_day"
    table = w.facts.tables.get(name)
    if table is None or len(table.rows) < 2:
        return
    marks = [mark(w, name, each, "cases", label_of(w, table, each)) for each in table.rows]
    if all(each.value is None for each in marks):
        return
    caption = w.pick(Pair("逐日受理件数", "Requests received by day"))
    yield Picture("", caption, columns(caption, _said(w, marks), marks, w.pick(HELD), w.language))


def _by_family(w: Writer) -> Iterator[Block]:
    name = "received.by_family"
    if runs := leading(w, name, "family"):
        yield Paragraph(runs)
    yield from grid(w, name, Pair("按类别统计的诉求", "Requests by group"), (Column("cases"), BEFORE, SHARE))
    table = w.facts.tables.get(name)
    if table and w.cadence is not Cadence.DAILY and largest(w, name, "cases"):
        series = [each for each in ("cases", "before") if each in table.columns]
        groups = [
            Group(label_of(w, table, row), tuple(mark(w, name, row, each, "") for each in series))
            for row in table.rows
        ]
        names = [w.pick(Pair("本期", "This period")), w.pick(Pair("上期", "Before"))][: len(series)]
        caption = w.pick(
            Pair("各类别诉求与上期对比", "Requests by group, and before")
            if len(series) > 1
            else Pair("各类别诉求", "Requests by group")
        )
        summary = _said(
            w, [Mark(each.label, first.value, first.said) for each in groups if (first := each.marks[0])]
        )
        yield Picture("", caption, bars(caption, summary, groups, names, w.pick(HELD), w.language))


def leading(w: Writer, name: str, dimension: str) -> Runs:
    """Which two are the most frequent, said with care where some are held back."""
    rows = largest(w, name, "cases")
    if len(rows) < 2:
        return ()
    first, second = rows[:2]
    blanks = has_blanks(w, name, "cases")
    one, two = (Text(w.name(dimension, each.key[0])) for each in (first, second))
    path, other = (cell_path(name, each.key, "cases") for each in (first, second))
    among = Pair("在可公布的类别中，", "Among those that can be published, ") if blanks else Pair("", "")
    share = cell_path(name, first.key, "share")
    with_share = w.say(
        Pair(f"{among.zh}{{one}}最多，为{{{path}}}件，占{{{share}}}；其次是{{two}}，为{{{other}}}件。", f"{among.en}{{one}} comes first with {{{path}}} requests, {{{share}}} of all, followed by {{two}} with {{{other}}}."),
        one=one, two=two,
    )  # fmt: skip
    return with_share or w.say(
        Pair(f"{among.zh}{{one}}最多，为{{{path}}}件；其次是{{two}}，为{{{other}}}件。", f"{among.en}{{one}} comes first with {{{path}}} requests, followed by {{two}} with {{{other}}}."),
        one=one, two=two,
    )  # fmt: skip


def _by_kind(w: Writer) -> Iterator[Block]:
    name = "received.by_kind"
    table = w.facts.tables.get(name)
    if table is None or w.cadence is not Cadence.MONTHLY:
        return
    rows = largest(w, name, "cases")[:_MOST_KINDS]
    if len(rows) < 2:
        return
    groups = [
        Group(label_of(w, table, each), (mark(w, name, each, "cases", label_of(w, table, each)),))
        for each in rows
    ]
    caption = w.pick(Pair("诉求较多的事项（仅列可公布的）", "The most frequent kinds that can be published"))
    summary = _said(w, [first for each in groups if (first := each.marks[0])])
    yield Picture("", caption, bars(caption, summary, groups, [""], w.pick(HELD), w.language))


def _by_grade(w: Writer) -> Iterator[Block]:
    columns_shown = (Column("cases"), BEFORE, SHARE)
    yield from grid(w, "received.by_grade", Pair("按紧急程度统计的诉求", "Requests by grade"), columns_shown)
    name = "received.family_by_grade"
    table = w.facts.tables.get(name)
    if table is None or len(largest(w, name, "cases")) < 3:
        return
    families, grades = (list(dict.fromkeys(row.key[at] for row in table.rows)) for at in (0, 1))
    rows = {row.key: row for row in table.rows}
    cells = [
        [mark(w, name, rows[one, two], "cases", "") if (one, two) in rows else None for two in grades]
        for one in families
    ]
    caption = w.pick(
        Pair("类别与紧急程度交叉统计（颜色越深件数越多）", "Groups by grade; the darker, the more requests")
    )
    names, heads = [w.name("family", each) for each in families], [w.name("grade", each) for each in grades]
    yield Picture("", caption, heat_table(caption, caption, names, heads, cells, w.language))


def _by_district(w: Writer) -> Iterator[Block]:
    yield from grid(
        w, "received.by_district", Pair("按区统计的诉求", "Requests by district"), (Column("cases"),)
    )


def _said(w: Writer, marks: list[Mark]) -> str:
    """A chart's numbers in one line, for who cannot see it."""
    held = w.pick(HELD)
    parts = [f"{each.label} {held if each.value is None else each.said}" for each in marks]
    return ("；" if w.is_zh else "; ").join(parts)
