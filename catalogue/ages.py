"""The ages a message tells, in digits or in Chinese numerals, in Chinese or in English."""

import re

_YEARS = re.compile(
    r"(?<![\d.])(\d{1,2})(?:周)?岁"
    r"|([一二两三四五六七八九十]{1,3})(?:周)?岁"
    r"|(?:我才|今年才|她才|他才|才刚|刚满|不满|未满)(\d{1,2})(?![\d.年月日点元块号多个天万分])"
    r"|(?<![\d.a-z])(\d{1,2})[ -]?(?:years?[ -]?old|yrs?[ -]?old|y/?o)(?![a-z])"
    r"|(?<![a-z])age[d]? (\d{1,2})(?!\d)"
    r"|(?<![a-z])(?:i am|i'm|he is|she is|he's|she's) (\d{1,2})(?![\d%:]| (?:minutes|days|weeks|km))"
)
_MONTHS = re.compile(r"(?<!\d)\d{1,2}个月大|(?<![a-z])\d{1,2}[ -]months?[ -]old")
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


def ages_in(text: str) -> tuple[int, ...]:
    """Every age in whole years that normalised `text` tells, in order; months count as 0."""
    years = [_years(match.group(match.lastindex or 0)) for match in _YEARS.finditer(text)]
    return (*years, 0) if _MONTHS.search(text) else tuple(years)


def _years(numeral: str) -> int:
    if numeral.isdigit():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _DIGITS.get(numeral[-1], 0)
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)
