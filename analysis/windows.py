"""Over which time figures are counted: noon to noon, the 19th to the 18th, and natural periods."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from analysis.rate_rules import AssessmentRule, WindowRules

ZONE = ZoneInfo("Asia/Shanghai")


class Natural(StrEnum):
    """Periods of the calendar; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS_OF: dict[Natural, int] = {Natural.MONTH: 1, Natural.QUARTER: 3, Natural.YEAR: 12}


@dataclass(frozen=True, order=True)
class Window:
    """A span of time that contains its start and not its end; both aware, `start` < `end`."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.start >= self.end:
            raise ValueError(f"no span of time: {self.start} to {self.end}")

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


def daily(day: date, rules: WindowRules) -> Window:
    """The daily report of this day: from the day before to this day, at the time the rules name."""
    return Window(_at(day - timedelta(days=1), rules.day_ends), _at(day, rules.day_ends))


def assessment(day: date, rules: WindowRules) -> Window:
    """The assessment period as the report of this day shows it: from its first day 00:00 to the day's own end."""
    return Window(_at(_first_day(day, rules), time()), _at(day, rules.day_ends))


def whole_assessment(day: date, rules: WindowRules) -> Window:
    """The whole period that contains the day, from its first day 00:00 to the next one's; periods never overlap."""
    first = _containing(day, rules.assessment_first_day)
    return Window(_at(first, time()), _at(_shifted(first, 1), time()))


def month_before(window: Window) -> Window:
    """The same span one month earlier, for comparison; a day the month does not have becomes its last."""
    start, end = (each.astimezone(ZONE) for each in (window.start, window.end))
    return Window(*(_at(_shifted(each.date(), -1), each.time()) for each in (start, end)))


def natural(day: date, period: Natural) -> Window:
    """The period of the calendar that contains this day, midnight to midnight in Beijing."""
    if period is Natural.DAY:
        first, after = day, day + timedelta(days=1)
    elif period is Natural.WEEK:
        first = day - timedelta(days=day.weekday())
        after = first + timedelta(days=7)
    else:
        months = MONTHS_OF[period]
        first = date(day.year, (day.month - 1) // months * months + 1, 1)
        after = _shifted(first, months)
    return Window(_at(first, time()), _at(after, time()))


def natural_before(window: Window, period: Natural) -> Window:
    """The period before one that `natural` gave."""
    return natural(window.start.astimezone(ZONE).date() - timedelta(days=1), period)


def days(first: date, last: date) -> Window:
    """From the first day 00:00 to the end of the last."""
    return Window(_at(first, time()), _at(last + timedelta(days=1), time()))


def naturals(first: date, last: date, period: Natural) -> list[Window]:
    """Every period of the calendar that has a day from `first` to `last`, in order."""
    found = [natural(first, period)]
    while found[-1].end.astimezone(ZONE).date() <= last:
        found.append(natural(found[-1].end.astimezone(ZONE).date(), period))
    return found


def _first_day(day: date, rules: WindowRules) -> date:
    if rules.assessment_rule is AssessmentRule.CONTAINING:
        return _containing(day, rules.assessment_first_day)
    return _shifted(day.replace(day=1), -1).replace(day=rules.assessment_first_day)


def _containing(day: date, first_day: int) -> date:
    this = day.replace(day=first_day)
    return this if day >= this else _shifted(this, -1)


def _shifted(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZONE).astimezone(UTC)
