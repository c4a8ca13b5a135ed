"""An explanation as a small picture: a bar from the start to the due time."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from itertools import accumulate

from sla_rules.calendar import MICROSECOND, ONE_DAY
from sla_rules.explanation import Explanation
from sla_rules.explanation_words import (
    Lang,
    clock_words,
    day_words,
    limit_words,
    moment_words,
    part_words,
    said,
)
from sla_rules.picture_spans import Span, marked_days, placed, spans_of, width_of, without_slivers
from sla_rules.picture_style import BAR_HEIGHT, MARGIN, STYLE, shared_shapes
from sla_rules.picture_ticks import ticks
from sla_rules.stretches import DayKind, Part

WIDTH, LEFT, RIGHT = 1000, MARGIN, 1000 - MARGIN
HEAD, ROW, FOOT = 64, 15, 82
"""Pixels above the bar and its labels, for each row of labels, and below the bar."""
LEAST_PIXELS = 1.5
"""Nights narrower than this are not drawn: a stripe that thin shows nothing."""


def explanation_svg(explanations: Sequence[tuple[str, Explanation]], lang: Lang) -> str:
    """One picture with a bar for each explanation, under the name given with it (may be empty).

    1000 pixels wide, readable on light and dark, without scripts, fonts or addresses; the title
    and the description say in words what it shows. Ids depend on the content, so that several
    pictures can stand in one page.
    """
    bars = [_Bar(name, explanation, lang) for name, explanation in explanations]
    title = escape("; ".join(bar.headline for bar in bars))
    about = escape(" ".join(bar.reason for bar in bars))
    key = hashlib.sha256((title + about).encode()).hexdigest()[:8]
    bottoms = list(accumulate(bar.height for bar in bars))
    height = bottoms[-1]
    panels = "\n".join(
        f'<g transform="translate(0 {bottom - FOOT - BAR_HEIGHT})">\n' + "\n".join(bar.drawn(key)) + "\n</g>"
        for bottom, bar in zip(bottoms, bars, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wx" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" role="img" lang="{lang}" aria-labelledby="t{key} d{key}">\n'
        f'<title id="t{key}">{title}</title>\n<desc id="d{key}">{about}</desc>\n'
        f"<style>{STYLE}</style>\n{shared_shapes(key)}\n"
        f'<rect class="wx-page" width="{WIDTH}" height="{height}"/>\n{panels}\n</svg>\n'
    )


class _Bar:
    """One explanation on the way to its picture."""

    def __init__(self, name: str, explanation: Explanation, lang: Lang) -> None:
        self.name, self.explanation, self.lang = name, explanation, lang
        self.zone = explanation.calendar.zone
        self.seconds = (explanation.due - explanation.start).total_seconds()
        self.marked = tuple(marked_days(explanation, lang))
        self.labels = tuple(placed(self._named(), LEFT, RIGHT))
        self.above = HEAD + ROW * (1 + max((each.row for each in self.labels), default=-1))
        self.height = self.above + BAR_HEIGHT + FOOT

    @property
    def headline(self) -> str:
        """When it is due, in bold above the bar."""
        found = self.explanation
        due = moment_words(found.due, found.calendar, self.lang, ends=found.in_days)
        words = said(self.lang, f"{due} 到期", f"Due {due}")
        words += said(self.lang, "（暂定）", " (provisional)") if found.provisional else ""
        return f"{self.name} · {words}" if self.name else words

    @property
    def reason(self) -> str:
        """The whole sentence."""
        return said(self.lang, self.explanation.reason_zh, self.explanation.reason_en)

    def drawn(self, key: str) -> Iterator[str]:
        """The elements of the panel, from back to front; the bar's upper edge is at 0."""
        yield f'<text class="wx-head" x="{LEFT}" y="{27 - self.above}">{escape(self.headline)}</text>'
        yield f'<text class="wx-sub" x="{LEFT}" y="{46 - self.above}">{escape(self._subline())}</text>'
        yield f'<g clip-path="url(#c{key})">'
        yield from self._spans()
        yield from self._marks(key)
        yield from self._midnights()
        yield "</g>"
        yield from self._labels()
        yield from self._axis()
        yield from self._legend(key)

    def _named(self) -> Iterator[tuple[str, float]]:
        for span in self.marked:
            begins, ends = self._x(span.start), self._x(span.end)
            # A narrow make-up workday has its colour, which the legend explains; weeks on end of
            # them would leave no room for the names of holidays.
            if span.look != "make_up" or ends - begins > width_of(span.label):
                yield span.label, (begins + ends) / 2

    def _subline(self) -> str:
        found = self.explanation
        start = moment_words(found.start, found.calendar, self.lang)
        limit = limit_words(found, self.lang)
        words = said(self.lang, f"自 {start} 起 {limit}", f"{limit} from {start}")
        return f"{words} · {self.zone}"

    def _spans(self) -> Iterator[str]:
        seen = self.seconds * LEAST_PIXELS / (RIGHT - LEFT)
        for span in without_slivers(spans_of(self.explanation), seen):
            yield self._rect(span, f"wx-{span.look}", part_words(Part(span.look), self.lang))

    def _marks(self, key: str) -> Iterator[str]:
        for span in self.marked:
            if span.look == "holiday":
                yield self._rect(span, "wx-holiday", span.label, fill=self._hatching(key))
            elif span.look == "make_up":
                yield self._rect(span, "wx-make_up", span.label, height=BAR_HEIGHT / 4)

    def _hatching(self, key: str) -> str:
        """Light on days that count all the same, red on those that do not."""
        return f"url(#{'l' if self.explanation.every_day_counts else 'h'}{key})"

    def _rect(
        self, span: Span, look: str, words: str, *, fill: str | None = None, height: float = BAR_HEIGHT
    ) -> str:
        x, end = self._x(span.start), self._x(span.end)
        filled = f' fill="{fill}"' if fill else ""
        return (
            f'<rect class="{look}"{filled} x="{x:.1f}" y="0" width="{max(end - x, 0):.1f}"'
            f' height="{height}"><title>{escape(words)}</title></rect>'
        )

    def _midnights(self) -> Iterator[str]:
        days = self.seconds / ONE_DAY.total_seconds()
        if days * 10 > RIGHT - LEFT:
            return
        for each in self.explanation.stretches[1:]:
            if self.explanation.calendar.end_of(each.day - ONE_DAY) == each.start:
                x = self._x(each.start)
                yield f'<path class="wx-midnight" d="M{x:.1f} 0v{BAR_HEIGHT}"/>'

    def _labels(self) -> Iterator[str]:
        for label in self.labels:
            below = [each for each in self.labels if each.row < label.row and each.covers(label.at)]
            foot = -18 - ROW * max(each.row for each in below) if below else -1
            y = -8 - ROW * label.row
            yield f'<path class="wx-leader" d="M{label.at:.1f} {foot}V{y + 3}"/>'
            yield f'<text class="wx-label" x="{label.x:.1f}" y="{y}">{escape(label.text)}</text>'

    def _axis(self) -> Iterator[str]:
        found = self.explanation
        moments, timed = ticks(found.start, found.due, self.zone, most=10)
        start, due = self._day_and_clock(found.start), self._day_and_clock(found.due, ends=found.in_days)
        yield from self._tick(found.start, (start[1], start[0]) if timed else start, "wx-end", "start")
        last = start[0]
        for each in moments:
            if LEFT + 100 < self._x(each) < RIGHT - 100:
                day, clock = self._day_and_clock(each)
                yield from self._tick(each, (clock, day * (day != last)) if timed else (day,), "wx-tick")
                last = day
        yield from self._tick(found.due, (due[1], due[0]) if timed else due, "wx-end", "end")

    def _tick(
        self, moment: datetime, lines: Sequence[str], look: str, anchor: str = "middle"
    ) -> Iterator[str]:
        x = self._x(moment)
        top = 0 if look == "wx-end" else BAR_HEIGHT
        yield f'<path class="{look}" d="M{x:.1f} {top}V{BAR_HEIGHT + 6}"/>'
        for number, line in enumerate(lines):
            place = f'x="{x:.1f}" y="{BAR_HEIGHT + 20 + 14 * number}" text-anchor="{anchor}"'
            yield f'<text class="{look}-text" {place}>{escape(line)}</text>'

    def _day_and_clock(self, moment: datetime, *, ends: bool = False) -> tuple[str, str]:
        local = moment.astimezone(self.zone)
        day, clock = local.date(), clock_words(local)
        if ends and self.explanation.calendar.local_day(moment - MICROSECOND) != day:
            day, clock = day - ONE_DAY, "24:00"
        words = day_words(day, self.lang).replace(f"{day.year}-", "") if self._in_one_year() else str(day)
        return words, clock

    def _in_one_year(self) -> bool:
        return self.seconds < 360 * ONE_DAY.total_seconds()

    def _legend(self, key: str) -> Iterator[str]:
        x, y = float(LEFT), BAR_HEIGHT + 57
        for look, words in self._looks():
            place = f'x="{x:.1f}" y="{y - 9}" width="16" height="10"'
            if look == "holiday":
                ground = Part.COUNTED if self.explanation.every_day_counts else Part.CLOSED
                yield f'<rect class="wx-{ground}" {place}/>'
                yield f'<rect class="wx-key" fill="{self._hatching(key)}" {place}/>'
            else:
                yield f'<rect class="wx-key wx-{look}" {place}/>'
            yield f'<text class="wx-legend" x="{x + 21:.1f}" y="{y}">{escape(words)}</text>'
            x += 21 + width_of(words) + 16

    def _looks(self) -> Iterator[tuple[str, str]]:
        # Days off that a holiday explains need no second word.
        parts = {
            each.part
            for each in self.explanation.stretches
            if each.part is not Part.CLOSED or each.kind is not DayKind.HOLIDAY
        }
        for part in Part:
            if part in parts:
                yield part, self._part_words(part)
        for look, zh, en in (("holiday", "节假日", "holiday"), ("make_up", "调休上班", "make-up workday")):
            if any(span.look == look for span in self.marked):
                yield look, said(self.lang, zh, en)

    def _part_words(self, part: Part) -> str:
        if part is Part.CLOSED:
            in_days = self.explanation.in_days
            return said(self.lang, "休息日", "rest day") if in_days else said(
                self.lang, "非工作时间", "closed: night, noon or rest day"
            )
        return {
            Part.FIRST_DAY: said(self.lang, "开始当日", "start day"),
            Part.ROLLED: said(self.lang, "顺延", "moved to a workday"),
            Part.NOT_TAKEN_IN: said(self.lang, "未受理", "not yet taken in"),
        }.get(part, part_words(part, self.lang))

    def _x(self, moment: datetime) -> float:
        share = (moment - self.explanation.start).total_seconds() / self.seconds
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)
