"""The words and files of a report: every number is traced, nothing held back is told, and the same facts give the same bytes."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
import report_facts_for_tests as made_up

from analysis.report.composing import compose
from analysis.report.docx import write_docx
from analysis.report.facts import Cadence, Facts, Figure, Row, State, facts_from_json
from analysis.report.footer import FooterError, read_footer
from analysis.report.html import write_html
from analysis.report.names import ORDER_STATES, delivered_names
from analysis.report.paper import Grid, Heading, Listing, Num, Paper, Paragraph, Picture, Run, Text, Word
from analysis.report.paths import figure_at, parts_of, records_of
from analysis.suppression_rules import SHIPPED
from models.proactive_moves import OrderState

HERE = Path(__file__).parent
MAKERS: dict[str, Callable[[], Facts]] = {
    "month": made_up.monthly,
    "week": made_up.weekly,
    "day": made_up.daily,
    "unit": made_up.of_education,
    "empty": made_up.empty,
    "empty day": lambda: made_up.empty(Cadence.DAILY),
    "empty unit": lambda: made_up.empty(Cadence.WEEKLY, "EDU"),
    "held back": made_up.all_held_back,
    "not applicable": made_up.all_not_applicable,
}
EVERY = [
    pytest.param(name, language, id=f"{name} {language}") for name in MAKERS for language in ("zh", "en")
]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SIGNS = {
    "不公布": State.BLANK,
    "held back": State.BLANK,
    "不适用": State.NOT_APPLICABLE,
    "n/a": State.NOT_APPLICABLE,
}

ALLOWED = re.compile(
    r"国办函〔2025〕66号|12345|\(2020\)|art\. \d+(, \d+)*|^\d+\.(\d+)? |(表|图|Table |Chart )\d+|^\d+\.$|CB-X|MR\d"
)
"""The only figures that may stand in plain text: documents and articles, the hotline's own number, headings and captions."""


@cache
def composed(name: str, language: str) -> Paper:
    """The document of one of the made-up facts, written once."""
    return compose(MAKERS[name](), language)


def runs_of(paper: Paper) -> Iterator[Run]:
    """Every run of the document, in its order."""
    yield from (*paper.title, *paper.period, *paper.dated)
    for block in paper.blocks:
        match block:
            case Heading():
                yield Text(f"{block.mark} {block.text}")
            case Paragraph():
                yield from block.runs
            case Listing():
                for head, rest in block.items:
                    yield from (*head, *(run for each in rest for run in each))
            case Grid():
                yield from (Text(each) for each in (block.mark, block.caption, *block.heads))
                yield from (run for line in block.rows for cell in line for run in cell.runs)
                yield from block.note
            case Picture():
                yield from (Text(block.mark), Text(block.caption))
    yield from (run for each in paper.small_print for run in each)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_no_number_is_typed_into_a_sentence(name: str, language: str) -> None:
    paper = composed(name, language)
    loose = [
        each.text
        for each in runs_of(paper)
        if isinstance(each, Text) and re.search(r"\d", ALLOWED.sub("", each.text))
    ]
    assert loose == []


def number_in(text: str) -> Decimal | None:
    """The first number of a text, without separators of thousands."""
    found = re.search(r"-?\d[\d,]*(\.\d+)?", text)
    return Decimal(found[0].replace(",", "")) if found else None


def seconds_in(text: str) -> int:
    """A time as it is written, in seconds."""
    units = {"天": 86_400, "days": 86_400, "小时": 3_600, "h": 3_600, "分钟": 60, "min": 60, "秒": 1, "s": 1}
    parts = re.findall(r"(\d+) ?(天|days|小时|h|分钟|min|秒|s)", text)
    assert parts, text
    return sum(int(number) * units[unit] for number, unit in parts)


