"""Small pictures inside a text or a table: a spark of a line, and a table whose shades tell where much is."""

from collections.abc import Sequence

from analysis.charts.drawing import Anchor, Box, Dot, Drawing, Line, Mark, Role, Shape, Words, hatched
from analysis.charts.text_width import shortened, width_of


def sparkline(
    title: str, marks: Sequence[Mark], language: str, *, width: float = 120, height: float = 24
) -> Drawing:
    """A line without an axis from 0; held-back steps are hatched."""
    step = width / max(1, len(marks))
    top = max((each.value for each in marks if each.value is not None), default=1) or 1
    places = [
        None if each.value is None else (step * (at + 0.5), height - 4 - each.value / top * (height - 8))
        for at, each in enumerate(marks)
    ]
    shapes: list[Shape] = []
    for at, place in enumerate(places):
        if place is None:
            shapes.extend(hatched(step * at + 0.5, 3, max(1.0, step - 1), height - 6))
        elif at + 1 < len(places) and (after := places[at + 1]):
            shapes.append(Line(*place, *after, Role.FIRST, 1.5))
    shapes.extend(Dot(*place, 1.8, Role.FIRST) for place in places if place)
    return Drawing(width, height, title, title, tuple(shapes), language)


def heat_table(
    title: str, summary: str, names: Sequence[str], heads: Sequence[str], cells: Sequence[Sequence[Mark | None]],
    language: str, *, width: float = 680,
) -> Drawing:  # fmt: skip
    """Numbers in cells that are the darker the greater they are; None where there is no cell."""
    left = min(width * 0.3, max((width_of(each, 12) for each in names), default=40) + 14)
    step, row, top = (width - left) / max(1, len(heads)), 26.0, 26.0
    most = (
        max((mark.value for each in cells for mark in each if mark and mark.value is not None), default=1)
        or 1
    )
    shapes: list[Shape] = [
        Words(left + step * (at + 0.5), 16, shortened(head, 11, step - 4), 11, Anchor.MIDDLE, Role.MUTED)
        for at, head in enumerate(heads)
    ]
    for down, (name, marks) in enumerate(zip(names, cells, strict=True)):
        y = top + down * row
        shapes.append(Words(left - 8, y + 17, shortened(name, 12, left - 12), 12, Anchor.END))
        for across, mark in enumerate(marks):
            if mark:
                shapes.extend(_cell(mark, left + step * across + 1, y + 1, step - 2, row - 2, most))
    return Drawing(width, top + row * len(names) + 4, title, summary, tuple(shapes), language)


def _cell(mark: Mark, x: float, y: float, width: float, height: float, most: float) -> tuple[Shape, ...]:
    if mark.value is None:
        return hatched(x, y, width, height)
    share = mark.value / most
    role = Role.FIRST if share > 0.6 else Role.SECOND if share > 0.25 else Role.THIRD
    ink = Role.ON_FIRST if role is Role.FIRST else Role.INK
    text = Words(x + width / 2, y + height / 2 + 4, mark.said, 11, Anchor.MIDDLE, ink, mark.figure)
    return (Box(x, y, width, height, role), text)
