"""Noticing that the wall clock was set back, so that what was due before is not put off by as much."""

import asyncio
import logging
import time
from datetime import datetime, timedelta

from flows.clock import the_time
from tasks.records.clock_set_back import newest_entry, wake_what_was_due
from tasks.workplace import Workplace

log = logging.getLogger("whistle.worker")

NOTICEABLE = timedelta(seconds=2)
"""Clocks of machines that work together differ by less, and time servers correct by less in one step."""


class ClockWatch:
    """One worker's eye on its clock; look every second.

    While it runs, the clock is held against one that cannot be set; at the start, against what the journals
    say was written last. Several workers may notice the same jump: waking a case twice changes nothing.
    """

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self._last: tuple[datetime, float] | None = None

    async def step(self) -> None:
        """Look, and wake what the jump would have put off."""
        await asyncio.get_running_loop().run_in_executor(None, self.look)

    def look(self) -> bool:
        """Whether the clock was set back since the last look."""
        now, ticks = the_time(), time.monotonic()
        expected = self._expected(ticks)
        was_set_back = expected is not None and now < expected - NOTICEABLE
        if was_set_back and expected is not None:
            woken = wake_what_was_due(self.place, expected, now)
            log.warning(
                "the clock was set back by %s: %s cases and alerts woken",
                expected - now,
                woken,
                extra={"event": "clock_set_back"},
            )
        # Only once it was dealt with: a database that is away leaves it to the next look.
        self._last = now, ticks
        return was_set_back

    def _expected(self, ticks: float) -> datetime | None:
        if self._last is None:
            with self.place.database.reading() as session:
                return newest_entry(session)
        last, ticks_then = self._last
        return last + timedelta(seconds=ticks - ticks_then)