def check_traced(facts: Facts, text: str, path: str) -> None:
    """Fail if the text does not tell what stands at the path, to the last figure it shows."""
    if path.startswith(("constant/", "rule/", "source/", "scope/")) or path.endswith("/key"):
        return
    sort, _, rest = path.partition("/")
    if sort in ("issue", "warning", "candidate", "order"):
        number, field = (unquote(each) for each in rest.split("/", 1))
        (told,) = [each[field] for each in records_of(facts, sort) if each["number"] == number]
        if field == "growth":
            assert number_in(text) == round(abs(Decimal(str(told))) * 100)
        elif isinstance(told, str):
            assert told.startswith(text) or text in told
        else:
            assert number_in(text) == Decimal(str(told))
        return
    joined = " / " if " / " in path else " - "
    found = [figure_at(facts, each) for each in path.split(joined)]
    if None in found:
        assert text == "—", path
        return
    figures = [each for each in found if each]
    if hidden := [each.state for each in figures if each.state is not State.SHOWN]:
        assert SIGNS.get(text) in hidden, (text, path)
        return
    values = [each.value or Decimal(0) for each in figures]
    value = (
        values[0]
        if len(values) == 1
        else values[0] - values[1]
        if joined == " - "
        else (values[0] - values[1]) / values[1] * 100
    )
    if figures[0].unit == "seconds":
        assert abs(seconds_in(text) - value) <= (1_800 if value >= 172_800 else 30)
        return
    shown = number_in(text)
    assert shown is not None, (text, path)
    places = -int(shown.as_tuple().exponent)
    assert abs(abs(value) - abs(shown)) <= Decimal("0.5").scaleb(-places), (text, path, value)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_number_tells_the_figure_that_it_names(name: str, language: str) -> None:
    facts = MAKERS[name]()
    paper = composed(name, language)
    numbers = [each for each in runs_of(paper) if isinstance(each, Num)]
    for each in numbers:
        check_traced(facts, each.text, each.figure)
    drawings = [each.drawing for each in paper.blocks if isinstance(each, Picture)]
    for shape in (shape for each in drawings for shape in each.shapes):
        if figure := getattr(shape, "figure", ""):
            check_traced(facts, shape.text, figure)


def test_tracing_would_notice_a_wrong_number() -> None:
    with pytest.raises(AssertionError):
        check_traced(made_up.monthly(), "1,285", "received.total")
    with pytest.raises(AssertionError):
        check_traced(made_up.monthly(), "0", "late.now")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_month_tells_most_of_its_figures(language: str) -> None:
    """So that the tests above cannot pass on an empty document."""
    facts = made_up.monthly()
    told = {
        part
        for each in runs_of(composed("month", language))
        if isinstance(each, Num)
        for part in parts_of(each.figure)
    }
    assert len(facts.figures.keys() & told) > 40
    cells = {
        f"{name}/{','.join(row.key)}/cases"
        for name in ("received.by_family", "received.by_grade")
        for row in facts.tables[name].rows
    }
    assert cells <= told


