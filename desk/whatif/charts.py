"""The shapes of the charts of `rules whatif`: numbers in, rectangles out, in units of an SVG's view box."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import Any

from desk.whatif.words import TOLD_WORDS, WEEKDAYS, Pair, span_pair

NICE = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Bar:
    """One rectangle, what it stands for, and its colour's class."""

    x: float
    y: float
    width: float
    height: float
    value: int
    name: Pair
    tone: str


@dataclass(frozen=True)
class Tick:
    """A line of the scale and its label."""

    at: float
    value: int


@dataclass(frozen=True)
class Columns:
    """Upright bars over a common scale; `labels` stand below, at their x."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[tuple[float, Pair], ...]


@dataclass(frozen=True)
class Pairs:
    """For each name two lying bars, before and after, one under the other."""

    width: float
    height: float
    rows: tuple[tuple[float, Pair, Bar, Bar], ...]


@dataclass(frozen=True)
class Cell:
    """One hour of one weekday; `strength` is its share of the fullest hour of both charts, in percent."""

    x: float
    y: float
    value: int
    strength: int
    name: Pair


SHIFT_WIDTH, SHIFT_HEIGHT = 640.0, 220.0
HOUR_WIDTH, HOUR_HEIGHT = 1160.0, 200.0
PAIR_WIDTH, PAIR_ROW, PAIR_NAME = 560.0, 40.0, 150.0
CELL = 22.0


def shift_columns(due: Mapping[str, Any]) -> Columns:
    """How many clocks move by how much: earlier on the left, later on the right."""
    values = [bar["clocks"] for bar in due["histogram"]]
    tones = ["early" if bar["to_hours"] is not None and bar["to_hours"] <= 0 else "late" for bar in due["histogram"]]
    names = [span_pair(bar) for bar in due["histogram"]]
    ticks = _ticks(max(values), SHIFT_HEIGHT)
    step = SHIFT_WIDTH / len(values)
    bars = tuple(
        _upright(place * step + step * 0.12, step * 0.76, value, ticks, SHIFT_HEIGHT, name, tone)
        for place, (value, name, tone) in enumerate(zip(values, names, tones, strict=True))
    )
    labels = tuple((place * step + step / 2, _short(name)) for place, name in enumerate(names))
    return Columns(SHIFT_WIDTH, SHIFT_HEIGHT, bars, ticks, labels)


def hour_columns(alerts: Mapping[str, Mapping[str, Any]]) -> Columns:
    """Alerts by hour of day, before and after side by side."""
    both = [("before", alerts["before"]["by_hour"]), ("after", alerts["after"]["by_hour"])]
    ticks = _ticks(max(max(hours) for _, hours in both), HOUR_HEIGHT)
    step = HOUR_WIDTH / 24
    bars = tuple(
        _upright(
            hour * step + step * (0.14 + 0.37 * side), step * 0.34, hours[hour], ticks, HOUR_HEIGHT,
            (f"{hour:02}:00", f"{hour:02}:00"), tone,
        )
        for hour in range(24)
        for side, (tone, hours) in enumerate(both)
    )  # fmt: skip
    labels = tuple((hour * step + step / 2, (f"{hour}", f"{hour}")) for hour in range(24))
    return Columns(HOUR_WIDTH, HOUR_HEIGHT, bars, ticks, labels)


def week_cells(alerts: Mapping[str, Mapping[str, Any]], side: str) -> tuple[Cell, ...]:
    """The hours of the week, one cell each, on a scale that both sides share."""
    fullest = max(max(map(max, each["by_weekday_and_hour"])) for each in alerts.values())
    week: Sequence[Sequence[int]] = alerts[side]["by_weekday_and_hour"]
    return tuple(
        Cell(
            hour * CELL, day * CELL, value, ceil(100 * value / fullest) if fullest else 0,
            (f"{WEEKDAYS[day][0]} {hour:02}:00", f"{WEEKDAYS[day][1]} {hour:02}:00"),
        )
        for day, hours in enumerate(week)
        for hour, value in enumerate(hours)
    )  # fmt: skip


def pairs(named: Sequence[tuple[Pair, int, int]]) -> Pairs:
    """Lying bars, before above after, on one scale."""
    most = max((max(before, after) for _, before, after in named), default=0) or 1
    room = PAIR_WIDTH - PAIR_NAME - 80
    rows = []
    for place, (name, before, after) in enumerate(named):
        y = place * PAIR_ROW
        rows.append(
            (
                y + PAIR_ROW / 2,
                name,
                Bar(PAIR_NAME, y + 5, room * before / most, 12, before, name, "before"),
                Bar(PAIR_NAME, y + 20, room * after / most, 12, after, name, "after"),
            )
        )
    return Pairs(PAIR_WIDTH, PAIR_ROW * len(rows), tuple(rows))


def told_pairs(before: Mapping[str, int], after: Mapping[str, int]) -> Pairs:
    """For each addressee the number before and after."""
    known = [who for who in TOLD_WORDS if who in before or who in after]
    others = sorted({*before, *after} - set(known))
    return pairs([(TOLD_WORDS.get(who, (who, who)), before.get(who, 0), after.get(who, 0)) for who in (*known, *others)])


def level_pairs(levels: Mapping[str, Any]) -> Pairs:
    """For each level the running clocks that stand on it, before and after."""
    before, after = levels["before"], levels["after"]
    found = sorted({*before, *after}, key=int)
    return pairs([(_level(level), before.get(level, 0), after.get(level, 0)) for level in found])


def _level(level: str) -> Pair:
    return ("尚未提醒", "nobody told yet") if level == "0" else (f"第{level}级", f"level {level}")


def _upright(
    x: float, width: float, value: int, ticks: Sequence[Tick], height: float, name: Pair, tone: str
) -> Bar:
    tall = height * value / ticks[-1].value
    return Bar(x, height - tall, width, tall, value, name, tone)


def _ticks(most: int, height: float) -> tuple[Tick, ...]:
    """Three or four round steps, from zero to at least `most`."""
    rough = max(most, 4) / 4
    power = 10 ** int(log10(rough))
    step = ceil(next(nice * power for nice in NICE if nice * power >= rough))
    count = max(ceil(most / step), 1)
    return tuple(Tick(height - height * place / count, place * step) for place in range(count + 1))


def _short(name: Pair) -> Pair:
    """The size alone: the side of the chart says earlier or later."""
    size = name[0].split(" ", 1)[1]
    return size, size
