"""`whistle report rates`: the three rates of a month that is over, of each unit and of the city, as its reports tell them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from analysis.rate_rules import Formula, load_rate_rules
from analysis.release import ALL
from analysis.report.facts import Cadence, Figure, State, Unit
from analysis.report.part import CITY, Part, Parts
from analysis.report.period import period
from analysis.report.settings import Query
from analysis.suppression_rules import load_suppression, suppression_digest
from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.tables import Language, show_line, show_table
from desk.rate_words import EXCLUSION_WORDS, TEXTS
from tasks.reporting.making import ReportNotPossibleError
from tasks.reporting.months import numbers_of_month
from tasks.workplace import Workplace

FIGURES = ("response", "resolution", "satisfaction", "composite")
BESIDE = ("response_only", "contact_not_asked")
"""Of the valid callbacks, those that some rate leaves out."""
BLANK = "—"
_NOTHING, _UNTOLD = Part(), Figure(None, Unit.PERCENT, Query.RATES.value, State.BLANK)


@dataclass(frozen=True)
class RatesReport:
    """Rates, and who is left out, of the units and of all together under `ALL`; first and last day."""

    first: date
    last: date
    rates: Parts
    excluded: Parts
    formula: Formula

    @property
    def units(self) -> list[str]:
        """All together first, then the units of which there is something to tell; by what is shown alone."""
        return [ALL, *(each for each in sorted(self.rates) if each != CITY and self._tells(each))]

    def figures(self, unit: str) -> Mapping[str, Figure]:
        """By name; what was not told when the month was told is blank ever after."""
        found = self._part(self.rates, unit).figures
        return {name: found.get(f"rates.{name}", _UNTOLD) for name in ("valid", *FIGURES, *BESIDE)}

    def left_out(self, unit: str) -> dict[str, int | None]:
        """By reason, every reason that any unit shows a number of; None is a blank."""
        table = self._part(self.excluded, unit).tables.get("rates.exclusions")
        rows = {row.key[0]: _count(row.figures[0]) for row in table.rows} if table else {}
        return {reason: rows.get(reason) for reason in self.reasons}

    @property
    def reasons(self) -> list[str]:
        """Those of the whole city that are shown."""
        return [
            row.key[0] for row in self.excluded[CITY].tables["rates.exclusions"].rows if row.figures[0].value
        ]

    def text(self, name: str, figure: Figure) -> str | None:
        """A rate with all its decimals, None if it is not shown."""
        places = self.formula.composite_decimals if name == "composite" else self.formula.percent_decimals
        return None if figure.value is None else f"{figure.value:.{places}f}"

    def _tells(self, unit: str) -> bool:
        return any(
            each.value
            for each in (*self.figures(unit).values(), *self._part(self.excluded, unit).figures.values())
        )

    @staticmethod
    def _part(parts: Parts, unit: str) -> Part:
        return parts.get(CITY if unit == ALL else unit, _NOTHING)


@one_line_errors()
def rates_(
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="A month that is over, such as 2026-10")],
    department: Annotated[
        str | None, typer.Option(help="One unit only; its numbers are those of the whole table")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, percentages as text")] = False,
    lang: Annotated[
        Language, typer.Option(help="Language of names and headings", envvar="WHISTLE_LANG")
    ] = Language.ZH,
) -> None:
    """Response, resolution, satisfaction and composite of a month, and who is left out why; small counts are blank.

    The numbers are those of the month's reports, told once and kept: whoever holds both learns no more. Months only: rates
    of days that overlap, held against each other, would tell of few callers.
    """
    with local_desk() as place:
        names = {each.code: (each.name_zh, each.name_en) for each in place.catalogue.departments.values()}
        if department is not None and department not in names:
            raise CommandError(f"--department {department}: no such unit; `whistle units show` lists them")
        try:
            made = _told_of(place, month.date())
        except ReportNotPossibleError as error:
            raise CommandError(str(error)) from None
        about = _about(made, place)
    units = made.units if department is None else [department]
    if as_json:
        show_line(
            json.dumps(
                {**about, "units": [_told(made, unit) for unit in units]}, ensure_ascii=False, indent=2
            )
        )
    else:
        _show(made, units, names, lang)


def _told_of(place: Workplace, month: date) -> RatesReport:
    rules = load_rate_rules(place.settings.home)
    found = numbers_of_month(place, month, (Query.RATES, Query.EXCLUSIONS), datetime.now(UTC))
    asked = period(Cadence.MONTHLY, month, rules.windows)
    return RatesReport(asked.first, asked.last, found[Query.RATES], found[Query.EXCLUSIONS], rules.formula)


def _about(made: RatesReport, place: Workplace) -> dict[str, Any]:
    small = load_suppression(place.settings.home)
    return {
        "from": f"{made.first}", "to": f"{made.last}", "time_zone": "Asia/Shanghai", "sum": ALL, "limit": small.limit, "width": small.width,
        "suppression_rules": suppression_digest(place.settings.home), "code": place.code_version,
    }  # fmt: skip


def _told(made: RatesReport, unit: str) -> dict[str, Any]:
    figures = made.figures(unit)
    return {
        "department": unit, "valid": _count(figures["valid"]), **{name: made.text(name, figures[name]) for name in FIGURES},
        "held_back": any(figures[name].state is State.BLANK for name in FIGURES), **{name: _count(figures[name]) for name in BESIDE},
        "excluded": made.left_out(unit),
    }  # fmt: skip


def _show(
    made: RatesReport, units: Sequence[str], names: Mapping[str, tuple[str, str]], lang: Language
) -> None:
    def word(key: str) -> str:
        return TEXTS[key][lang is Language.EN]

    def name(unit: str) -> str:
        if unit == ALL:
            return word("all")
        return f"{unit} {names[unit][lang is Language.EN]}" if unit in names else unit or word("none")

    title = word("title").format(first=made.first, last=made.last)
    heads = [word(each) for each in ("unit", "valid", *FIGURES, *BESIDE)]
    show_table(title, heads, [(name(unit), *_cells(made, unit)) for unit in units])
    reasons = made.reasons
    rows = [(name(unit), *(_number(each) for each in made.left_out(unit).values())) for unit in units]
    if reasons:
        show_table(
            word("excluded"),
            [
                word("unit"),
                *(EXCLUSION_WORDS.get(each, (each, each))[lang is Language.EN] for each in reasons),
            ],
            rows,
        )
    show_line(word("blank"))


def _cells(made: RatesReport, unit: str) -> list[str]:
    figures = made.figures(unit)
    rates = [made.text(name, figures[name]) for name in FIGURES]
    return [_number(each) for each in (_count(figures["valid"]), *rates, *(_count(figures[name]) for name in BESIDE))]


def _count(figure: Figure) -> int | None:
    return None if figure.value is None else int(figure.value)


def _number(value: int | Decimal | str | None) -> str:
    return BLANK if value is None else str(value)
