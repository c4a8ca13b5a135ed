"""Counts for everybody: month × family of kinds × grade, with everything blank that could tell a small count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from analysis.case_counts import case_counts, edges_of
from analysis.grouping import Dimension
from analysis.release import ALL, Number, Sheet
from analysis.suppression import Release, suppress
from analysis.suppression_rules import SuppressionRules
from analysis.windows import ZONE, Natural, naturals
from models.vocabulary import Grade

HEADS = ("from", "to", "family", "grade", "cases")
DIMS = (Dimension.FAMILY.value, Dimension.GRADE.value)
METHOD = (
    "Requests by the day of receipt (Asia/Shanghai), the first letter of their kind and their grade on the day of the export. "
    "* is the sum over all. A blank is a count under the limit, or one that would let such a count be worked out from other "
    "numbers of this file or of the earlier files named here; a linear program over all of them leaves every such count "
    "uncertain over at least `width`."
)


class EarlierFileError(ValueError):
    """An earlier export cannot be built upon; the message says why."""


@dataclass(frozen=True)
class EarlierRow:
    """One number as it was published: first and last day, family, grade, and the count or None for a blank."""

    first: date
    last: date
    key: tuple[str, str]
    cases: int | None


@dataclass(frozen=True)
class OpenData:
    """What is written: rows under `HEADS`, and what a reader must know of them as JSON-able values."""

    rows: tuple[tuple[str, ...], ...]
    about: Mapping[str, Any]


def open_data(
    session: Session,
    first: date,
    last: date,
    families: Sequence[str],
    rules: SuppressionRules,
    earlier: Sequence[EarlierRow] = (),
) -> OpenData:
    """Every month that has a day from `first` to `last`, whole, and the sum of all.

    Args:
        session: A session that may read.
        first: A day of the first month.
        last: A day of the last month; the months before it must be over for good, so that nothing changes any more.
        families: Every family of kinds there is, also those nobody asked about.
        rules: The limit and the width.
        earlier: What is out already; nothing that follows from both together may be small.

    Raises:
        EarlierFileError: An earlier number is not what the cases add up to now, such as after a change of grade:
            the difference of the two could be one child.
        CannotProtectError: The earlier files leak by themselves.
    """
    months = [Sheet(DIMS, *(each.astimezone(ZONE).date() for each in (month.start, month.end))) for month in naturals(first, last, Natural.MONTH)]
    whole = [Sheet(DIMS, months[0].start, months[-1].end)] if len(months) > 1 else []
    before = _earlier_sheets(earlier)
    new = [each for each in [*months, *whole] if each not in before]
    sheets = [*before, *new]
    codes = {Dimension.FAMILY.value: families, Dimension.GRADE.value: [each.value for each in Grade]}
    counted = case_counts(session, edges_of(sheets), [DIMS], codes)
    hidden = _hidden_before(before, earlier, Release(counted, tuple(sheets), frozenset()).values)
    release = suppress(counted, sheets, rules, before=len(before), hidden_before=hidden)
    rows = tuple(row for each in [*months, *whole] for row in _rows(release, sheets.index(each)))
    return OpenData(rows, _about(release, months, rows, rules, earlier))


def _earlier_sheets(earlier: Sequence[EarlierRow]) -> list[Sheet]:
    return list(dict.fromkeys(Sheet(DIMS, each.first, each.last + timedelta(days=1)) for each in earlier))


def _hidden_before(sheets: Sequence[Sheet], earlier: Sequence[EarlierRow], values: Mapping[Number, int]) -> frozenset[Number]:
    hidden = set()
    said = {Number(sheets.index(Sheet(DIMS, each.first, each.last + timedelta(days=1))), each.key): each.cases for each in earlier}
    for number in [each for each in values if each.sheet < len(sheets)]:
        if number not in said:
            raise EarlierFileError(f"{sheets[number.sheet].start}: the earlier file has no row {'/'.join(number.key)}; give it whole")
        if said[number] is None:
            hidden.add(number)
        elif said[number] != values[number]:
            raise EarlierFileError(
                f"{sheets[number.sheet].start}: {'/'.join(number.key)} is another number now than the one published; "
                "the difference could be one child: publish only months that are over for good"
            )
    return frozenset(hidden)


def _rows(release: Release, place: int) -> list[tuple[str, ...]]:
    sheet = release.sheets[place]
    days = (f"{sheet.start}", f"{sheet.end - timedelta(days=1)}")
    return [(*days, *key, "" if value is None else str(value)) for key, value in release.shown(place).items()]


def _about(
    release: Release, months: Sequence[Sheet], rows: Sequence[tuple[str, ...]], rules: SuppressionRules, earlier: Sequence[EarlierRow]
) -> dict[str, Any]:
    return {
        "from": f"{months[0].start}",
        "to": f"{months[-1].end - timedelta(days=1)}",
        "time_zone": "Asia/Shanghai",
        "columns": list(HEADS),
        "sum": ALL,
        "limit": rules.limit,
        "width": rules.width,
        "zeros": rules.zeros.value,
        "numbers": len(rows),
        "blank": sum(row[-1] == "" for row in rows),
        "earlier_numbers": len(earlier),
        "method": METHOD,
    }
