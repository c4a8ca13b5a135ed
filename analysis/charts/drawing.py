"""A picture as a list of shapes, apart from any file format; a held-back number is a shape of its own, never a 0."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a shape is there for; the colours differ in lightness, so that a black and white print tells them apart."""

    INK = "ink"
    MUTED = "muted"
    GRID = "grid"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    BAND = "band"
    HELD = "held"
    ON_FIRST = "on-first"


COLOURS: dict[Role, str] = {
    Role.INK: "#1b1b1b",
    Role.MUTED: "#595959",
    Role.GRID: "#d9d9d9",
    Role.FIRST: "#1f4e79",
    Role.SECOND: "#9bb7d4",
    Role.THIRD: "#dbe6f1",
    Role.BAND: "#dbe6f1",
    Role.HELD: "#8a8a8a",
    Role.ON_FIRST: "#ffffff",
}
"""On paper. A page may set others through the class of the same name."""


class Anchor(StrEnum):
    """Which end of a text stands at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True)
class Line:
    """From one place to another; `dashed` says that it is expected, not counted."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: Role
    width: float = 1
    dashed: bool = False


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    role: Role


@dataclass(frozen=True)
class Area:
    """A filled polygon."""

    points: tuple[tuple[float, float], ...]
    role: Role


@dataclass(frozen=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    role: Role


@dataclass(frozen=True)
class Words:
    """One line of text on its baseline; `figure` names the published number that it tells, if it does."""

    x: float
    y: float
    text: str
    size: float = 12
    anchor: Anchor = Anchor.START
    role: Role = Role.INK
    figure: str = ""


Shape = Line | Box | Area | Dot | Words


@dataclass(frozen=True)
class Drawing:
    """Shapes from back to front, `width` × `height` in CSS pixels; `title` and `summary` are read to who cannot see."""

    width: float
    height: float
    title: str
    summary: str
    shapes: tuple[Shape, ...]
    language: str


@dataclass(frozen=True)
class Mark:
    """One number of a chart; `value` is None if it is held back, `said` is how it is written."""

    label: str
    value: float | None
    said: str = ""
    figure: str = ""


def hatched(x: float, y: float, width: float, height: float) -> tuple[Shape, ...]:
    """How a held-back number is drawn: slanted strokes inside a light frame."""
    step, strokes = 5.0, []
    reach = width + height
    offset = step
    while offset < reach:
        # The stroke runs from the left or lower edge up to the upper or right one.
        x1, y1 = (x, y + offset) if offset <= height else (x + offset - height, y + height)
        x2, y2 = (x + offset, y) if offset <= width else (x + width, y + offset - width)
        strokes.append(Line(x1, y1, x2, y2, Role.HELD, 0.7))
        offset += step
    edges = (
        Line(x, y, x + width, y, Role.HELD, 0.7),
        Line(x + width, y, x + width, y + height, Role.HELD, 0.7),
        Line(x + width, y + height, x, y + height, Role.HELD, 0.7),
        Line(x, y + height, x, y, Role.HELD, 0.7),
    )
    return (*strokes, *edges)
