"""Counts over time: a line that breaks where a number is held back, and what is expected after it."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.charts.drawing import Anchor, Area, Box, Dot, Drawing, Line, Mark, Role, Shape, Words, hatched
from analysis.charts.scales import Scale, scale_for, tick_words
from analysis.charts.text_width import width_of


@dataclass(frozen=True)
class Ahead:
    """What is expected of one step: the middle and the ends of its interval."""

    label: str
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Legend:
    """The words of the signs that a line chart may show."""

    counted: str
    held: str
    expected: str = ""
    usual: str = ""


class Sign(StrEnum):
    """What a legend explains."""

    COUNTED = "counted"
    USUAL = "usual"
    AHEAD = "ahead"
    HELD = "held"


_LEFT, _RIGHT, _TOP, _BOTTOM = 48.0, 16.0, 34.0, 30.0
_ROW = 18.0
"""Between two rows of a legend."""
_SIZE = 11.0


def line_chart(
    title: str, summary: str, marks: Sequence[Mark], legend: Legend, language: str, *,
    ahead: Sequence[Ahead] = (), usual: Sequence[tuple[float, float] | None] = (), width: float = 680, height: float = 250,
) -> Drawing:  # fmt: skip
    """One point a step from left to right, at even distances.

    `usual` gives for each mark between which numbers it was expected, None where that is not known.
    """
    labels = [*(each.label for each in marks), *(each.label for each in ahead)]
    known = [each for each in usual if each]
    signs = list(_signs(legend, bool(known), bool(ahead), any(each.value is None for each in marks)))
    rows = _in_rows(signs, width)
    top = _TOP + _ROW * (max((row for row, _ in rows), default=0))
    highest = max(
        [each.value or 0 for each in marks] + [each.high for each in ahead] + [high for _, high in known],
        default=0,
    )
    scale = scale_for(highest, height - top - _BOTTOM)
    step = (width - _LEFT - _RIGHT) / max(1, len(labels))
    across = [_LEFT + step * (at + 0.5) for at in range(len(labels))]
    base = height - _BOTTOM
    shapes: list[Shape] = [*_axis(scale, width, base), *_labels(labels, across, step, base)]
    for mark, x in zip(marks, across, strict=False):
        if mark.value is None:
            shapes.extend(hatched(x - step * 0.4, top, step * 0.8, base - top))
    shapes.extend(_usual(usual, across, scale, base))
    shapes.extend(_expected(marks, ahead, across, scale, base))
    shapes.extend(_counted(marks, across, scale, base))
    for (sign, words), (row, x) in zip(signs, rows, strict=True):
        shapes.extend(_sign(sign, x, 14.0 + _ROW * row))
        shapes.append(Words(x + 28, 18.0 + _ROW * row, words, _SIZE))
    return Drawing(width, height, title, summary, tuple(shapes), language)


def _axis(scale: Scale, width: float, base: float) -> Iterator[Shape]:
    for tick in scale.ticks:
        y = base - scale.at(tick)
        yield Line(_LEFT, y, width - _RIGHT, y, Role.MUTED if tick == 0 else Role.GRID)
        yield Words(_LEFT - 6, y + 4, tick_words(tick), _SIZE, Anchor.END, Role.MUTED)


def _labels(labels: Sequence[str], across: Sequence[float], step: float, base: float) -> Iterator[Shape]:
    widest = max((width_of(each, _SIZE) for each in labels), default=0) + 10
    every = max(1, -int(-widest // step))
    for at in range(0, len(labels), every):
        yield Words(across[at], base + 18, labels[at], _SIZE, Anchor.MIDDLE, Role.MUTED)


def _counted(marks: Sequence[Mark], across: Sequence[float], scale: Scale, base: float) -> Iterator[Shape]:
    for at, (mark, x) in enumerate(zip(marks, across, strict=False)):
        if mark.value is None:
            continue
        y = base - scale.at(mark.value)
        after = marks[at + 1].value if at + 1 < len(marks) else None
        if after is not None:
            yield Line(x, y, across[at + 1], base - scale.at(after), Role.FIRST, 2)
        yield Dot(x, y, 2.6, Role.FIRST)
    shown = [(at, each) for at, each in enumerate(marks) if each.value is not None]
    if shown:
        # The last number and the greatest one are written out; the others stand in the table beside.
        last, top = shown[-1], max(shown, key=lambda each: (each[1].value or 0, each[0]))
        for at, mark in dict([last, top]).items():
            y = base - scale.at(mark.value or 0)
            yield Words(across[at], y - 8, mark.said, _SIZE, Anchor.MIDDLE, Role.INK, mark.figure)


def _expected(
    marks: Sequence[Mark], ahead: Sequence[Ahead], across: Sequence[float], scale: Scale, base: float
) -> Iterator[Shape]:
    if not ahead:
        return
    places = across[len(marks) :]
    upper = [(x, base - scale.at(each.high)) for x, each in zip(places, ahead, strict=True)]
    lower = [(x, base - scale.at(each.low)) for x, each in zip(places, ahead, strict=True)]
    middle = [(x, base - scale.at(each.expected)) for x, each in zip(places, ahead, strict=True)]
    if marks and (last := marks[-1].value) is not None:
        start = (across[len(marks) - 1], base - scale.at(last))
        upper, lower, middle = [start, *upper], [start, *lower], [start, *middle]
    yield Area((*upper, *reversed(lower)), Role.BAND)
    for (x1, y1), (x2, y2) in itertools.pairwise(middle):
        yield Line(x1, y1, x2, y2, Role.FIRST, 1.5, dashed=True)


def _usual(
    usual: Sequence[tuple[float, float] | None], across: Sequence[float], scale: Scale, base: float
) -> Iterator[Shape]:
    """One band for each run of steps of which it is known what was expected."""
    for is_known, steps in itertools.groupby(enumerate(usual), key=lambda each: each[1] is not None):
        if not is_known:
            continue
        run = [(across[at], each) for at, each in steps if each]
        half = (across[1] - across[0]) / 2 if len(across) > 1 else 4.0
        if len(run) == 1:
            run = [(run[0][0] - half, run[0][1]), (run[0][0] + half, run[0][1])]
        upper = [(x, base - scale.at(high)) for x, (_, high) in run]
        lower = [(x, base - scale.at(low)) for x, (low, _) in run]
        yield Area((*upper, *reversed(lower)), Role.BAND)


def _signs(legend: Legend, has_usual: bool, has_ahead: bool, has_held: bool) -> Iterator[tuple[Sign, str]]:
    """What the chart shows signs of, with the words."""
    yield Sign.COUNTED, legend.counted
    if has_usual:
        yield Sign.USUAL, legend.usual
    if has_ahead:
        yield Sign.AHEAD, legend.expected
    if has_held:
        yield Sign.HELD, legend.held


def _in_rows(signs: Sequence[tuple[Sign, str]], width: float) -> list[tuple[int, float]]:
    """Row and left end of each sign; a narrow picture needs more than one row."""
    row, x, found = 0, _LEFT, []
    for _, words in signs:
        needs = 28 + width_of(words, _SIZE)
        if x > _LEFT and x + needs > width:
            row, x = row + 1, _LEFT
        found.append((row, x))
        x += needs + 20
    return found


def _sign(sign: Sign, x: float, y: float) -> Iterator[Shape]:
    if sign is Sign.COUNTED:
        yield Line(x, y, x + 22, y, Role.FIRST, 2)
    elif sign is Sign.HELD:
        yield from hatched(x, y - 6, 22, 12)
    else:
        yield Box(x, y - 6, 22, 12, Role.BAND)
        if sign is Sign.AHEAD:
            yield Line(x, y, x + 22, y, Role.FIRST, 1.5, dashed=True)
