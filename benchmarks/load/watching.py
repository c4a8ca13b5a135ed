"""What is looked at while the desk is busy: the pages that people open, and the orders that must not wait."""

import http.client
import threading
import time
from typing import Self

from sqlmodel import col, select

from benchmarks.alert_times import percentile
from benchmarks.load.place import Figures, LoadedDesk
from models.case import Case
from models.vocabulary import Status

EVERY_S = 0.25


class PageWatch:
    """A supervisor who opens one page after the other, four a second, in a thread of its own."""

    def __init__(self, desk: LoadedDesk) -> None:
        self.port, self.key, number = desk.stage.place.settings.port, desk.supervisor, desk.cases()
        self.pages = {"board": "/", "duty": "/duty", "case": f"/?case=W-{number:06d}", "intake": "/intake", "cases": "/cases", "late": "/cases?need=late", "units": "/units"}  # fmt: skip
        self.times: dict[str, list[float]] = {name: [] for name in self.pages}
        self.refused: dict[str, int] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, name="page-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def told(self) -> Figures:
        """Median and p95 of each page in milliseconds, and answers that were no page."""
        shown = {}
        for name, seconds in self.times.items():
            ordered = sorted(each * 1000 for each in seconds)
            shown[name] = {
                "looks": len(ordered),
                "median_ms": _rounded(percentile(ordered, 0.5)),
                "p95_ms": _rounded(percentile(ordered, 0.95)),
            }
        return {**shown, **({"refused": self.refused} if self.refused else {})}

    def _look(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        # The first of each is compiled and cached: people do not open a desk that was started this second.
        for path in self.pages.values():
            self._open(connection, path)
        while not self._end.is_set():
            for name, path in self.pages.items():
                began = time.perf_counter()
                status = self._open(connection, path)
                if status == 200:
                    self.times[name].append(time.perf_counter() - began)
                else:
                    self.refused[str(status)] = self.refused.get(str(status), 0) + 1
                if self._end.wait(EVERY_S):
                    break
        connection.close()

    def _open(self, connection: http.client.HTTPConnection, path: str) -> int:
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.key}"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return 0
        return answer.status


class GraveWatch:
    """How long orders that tell of danger lie before an activation looks at them; seen to half a second."""

    def __init__(self, desk: LoadedDesk, source: str) -> None:
        self.database, self.source = desk.stage.place.database, source
        self.seen_at: dict[int, float] = {}
        self.waits: dict[int, float] = {}

    def look(self) -> None:
        """Ask once; whoever watches asks about twice a second."""
        with self.database.reading() as session:
            wanted = select(Case.number, Case.status).where(
                Case.source == self.source, col(Case.danger_now).is_(True)
            )
            found, now = session.exec(wanted).all(), time.monotonic()
        for number, status in found:
            began = self.seen_at.setdefault(number or 0, now)
            if status is not Status.RECEIVED:
                self.waits.setdefault(number or 0, now - began)

    def told(self) -> Figures:
        """Seconds from being durable to being looked at."""
        ordered = sorted(self.waits.values())
        return {
            "grave_orders": len(self.seen_at), "grave_looked_at": len(ordered), "grave_p50_s": _rounded(percentile(ordered, 0.5)),
            "grave_p95_s": _rounded(percentile(ordered, 0.95)), "grave_longest_s": _rounded(ordered[-1] if ordered else None),
        }  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
