"""Bars: lying ones in groups for names, standing ones for what has an order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.charts.drawing import Anchor, Box, Drawing, Line, Mark, Role, Shape, Words, hatched
from analysis.charts.scales import Scale, scale_for, tick_words
from analysis.charts.text_width import shortened, width_of

ROLES = (Role.FIRST, Role.SECOND, Role.THIRD)
"""Of the first, second and third series of a group."""
_SIZE = 11.0
_HELD_WIDTH = 46.0


@dataclass(frozen=True)
class Group:
    """What belongs to one name: a number for each series, None where there is nothing to draw."""

    label: str
    marks: tuple[Mark | None, ...]


def bars(
    title: str, summary: str, groups: Sequence[Group], series: Sequence[str], held: str, language: str, *,
    width: float = 680,
) -> Drawing:  # fmt: skip
    """Lying bars, one below the other; with more than one series a legend stands on top.

    Args:
        title: Read to who cannot see it.
        summary: What it shows, in a sentence.
        groups: From top to bottom.
        series: Names of the series; as many as each group has marks, at most three.
        held: What is written beside a number that is held back.
        language: Of the words.
        width: In pixels; the height follows from the rows.
    """
    thick = 16.0 if len(series) == 1 else 12.0
    row = thick * len(series) + 12
    left = min(width * 0.36, max((width_of(each.label, 12) for each in groups), default=40) + 14)
    top = 8.0 if len(series) == 1 else 34.0
    values = [mark.value for each in groups for mark in each.marks if mark and mark.value is not None]
    scale = scale_for(max(values, default=1), width - left - 64)
    shapes: list[Shape] = [] if len(series) == 1 else list(_legend(series, left))
    for at, group in enumerate(groups):
        y = top + at * row
        middle = y + (row - 12) / 2 + 6
        shapes.append(Words(left - 8, middle + 4, shortened(group.label, 12, left - 12), 12, Anchor.END))
        for number, mark in enumerate(group.marks):
            if mark:
                shapes.extend(
                    _lying(mark, ROLES[number], left, y + 6 + number * thick, thick - 2, scale, held)
                )
    height = top + len(groups) * row + 6
    shapes.append(Line(left, top, left, height - 6, Role.MUTED))
    return Drawing(width, height, title, summary, tuple(shapes), language)


def _lying(
    mark: Mark, role: Role, left: float, y: float, thick: float, scale: Scale, held: str
) -> Iterator[Shape]:
    if mark.value is None:
        yield from hatched(left, y, _HELD_WIDTH, thick)
        yield Words(left + _HELD_WIDTH + 6, y + thick / 2 + 4, held, _SIZE - 1, role=Role.MUTED)
        return
    length = scale.at(mark.value)
    yield Box(left, y, length, thick, role)
    yield Words(left + length + 6, y + thick / 2 + 4, mark.said, _SIZE, figure=mark.figure)


def _legend(series: Sequence[str], left: float) -> Iterator[Shape]:
    x = left
    for name, role in zip(series, ROLES, strict=False):
        yield Box(x, 8, 14, 11, role)
        yield Words(x + 20, 18, name, _SIZE)
        x += 20 + width_of(name, _SIZE) + 22


def columns(
    title: str,
    summary: str,
    marks: Sequence[Mark],
    held: str,
    language: str,
    *,
    width: float = 680,
    height: float = 220,
) -> Drawing:
    """Standing bars of one series in the order given; a held-back one is hatched and named below."""
    left, right, top, bottom = 48.0, 12.0, 22.0, 30.0
    base = height - bottom
    scale = scale_for(max((each.value for each in marks if each.value is not None), default=1), base - top)
    step = (width - left - right) / max(1, len(marks))
    shapes: list[Shape] = []
    for tick in scale.ticks:
        y = base - scale.at(tick)
        shapes.append(Line(left, y, width - right, y, Role.MUTED if tick == 0 else Role.GRID))
        shapes.append(Words(left - 6, y + 4, tick_words(tick), _SIZE, Anchor.END, Role.MUTED))
    widest = max((width_of(each.label, _SIZE) for each in marks), default=0) + 8
    every = max(1, -int(-widest // step))
    numbers_fit = all(width_of(each.said, _SIZE - 1) + 2 <= step for each in marks)
    for at, mark in enumerate(marks):
        x = left + step * at + step * 0.15
        if mark.value is None:
            shapes.extend(hatched(x, base - 26, step * 0.7, 26))
        else:
            tall = scale.at(mark.value)
            shapes.append(Box(x, base - tall, step * 0.7, tall, Role.FIRST))
            if numbers_fit:
                place = (x + step * 0.35, base - tall - 5)
                shapes.append(Words(*place, mark.said, _SIZE - 1, Anchor.MIDDLE, Role.INK, mark.figure))
        if at % every == 0:
            shapes.append(Words(x + step * 0.35, base + 18, mark.label, _SIZE, Anchor.MIDDLE, Role.MUTED))
    if any(each.value is None for each in marks):
        x = width - right - width_of(held, _SIZE)
        shapes.extend((*hatched(x - 28, 3, 22, 11), Words(x, 13, held, _SIZE)))
    return Drawing(width, height, title, summary, tuple(shapes), language)