class Page(HTMLParser):
    """The elements that tell a figure or words of the data, with their text, and all tags there are."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._at: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._at = dict(attrs).get("data-figure")

    def handle_data(self, data: str) -> None:
        if self._at is not None:
            self.told.append((data, self._at))
            self._at = None


def page_of(content: bytes) -> Page:
    page = Page()
    page.feed(content.decode())
    return page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_tells_the_figure_of_each_number(language: str) -> None:
    facts = made_up.monthly()
    page = page_of(write_html(facts, language))
    assert len(page.told) > 300
    for text, path in page.told:
        check_traced(facts, text, path)


def word_numbers(content: bytes) -> list[tuple[str, str]]:
    """Text and path of every bookmark of a Word file."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        document = ElementTree.fromstring(file.read("word/document.xml"))
        paths = {
            each.get("name"): each.get("path", "")
            for each in ElementTree.fromstring(file.read("customXml/item1.xml"))
        }
    told = []
    for paragraph in document.iter(f"{W}p"):
        at, text = "", ""
        for each in paragraph.iter():
            if each.tag == f"{W}bookmarkStart":
                at, text = each.get(f"{W}name", ""), ""
            elif each.tag == f"{W}t":
                text += each.text or ""
            elif each.tag == f"{W}noBreakHyphen":
                text += "-"
            elif each.tag == f"{W}bookmarkEnd":
                told.append((text, paths[at]))
    return told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_word_file_tells_the_figure_of_each_number(language: str) -> None:
    facts = made_up.monthly()
    told = word_numbers(write_docx(facts, language))
    numbers = [(text, path.removeprefix("figure:")) for text, path in told if path.startswith("figure:")]
    assert len(numbers) > 300
    for text, path in numbers:
        check_traced(facts, text, path)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_nothing_of_the_machine_stands_in_a_report(name: str, language: str) -> None:
    """No None, no empty place, and no language but its own where a word was forgotten."""
    text = "".join(each.text for each in runs_of(composed(name, language)))
    assert "None" not in text and "{" not in text and "}" not in text
    assert re.search(r"[。，；：]{2}|\.\.|  |, ,", text) is None
    if language == "en":
        plain = "".join(each.text for each in runs_of(composed(name, language)) if isinstance(each, Text))
        assert re.findall(r"[\u4e00-\u9fff]+", plain.replace("国办函〔2025〕66号", "")) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_rate_held_back_among_three_leaves_a_sentence_that_ends_once(language: str) -> None:
    month = made_up.monthly()
    held = {"rates.satisfaction": Figure(None, month.figures["rates.satisfaction"].unit, "q", State.BLANK)}
    text = "".join(
        each.text for each in runs_of(compose(replace(month, figures={**month.figures, **held}), language))
    )
    assert re.search(r"[。，；：]{2}|\.\.|, ,", text) is None


def test_every_state_of_an_order_has_words() -> None:
    assert set(ORDER_STATES) >= set(OrderState)


def month_with(state: State) -> Paper:
    """A month in which the number of one unit's callbacks is a nought that is told, or is held back."""
    month = made_up.monthly()
    table = month.tables["rates.by_department"]
    units = [each.unit for each in table.rows[0].figures]
    nought = (
        Figure(Decimal(0), units[0], "q", State.SHOWN),
        *(Figure(None, each, "q", State.NOT_APPLICABLE) for each in units[1:]),
    )
    held = tuple(Figure(None, each, "q", State.BLANK) for each in units)
    figures = nought if state is State.SHOWN else held
    rows = (*(each for each in table.rows if each.key != ("CIVIL",)), Row(("CIVIL",), figures))
    tables = {**month.tables, "rates.by_department": replace(table, rows=rows)}
    return compose(replace(month, tables=tables), "zh")


def test_a_unit_with_none_and_a_unit_with_a_few_look_the_same() -> None:
    none, few = month_with(State.SHOWN), month_with(State.BLANK)
    assert none.blocks == few.blocks
    said = [each.text for each in runs_of(none)]
    assert any(text.startswith("未列入上表的单位") for text in said) and "民政部门" in said


def test_a_unit_with_nothing_to_tell_has_no_row_but_is_named_below() -> None:
    paper = composed("month", "zh")
    at, grid = next(
        (at, each)
        for at, each in enumerate(paper.blocks)
        if isinstance(each, Grid) and each.caption == "各单位主办诉求"
    )
    below = paper.blocks[at + 1]
    assert isinstance(below, Paragraph)
    assert "残疾人联合会" not in [row[0].runs[0].text for row in grid.rows]
    assert "残疾人联合会" in [each.text for each in below.runs]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["held back", "not applicable"])
def test_what_is_held_back_or_not_applicable_is_said_and_is_never_a_number(name: str, language: str) -> None:
    paper = composed(name, language)
    figures = [each for each in runs_of(paper) if isinstance(each, Num) and each.figure in made_up.MONTH]
    assert figures
    assert {each.text for each in figures} <= {"不公布", "不适用", "—"} | {"held back", "n/a"}
    said = "".join(each.text for each in runs_of(paper))
    wanted = {
        ("zh", "held back"): "三率因涉及小数目，均不予公布",
        ("zh", "not applicable"): "无有效回访，三率不适用",
        ("en", "held back"): "No one of the three rates in the month can be told",
        ("en", "not applicable"): "There was no valid callback",
    }[language, name]
    assert wanted in said


