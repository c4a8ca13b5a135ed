"""Charts: what is held back is drawn as held back, nothing hangs on the machine, and a strict page may show them."""

import re
from xml.etree import ElementTree

import pytest

from analysis.charts.bars import Group, bars, columns
from analysis.charts.drawing import COLOURS, Box, Dot, Drawing, Line, Mark, Role, Words, hatched
from analysis.charts.emf import emf_of
from analysis.charts.line import Ahead, Legend, line_chart
from analysis.charts.scales import scale_for
from analysis.charts.small import heat_table, sparkline
from analysis.charts.svg import svg_of
from analysis.charts.text_width import shortened, width_of

MARKS = [
    Mark("周一", 12, "12", "a"),
    Mark("周二", None),
    Mark("周三", 30, "30", "b"),
    Mark("周四", 24, "24", "c"),
]
LEGEND = Legend("实际", "不公布", "预测")
EVERY: dict[str, Drawing] = {
    "line": line_chart(
        "逐周", "说明", MARKS, LEGEND, "zh", ahead=[Ahead("下周", 28, 20, 36), Ahead("再下周", 29, 18, 40)]
    ),
    "bars": bars(
        "类别",
        "说明",
        [Group("家庭", (MARKS[0], MARKS[1])), Group("学校", (MARKS[2], None))],
        ["本期", "上期"],
        "不公布",
        "zh",
    ),
    "one series": bars("类别", "说明", [Group(each.label, (each,)) for each in MARKS], [""], "不公布", "zh"),
    "columns": columns("逐日", "说明", MARKS, "不公布", "zh"),
    "spark": sparkline("走势", MARKS, "zh"),
    "heat": heat_table(
        "交叉", "说明", ["家庭", "学校"], ["紧急", "一般"], [[MARKS[0], MARKS[1]], [None, MARKS[2]]], "zh"
    ),
}


@pytest.mark.parametrize("name", EVERY)
def test_a_chart_is_sound_xml_with_title_and_summary(name: str) -> None:
    root = ElementTree.fromstring(svg_of(EVERY[name], standalone=True))
    found = {each.tag.rpartition("}")[2]: each.text for each in root}
    assert found["title"] == EVERY[name].title and found["desc"] == EVERY[name].summary
    assert root.get("role") == "img" and root.get("aria-label") == EVERY[name].title


@pytest.mark.parametrize("name", EVERY)
def test_a_strict_content_policy_lets_a_chart_through(name: str) -> None:
    svg = svg_of(EVERY[name])
    assert re.search(r"<script|<style|\sstyle=|\son\w+=|href|url\(|<foreignObject|\sid=", svg) is None


@pytest.mark.parametrize("name", EVERY)
def test_everything_lies_inside_the_picture(name: str) -> None:
    drawing = EVERY[name]
    for each in drawing.shapes:
        if isinstance(each, Words):
            width = width_of(each.text, each.size)
            left = each.x - {"start": 0, "middle": width / 2, "end": width}[each.anchor]
            assert -1 <= left and left + width <= drawing.width + 1, each
            assert 0 <= each.y <= drawing.height, each
        if isinstance(each, Box):
            assert (
                each.x >= 0
                and each.x + each.width <= drawing.width + 0.1
                and each.y + each.height <= drawing.height + 0.1
            )
            assert each.width >= 0 and each.height >= 0


@pytest.mark.parametrize("name", EVERY)
def test_labels_of_a_chart_do_not_lie_over_each_other(name: str) -> None:
    words = [each for each in EVERY[name].shapes if isinstance(each, Words)]
    boxes = []
    for each in words:
        width = width_of(each.text, each.size)
        left = each.x - {"start": 0, "middle": width / 2, "end": width}[each.anchor]
        boxes.append((left, each.y - each.size * 0.75, left + width, each.y))
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            overlaps = one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
            assert not overlaps, (words[at].text, one, other)


