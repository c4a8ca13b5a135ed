"""Why a clock is due when it is, stretch by stretch: what counted, what did not, and the sum.

The stretches are found by walking the calendar from the start to the due time, not by repeating
the arithmetic that found the due time: that both agree is a check, and a test proves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.vocabulary import EndOfDays, KindOfTime
from sla_rules.calendar import ONE_DAY, WorkingCalendar, with_plain_weekends
from sla_rules.due import due_at
from sla_rules.intervals import Interval, united
from sla_rules.stretches import WHOLE_DAYS, Part, Stretch, days_between, stretches_between
from sla_rules.taken_in import taken_in
from sla_rules.written import TimedRule


@dataclass(frozen=True)
class Pause:
    """A time the clock stood still (UTC), and what that cost in the clock's own time.

    A day left out costs 24 hours, as in `Limit.length`; a pause in closed time costs nothing.
    """

    start: datetime
    end: datetime
    cost: timedelta


@dataclass(frozen=True)
class Explanation:
    """A due time (UTC) and everything from the start up to it; `due` contains the extension.

    `stretches` follow one another without a gap, the first from `start` and the last to `due`.
    """

    start: datetime
    due: datetime
    provisional: bool
    reason_zh: str
    reason_en: str
    rule: TimedRule
    calendar: WorkingCalendar
    stretches: tuple[Stretch, ...]
    pauses: tuple[Pause, ...]
    extension: timedelta = timedelta()

    @property
    def counted(self) -> timedelta:
        """What all stretches together added: the rule's limit, exactly; a day is 24 hours."""
        return sum((each.counted for each in self.stretches), timedelta())

    @property
    def in_days(self) -> bool:
        """Whether whole days were counted, not hours and minutes."""
        return self.rule.time in WHOLE_DAYS

    @property
    def every_day_counts(self) -> bool:
        """Whether rest days and holidays count like any other day."""
        return self.rule.time in (KindOfTime.NATURAL, KindOfTime.CALENDAR_DAYS)


def explain(
    start: datetime,
    rule: TimedRule,
    calendar: WorkingCalendar,
    paused: Sequence[Interval] = (),
    extension: timedelta = timedelta(),
) -> Explanation:
    """Why a clock that began at `start` runs out when it does.

    Args:
        start: Aware.
        rule: What is counted; like the other arguments as in `due_at`.
        calendar: Years it does not cover are counted with plain weekends, and marked provisional.
        paused: When the clock stood still.
        extension: More time granted, by the clock, after what the rule gives.
    """
    start = start.astimezone(UTC)
    due = due_at(start, rule, calendar, paused)
    known = reaching(calendar, start, due.at)
    begun = start
    if rule.time is KindOfTime.WORKING_DAYS and rule.ends is EndOfDays.SAME_CLOCK:
        begun = taken_in(start, known)
    pauses = tuple(each for each in united(paused, start) if each.start < due.at)
    stretches = tuple(stretches_between(begun, due.at, rule, known, pauses))
    return Explanation(
        start=start,
        due=due.at + extension,
        provisional=due.provisional,
        reason_zh=due.reason_zh,
        reason_en=due.reason_en,
        rule=rule,
        calendar=calendar,
        stretches=(
            *days_between(start, begun, known, Part.NOT_TAKEN_IN),
            *stretches,
            *days_between(due.at, due.at + extension, known, Part.EXTENDED),
        ),
        pauses=tuple(_priced(each, stretches, known, rule) for each in pauses),
        extension=extension,
    )


def reaching(calendar: WorkingCalendar, start: datetime, due: datetime) -> WorkingCalendar:
    """The calendar, or its stretched form if it must be asked about a year nobody has published."""
    first, last = calendar.local_day(start), calendar.local_day(due)
    if calendar.published_from <= first and last + ONE_DAY <= calendar.published_to:
        return calendar
    return with_plain_weekends(calendar, first.year - 1, last.year + 1)


def _priced(
    pause: Interval, stretches: Sequence[Stretch], calendar: WorkingCalendar, rule: TimedRule
) -> Pause:
    if rule.time in WHOLE_DAYS:
        first, last = calendar.local_day(pause.start), calendar.local_day(pause.end)
        lost = [each.lost for each in stretches if first < each.day <= last]
    else:
        lost = [each.lost for each in stretches if pause.start <= each.start < pause.end]
    return Pause(pause.start.astimezone(UTC), pause.end.astimezone(UTC), sum(lost, timedelta()))
