"""What `rules whatif` prints for a person at a terminal, or a program that reads along."""

from collections.abc import Iterable, Mapping
from typing import Any

from desk.cli.tables import Language, show_line, show_table
from desk.whatif.words import TEXTS, group_name, span_words, weekday

MOST_LINES = 20
"""Of one table; JSON and the page have the rest."""

Outcome = Mapping[str, Any]


def show_outcome(outcome: Outcome, lang: Language) -> None:
    """All tables; what does not apply is left out."""
    show_line(headline(outcome, lang))
    if outcome["clocks"]:
        _show_changes(outcome, lang)
    _show_problems(outcome, lang)


def _show_changes(outcome: Outcome, lang: Language) -> None:
    _show_counts(outcome, lang)
    _show_shifts(outcome["due"], lang)
    for column in ("grade", "target", "department", "kind"):
        _show_group(outcome["by"][column], column, lang)
    _show_departments(outcome["departments_moved"], lang)
    _show_alerts(outcome["alerts"], lang)
    _show_agreement(outcome, lang)
    _show_listed(outcome, lang)


def headline(outcome: Outcome, lang: Language) -> str:
    """The whole outcome in one sentence."""
    if not outcome["cases"]:
        return _text("headline_empty", lang)
    if outcome["changes_nothing"]:
        return _text("headline_nothing", lang).format(**outcome)
    late = outcome["late"]
    return _text("headline", lang).format(
        cases=outcome["cases"], changed=outcome["cases_changed"], earlier=outcome["due"]["earlier"],
        later=outcome["due"]["later"], at_once=late["late_at_once"], no_longer=late["no_longer_late"],
    )  # fmt: skip


def summary(outcome: Outcome) -> list[tuple[str, int | None, int | None]]:
    """The name of a count in `TEXTS`, its number before and after; None where it has but one."""
    late, alerts = outcome["late"], outcome["alerts"]
    return [
        ("running_late", late.get("running_late_before", 0), late.get("running_late_after", 0)),
        ("stopped_late", late.get("stopped_late_before", 0), late.get("stopped_late_after", 0)),
        ("alerts", alerts["before"]["total"], alerts["after"]["total"]),
        ("repeats", alerts["before"]["repeats_at_most"], alerts["after"]["repeats_at_most"]),
        ("provisional", outcome["provisional"]["before"], outcome["provisional"]["after"]),
    ]


def _show_counts(outcome: Outcome, lang: Language) -> None:
    due, late, levels = outcome["due"], outcome["late"], outcome["levels"]
    show_table(
        _text("counts", lang),
        (_text("what", lang), _text("before", lang), _text("after", lang)),
        [(_text(name, lang), before, after) for name, before, after in summary(outcome)],
    )
    rows = [
        ("cases", outcome["cases"]), ("clocks", outcome["clocks"]), ("cases_changed", outcome["cases_changed"]),
        *((name, due[name]) for name in ("same", "earlier", "later", "only_before", "only_after", "neither")),
        ("late_at_once", late.get("late_at_once", 0)), ("no_longer_late", late.get("no_longer_late", 0)),
        ("levels_higher", levels["higher"]), ("levels_lower", levels["lower"]),
    ]  # fmt: skip
    show_table(
        _text("changes", lang),
        (_text("what", lang), _text("number", lang)),
        [(_text(name, lang), count) for name, count in rows],
    )


def _show_shifts(due: Outcome, lang: Language) -> None:
    bars = [bar for bar in due["histogram"] if bar["clocks"]]
    show_table(
        _text("shifts", lang),
        (_text("shift", lang), _text("clocks", lang)),
        [(span_words(bar, lang), bar["clocks"]) for bar in bars],
    )


def _show_group(group: Mapping[str, Mapping[str, int]], column: str, lang: Language) -> None:
    names = ("clocks", "earlier", "later", "late_before", "late_after", "late_at_once", "no_longer_late")
    show_table(
        _text(f"by_{column}", lang),
        (_text(column, lang), *(_text(name, lang) for name in names)),
        [
            (group_name(word, column, lang), *(counts[name] for name in names))
            for word, counts in _first(group.items())
        ],
    )


