"""Days, lengths and the reasons why a stretch counts, in the two languages of the desk."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from sla_rules.calendar import MICROSECOND, ONE_DAY, WorkingCalendar
from sla_rules.explanation import Explanation
from sla_rules.limits import Unit
from sla_rules.stretches import DayKind, Part, Stretch

Lang = Literal["zh", "en"]

_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_HOUR, _MINUTE, _SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)

_PARTS: Mapping[Part, tuple[str, str]] = {
    Part.COUNTED: ("计入", "counted"),
    Part.CLOSED: ("非工作时间", "closed"),
    Part.FIRST_DAY: ("开始当日，不计入", "start day, not counted"),
    Part.PAUSED: ("暂停", "paused"),
    Part.NOT_TAKEN_IN: (
        "休息日或已过受理时间，视为此后收到",
        "rest day or after intake, counts as received when this ends",
    ),
    Part.ROLLED: ("末日为休息日，顺延至下一工作日", "last day was a rest day, moved to the next workday"),
    Part.EXTENDED: ("批准延期", "extension granted"),
}
_KINDS: Mapping[DayKind, tuple[str, str]] = {
    DayKind.WORKDAY: ("工作日", "workday"),
    DayKind.MAKE_UP: ("调休上班", "make-up workday"),
    DayKind.REST_DAY: ("休息日", "rest day"),
    DayKind.HOLIDAY: ("节假日", "holiday"),
}


def said(lang: Lang, zh: str, en: str) -> str:
    """The one of the two that is in `lang`."""
    return zh if lang == "zh" else en


def part_words(part: Part, lang: Lang) -> str:
    """What a stretch is in the count."""
    return said(lang, *_PARTS[part])


def kind_words(kind: DayKind, lang: Lang) -> str:
    """What the calendar makes of a day."""
    return said(lang, *_KINDS[kind])


def day_words(day: date, lang: Lang) -> str:
    """`Fri 2026-09-18`, or `2026-09-18 周五`."""
    weekday = _WEEKDAYS[lang][day.weekday()]
    return f"{day} 周{weekday}" if lang == "zh" else f"{weekday} {day}"


def moment_words(moment: datetime, calendar: WorkingCalendar, lang: Lang, *, ends: bool = False) -> str:
    """Day and time of day in the calendar's zone; midnight is 24:00 of the day that `ends` with it."""
    local = moment.astimezone(calendar.zone)
    if ends and calendar.end_of(calendar.local_day(moment - MICROSECOND)) == moment:
        return f"{day_words(local.date() - ONE_DAY, lang)} 24:00"
    return f"{day_words(local.date(), lang)} {clock_words(local)}"


def clock_words(local: datetime) -> str:
    """`17:30`, with seconds only if there are any."""
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def length_words(length: timedelta, lang: Lang, *, in_days: bool) -> str:
    """`3 d`, or `1 h 30 min`; seconds only if there are any, nothing as a dash."""
    if not length:
        return "–"
    if in_days:
        return said(lang, f"{length // ONE_DAY} 天", f"{length // ONE_DAY} d")
    hours, rest = divmod(length, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    units = said(lang, "小时,分,秒", "h,min,s").split(",")
    amounts = (hours, minutes, rest // _SECOND)
    words = [f"{amount} {unit}" for amount, unit in zip(amounts, units, strict=True) if amount]
    return " ".join(words) or said(lang, "不足 1 秒", "< 1 s")


def limit_words(explanation: Explanation, lang: Lang) -> str:
    """The limit in its own kind of time: `4 working hours`, `7个自然日`."""
    limit = explanation.rule.limit
    working = not explanation.every_day_counts
    if lang == "zh":
        unit = {Unit.MINUTES: "分钟", Unit.HOURS: "小时", Unit.DAYS: "个工作日" if working else "个自然日"}
        return f"{limit.amount}{unit[limit.unit]}{'工作时间' * (working and not explanation.in_days)}"
    kind = "working " if working else "calendar " * explanation.in_days
    unit = {Unit.MINUTES: "minute", Unit.HOURS: "hour", Unit.DAYS: "day"}
    return f"{limit.amount} {kind}{unit[limit.unit]}{'s' * (limit.amount != 1)}"


def why_words(stretch: Stretch, explanation: Explanation, lang: Lang) -> str:
    """Why a stretch counted, or did not."""
    name = said(lang, stretch.name_zh, stretch.name_en)
    if stretch.part is Part.COUNTED:
        return _why_counted(stretch, explanation, lang, name)
    if stretch.part is Part.CLOSED and stretch.kind is not DayKind.WORKDAY:
        return name if stretch.kind is DayKind.HOLIDAY and name else _rest_words(stretch, lang)
    words = part_words(stretch.part, lang)
    return words + named(name, lang) if name and stretch.part is Part.PAUSED else words


def named(name: str, lang: Lang) -> str:
    """A name in brackets, ready to stand behind a word."""
    return said(lang, f"（{name}）", f" ({name})")


def _why_counted(stretch: Stretch, explanation: Explanation, lang: Lang, name: str) -> str:
    if explanation.every_day_counts:
        every = said(
            lang,
            "自然日，休息日计入" if explanation.in_days else "按自然时间计入",
            "every day counts" if explanation.in_days else "by the clock",
        )
        holiday = stretch.kind is DayKind.HOLIDAY and name
        return said(lang, f"{name}，同样计入", f"{name}, counted all the same") if holiday else every
    words = kind_words(stretch.kind, lang) if explanation.in_days else said(lang, "工作时间", "open hours")
    if stretch.kind is not DayKind.MAKE_UP:
        return words
    made_up = kind_words(stretch.kind, lang) + (named(name, lang) if name else "")
    return made_up if explanation.in_days else words + said(lang, "，", ", ") + made_up


def _rest_words(stretch: Stretch, lang: Lang) -> str:
    if stretch.kind is DayKind.REST_DAY and stretch.day.weekday() >= 5:
        return said(lang, "周末", "weekend")
    return kind_words(stretch.kind, lang)
