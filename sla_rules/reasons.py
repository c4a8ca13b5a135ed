"""The sentence under a due time: where it began, how it was counted, what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.vocabulary import EndOfDays, KindOfTime
from models.wall_clock import due_on
from sla_rules.calendar import MICROSECOND, ONE_DAY, WorkingCalendar, with_plain_weekends
from sla_rules.intervals import Interval
from sla_rules.limits import Limit, Unit
from sla_rules.taken_in import taken_in
from sla_rules.written import TimedRule

_WHOLE_DAYS = frozenset({KindOfTime.CALENDAR_DAYS, KindOfTime.WORKING_DAYS})
_WORKING = frozenset({KindOfTime.WORKING_DAYS, KindOfTime.WORKING_HOURS})


@dataclass(frozen=True)
class Counted:
    """One due time and everything that went into it; `pauses` are those that moved it."""

    start: datetime
    at: datetime
    rule: TimedRule
    calendar: WorkingCalendar
    pauses: tuple[Interval, ...]
    provisional: bool

    @property
    def begun(self) -> datetime:
        """As what moment the start counts: a later one where it came on a rest day or after intake."""
        if not (self.keeps_clock and self.rule.time is KindOfTime.WORKING_DAYS):
            return self.start
        if not self.provisional:
            return taken_in(self.start, self.calendar)
        return taken_in(
            self.start, with_plain_weekends(self.calendar, self.start.year - 1, self.at.year + 1)
        )

    @property
    def keeps_clock(self) -> bool:
        """Whether days end at the time of day they began at, and not at 24:00."""
        return self.rule.ends is EndOfDays.SAME_CLOCK


def reason_en(counted: Counted) -> str:
    """Why it is due then, in English, in the calendar's local time."""
    rule, calendar = counted.rule, counted.calendar
    parts = [f"Due {_moment(counted)}: {_limit_en(rule)} from {_start(counted)}"]
    parts.append(
        {
            KindOfTime.NATURAL: "by the clock, nights and holidays included",
            KindOfTime.WORKING_HOURS: "open hours only",
            KindOfTime.WORKING_DAYS: "the first day not counted",
            KindOfTime.CALENDAR_DAYS: "the first day not counted, rest days counted",
        }[rule.time]
    )
    if counted.begun != counted.start:
        parts.append(f"counted as received {_local(counted.begun, counted)}")
    if counted.keeps_clock:
        parts.append("the time of day kept")
    if rule.roll_over:
        parts.append("a last day that is a rest day moved to the next workday")
    parts += [f"not counted: {off} ({en})" for off, _, en in _holidays(counted)]
    parts += [f"counted as workday: {day}" for day in _made_up(counted)]
    if counted.pauses:
        hours, minutes = _total(counted.pauses)
        parts.append(f"paused {len(counted.pauses)} × ({hours} h {minutes} min in all)")
    if counted.provisional:
        parts.append(
            f"PROVISIONAL: the calendar is published from {calendar.published_from} to"
            f" {calendar.published_to} only, other days are counted with plain weekends"
        )
    return "; ".join(parts) + "."


def reason_zh(counted: Counted) -> str:
    """Why it is due then, in Chinese, in the calendar's local time."""
    rule, calendar = counted.rule, counted.calendar
    parts = [f"{_moment(counted)}到期：自{_start(counted)}起{_limit_zh(rule)}"]
    parts.append(
        {
            KindOfTime.NATURAL: "按自然时间连续计算，含夜间和节假日",
            KindOfTime.WORKING_HOURS: "只计工作时间",
            KindOfTime.WORKING_DAYS: "开始当日不计入",
            KindOfTime.CALENDAR_DAYS: "开始当日不计入，休息日计入",
        }[rule.time]
    )
    if counted.begun != counted.start:
        parts.append(f"视为{_local(counted.begun, counted)}收到")
    if counted.keeps_clock:
        parts.append("到期时刻与开始时刻相同")
    if rule.roll_over:
        parts.append("末日为休息日的顺延至下一工作日")
    parts += [f"不计{off.replace(' to ', '至')}（{zh}）" for off, zh, _ in _holidays(counted)]
    parts += [f"{day}调休上班，计入" for day in _made_up(counted)]
    if counted.pauses:
        hours, minutes = _total(counted.pauses)
        parts.append(f"暂停{len(counted.pauses)}次，共{hours}小时{minutes}分钟")
    if counted.provisional:
        parts.append(
            f"暂定：日历仅公布{calendar.published_from}至{calendar.published_to}，其余日期按普通周末推算"
        )
    return "；".join(parts) + "。"


def _limit_en(rule: TimedRule) -> str:
    many = "" if rule.limit.amount == 1 else "s"
    unit = {Unit.MINUTES: "minute", Unit.HOURS: "hour", Unit.DAYS: "day"}[rule.limit.unit]
    kind = {KindOfTime.CALENDAR_DAYS: "calendar "}.get(rule.time, "working " * (rule.time in _WORKING))
    return f"{rule.limit.amount} {kind}{unit}{many}"


def _limit_zh(rule: TimedRule) -> str:
    limit: Limit = rule.limit
    if rule.time in _WHOLE_DAYS:
        return f"{limit.amount}{'个工作日' if rule.time in _WORKING else '个自然日'}"
    unit = {Unit.MINUTES: "分钟", Unit.HOURS: "小时", Unit.DAYS: "天"}[limit.unit]
    return f"{limit.amount}{unit}{'工作时间' if rule.time in _WORKING else ''}"


def _start(counted: Counted) -> str:
    return _local(counted.start, counted)


def _local(moment: datetime, counted: Counted) -> str:
    return f"{moment.astimezone(counted.calendar.zone):%Y-%m-%d %H:%M}"


def _moment(counted: Counted) -> str:
    """A limit that ends at midnight ends at 24:00 of its last day, not at 00:00 of a day that is not part of it."""
    return due_on(counted.at, counted.calendar.zone)


def _last_day(counted: Counted) -> date:
    if counted.keeps_clock:
        return counted.calendar.local_day(counted.at)
    return counted.calendar.local_day(counted.at - MICROSECOND)


def _holidays(counted: Counted) -> list[tuple[str, str, str]]:
    """Days off that working time skipped, with the holiday's names in both languages."""
    first, last = _days_passed(counted)
    return [
        (_span(passed), holiday.zh, holiday.en)
        for holiday in counted.calendar.holidays
        if (passed := sorted(day for day in holiday.off if first <= day <= last))
    ]


def _made_up(counted: Counted) -> list[date]:
    first, last = _days_passed(counted)
    return sorted(day for day in counted.calendar.make_up if first <= day <= last)


def _days_passed(counted: Counted) -> tuple[date, date]:
    """The first and last day that working time looked at; no day at all for other kinds of time."""
    if counted.rule.time not in _WORKING:
        return date.max, date.min
    first = counted.calendar.local_day(counted.start)
    if counted.rule.time in _WHOLE_DAYS and counted.begun == counted.start:
        first += ONE_DAY
    return first, _last_day(counted)


def _span(days: list[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _total(pauses: Sequence[Interval]) -> tuple[int, int]:
    """Whole hours and the minutes left over."""
    total = sum((pause.end - pause.start for pause in pauses), timedelta())
    return divmod(total // timedelta(minutes=1), 60)
