"""The time a report is about: a day from noon to noon, a week, a month."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from analysis.rate_rules import WindowRules
from analysis.report.facts import Cadence
from analysis.windows import ZONE, Natural, Window, daily, natural

NATURAL: dict[Cadence, Natural] = {
    Cadence.DAILY: Natural.DAY,
    Cadence.WEEKLY: Natural.WEEK,
    Cadence.MONTHLY: Natural.MONTH,
}


@dataclass(frozen=True, order=True)
class Period:
    """One day, week or month; `window` is what counts as in it."""

    cadence: Cadence
    first: date
    last: date
    window: Window

    @property
    def ends(self) -> tuple[datetime, datetime]:
        """Its two edges."""
        return self.window.start, self.window.end


def period(cadence: Cadence, day: date, rules: WindowRules) -> Period:
    """The period that contains the day; of a daily report D it is D-1 12:00 to D 12:00."""
    if cadence is Cadence.DAILY:
        return Period(cadence, day, day, daily(day, rules))
    window = natural(day, NATURAL[cadence])
    first, after = (each.astimezone(ZONE).date() for each in (window.start, window.end))
    return Period(cadence, first, after - timedelta(days=1), window)


def before(one: Period, rules: WindowRules) -> Period:
    """The one before it."""
    return period(one.cadence, one.first - timedelta(days=1), rules)


def last_over(cadence: Cadence, now: datetime, rules: WindowRules) -> Period:
    """The latest period that is over at this moment."""
    found = period(cadence, now.astimezone(ZONE).date() + timedelta(days=1), rules)
    while found.window.end > now:
        found = before(found, rules)
    return found


COARSER: dict[Cadence, tuple[Natural, ...]] = {
    Cadence.DAILY: (Natural.WEEK, Natural.MONTH),
    Cadence.WEEKLY: (Natural.MONTH,),
    Cadence.MONTHLY: (),
}


def leaves_room(one: Period, count: int, spare: int) -> bool:
    """Whether, at its own pace, at least `spare` come between its edges and those of coarser periods near them."""
    pace = count / (one.window.end - one.window.start).total_seconds()
    return all(apart.total_seconds() * pace >= spare for apart in _apart(one))


def _apart(one: Period) -> Iterator[timedelta]:
    for edge in one.ends:
        for coarser in COARSER[one.cadence]:
            around = natural(edge.astimezone(ZONE).date(), coarser)
            apart = min(edge - around.start, around.end - edge)
            if apart:
                yield apart


def days_of(one: Period, rules: WindowRules) -> list[Period]:
    """The daily reports that are named by its days, in order."""
    count = (one.last - one.first).days + 1
    return [period(Cadence.DAILY, one.first + timedelta(days=each), rules) for each in range(count)]


def weeks_until(one: Period, count: int, rules: WindowRules) -> list[Period]:
    """The last weeks that are over when it is over, in order."""
    return sorted(_weeks_back(one, count, rules))


def _weeks_back(one: Period, count: int, rules: WindowRules) -> Iterator[Period]:
    week = period(Cadence.WEEKLY, one.last, rules)
    if week.window.end > one.window.end:
        week = before(week, rules)
    for _ in range(count):
        yield week
        week = before(week, rules)
