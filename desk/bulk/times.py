"""Times as people and spreadsheets write them."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

_MOMENT = re.compile(
    r"(?P<date>(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?)"
    r"(?:[ T]\s*(\d{1,2})[:时](\d{1,2})(?:分?$|[:分](\d{1,2})(?:[.,]\d+)?秒?)?)?"
    r"\s*(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)


def moment_of(text: str, zone: ZoneInfo) -> datetime | None:
    """An aware time, or None if the text is none.

    Args:
        text: Year first, such as `2020-01-06 09:05:30`, `2020/1/6 9:05`, `2020年1月6日 9时5分` or
            ISO 8601; a date alone is its midnight. Day-first dates are not guessed at.
        zone: For a time that names no zone.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.group(2, 3, 4, 5, 6, 7))
    named = (found["zone"] or "").replace("Z", "+0000").replace(":", "")
    try:
        naive = f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        if named:
            return datetime.strptime(f"{naive} {named}", "%Y-%m-%d %H:%M:%S %z")
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
