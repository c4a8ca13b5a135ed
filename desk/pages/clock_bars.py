"""The clocks of one case as bars on a common axis of time, in shapes that a template draws.

Two drawings of the same bars, a wide one with the names beside them and a narrow one with the names above:
a single one that shrinks to a phone would have letters nobody can read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.pages.time_axis import TimeAxis, time_axis
from sla_rules.closed_time import ClosedSpan, closed_spans
from sla_rules.intervals import Interval
from sla_rules.rule_book import RuleBook
from tasks.clocks.counting import may_pause
from tasks.story.state import ClockState
from tasks.story.values import ClockStory

BAR, FOOT, LEAST = 12.0, 34.0, 3.0
STRETCHED_GAP = 48.0
"""How far apart the labels of an uneven axis stand, in units of the picture."""
LEAST_BAR = {"wide": 44.0, "narrow": 24.0}
"""How wide the bar of a whole limit should be, so that what is used of it can be seen."""
RUNNING = (ClockState.OK, ClockState.WARNING, ClockState.LATE)


@dataclass(frozen=True)
class Shape:
    """One rectangle; `look` is the class it is drawn with."""

    look: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Mark:
    """One upright line or one dot at a moment."""

    look: str
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Label:
    """Words of one clock: which one, by its place among the clocks."""

    clock: int
    x: float
    y: float


@dataclass(frozen=True)
class Tick:
    """One round moment of the axis."""

    x: float
    at: datetime
    is_day: bool


@dataclass(frozen=True)
class Drawing:
    """One picture: shapes from back to front, in units of its view box."""

    look: str
    width: float
    height: float
    left: float
    shapes: tuple[Shape, ...]
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    ticks: tuple[Tick, ...]
    now: float | None
    foot: float


@dataclass(frozen=True)
class ClockBars:
    """Both drawings and what stands behind the bars, for the words beside them."""

    drawings: tuple[Drawing, ...]
    holidays: tuple[ClosedSpan, ...]
    has_pauses: bool
    is_stretched: bool


@dataclass(frozen=True)
class _Frame:
    """Where things stand: the axis in time and in units, and how high a row is."""

    look: str
    axis: TimeAxis
    left: float
    width: float
    row: float
    bar_at: float
    label_gap: float

    def x(self, moment: datetime) -> float:
        return self.axis.x(moment)


def clock_bars(
    clocks: Sequence[ClockStory], pauses: Sequence[Interval], book: RuleBook, now: datetime
) -> ClockBars | None:
    """The bars of all clocks; None where there is none to draw.

    Args:
        clocks: As the story tells them, oldest first.
        pauses: When clocks of the case stood still; a clock whose rule knows no pause is drawn without.
        book: The rules the case goes by, for its calendar and what may pause.
        now: Aware; the line of now is drawn while any clock runs.
    """
    if not clocks:
        return None
    runs = any(each.stopped_at is None for each in clocks)
    moments = [moment for each in clocks for moment in (each.started_at, each.due_at, each.stopped_at) if moment]
    start, end = min(moments), max([*moments, *([now] if runs else [])])
    end = max(end, start + timedelta(minutes=30))
    end += (end - start) * 0.02
    closed = closed_spans(start, end, book.calendar)
    limits = [(each.started_at, each.due_at) for each in clocks]

    def axis(look: str, left: float, right: float) -> TimeAxis:
        return time_axis(limits, start, end, left, right, LEAST_BAR[look])

    frames = (
        _Frame("wide", axis("wide", 210.0, 1000.0), 210.0, 1000.0, 22.0, 5.0, 84.0),
        _Frame("narrow", axis("narrow", 6.0, 340.0), 6.0, 340.0, 38.0, 21.0, 76.0),
    )
    return ClockBars(
        tuple(_drawing(frame, clocks, pauses, closed, book, now if runs else None) for frame in frames),
        tuple(each for each in closed if each.is_holiday and each.name_zh),
        bool(pauses),
        any(frame.axis.is_stretched for frame in frames),
    )


def _drawing(
    frame: _Frame, clocks: Sequence[ClockStory], pauses: Sequence[Interval], closed: Sequence[ClosedSpan], book: RuleBook,
    now: datetime | None,
) -> Drawing:  # fmt: skip
    foot = frame.row * len(clocks) + 6
    shapes = [_span(frame, "cb-holiday" if each.is_holiday else "cb-closed", each.start, each.end, 0.0, foot) for each in closed]
    marks = list[Mark]()
    for number, clock in enumerate(clocks):
        y = number * frame.row + frame.bar_at
        rule = book.rule(clock.rule_id)
        still = pauses if rule is not None and may_pause(clock.target, rule) else ()
        shapes += _bar(frame, clock, still, y, now)
        marks += _marks(frame, clock, y)
    return Drawing(
        frame.look, frame.width, foot + FOOT, frame.left, tuple(shapes), tuple(marks),
        tuple(Label(number, 0.0, number * frame.row + 15.0) for number in range(len(clocks))),
        tuple(_ticks(frame, book)), frame.x(now) if now else None, foot,
    )  # fmt: skip


def _bar(frame: _Frame, clock: ClockStory, pauses: Sequence[Interval], y: float, now: datetime | None) -> Iterator[Shape]:
    until = clock.stopped_at or now or clock.due_at
    yield _span(frame, "cb-planned", clock.started_at, clock.due_at, y, BAR)
    if until > clock.started_at:
        look = "cb-met" if clock.state is ClockState.MET else "cb-run"
        yield _span(frame, look, clock.started_at, min(until, clock.due_at), y, BAR)
    if until > clock.due_at and clock.state in (ClockState.LATE, ClockState.MISSED):
        yield _span(frame, "cb-late", clock.due_at, until, y, BAR)
    for each in pauses:
        begins, ends = max(each.start, clock.started_at), min(each.end, until)
        if begins < ends:
            yield _span(frame, "cb-pause", begins, ends, y, BAR)


def _marks(frame: _Frame, clock: ClockStory, y: float) -> Iterator[Mark]:
    yield Mark("cb-due", frame.x(clock.due_at), y - 3, BAR + 6)
    if clock.stopped_at:
        yield Mark("cb-stop", frame.x(clock.stopped_at), y + BAR / 2, 0)


def _span(frame: _Frame, look: str, start: datetime, end: datetime, y: float, height: float) -> Shape:
    x = frame.x(start)
    return Shape(look, x, y, max(frame.x(end) - x, LEAST if height == BAR else 0.0), height)


def _ticks(frame: _Frame, book: RuleBook) -> Iterator[Tick]:
    zone = book.calendar.zone
    gap = STRETCHED_GAP if frame.axis.is_stretched else frame.label_gap
    moments = [each.astimezone(zone) for each in frame.axis.marks(zone, gap)]
    for local in moments:
        x = frame.x(local)
        # A label at the very edge would be cut off.
        if frame.left + 18 < x < frame.width - 18:
            yield Tick(x, local, (local.hour, local.minute) == (0, 0))
