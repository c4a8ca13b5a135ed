"""Common issues: what several people complain of in the same way, by published words only."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analysis.charts.drawing import Mark
from analysis.charts.small import sparkline
from analysis.report.facts import Cadence
from analysis.report.names import Pair
from analysis.report.numbers import rounded, whole_or_one_place
from analysis.report.paper import Block, Cell, Grid, Heading, Num, Paragraph, Run, Runs, Text, Tone, Word
from analysis.report.paths import record_path
from analysis.report.writing.records import as_decimal, text_of
from analysis.report.writing.writer import ABSENT, Writer, words_of_data

_MOST = {Cadence.DAILY: 3, Cadence.WEEKLY: 5, Cadence.MONTHLY: 10}
_MOST_WEEKS = 12
WORDLESS = Pair("（无可公布的主题词）", "(no words that may be told)")
WHY_WORDLESS = Pair(
    "主题词只用其他诉求也普遍使用的词，以免指向具体的人和地方；没有这样的词的问题，以所属事项代替。",
    "Topic words are only such as many other requests use as well, so that they point at no person or place; where an issue has none, the kind of request stands in their place.",
)


def issues(w: Writer) -> Iterator[Block]:
    """The chapter."""
    yield Heading(1, "", w.pick(Pair("共性问题", "Common issues")))
    chosen = own_issues(w)[: _MOST[w.cadence]]
    if not chosen:
        if "issues.total" in w.facts.figures or w.cadence is Cadence.MONTHLY:
            yield Paragraph(
                w.say(
                    Pair(
                        "{this}没有达到公布条件的共性问题。",
                        "No common issue can be published for this period.",
                    )
                )
            )
        return
    about = w.say(
        Pair(
            "对诉求内容作文本归并，同一问题至少由{limit}件不同诉求反映方列入，件数按整档公布，实际不少于所列数。下表按热度排列，热度由所列件数、集中程度和新近程度算得，用于筛选议题，不用于评价单位。",
            "Requests are grouped by what they say; an issue is listed from {limit} matters on, and there are at least as many as are told. The table goes by heat, worked out of how many are told, how bunched and how recent they are; it is there to choose topics, not to judge units.",
        ),
    )
    yield Paragraph(about)
    yield _table(w, chosen)
    if are_wordless(chosen):
        yield Paragraph(w.say(WHY_WORDLESS), Tone.NOTE)
    if w.cadence is not Cadence.DAILY:
        for each in chosen[:5]:
            if runs := _described(w, each):
                yield Paragraph(runs)
        yield Paragraph(
            w.say(
                Pair(
                    "地点只写类型，学校、小区等名称和当事人信息一律不出现。",
                    "Places are told by their sort only; no school, estate or person is named.",
                )
            ),
            Tone.NOTE,
        )


def own_issues(w: Writer) -> list[Mapping[str, Any]]:
    """The published issues; in a unit's report those in which it takes part."""
    return [
        each
        for each in w.facts.issues
        if not w.unit or w.unit == each.get("owner") or w.unit in (each.get("departments") or ())
    ]


def topic(w: Writer, sort: str, record: Mapping[str, Any]) -> Run:
    """The words of a topic, as one; of one that has none that may be told, what its requests mostly are about."""
    number = text_of(record, "number")
    joined = ("、" if w.is_zh else ", ").join(str(each) for each in record.get("topic") or ())
    if joined:
        return words_of_data(joined, record_path(sort, number, "topic"))
    kind = text_of(record, "kind") or next(
        (text_of(each, "kind") for each in w.facts.issues if text_of(each, "number") == number), ""
    )
    if kind and (said := w.name("kind", kind)) != kind:
        return Text(w.pick(Pair(f"{said}类诉求", f"Requests such as: {said}")))
    return Text(w.pick(WORDLESS))


