"""From facts to the whole paper: which chapters a report of its cadence has, and the numbers of headings and tables."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from analysis.early_warning.settings import delivered_school_year
from analysis.rate_rules import Rate, load_rate_rules
from analysis.report.facts import Cadence, Facts
from analysis.report.footer import footer_of, made_on, small_print
from analysis.report.names import Names, Pair, delivered_names
from analysis.report.numbers import chinese, month, span_of_days
from analysis.report.paper import (
    Block,
    Grid,
    Heading,
    Listing,
    NewPage,
    Num,
    Paper,
    Paragraph,
    Picture,
    Runs,
    Tone,
)
from analysis.report.recommendation_rules import (
    RecommendationRules,
    load_recommendations,
    recommendations_digest,
)
from analysis.report.settings import load_report_settings
from analysis.report.writing.annex import annex
from analysis.report.writing.candidates import candidates
from analysis.report.writing.demand import demand
from analysis.report.writing.forecast import forecast
from analysis.report.writing.handling import handling
from analysis.report.writing.issues import issues
from analysis.report.writing.limits import ORIGINS, limits
from analysis.report.writing.method import method
from analysis.report.writing.recommendations import recommendations
from analysis.report.writing.safety import safety
from analysis.report.writing.summary import summary
from analysis.report.writing.warnings import warnings
from analysis.report.writing.writer import Writer, words_of_data
from analysis.suppression_rules import load_suppression

LANGUAGES = ("zh", "en")
_ISSUER = Pair("12345热线未成年人保护专席", "Minors-protection desk of the 12345 hotline")


def compose(facts: Facts, language: str, names: Names | None = None, home: Path | None = None) -> Paper:
    """The document, in `zh` or `en`.

    Args:
        facts: What it tells.
        language: `zh` or `en`.
        names: Words for codes; without them those of the catalogue and rules that come with the desk.
        home: Where a desk's own rules of advice, rates and suppression may stand; without it those delivered.

    Raises:
        ValueError: There is no such language.
        RuleFileError: One of the desk's own files cannot be used.
    """
    if language not in LANGUAGES:
        raise ValueError(f"a report is written in {' or '.join(LANGUAGES)}, not in {language!r}")
    house = _house(home) if home else _delivered()
    w = Writer(facts, language, names or delivered_names(), house.constants, delivered_school_year())
    issuer = facts.sources.parameters.get("issuer") or w.pick(_ISSUER)
    dated = (made_on(facts, language),)
    signed = (
        Paragraph((words_of_data(issuer, "source/parameters/issuer"),), Tone.SIGNED),
        Paragraph(dated, Tone.SIGNED),
    )
    chapters = without_empty(_chapters(w, house.rules))
    if w.cadence is not Cadence.DAILY:
        chapters += signed
    if w.cadence is Cadence.MONTHLY:
        chapters += without_empty(annex(w))
    blocks = tuple(numbered(chapters, language))
    footer = footer_of(facts, language, house.digest)
    return Paper(
        language=language,
        masthead=w.pick(_MASTHEADS[w.cadence]),
        issuer=issuer,
        dated=dated,
        title=_title(w),
        period=_period(w),
        blocks=blocks,
        small_print=small_print(footer, facts),
        footer=footer,
    )


@dataclass(frozen=True)
class _House:
    """Rules of advice with their digest, and the documented numbers that a report names."""

    rules: RecommendationRules
    digest: str
    constants: Mapping[str, str]


def _house(home: Path | None) -> _House:
    rates = load_rate_rules(home)
    constants = {
        "limit": str(load_suppression(home).limit),
        "growth_from": str(load_report_settings(home).growth_from),
        "basically": str(rates.formula.basically_counts),
        "day_ends": f"{rates.windows.day_ends:%H:%M}",
        **{f"weight_{each.value}": str(rates.formula.weights[each]) for each in Rate},
    }
    return _House(load_recommendations(home), recommendations_digest(home), constants)


@cache
def _delivered() -> _House:
    return _house(None)


_MASTHEADS = {
    Cadence.DAILY: Pair("未成年人保护诉求日报", "Daily brief on minors' protection"),
    Cadence.WEEKLY: Pair("未成年人保护诉求周报", "Weekly report on minors' protection"),
    Cadence.MONTHLY: Pair("未成年人保护诉求研究报告", "Research report on minors' protection"),
}


def _chapters(w: Writer, rules: RecommendationRules) -> Iterator[Block]:
    origin = ORIGINS.get(w.facts.sources.parameters.get("origin", ""))
    if origin:
        yield Paragraph(w.say(origin), Tone.NOTE)
    if w.cadence is Cadence.DAILY:
        for each in (summary, safety, issues, warnings):
            yield from each(w)
        yield from recommendations(w, rules)
        yield from method(w)
        return
    for each in (summary, demand, handling, safety, issues, warnings, candidates, forecast):
        yield from each(w)
    yield from recommendations(w, rules)
    yield from method(w)
    if w.cadence is Cadence.MONTHLY:
        yield from limits(w)


def _title(w: Writer) -> Runs:
    when = Num(_when(w), "scope/period")
    if w.unit:
        return w.say(
            Pair("{unit}{when}未成年人保护诉求分析", "Requests about minors: {unit}, {when}"), when=when
        )
    return w.say(
        Pair("{when}全市未成年人保护诉求分析", "Requests about minors in the city, {when}"), when=when
    )


def _period(w: Writer) -> Runs:
    """The days that the report is about; a brief has them in its title."""
    if w.cadence is Cadence.DAILY:
        return ()
    days = Num(span_of_days(w.facts.scope.first, w.facts.scope.last, w.language), "scope/days")
    return w.say(Pair("（{days}）", "({days})"), days=days)


def _when(w: Writer) -> str:
    scope = w.facts.scope
    is_month = (
        scope.first.day == 1
        and (scope.last + timedelta(days=1)).day == 1
        and (scope.last - scope.first).days < 31
    )
    if w.cadence is Cadence.MONTHLY and is_month:
        return month(scope.first, w.language)
    if w.cadence is Cadence.DAILY:
        return span_of_days(scope.last, scope.last, w.language)
    return span_of_days(scope.first, scope.last, w.language)


def without_empty(blocks: Iterable[Block]) -> list[Block]:
    """Without headings that nothing stands under."""
    kept: list[Block] = []
    for each in blocks:
        while (
            isinstance(each, Heading)
            and kept
            and isinstance(kept[-1], Heading)
            and kept[-1].level >= each.level
        ):
            kept.pop()
        kept.append(each)
    while kept and isinstance(kept[-1], Heading | NewPage):
        kept.pop()
    return kept


def numbered(blocks: Iterable[Block], language: str) -> Iterator[Block]:
    """With the numbers of headings, tables and charts; the summary has none."""
    zh = language == "zh"
    chapter = section = table = chart = 0
    is_first, noted = True, set[Runs]()
    for each in blocks:
        match each:
            case Heading(level=1) if is_first:
                is_first = False
                yield each
            case Heading(level=1):
                chapter, section = chapter + 1, 0
                yield replace(each, mark=f"{chinese(chapter)}、" if zh else f"{chapter}.")
            case Heading():
                section += 1
                yield replace(each, mark=f"（{chinese(section)}）" if zh else f"{chapter}.{section}")
            case Grid():
                table += 1
                # What a note says it says once, for all tables that follow.
                note = () if each.note in noted else each.note
                noted.add(each.note)
                yield replace(each, mark=f"表{table}" if zh else f"Table {table}", note=note)
            case Picture():
                chart += 1
                yield replace(each, mark=f"图{chart}" if zh else f"Chart {chart}")
            case Listing():
                yield replace(each, marks=tuple(f"{at + 1}." for at in range(len(each.items))))
            case _:
                yield each
