"""每月一题: the topics that a month could take up."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.report.facts import Cadence
from analysis.report.names import Pair
from analysis.report.numbers import whole_or_one_place
from analysis.report.paper import Block, Cell, Grid, Heading, Num, Paragraph, Run, Text, Tone
from analysis.report.paths import record_path
from analysis.report.writing.issues import WHY_WORDLESS, are_wordless, own_issues, owner, topic
from analysis.report.writing.records import as_decimal, text_of
from analysis.report.writing.writer import ABSENT, Writer, words_of_data

_MOST = 10


def candidates(w: Writer) -> Iterator[Block]:
    """The chapter; daily briefs have none."""
    chosen = [each for each in w.facts.candidates if not w.unit or each.get("owner") == w.unit][:_MOST]
    if not chosen or w.cadence is Cadence.DAILY:
        return
    yield Heading(1, "", w.pick(Pair("“每月一题”候选题目", "Candidates for the topic of the month")))
    yield Paragraph(
        w.say(
            Pair(
                "候选题目按数量、热度、增长、持续时间、涉及单位和季节六个方面计分，分数只用于排列供选，由领导同志研究确定，不用于评价单位。",
                "Candidates are scored by number, heat, growth, duration, units involved and season. The score orders a list that people choose from; it judges no unit.",
            ),
        )
    )
    heads = (
        Pair("编号", "Number"), Pair("主题词", "Topic"), Pair("件数", "Matters"), Pair("得分", "Score"),
        Pair("入选理由", "Why"), Pair("建议责任单位", "Proposed unit"), Pair("进度", "Progress"),
    )  # fmt: skip
    lines = tuple(_line(w, each) for each in chosen)
    caption = w.pick(Pair("“每月一题”候选题目", "Candidate topics"))
    yield Grid("", caption, tuple(w.pick(each) for each in heads), lines, 2, (), (18, 18, 11, 9, 17, 14, 13))
    # Said with the issues already, if one of those has none either.
    if are_wordless(chosen) and not are_wordless(own_issues(w)):
        yield Paragraph(w.say(WHY_WORDLESS), Tone.NOTE)


def _line(w: Writer, each: Mapping[str, Any]) -> tuple[Cell, ...]:
    number = text_of(each, "number")
    signs = ("、" if w.is_zh else ", ").join(w.name("sign", str(sign)) for sign in each.get("signs") or ())
    return (
        Cell((words_of_data(number, record_path("candidate", number, "number")),), is_code=True),
        Cell((topic(w, "candidate", each),)),
        *(Cell((_number(each, number, field),), is_number=True) for field in ("matters", "score")),
        Cell((Text(signs or ABSENT),)),
        Cell((Text(owner(w, each)),)),
        Cell((Text(w.name("progress", text_of(each, "progress"))),)),
    )


def _number(record: Mapping[str, Any], number: str, field: str) -> Run:
    value = as_decimal(record.get(field))
    return Num(
        ABSENT if value is None else whole_or_one_place(value), record_path("candidate", number, field)
    )