def are_wordless(records: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of them has no words that may be told."""
    return any(not each.get("topic") for each in records)


def owner(w: Writer, record: Mapping[str, Any]) -> str:
    """Who is proposed to take it."""
    code = text_of(record, "owner")
    return w.name("department", code) if code else w.pick(Pair("待定", "to be named"))


def _table(w: Writer, chosen: list[Mapping[str, Any]]) -> Grid:
    heads = (
        Pair("编号", "Number"), Pair("主题词", "Topic"), Pair("件数", "Matters"),
        Pair("近期走势", "By week"), Pair("热度", "Heat"), Pair("建议责任单位", "Proposed unit"),
    )  # fmt: skip
    lines = tuple(_line(w, each) for each in chosen)
    caption = w.pick(Pair("可公布的共性问题", "Common issues that can be published"))
    return Grid("", caption, tuple(w.pick(each) for each in heads), lines, 2, (), (19, 24, 11, 20, 9, 17))


def _line(w: Writer, issue: Mapping[str, Any]) -> tuple[Cell, ...]:
    number = text_of(issue, "number")
    return (
        Cell((Word(number, record_path("issue", number, "number")),), is_code=True),
        Cell((topic(w, "issue", issue),)),
        Cell((_counted(issue, number, "matters"),), is_number=True),
        _weeks(w, issue, number),
        Cell((_heat(issue, number),), is_number=True),
        Cell((Text(owner(w, issue)),)),
    )


def _counted(issue: Mapping[str, Any], number: str, field: str) -> Num:
    value = as_decimal(issue.get(field))
    return Num(ABSENT if value is None else whole_or_one_place(value), record_path("issue", number, field))


def _heat(issue: Mapping[str, Any], number: str) -> Num:
    value = as_decimal(issue.get("heat"))
    return Num(ABSENT if value is None else rounded(value, 2), record_path("issue", number, "heat"))


def _weeks(w: Writer, issue: Mapping[str, Any], number: str) -> Cell:
    weeks = list(issue.get("weeks") or ())[-_MOST_WEEKS:]
    shown = [(monday, count) for monday, count in weeks if count is not None]
    if len(shown) < 2:
        return Cell((Text(ABSENT),))
    marks = [Mark(monday, None if count is None else float(count)) for monday, count in weeks]
    title = w.pick(Pair("近期每周件数，斜线处不公布", "Matters a week of late; hatched where held back"))
    return Cell((), drawing=sparkline(title, marks, w.language))


def _described(w: Writer, issue: Mapping[str, Any]) -> Runs:
    number = text_of(issue, "number")
    given: dict[str, Run] = {
        "topic": topic(w, "issue", issue),
        "matters": _counted(issue, number, "matters"),
        "owner": Text(owner(w, issue)),
        "reason": Text(w.name("owner_reason", text_of(issue, "owner_reason"))),
    }
    first = w.say(Pair("“{topic}”：共{matters}件", '"{topic}": {matters} matters'), **given)
    return w.join(
        (*first, *_where(w, issue), *_grown(w, issue, number), *w.say(Pair("。", "."))),
        w.say(Pair("建议由{owner}牵头（{reason}）。", "Proposed lead: {owner} ({reason})."), **given)
        if issue.get("owner")
        else (),
        _quoted(w, issue, number),
    )


def _where(w: Writer, issue: Mapping[str, Any]) -> Runs:
    sorts: list[Run] = [Text(w.name("place", str(each))) for each in issue.get("sorts_of_places") or ()]
    district = text_of(issue, "district")
    parts: list[Runs] = []
    if district:
        parts.append(
            (
                Text(w.pick(Pair("，均在", ", all in "))),
                w.coded("district", district, record_path("issue", text_of(issue, "number"), "district")),
            )
        )
    if sorts:
        parts.append((Text(w.pick(Pair("，多涉及", ", mostly about "))), *w.listed(sorts)))
    return tuple(run for each in parts for run in each)


def _grown(w: Writer, issue: Mapping[str, Any], number: str) -> Runs:
    value = as_decimal(issue.get("growth"))
    if value is None or value == 0:
        return ()
    share = Num(f"{rounded(abs(value) * 100, 0)}%", record_path("issue", number, "growth"))
    words = (
        Pair("，近四周较前四周增长{share}", "; {share} more in the last four weeks than in the four before")
        if value > 0
        else Pair(
            "，近四周较前四周下降{share}", "; {share} fewer in the last four weeks than in the four before"
        )
    )
    return w.say(words, share=share)


def _quoted(w: Writer, issue: Mapping[str, Any], number: str) -> Runs:
    sentence = text_of(issue, "sentence")
    if not sentence:
        return ()
    said = words_of_data(sentence, record_path("issue", number, "sentence"))
    return w.say(Pair("代表性表述（已脱敏）：“{said}”", 'As callers put it, scrubbed: "{said}"'), said=said)