@pytest.mark.parametrize("name", EVERY)
def test_what_is_held_back_is_hatched(name: str) -> None:
    drawn = [each for each in EVERY[name].shapes if isinstance(each, Line) and each.role is Role.HELD]
    assert len(drawn) > 4


def test_a_line_breaks_where_a_number_is_held_back() -> None:
    drawing = line_chart(
        "", "", [Mark("", 10, "10"), Mark("", None), Mark("", 10, "10"), Mark("", 12, "12")], LEGEND, "zh"
    )
    counted = [
        each for each in drawing.shapes if isinstance(each, Line) and each.role is Role.FIRST and each.y1 > 30
    ]
    dots = [each for each in drawing.shapes if isinstance(each, Dot)]
    assert len(dots) == 3 and len(counted) == 1
    assert (counted[0].x1, counted[0].x2) == (dots[1].x, dots[2].x)


def test_a_nought_is_drawn_as_a_nought() -> None:
    drawing = columns("", "", [Mark("a", 0, "0", "x"), Mark("b", 5, "5", "y")], "held", "en")
    assert not [each for each in drawing.shapes if isinstance(each, Line) and each.role is Role.HELD]
    assert [each.text for each in drawing.shapes if isinstance(each, Words) and each.figure] == ["0", "5"]


def test_no_marks_at_all_still_make_a_picture() -> None:
    for each in (
        line_chart("", "", [], LEGEND, "en"),
        columns("", "", [], "held", "en"),
        bars("", "", [], [""], "held", "en"),
        sparkline("", [], "en"),
    ):
        ElementTree.fromstring(svg_of(each, standalone=True))
        assert emf_of(each)


def test_hatching_stays_inside_its_frame() -> None:
    for each in hatched(10, 20, 30, 12):
        assert isinstance(each, Line)
        for x, y in ((each.x1, each.y1), (each.x2, each.y2)):
            assert 10 - 1e-9 <= x <= 40 + 1e-9 and 20 - 1e-9 <= y <= 32 + 1e-9


@pytest.mark.parametrize(
    ("highest", "top", "step"),
    [(0, 1, 1), (1, 1, 1), (3, 3, 1), (7, 8, 2), (61, 80, 20), (100, 100, 50), (1284, 1500, 500)],
)
def test_ticks_are_round_and_whole(highest: float, top: float, step: float) -> None:
    scale = scale_for(highest, 100)
    assert (scale.top, scale.step) == (top, step)
    assert scale.ticks[0] == 0 and scale.ticks[-1] == top


def test_the_shades_of_the_series_tell_them_apart_in_grey() -> None:
    def light(role: Role) -> float:
        red, green, blue = (int(COLOURS[role][at : at + 2], 16) for at in (1, 3, 5))
        return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255

    shades = sorted(light(each) for each in (Role.FIRST, Role.SECOND, Role.THIRD))
    assert shades[1] - shades[0] > 0.15 and shades[2] - shades[1] > 0.15


def test_words_are_escaped_in_a_picture() -> None:
    drawing = bars("<b>&", "<i>", [Group("</text><script>", (Mark("", 1, "1"),))], [""], "", "en")
    root = ElementTree.fromstring(svg_of(drawing, standalone=True))
    assert "</text><script>" in {each.text for each in root.iter()}


def test_a_long_name_is_cut_where_it_would_not_fit() -> None:
    assert shortened("向未成年人售烟（含电子烟）", 12, 60).endswith("…")
    assert width_of(shortened("向未成年人售烟（含电子烟）", 12, 60), 12) <= 60
    assert shortened("短", 12, 60) == "短"


def test_the_same_drawing_gives_the_same_bytes_and_a_metafile_names_its_fonts() -> None:
    assert emf_of(EVERY["line"]) == emf_of(EVERY["line"])
    assert "SimHei".encode("utf-16-le") in emf_of(EVERY["line"])
    assert "实际".encode("utf-16-le") in emf_of(EVERY["line"])
