"""How many findings stood open at the end of each day: stacked bars, worst below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.vocabulary import Severity
from tasks.records.record_checks import DayOfFindings

WIDTH, HEIGHT = 900.0, 150.0
GAP = 0.25


@dataclass(frozen=True)
class Piece:
    """One rectangle in units of the view box: `count` findings of one severity."""

    x: float
    y: float
    width: float
    height: float
    day: date
    severity: Severity
    count: int


@dataclass(frozen=True)
class Trend:
    """The whole chart; `most` is the height of its scale in findings."""

    pieces: tuple[Piece, ...]
    labels: tuple[tuple[float, date], ...]
    most: int
    width: float = WIDTH
    height: float = HEIGHT


def trend_of(days: Sequence[DayOfFindings]) -> Trend | None:
    """The chart of some days, oldest first; None if nothing was open on any of them."""
    most = max((sum(each.open.values()) for each in days), default=0)
    if not most:
        return None
    step, pieces = WIDTH / len(days), []
    for place, day in enumerate(days):
        top = HEIGHT
        for severity in Severity:
            count = day.open.get(severity, 0)
            tall = HEIGHT * count / most
            top -= tall
            if count:
                pieces.append(Piece(place * step, top, step * (1 - GAP), tall, day.day, severity, count))
    every = max(1, len(days) // 6)
    labels = tuple((place * step, each.day) for place, each in enumerate(days) if place % every == 0)
    return Trend(tuple(pieces), labels, most)
