"""How a number is written: the same in both languages but for words of time."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from analysis.report.facts import Figure, Unit

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def written(figure: Figure, language: str, decimals: int | None = None) -> str:
    """The value of a figure that is shown; a percentage with its sign, a time in hours or days.

    Raises:
        ValueError: It is not shown.
    """
    if figure.value is None:
        raise ValueError(f"{figure.query}: is not shown")
    return written_value(figure.value, figure.unit, language, decimals)


def written_value(value: Decimal, unit: Unit, language: str, decimals: int | None = None) -> str:
    """As `written`."""
    if unit is Unit.SECONDS:
        return span(int(value), language)
    if unit is Unit.PERCENT:
        return f"{rounded(value, 1 if decimals is None else decimals)}%"
    if unit is Unit.POINTS:
        return rounded(value, 1 if decimals is None else decimals)
    return whole_or_one_place(value)


def rounded(value: Decimal, decimals: int) -> str:
    """Half up, with as many places always."""
    return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"


def whole_or_one_place(value: Decimal) -> str:
    """A count as it is; what is not whole, such as a mean, with one place."""
    return f"{int(value):,}" if value == value.to_integral_value() else rounded(value, 1)


def span(seconds: int, language: str) -> str:
    """Two units at most: days and hours, hours and minutes, minutes, or seconds."""
    zh = language == "zh"
    if seconds < _MINUTE:
        return f"{seconds}秒" if zh else f"{seconds} s"
    minutes = (seconds + 30) // 60
    if minutes < 60:
        return f"{minutes}分钟" if zh else f"{minutes} min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        tail = (f"{rest}分钟" if zh else f" {rest} min") if rest else ""
        return (f"{hours}小时" if zh else f"{hours} h") + tail
    days, rest = divmod((seconds + _HOUR // 2) // _HOUR, 24)
    tail = (f"{rest}小时" if zh else f" {rest} h") if rest else ""
    return (f"{days}天" if zh else f"{days} days") + tail


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(on: date, language: str) -> str:
    """A day in full."""
    return (
        f"{on.year}年{on.month}月{on.day}日"
        if language == "zh"
        else f"{on.day} {_MONTHS[on.month - 1]} {on.year}"
    )


def month(on: date, language: str) -> str:
    """The month of a day."""
    return f"{on.year}年{on.month}月" if language == "zh" else f"{_MONTHS[on.month - 1]} {on.year}"


def short_day(on: date) -> str:
    """As it stands below an axis."""
    return f"{on.month}-{on.day}"


def span_of_days(first: date, last: date, language: str) -> str:
    """From the first to the last day; what they share is said once."""
    if first == last:
        return day(first, language)
    same_year = first.year == last.year
    if language == "zh":
        end = f"{last.month}月{last.day}日" if same_year else day(last, language)
        if same_year and first.month == last.month:
            end = f"{last.day}日"
        return f"{day(first, language)}至{end}"
    start = f"{first.day} {_MONTHS[first.month - 1]}" if same_year else day(first, language)
    if same_year and first.month == last.month:
        start = f"{first.day}"
    return f"{start} to {day(last, language)}"


_CHINESE = "〇一二三四五六七八九"


def chinese(number: int) -> str:
    """1 to 199 in Chinese figures, as headings and articles of laws have them."""
    if number < 10:
        return _CHINESE[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else _CHINESE[tens]) + "十" + (_CHINESE[ones] if ones else "")
    rest = number - 100
    if not rest:
        return "一百"
    return "一百" + (f"零{_CHINESE[rest]}" if rest < 10 else ("一" if rest < 20 else "") + chinese(rest))