def said_in(facts: Facts, language: str) -> str:
    return "".join(each.text for each in runs_of(compose(facts, language)))


def test_where_one_rate_is_held_back_the_others_are_told_and_that_one_is_named() -> None:
    blank = replace(made_up.monthly().figures["rates.resolution"], value=None, state=State.BLANK)
    month = replace(made_up.monthly(), figures={**made_up.monthly().figures, "rates.resolution": blank})
    satisfaction = f"{month.figures['rates.satisfaction'].value}%"
    zh, en = said_in(month, "zh"), said_in(month, "en")
    assert f"满意率{satisfaction}；解决率因涉及小数目不予公布。" in zh and "均不予公布" not in zh
    assert f"satisfaction {satisfaction}; resolution is held back, because small counts would follow." in en


@pytest.mark.parametrize(("before", "percent"), [(50, True), (49, False)])
def test_growth_in_percent_is_told_from_enough_only(before: int, percent: bool) -> None:
    """At the very limit of `growth_from`."""
    figures = made_up.monthly().figures
    month = replace(
        made_up.monthly(),
        figures={**figures, "received.before": replace(figures["received.before"], value=Decimal(before))},
    )
    assert ("较上月增长" in said_in(month, "zh")) is percent
    assert (f"上月{before}件，基数不足50件，不计算增幅" in said_in(month, "zh")) is not percent
    assert (f"{before} the month before, too few (below 50)" in said_in(month, "en")) is not percent


def test_a_topic_without_words_is_called_by_what_its_requests_are_about_and_the_reason_is_given_once() -> (
    None
):
    month = made_up.monthly()
    wordless = replace(
        month,
        issues=tuple({**each, "topic": []} for each in month.issues),
        candidates=tuple({**each, "topic": []} for each in month.candidates),
    )
    zh = said_in(wordless, "zh")
    name = delivered_names().of("kind", str(month.issues[0]["kind"]), "zh")
    assert f"{name}类诉求" in zh
    assert zh.count("主题词只用其他诉求也普遍使用的词") == 1
    assert "主题词只用其他诉求也普遍使用的词" not in said_in(month, "zh")


def test_no_chart_draws_a_held_back_number_as_nought() -> None:
    held = [each for each in composed("month", "zh").blocks if isinstance(each, Picture)]
    words = [shape.text for each in held for shape in each.drawing.shapes if hasattr(shape, "text")]
    assert "不公布" in words
    assert not any(
        each.text == "0" and each.figure
        for picture in held
        for each in picture.drawing.shapes
        if hasattr(each, "figure")
    )


def test_weeks_before_the_first_that_can_be_told_are_left_out_and_gaps_after_it_are_not() -> None:
    month = made_up.monthly()
    table = month.tables["received.by_week"]
    first, gap = 4, 10
    held = [replace(row, figures=tuple(Figure(None, each.unit, each.query, State.BLANK) for each in row.figures)) for row in table.rows]
    rows = tuple(held[at] if at < first or at == gap else row for at, row in enumerate(table.rows))
    paper = compose(replace(month, tables={**month.tables, "received.by_week": replace(table, rows=rows)}), "zh")
    [grid] = [each for each in paper.blocks if isinstance(each, Grid) and "逐周受理" in each.caption]
    assert len(grid.rows) == len(rows) - first
    said = ["".join(run.text for run in line[1].runs) for line in grid.rows]
    assert said[0] != "不公布" and said[gap - first] == "不公布"


