"""What the clocks on a zone's walls show, and when they showed it: whole microseconds, fast.

Moments are microseconds since 1970 in UTC; walls are microseconds since 1970-01-01 00:00 on the
zone's own clock. The changes of a zone's offset are looked up once, from 1970 to 2150; before and
after, the first and the last offset hold.
"""

from bisect import bisect_right
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
DAY_US = 86_400 * SECOND_US

_FIRST_S = 0
_LAST_S = int(datetime(2150, 1, 1, tzinfo=UTC).timestamp())
_STEP_S = 4 * 86_400
"""No zone has ever changed its offset twice within so short a time (all were tried, 1970 to 2030)."""


class WallClock:
    """A zone's offsets, and the moments at which they change.

    `offsets` has one more than `switches`. `wall_switches` are the walls from which on the next
    offset holds; a wall that comes twice is the first of the two, as with `fold=0`.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.switches: list[int] = []
        self.offsets = [_offset(zone, _FIRST_S)]
        for second in _switches(zone):
            self.switches.append(second * SECOND_US)
            self.offsets.append(_offset(zone, second))
        self.wall_switches = [
            moment + max(self.offsets[at], self.offsets[at + 1]) for at, moment in enumerate(self.switches)
        ]

    def wall(self, moment: int) -> int:
        """What the clock shows at `moment`."""
        return moment + self.offsets[bisect_right(self.switches, moment)]

    def moment(self, wall: int) -> int:
        """When the clock shows `wall`, the first time; a wall left out in spring is moved by the gap."""
        return wall - self.offsets[bisect_right(self.wall_switches, wall)]

    def closing(self, wall: int) -> int:
        """When an office closes that closes at `wall`: inside a gap, when the gap begins.

        What the gap swallows of its hours is thereby nobody's time.
        """
        at = bisect_right(self.wall_switches, wall)
        moment = wall - self.offsets[at]
        return min(moment, self.switches[at]) if at < len(self.switches) else moment


@lru_cache(maxsize=64)
def wall_clock(zone: ZoneInfo) -> WallClock:
    """The zone's clock, made once."""
    return WallClock(zone)


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None  # a ZoneInfo always has one
    return int(offset.total_seconds()) * SECOND_US


def _switches(zone: ZoneInfo) -> list[int]:
    """The seconds at which the offset changes."""
    found = []
    before = _offset(zone, _FIRST_S)
    for second in range(_FIRST_S, _LAST_S, _STEP_S):
        after = _offset(zone, second + _STEP_S)
        if after != before:
            found.append(_switch_within(zone, second, before))
        before = after
    return found


def _switch_within(zone: ZoneInfo, second: int, before: int) -> int:
    """The first second of the step after `second` at which the offset is no longer `before`."""
    low, high = second, second + _STEP_S
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high
