"""What comes in, and how the desk takes it: at full speed, in a burst, and a whole city's day."""

import threading
import time

from benchmarks.cpu import cpu_seconds
from benchmarks.load.place import Figures, LoadedDesk, told
from benchmarks.load.senders import Sent, send
from benchmarks.load.watching import GraveWatch, PageWatch
from benchmarks.stage import start

DAY_S = 86_400.0
LOOK_EVERY_S = 0.5


class Sending(threading.Thread):
    """A sender that runs while others look."""

    def __init__(
        self, desk: LoadedDesk, source: str, orders: int, connections: int, per_s: float = 0.0
    ) -> None:
        super().__init__(name="sending", daemon=True)
        self.plan = desk.plan(source, orders, connections, per_s)
        self.sent: Sent | None = None

    def run(self) -> None:
        """Send everything."""
        self.sent = send(self.plan)

    def done(self) -> Sent:
        """What became of it.

        Raises:
            RuntimeError: The sender failed; its own words stand on stderr.
        """
        self.join()
        if self.sent is None:
            raise RuntimeError("the sender failed")
        return self.sent


def intake(desk: LoadedDesk, seconds: float, connections: tuple[int, ...]) -> Figures:
    """Durable orders a second, as fast as so many connections bring them, with the worker at rest.

    The cost is what the desk spends on an order, in CPU milliseconds: it depends less on who else uses the machine.
    """
    desk.stage.worker.stop()
    send(desk.plan("warmup", 200, 4))
    found: Figures = {}
    for each in connections:
        processes = {"desk": desk.stage.desk.pid()} | (
            {"database": desk.stage.postgres.process.pid} if desk.stage.postgres else {}
        )
        before = {name: cpu_seconds(pid) for name, pid in processes.items()}
        sent = send(desk.plan(f"intake{each}", 10_000_000, each, most_seconds=seconds))
        spent = {
            f"{name}_cpu_ms_per_order": round(
                (cpu_seconds(pid) - before[name]) / max(sent.orders, 1) * 1000, 3
            )
            for name, pid in processes.items()
        }
        found[f"{each}_connections"] = told(sent) | spent
    start(desk.stage.worker)
    return found


def burst(desk: LoadedDesk, orders_a_day: int, times: float, seconds: float, patience_s: float) -> Figures:
    """So many times the day's mean for a while, then silence, until every order has been looked at."""
    per_s = orders_a_day / DAY_S * times
    orders = max(round(per_s * seconds), 1)
    flood, grave = Sending(desk, "burst", orders, 16, per_s), GraveWatch(desk, "burst")
    most, began = 0, time.monotonic()
    with PageWatch(desk) as pages:
        flood.start()
        while flood.is_alive():
            most = max(most, desk.unscreened("burst"))
            grave.look()
            time.sleep(LOOK_EVERY_S)
        ended = time.monotonic()
        while (left := desk.unscreened("burst")) and time.monotonic() - ended < patience_s:
            grave.look()
            time.sleep(LOOK_EVERY_S)
        grave.look()
        recovered = time.monotonic()
    return {
        "orders_a_day": orders_a_day, "times_the_mean": times, "per_s": round(per_s, 2), **told(flood.done()), "most_waiting": most,
        "seconds_to_recover": None if left else round(recovered - ended, 1), "still_waiting": left,
        "looked_at_per_s": round((orders - left) / (recovered - began), 2), **grave.told(), "pages": pages.told(),
        "memory_mib": desk.memory_mib(),
    }  # fmt: skip


def day(desk: LoadedDesk, orders: int, connections: int, work_seconds: float) -> Figures:
    """A whole day of a city's hotline, as fast as it goes, with the worker at work; then the worker alone for a while.

    `hours_for_all` is computed from the rate of the second part, not measured.
    """
    flood, grave, began = Sending(desk, "day", orders, connections), GraveWatch(desk, "day"), time.monotonic()
    with PageWatch(desk) as pages:
        flood.start()
        while flood.is_alive():
            grave.look()
            time.sleep(LOOK_EVERY_S)
        during, taken = pages.told(), time.monotonic()
        before = desk.unscreened("day")
        while (left := desk.unscreened("day")) and time.monotonic() - taken < work_seconds:
            grave.look()
            time.sleep(LOOK_EVERY_S)
    seconds = time.monotonic() - taken
    per_s = (before - left) / seconds
    return {
        **told(flood.done()), "looked_at_meanwhile": orders - before, "seconds_of_intake": round(taken - began, 1),
        "afterwards_seconds": round(seconds, 1), "afterwards_looked_at_per_s": round(per_s, 2), "still_waiting": left,
        "hours_for_all": round(orders / per_s / 3600, 2) if per_s else None, **grave.told(), "pages_during_intake": during,
        "pages_in_all": pages.told(), "memory_mib": desk.memory_mib(),
    }  # fmt: skip