def test_a_units_report_speaks_of_that_unit_only() -> None:
    paper = composed("unit", "zh")
    text = "".join(each.text for each in runs_of(paper))
    assert "教育行政部门" in paper.title[0].text
    for other in ("网信部门", "残疾人联合会", "文化和旅游部门", "民政部门", "体育部门"):
        assert other not in text, other
    assert "W2026-014" in text and "W2026-015" not in text
    assert "P2026-009" in text and "P2026-010" not in text
    assert "网吧" not in text


def test_units_stand_in_the_order_of_the_facts_and_no_ranking_is_promised() -> None:
    (rated,) = [
        each
        for each in composed("month", "zh").blocks
        if isinstance(each, Grid) and "单位回访" in each.caption
    ]
    assert [each[0].runs[0].text for each in rated.rows] == ["民政部门", "教育行政部门", "公安机关"]
    assert "不作排名" in "".join(each.text for each in runs_of(composed("month", "zh")))


def test_headings_tables_and_charts_are_numbered_without_a_gap() -> None:
    blocks = composed("month", "zh").blocks
    chapters = [each.mark for each in blocks if isinstance(each, Heading) and each.level == 1]
    assert chapters == ["", *(f"{each}、" for each in "一二三四五六七八九十"), "十一、"]
    tables = [each.mark for each in blocks if isinstance(each, Grid)]
    assert tables == [f"表{at + 1}" for at in range(len(tables))]
    charts = [each.mark for each in blocks if isinstance(each, Picture)]
    assert charts == [f"图{at + 1}" for at in range(5)]


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_no_heading_stands_over_nothing(name: str, language: str) -> None:
    blocks = composed(name, language).blocks
    for one, other in zip(blocks, (*blocks[1:], None), strict=True):
        if isinstance(one, Heading):
            assert other is not None
            assert not isinstance(other, Heading) or other.level > one.level


EVIL = "<script>alert(1)</script>\"'&]]>\u202e\x0b"


def poisoned() -> Facts:
    """Facts in which everything that comes from data would break a page or a part if it could."""
    facts = made_up.monthly()
    issue = {
        **made_up.ISSUES[0],
        "topic": [EVIL, "退费"],
        "sentence": EVIL,
        "district": EVIL,
        "kind": EVIL,
        "owner": EVIL,
        "number": EVIL,
    }
    warning = {
        **made_up.WARNINGS[0],
        "sort": EVIL,
        "district": EVIL,
        "sort_of_place": EVIL,
        "number": f"W{EVIL}",
        "size": EVIL,
        "order": EVIL,
    }
    sources = replace(
        facts.sources, code_version=EVIL, parameters={EVIL: EVIL, "issuer": EVIL, "origin": "rehearsal"}
    )
    table = facts.tables["received.by_district"]
    rows = (replace(table.rows[0], key=(EVIL,)), *table.rows[1:])
    tables = {**facts.tables, "received.by_district": replace(table, rows=rows)}
    return replace(facts, issues=(issue,), warnings=(warning,), sources=sources, tables=tables)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words_of_the_data_stay_words(language: str) -> None:
    facts = poisoned()
    content = write_html(facts, language)
    assert page_of(content).tags.count("script") == 1
    assert b"<script>alert" not in content
    assert "\u202e" not in content.decode()
    with zipfile.ZipFile(io.BytesIO(write_docx(facts, language))) as file:
        for name in file.namelist():
            if name.endswith((".xml", ".rels", ".svg")):
                part = ElementTree.fromstring(file.read(name))
                assert not [each for each in part.iter() if each.tag.endswith("script")]
    assert read_footer(content)["parameters"][EVIL] == EVIL
    assert read_footer(write_docx(facts, language))["code_version"] == EVIL


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_needs_nothing_from_outside_and_runs_nothing(language: str) -> None:
    content = write_html(made_up.monthly(), language)
    page = page_of(content)
    assert {"img", "link", "iframe", "object", "a", "form", "input"} & set(page.tags) == set()
    assert [
        (name, value)
        for name, value in page.attributes
        if name.startswith("on") or name in ("src", "href", "style")
    ] == []
    assert re.search(rb"https?://|@import|url\(", content.replace(b"http://www.w3.org", b"")) is None
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">'.encode() in content
    assert page.tags.count("h1") == 1
    assert page.tags.count("caption") == page.tags.count("table") == page.tags.count("thead")


