"""What the desk costs as it grows: a life's bytes and memory, and whether anything gets dearer with the stock."""

import time
from datetime import UTC, datetime, timedelta
from functools import partial

from benchmarks.alert_times import percentile
from benchmarks.callers import Callers
from benchmarks.cpu import cpu_seconds
from benchmarks.load.place import MIB, Figures, LoadedDesk, fill_at_rest
from benchmarks.load.standing import fill_stock
from benchmarks.load.watching import PageWatch
from models.claims import claim_due

SECONDS_A_LIFE = 120.0
SETTLE_S = 5.0
PER = 100_000
CLAIMS = 200


def standing(desk: LoadedDesk, lives: int) -> Figures:
    """A few lives and the pages beside whatever stock there is."""
    with PageWatch(desk) as pages:
        figures = _live(desk, "standing", lives)
    return {**figures, "memory_mib": desk.memory_mib(), "pages": pages.told()}


def growth(desk: LoadedDesk, lives: int) -> Figures:
    """Bytes and memory that whole lives leave behind; per 100,000 cases is computed from so many lives."""
    before, memory = desk.sizes(), desk.memory_mib()
    figures = _live(desk, "growth", lives)
    time.sleep(SETTLE_S)
    after = desk.sizes()
    grown = {name: after[name] - before[name] for name in after}
    return {
        **figures, "memory_before_mib": memory, "memory_after_mib": desk.memory_mib(),
        "bytes_a_case": {name: round(each / lives) for name, each in grown.items()},
        "mib_per_100000_cases": {name: round(each / lives * PER / MIB) for name, each in grown.items()},
    }  # fmt: skip


def slope(desk: LoadedDesk, sizes: tuple[int, ...], lives: int, first_copy: int) -> Figures:
    """The same work beside ever more parked cases; `ratio` is the last size's cost over the first one's."""
    found: dict[int, Figures] = {}
    standing = first_copy
    for size in sizes:
        if size > standing:
            fill_at_rest(
                desk.stage, partial(fill_stock, closed=0, parked=size - standing, first_copy=standing)
            )
            standing = size
        found[size] = _costs(desk, size, lives)
    first, last = found[sizes[0]], found[sizes[-1]]
    ratios = {name: _ratio(last[name], first[name]) for name in first}
    return {
        "by_parked": {str(size): each for size, each in found.items()},
        "ratio": {name: each for name, each in ratios.items() if each is not None},
    }


def _costs(desk: LoadedDesk, size: int, lives: int) -> Figures:
    _live(desk, f"warm{size}", 2)
    pids = {"server": desk.stage.server.pid(), "worker": desk.stage.worker.pid()}
    time.sleep(SETTLE_S)
    idle, began = {name: cpu_seconds(pid) for name, pid in pids.items()}, time.monotonic()
    time.sleep(SETTLE_S * 2)
    seconds = time.monotonic() - began
    resting = {
        f"{name}_idle_cpu_percent": round((cpu_seconds(pid) - idle[name]) / seconds * 100, 2)
        for name, pid in pids.items()
    }
    with PageWatch(desk) as pages:
        lived = _live(desk, f"slope{size}", lives)
    cpu = lived.pop("cpu_s_per_case")
    assert isinstance(cpu, dict)
    shown = {
        f"page_{name}_median_ms": each["median_ms"]
        for name, each in pages.told().items()
        if isinstance(each, dict) and "median_ms" in each
    }
    return {
        **{f"{name}_cpu_s_per_case": each for name, each in cpu.items()},
        **lived,
        **resting,
        **_claims(desk),
        **shown,
    }


def _claims(desk: LoadedDesk) -> Figures:
    """Milliseconds of an idle worker's look at the database; the worker at work looks four times a second meanwhile."""
    database, long_ago = desk.stage.place.database, datetime(2000, 1, 1, tzinfo=UTC)
    times = []
    for _ in range(CLAIMS):
        began = time.perf_counter()
        claim_due(database, "bench", long_ago, long_ago, timedelta(seconds=60), 4)
        times.append((time.perf_counter() - began) * 1000)
    middle = percentile(sorted(times), 0.5)
    return {"idle_look_ms": middle and round(middle, 3)}


def _live(desk: LoadedDesk, source: str, lives: int) -> Figures:
    stage = desk.stage
    pids = {"server": stage.server.pid(), "worker": stage.worker.pid()} | (
        {"database": stage.postgres.process.pid} if stage.postgres else {}
    )
    before, began = {name: cpu_seconds(pid) for name, pid in pids.items()}, time.monotonic()
    callers = Callers(stage.place, source)
    for _ in range(lives):
        callers.call()
    callers.live_on(SECONDS_A_LIFE * lives)
    seconds = time.monotonic() - began
    time.sleep(SETTLE_S)
    return {
        "lives": lives, "lives_per_s": round(lives / seconds, 2),
        "cpu_s_per_case": {name: round((cpu_seconds(pid) - before[name]) / lives, 3) for name, pid in pids.items()},
    }  # fmt: skip


def _ratio(last: object, first: object) -> float | None:
    if isinstance(last, int | float) and isinstance(first, int | float) and first:
        return round(last / first, 2)
    return None
