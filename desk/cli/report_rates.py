"""`whistle report rates`: the three rates of a span that is over, by department and for the city, as they may be published."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import typer

from analysis.callbacks import callbacks
from analysis.grouping import Dimension
from analysis.public_rates import PublicRates, public_exclusions, public_rates
from analysis.rate_rules import load_rate_rules
from analysis.rates import Tally
from analysis.release import ALL
from analysis.suppression import CannotProtectError
from analysis.suppression_rules import load_suppression, suppression_digest
from analysis.windows import ZONE, Natural, days, natural
from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.tables import Language, show_line, show_table
from desk.rate_words import EXCLUSION_WORDS, TEXTS
from tasks.workplace import Workplace

FIGURES = ("response", "resolution", "satisfaction", "composite")
BLANK = "—"


@dataclass(frozen=True)
class RatesReport:
    """Rates and exclusions of the units and of all together under `ALL`, blanks as None; first and last day."""

    first: date
    last: date
    rates: Mapping[str, PublicRates]
    excluded: Mapping[tuple[str, ...], int | None]

    @property
    def units(self) -> list[str]:
        """All together first."""
        return [ALL, *sorted(set(self.rates) - {ALL})]


@one_line_errors()
def rates_(
    month: Annotated[datetime | None, typer.Option(formats=["%Y-%m"], help="A month that is over, such as 2026-10")] = None,
    from_: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, Beijing time")] = None,
    to: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, which is over")] = None,
    department: Annotated[str | None, typer.Option(help="One unit only; its numbers are those of the whole table")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, percentages as text")] = False,
    lang: Annotated[Language, typer.Option(help="Language of names and headings", envvar="WHISTLE_LANG")] = Language.ZH,
) -> None:
    """Response, resolution, satisfaction and composite of a span, and who is left out why; small counts are blank.

    Publish spans that do not overlap: rates of spans that do are not held against each other.
    """
    first, last = _span(month, from_, to)
    with local_desk() as place:
        names = {each.code: (each.name_zh, each.name_en) for each in place.catalogue.departments.values()}
        if department is not None and department not in names:
            raise CommandError(f"--department {department}: no such unit; `whistle units show` lists them")
        made = _counted(place, first, last)
        about = _about(made, place)
    units = made.units if department is None else [department]
    if as_json:
        show_line(json.dumps({**about, "units": [_told(made, unit) for unit in units]}, ensure_ascii=False, indent=2))
    else:
        _show(made, units, names, lang)


def _span(month: datetime | None, first: datetime | None, last: datetime | None) -> tuple[date, date]:
    if (month is None) == (first is None and last is None):
        raise CommandError("say which days: --month 2026-10, or --from and --to")
    if month is None and (first is None or last is None):
        raise CommandError("--from and --to belong together: give the first and the last day")
    if month is not None:
        whole = natural(month.date(), Natural.MONTH)
        span = (whole.start.astimezone(ZONE).date(), (whole.end.astimezone(ZONE) - timedelta(days=1)).date())
    else:
        assert first is not None
        assert last is not None
        span = (first.date(), last.date())
    if span[1] < span[0]:
        raise CommandError("--to lies before --from")
    if span[1] >= datetime.now(ZONE).date():
        raise CommandError(f"{span[1]} is not over yet: its numbers still change, and two reports would tell by how many; end with an earlier day")
    return span


def _counted(place: Workplace, first: date, last: date) -> RatesReport:
    rules, small = load_rate_rules(place.settings.home), load_suppression(place.settings.home)
    with place.database.reading() as session:
        found = callbacks(session, days(first, last), rules, (Dimension.DEPARTMENT,))
    excluded = {unit: each for (unit,), each in found.excluded.items()}
    tallies = {unit: found.tallies.get((unit,), Tally()) for unit in {*excluded, *(unit for (unit,) in found.tallies)}}
    try:
        return RatesReport(first, last, public_rates(tallies, rules, small), public_exclusions(excluded, rules, small))
    except CannotProtectError as error:
        raise CommandError(str(error)) from None


def _about(made: RatesReport, place: Workplace) -> dict[str, Any]:
    small = load_suppression(place.settings.home)
    return {
        "from": f"{made.first}", "to": f"{made.last}", "time_zone": "Asia/Shanghai", "sum": ALL, "limit": small.limit, "width": small.width,
        "suppression_rules": suppression_digest(place.settings.home), "code": place.code_version,
    }  # fmt: skip


def _told(made: RatesReport, unit: str) -> dict[str, Any]:
    public = made.rates.get(unit)
    rates = {name: None if value is None else str(value) for name, value in asdict(public.rates).items()} if public else dict.fromkeys(FIGURES)
    return {
        "department": unit, "valid": public.valid if public else None, **rates, "held_back": public.is_blank if public else False,
        "response_only": public.response_only if public else None,
        "excluded": {reason: made.excluded.get((unit, reason)) for reason in _reasons(made)},
    }  # fmt: skip


def _reasons(made: RatesReport) -> list[str]:
    return sorted({reason for _, reason in made.excluded} - {ALL})


def _show(made: RatesReport, units: Sequence[str], names: Mapping[str, tuple[str, str]], lang: Language) -> None:
    def word(key: str) -> str:
        return TEXTS[key][lang is Language.EN]

    def name(unit: str) -> str:
        if unit == ALL:
            return word("all")
        return f"{unit} {names[unit][lang is Language.EN]}" if unit in names else unit or word("none")

    title = word("title").format(first=made.first, last=made.last)
    heads = [word(each) for each in ("unit", "valid", *FIGURES, "response_only")]
    show_table(title, heads, [(name(unit), *_cells(made.rates.get(unit))) for unit in units])
    reasons = _reasons(made)
    rows = [(name(unit), *(_number(made.excluded.get((unit, reason))) for reason in reasons)) for unit in units]
    if reasons:
        show_table(word("excluded"), [word("unit"), *(EXCLUSION_WORDS.get(each, (each, each))[lang is Language.EN] for each in reasons)], rows)
    show_line(word("blank"))


def _cells(public: PublicRates | None) -> list[str]:
    if public is None:
        return [BLANK, *[BLANK] * len(FIGURES), BLANK]
    return [_number(public.valid), *(_number(getattr(public.rates, each)) for each in FIGURES), _number(public.response_only)]


def _number(value: int | Decimal | None) -> str:
    return BLANK if value is None else str(value)


