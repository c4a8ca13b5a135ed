"""The charts of the page of trends: each drawn wide and narrow, for a desk and for a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from analysis.charts.bars import Group, bars, columns
from analysis.charts.drawing import Drawing, Mark
from analysis.charts.line import Ahead, Legend, line_chart
from analysis.charts.small import sparkline
from analysis.charts.svg import svg_of
from analysis.report.facts import Figure, State
from analysis.trends.months import Month
from analysis.trends.weeks import Weeks
from desk.pages.trend_words import TEXTS
from desk.pages.words import Words

WIDE, NARROW = 720.0, 340.0
FEW_HELD = 3
"""More bars that are held back than these are drawn as one."""


@dataclass(frozen=True)
class Chart:
    """The same picture for two widths; the style sheet shows one."""

    wide: Markup
    narrow: Markup


def weeks_chart(weeks: Weeks, words: Words) -> Chart:
    """Weeks that are over, what was usual, and those to come."""
    say = _sayer(words)
    marks = [
        Mark(f"{each.monday:%m-%d}", value_of(each.cases), said(each.cases, words)) for each in weeks.past
    ]
    ahead = [
        Ahead(
            f"{each.monday:%m-%d}",
            value_of(each.expected) or 0,
            value_of(each.low) or 0,
            value_of(each.high) or 0,
        )
        for each in weeks.coming
    ]
    legend = Legend(say("counted"), say("held"), say("expected"), say("usual"))

    def drawn(width: float) -> Drawing:
        return line_chart(
            say("weeks"), say("weeks_sum"), marks, legend, words.language.value, ahead=ahead,
            usual=[each.usual for each in weeks.past], width=width, height=260,
        )  # fmt: skip

    return _both(drawn)


def months_chart(months: Sequence[tuple[Month, Figure]], words: Words) -> Chart:
    """One standing bar a month."""
    say = _sayer(words)
    marks = [
        Mark(
            f"{month.first:%Y-%m}" if month.first.month == 1 else f"{month.first:%m}",
            value_of(each),
            said(each, words),
        )
        for month, each in months
    ]

    def drawn(width: float) -> Drawing:
        return columns(
            say("months"),
            say("months_sum"),
            marks,
            say("held"),
            words.language.value,
            width=width,
            height=200,
        )

    return _both(drawn)


def spread_chart(title: str, rows: Sequence[tuple[str, Figure]], words: Words) -> Chart:
    """One lying bar a code, under its name; many that are held back share one, for the table names them."""
    say = _sayer(words)
    held = [name for name, each in rows if each.value is None]
    gathered = len(held) > FEW_HELD
    groups = [
        Group(name, (Mark(name, value_of(each), said(each, words)),))
        for name, each in rows
        if each.value is not None or not gathered
    ]
    if gathered:
        others = say("others_held").format(count=len(held))
        groups.append(Group(others, (Mark(others, None),)))

    def drawn(width: float) -> Drawing:
        return bars(title, title, groups, (say("cases"),), say("held"), words.language.value, width=width)

    return _both(drawn)


def spark(title: str, weeks: Sequence[Sequence[Any]], words: Words) -> Markup:
    """The last weeks of an issue, blanks hatched."""
    marks = [Mark(monday, count, str(count or "")) for monday, count in weeks]
    return Markup(svg_of(sparkline(title, marks, words.language.value)))


def value_of(figure: Figure) -> float | None:
    """What is drawn; None for what is held back."""
    return None if figure.value is None else float(figure.value)


def said(figure: Figure, words: Words) -> str:
    """How a figure is written."""
    if figure.value is None:
        return words.pick(TEXTS["held" if figure.state is State.BLANK else "not_known"])
    return f"{figure.value.quantize(Decimal(1)):,}"


def _sayer(words: Words) -> Any:
    return lambda name: words.pick(TEXTS[name])


def _both(drawn: Any) -> Chart:
    wide, narrow = (Markup(svg_of(drawn(width))) for width in (WIDE, NARROW))
    return Chart(wide, narrow)