def test_every_part_of_a_word_file_is_declared_and_found() -> None:
    with zipfile.ZipFile(io.BytesIO(write_docx(made_up.monthly(), "zh"))) as file:
        names = set(file.namelist())
        types = ElementTree.fromstring(file.read("[Content_Types].xml"))
        assert {each.get("PartName", "").lstrip("/") for each in types if each.get("PartName")} <= names
        endings = {each.get("Extension") for each in types if each.get("Extension")}
        assert {each.rpartition(".")[2] for each in names} <= endings
        relations = {
            each.get("Id"): each.get("Target")
            for each in ElementTree.fromstring(file.read("word/_rels/document.xml.rels"))
        }
        document = file.read("word/document.xml").decode()
        styles = ElementTree.fromstring(file.read("word/styles.xml"))
        core = file.read("docProps/core.xml").decode()
    used = set(re.findall(r'r:(?:embed|id)="([^"]+)"', document))
    assert used <= relations.keys()
    assert {f"word/{relations[each]}" for each in used} <= names
    assert set(re.findall(r'<w:pStyle w:val="([^"]+)"', document)) <= {
        each.get(f"{W}styleId") for each in styles
    }
    assert document.count("<w:tblHeader/>") == document.count("<w:tbl>")
    ids = re.findall(r'<w:bookmarkStart w:id="(\d+)"', document)
    assert len(ids) == len(set(ids))
    assert "2026-06-01T01:30:00Z" in core


def test_a_metafile_is_as_long_as_it_says_and_its_records_are_whole() -> None:
    with zipfile.ZipFile(io.BytesIO(write_docx(made_up.monthly(), "zh"))) as file:
        pictures = [file.read(each) for each in file.namelist() if each.endswith(".emf")]
    assert len(pictures) >= 5
    for each in pictures:
        assert int.from_bytes(each[48:52], "little") == len(each)
        at, count = 0, 0
        while at < len(each):
            size = int.from_bytes(each[at + 4 : at + 8], "little")
            assert size >= 8 and size % 4 == 0
            at, count = at + size, count + 1
        assert at == len(each)
        assert count == int.from_bytes(each[52:56], "little")
        assert "不公布".encode("utf-16-le") in b"".join(pictures)


@pytest.mark.parametrize("write", [write_html, write_docx])
def test_the_footer_can_be_read_back(write: Callable[[Facts, str], bytes], tmp_path: Path) -> None:
    facts = made_up.of_education()
    content = write(facts, "en")
    footer = read_footer(content)
    assert footer["digest"] == facts.digest
    assert (footer["cadence"], footer["first"], footer["last"], footer["department"]) == (
        "monthly",
        "2026-05-01",
        "2026-05-31",
        "EDU",
    )
    assert footer["suppression_rules"] == facts.sources.suppression_rules
    assert footer["language"] == "en"
    (tmp_path / "report").write_bytes(content)
    assert read_footer(tmp_path / "report") == footer


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<html></html>", "not a report"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"PK\x03\x04 broken", "damaged ZIP"),
        (b'<script type="application/json" id="report-sources">{]</script>', "not JSON"),
        (b'<script type="application/json" id="report-sources">{"format":"x"}</script>', "format"),
    ],
)
def test_what_is_no_report_is_told_so(content: bytes, problem: str) -> None:
    with pytest.raises(FooterError, match=problem):
        read_footer(content)


def test_a_word_file_without_our_property_is_told_so() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("word/document.xml", "<x/>")
    with pytest.raises(FooterError, match=re.escape("docProps/custom.xml")):
        read_footer(out.getvalue())


