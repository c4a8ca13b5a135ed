"""What a picture of an explanation shows where: stretches joined, and labels that do not collide."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from sla_rules.explanation import Explanation
from sla_rules.explanation_words import Lang, length_words, part_words, said
from sla_rules.stretches import DayKind, Part, Stretch

LABEL_ROWS = 3


@dataclass(frozen=True)
class Span:
    """A part of the bar, from `start` to `end`; `look` is the class it is drawn with."""

    start: datetime
    end: datetime
    look: str
    label: str = ""


@dataclass(frozen=True)
class Label:
    """Words centred on `x`, in pixels, in a row above the bar (0 is the nearest) for the span at `at`."""

    text: str
    x: float
    at: float
    row: int

    def covers(self, x: float) -> bool:
        """Whether something drawn at `x` would go through the words."""
        return abs(x - self.x) <= width_of(self.text) / 2


def spans_of(explanation: Explanation) -> tuple[Span, ...]:
    """The bar without gaps, in order: counted or why not."""
    groups = groupby(explanation.stretches, key=lambda each: each.part)
    spans = []
    for part, group in groups:
        found = tuple(group)
        spans.append(Span(found[0].start, found[-1].end, part))
    return tuple(spans)


def without_slivers(spans: Iterable[Span], least_seconds: float) -> Iterator[Span]:
    """Without closed time too short to be seen: the counted time before it goes on to its end."""
    last: Span | None = None
    for span in spans:
        is_sliver = span.look == Part.CLOSED and (span.end - span.start).total_seconds() < least_seconds
        if last and last.look == Part.COUNTED and (is_sliver or span.look == Part.COUNTED):
            last = replace(last, end=span.end)
            continue
        if last:
            yield last
        last = span
    if last:
        yield last


def marked_days(explanation: Explanation, lang: Lang) -> Iterator[Span]:
    """Holidays, make-up workdays that count as such, and pauses: what gets a name in the picture."""
    for (kind, name), group in groupby(explanation.stretches, key=lambda each: _day_mark(each, explanation)):
        days = tuple(group)
        if kind is DayKind.HOLIDAY:
            label = name if lang == "en" else days[0].name_zh
            yield Span(days[0].start, days[-1].end, "holiday", label or said(lang, "节假日", "holiday"))
        elif kind is DayKind.MAKE_UP:
            yield Span(days[0].start, days[-1].end, "make_up", said(lang, "调休上班", "make-up workday"))
    for pause in explanation.pauses:
        cost = length_words(pause.cost, lang, in_days=explanation.in_days)
        words = f"{part_words(Part.PAUSED, lang)} {cost}" if pause.cost else part_words(Part.PAUSED, lang)
        yield Span(pause.start, pause.end, "pause", words)


def placed(labels: Iterable[tuple[str, float]], left: float, right: float) -> Iterator[Label]:
    """The labels as near to the bar as they go, widest gap kept; one that fits nowhere is left out."""
    free = [left] * LABEL_ROWS
    for text, at in sorted(labels, key=lambda each: each[1]):
        half = width_of(text) / 2
        x = min(max(at, left + half), right - half)
        row = next((row for row, begins in enumerate(free) if begins <= x - half), None)
        if row is not None:
            free[row] = x + half + 10
            yield Label(text, x, at, row)


def width_of(text: str, size: float = 11) -> float:
    """About how many pixels the text is wide; a Chinese character is as wide as the font is high."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return size * (wide + 0.55 * (len(text) - wide))


def _day_mark(stretch: Stretch, explanation: Explanation) -> tuple[DayKind, str]:
    if stretch.kind is DayKind.HOLIDAY:
        return stretch.kind, stretch.name_en
    is_special = stretch.kind is DayKind.MAKE_UP and not explanation.every_day_counts
    return (stretch.kind, str(stretch.day)) if is_special else (DayKind.WORKDAY, "")
