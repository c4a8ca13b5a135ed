"""One stack per home: a lock that the operating system drops when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class HomeInUseError(RuntimeError):
    """Another stack runs on this home."""


@contextmanager
def hold_home(home: Path) -> Iterator[None]:
    """Keep the home to ourselves while the block runs.

    The file stays when the lock is dropped: removing it would let two starters lock two files.

    Raises:
        HomeInUseError: Another process holds it; the message names its id.
    """
    path = home / "run" / "stack.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise HomeInUseError(
                f"another whistle runs on {home} (process {holder}); stop it first, "
                "or give this one its own folder with WHISTLE_HOME"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
