"""Moments as tests write them: `Mon 2026-03-02 09:00`, in the desk's zone, the weekday checked."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def moment(written: str) -> datetime:
    """The aware UTC moment; refuses a weekday that is not that day's."""
    weekday, rest = written.split(" ", 1)
    layout = "%Y-%m-%d %H:%M:%S" if rest.count(":") == 2 else "%Y-%m-%d %H:%M"
    at = datetime.strptime(rest, layout).replace(tzinfo=ZONE)
    if f"{at:%a}" != weekday:
        raise ValueError(f"{rest} is a {at:%a}, not a {weekday}")
    return at.astimezone(UTC)
