"""The one clock that flows and workers read; a rehearsal sets a faster one."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def real_time() -> datetime:
    """Now, aware, UTC."""
    return datetime.now(UTC)


_clock: list[Clock] = [real_time]


def the_time() -> datetime:
    """The desk's time, aware, UTC."""
    return _clock[0]()


def set_clock(clock: Clock = real_time) -> None:
    """Let the whole process read another clock; without an argument, the real one again."""
    _clock[0] = clock
