"""What somebody probably meant by a limit, a moment, hours or a day that cannot be read."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from models.spelling import nearest
from sla_rules.calendar_file import parse_days, parse_hours
from sla_rules.firing import parse_firing
from sla_rules.limits import Limit, Unit, parse_limit

_UNITS: dict[str, tuple[str, ...]] = {
    "min": ("m", "mins", "minute", "minutes", "分", "分钟"),
    "h": ("hr", "hrs", "hour", "hours", "时", "小时", "个小时", "钟头"),
    "d": ("day", "days", "天", "日", "个工作日", "工作日", "个自然日", "working days", "business days"),
    "w": ("week", "weeks", "周", "星期", "个星期"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in (unit, *words)}
_AMOUNT = re.compile(r"(\d{1,4})(?:\.(\d))?\s*([^\d\s.%].*)", re.ASCII)
_MOMENT = re.compile(r"(\S+?)\s*(%|percent|per cent|[a-z]+)\s+(before|after)\s+(?:the\s+)?(due|start)")
_CLOCKS = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\D+?(\d{1,2})(?:[:.](\d\d))?", re.ASCII)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)


def better_limit(written: object) -> str | None:
    """`7 days`, `15分钟` or `1.5 h` as a limit is written; None if no guess can be read."""
    found = _AMOUNT.fullmatch(_plain(written))
    unit = _UNIT_OF.get(found[3].strip()) if found else None
    if found is None or unit is None:
        return None
    whole, tenths = int(found[1]), int(found[2] or 0)
    if tenths and unit != "h":
        return None
    if tenths:
        return _if_readable(f"{whole * 60 + tenths * 6} min", parse_limit)
    return _if_readable(f"{whole * 7} d" if unit == "w" else f"{whole} {unit}", parse_limit)


def limit_in_other_time(limit: Limit) -> str:
    """What to do about a limit whose unit its kind of time is not counted in."""
    if limit.unit is Unit.DAYS:
        return f"write {limit.amount * 24} h, or time: calendar_days or working_days"
    if limit.unit is Unit.HOURS and limit.amount % 24 == 0:
        return f"write {limit.amount // 24} d, or time: natural or working_hours"
    return "write the limit in d, or time: natural or working_hours"


def better_moment(written: object) -> str | None:
    """`10 percent after due` or `15 minutes after the start` as a rung is written."""
    plain = _plain(written)
    found = _MOMENT.fullmatch(plain)
    if found is None:
        return nearest(plain, ("warning", "due"))
    length, unit, side, of = found.groups()
    share = unit in ("%", "percent", "per cent")
    amount = f"{length} %" if share else better_limit(f"{length} {unit}")
    return _if_readable(f"{amount} {side} {of}", parse_firing)


def better_hours(written: object) -> str | None:
    """`9:00–17:00` or `9 to 17` as open hours are written."""
    found = _CLOCKS.fullmatch(_plain(written))
    if found is None:
        return None
    opens, closes = (f"{int(found[at]):02}:{found[at + 1] or '00'}" for at in (1, 3))
    return _if_readable(f"{opens}-{closes}", parse_hours)


def better_day(written: object) -> str | None:
    """`2026/1/31` or `2026年1月31日` as a day is written; two of them as a span."""
    days = [_iso(found) for found in _DAY.finditer(_plain(written))]
    if not 0 < len(days) < 3 or None in days:
        return None
    if len(days) == 1:
        return days[0]
    return _if_readable(f"{days[0]} to {days[1]}", parse_days)


def _iso(found: re.Match[str]) -> str | None:
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def _if_readable(guess: str, parse: Callable[[str], object]) -> str | None:
    """The guess, unless it would be refused as well."""
    try:
        parse(guess)
    except ValueError:
        return None
    return guess


def _plain(written: object) -> str:
    return unicodedata.normalize("NFKC", str(written)).strip().lower() if len(str(written)) < 60 else ""