def _show_departments(moved: Iterable[Mapping[str, Any]], lang: Language) -> None:
    show_table(
        _text("departments_moved", lang),
        tuple(_text(name, lang) for name in ("kind", "before", "after", "cases")),
        [(each["kind"], each["from"], each["to"], each["cases"]) for each in _first(moved)],
    )


def _show_alerts(alerts: Mapping[str, Outcome], lang: Language) -> None:
    before, after = alerts["before"], alerts["after"]
    if not before["total"] and not after["total"]:
        return
    heads = (_text("before", lang), _text("after", lang))
    show_table(
        _text("alerts_by_hour", lang),
        (_text("hour", lang), *heads),
        [(f"{hour:02}:00", before["by_hour"][hour], after["by_hour"][hour]) for hour in range(24)],
    )
    show_table(
        _text("alerts_by_weekday", lang),
        (_text("weekday", lang), *heads),
        [(weekday(day, lang), before["by_weekday"][day], after["by_weekday"][day]) for day in range(7)],
    )
    show_table(
        _text("alerts_to", lang),
        (_text("told", lang), *heads),
        [(who, before["to"].get(who, 0), after["to"].get(who, 0)) for who in sorted({*before["to"], *after["to"]})],
    )
    show_table(
        _text("peak", lang),
        ("", *heads),
        [
            (_text("peak_of_the_week", lang), _peak(before, lang), _peak(after, lang)),
            (_text("busiest_hour", lang), _busiest(before), _busiest(after)),
        ],
    )


def _show_agreement(outcome: Outcome, lang: Language) -> None:
    if "compared" not in outcome:
        return
    pairs = (
        ("compared", "agree_within_90s"), ("compared_all", "agree_all_within_90s"), ("flag_compared", "flag_agree")
    )  # fmt: skip
    show_table(
        _text("agreement", lang),
        (_text("what", lang), _text("rows", lang), _text("agree", lang), "%"),
        [
            (_text(both, lang), outcome[both], outcome[agree], share(outcome[agree], outcome[both]))
            for both, agree in pairs
        ],
    )
    show_table(
        _text("agreement_by_kind", lang),
        (_text("kind", lang), _text("rows", lang), _text("agree", lang), "%"),
        [
            (kind or "–", each["compared"], each["agree"], share(each["agree"], each["compared"]))
            for kind, each in _first(outcome["agreement_by_kind"].items())
        ],
    )


def _show_problems(outcome: Outcome, lang: Language) -> None:
    if outcome.get("bad_cells"):
        show_line(_text("bad", lang).format(**outcome))
        for problem in outcome["problems"]:
            show_line(f"  {problem}")


def _show_listed(outcome: Outcome, lang: Language) -> None:
    named = "row" if outcome["source"] == "file" else "case"
    show_table(
        _text("listed", lang),
        (_text("why", lang), _text(named, lang)),
        [
            (_text(reason, lang), " ".join(map(str, numbers)))
            for reason, numbers in outcome["listed"].items()
            if numbers
        ],
    )


def share(part: int, whole: int) -> str:
    """In percent, or a dash where there is nothing to share; 100 only if nothing is missing."""
    if not whole:
        return "–"
    return "100" if part == whole else f"{min(100 * part / whole, 99.99):.2f}"


def _peak(alerts: Outcome, lang: Language) -> str:
    peak = alerts["peak_of_the_week"]
    return f"{weekday(peak['weekday'], lang)} {peak['hour']:02}:00 ({peak['alerts']})" if peak else "–"


def _busiest(alerts: Outcome) -> str:
    busiest = alerts["busiest_hour"]
    return f"{busiest['hour']} ({busiest['alerts']})" if busiest else "–"


def _first(items: Iterable[Any]) -> list[Any]:
    return list(items)[:MOST_LINES]


def _text(name: str, lang: Language) -> str:
    return TEXTS[name][lang is Language.EN]
