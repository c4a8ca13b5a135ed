"""When alerts really left: the default channel's file, followed line by line."""

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

LOOK_EVERY_S = 0.01


class AlertWatch:
    """Follows the file that Apprise's default channel appends to, in a thread of its own.

    `notice.sent_at` would not do: it carries the time its activation began.
    """

    def __init__(self, path: Path) -> None:
        self.seen_at: dict[str, float] = {}
        self._path = path
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="alert-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def waits(self, said_at: Mapping[str, float]) -> list[float]:
        """Seconds from each piece of news to its alert, sorted; alerts not seen are left out."""
        return sorted(self.seen_at[key] - said for key, said in said_at.items() if key in self.seen_at)

    def _follow(self) -> None:
        begun = b""
        position = 0
        while not self._end.wait(LOOK_EVERY_S):
            if not self._path.exists():
                continue
            with self._path.open("rb") as file:
                file.seek(position)
                fresh = file.read()
            now, position = time.monotonic(), position + len(fresh)
            *whole, begun = (begun + fresh).split(b"\n")
            for line in whole:
                for key in _keys(json.loads(line)):
                    self.seen_at.setdefault(key, now)


def _keys(said: Mapping[str, object]) -> list[str]:
    of = said.get("of")
    return [str(each) for each in of] if isinstance(of, list) else [str(said["id"])]


def percentile(ordered: list[float], share: float) -> float | None:
    """The nearest-rank percentile of a sorted list; None of an empty one."""
    if not ordered:
        return None
    return ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)]