_AGAIN = """
import hashlib, sys
from pathlib import Path
from analysis.report.docx import write_docx
from analysis.report.facts import facts_from_json
from analysis.report.html import write_html
facts = facts_from_json(Path(sys.argv[1]).read_text(encoding="utf-8"))
print([hashlib.sha256(write(facts, language)).hexdigest() for write in (write_html, write_docx) for language in ("zh", "en")])
"""


def test_the_same_facts_give_the_same_bytes_in_another_process_zone_and_locale(tmp_path: Path) -> None:
    kept = tmp_path / "facts.json"
    kept.write_text(made_up.monthly().to_json(), encoding="utf-8")
    said = []
    for seed, zone, locale in (("1", "America/Los_Angeles", "C"), ("2", "Asia/Kolkata", "C.UTF-8")):
        changed = {
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": locale,
            "PYTHONUTF8": "0" if locale == "C" else "1",
        }
        run = subprocess.run(
            [sys.executable, "-c", _AGAIN, str(kept)],
            capture_output=True, text=True, timeout=120, check=True, env={**os.environ, **changed}, cwd=HERE.parent,
        )  # fmt: skip
        said.append(run.stdout)
    facts = facts_from_json(kept.read_text(encoding="utf-8"))
    assert said[0] == said[1] != ""
    assert write_docx(facts, "zh") == write_docx(made_up.monthly(), "zh")


def test_other_facts_give_other_bytes_and_another_digest() -> None:
    other = replace(made_up.daily(), scope=replace(made_up.daily().scope, last=date(2026, 5, 21)))
    assert write_html(other, "zh") != write_html(made_up.daily(), "zh")
    assert (
        read_footer(write_html(other, "zh"))["digest"]
        != read_footer(write_html(made_up.daily(), "zh"))["digest"]
    )


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="zh or en"):
        write_html(made_up.daily(), "fr")


def test_the_embedded_sources_are_plain_json() -> None:
    content = write_html(poisoned(), "zh").decode()
    inside = content.partition('id="report-sources">')[2].partition("</script>")[0]
    assert "<" not in inside
    assert json.loads(inside)["format"] == "whistle-report/1"


def test_made_up_places_say_so_at_the_top_and_in_the_limits() -> None:
    facts = made_up.monthly()
    rehearsal = replace(facts, sources=replace(facts.sources, parameters={"origin": "rehearsal"}))
    first = next(each for each in compose(rehearsal, "zh").blocks if isinstance(each, Paragraph))
    assert "演练数据" in first.runs[0].text


def test_a_desks_own_rules_are_the_ones_that_the_report_is_written_by(tmp_path: Path) -> None:
    own = SHIPPED.read_text(encoding="utf-8").replace("limit: 5", "limit: 8").replace("width: 5", "width: 9")
    (tmp_path / "suppression.yaml").write_text(own, encoding="utf-8")
    (tmp_path / "recommendations.yaml").write_text("""
laws: {X: {zh: 办法, en: Rules}}
rules:
  - {id: only_one, when: [{said: {zh: 受理, en: received}, figure: received.total, is: above, threshold: 1}], to: DESK,
     advice: {zh: 照此办理。, en: Do it.}, basis: [{law: X, article: 3}]}
""", encoding="utf-8")  # fmt: skip
    paper = compose(made_up.daily(), "zh", home=tmp_path)
    text = "".join(each.text for each in runs_of(paper))
    assert "少于8件" in text and "少于5件" not in text
    assert "only_one" in text and "《" not in text and "办法第三条" in text
    assert paper.footer["recommendations"] != composed("day", "zh").footer["recommendations"]


def test_a_code_without_words_stands_for_itself_as_words_of_the_data() -> None:
    facts = made_up.monthly()
    table = facts.tables["received.by_district"]
    rows = (replace(table.rows[0], key=("D-07",)), *table.rows[1:])
    paper = compose(replace(facts, tables={"received.by_district": replace(table, rows=rows)}), "zh")
    assert [each for each in runs_of(paper) if each.text == "D-07"] == [
        Word("D-07", "received.by_district/D-07/key")
    ]
