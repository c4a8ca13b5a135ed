"""What can go wrong, one small story each: it begins, lasts so many seconds, and is over.

A story is a generator: it yields how many seconds pass before it goes on. Whatever it holds down is up again
when it ends, or is closed early. Processes are started from the main thread only, which they end with.
"""

import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.faults.house import House, go_on, pause
from benchmarks.faults.receiver import Mood
from benchmarks.faults.release import promote_other_limits
from benchmarks.faults.restoring import restore_prefect
from benchmarks.stage import Actor

Story = Iterator[float]
WHOLE_MINUTE_S = 60.0
SLOW, QUICK = 1, 3


@dataclass(frozen=True)
class Mischief:
    """One kind of fault; `missing` says why it cannot be played in this house, None if it can.

    `weight` is how often it is drawn: what starts programs again takes much longer than the rest.
    """

    name: str
    begin: Callable[[House, random.Random], Story]
    missing: Callable[[House], str | None] = lambda _: None
    weight: int = QUICK


def _killed(actor_of: Callable[[House], Actor]) -> Callable[[House, random.Random], Story]:
    def story(house: House, chance: random.Random) -> Story:
        actor = actor_of(house)
        with _held_down(house, actor):
            actor.kill()
            yield chance.uniform(0.0, 3.0)

    return story


@contextmanager
def _held_down(house: House, *actors: Actor) -> Iterator[None]:
    names = {actor.program.name for actor in actors}
    house.down |= names
    try:
        yield
    finally:
        house.down -= names
        for actor in actors:
            if actor.exit_code() is not None:
                actor.start()


def _power_cut(house: House, chance: random.Random) -> Story:
    actors = (house.worker, house.desk, house.server)
    with _held_down(house, *actors):
        for actor in actors:
            actor.kill()
        if house.postgres:
            yield from _database_killed(house, chance)
        yield chance.uniform(0.0, 2.0)


def _server_paused(house: House, chance: random.Random) -> Story:
    pause(house.server)
    try:
        yield WHOLE_MINUTE_S if chance.random() < 0.1 else chance.uniform(1.0, 10.0)
    finally:
        go_on(house.server)


def _worker_paused(house: House, chance: random.Random) -> Story:
    """Longer than its leases last: it goes on as if they were still its own."""
    pause(house.worker)
    try:
        yield chance.uniform(3.0, 14.0)
    finally:
        go_on(house.worker)


def _clock_forward(house: House, chance: random.Random) -> Story:
    assert house.clock is not None
    house.clock.jump(timedelta(seconds=10 ** chance.uniform(0.5, 4.0)))
    yield 0.0


def _clock_back(house: House, chance: random.Random) -> Story:
    assert house.clock is not None
    house.clock.jump(-timedelta(seconds=10 ** chance.uniform(0.5, 4.0)))
    yield 0.0


def _disk_full(house: House, chance: random.Random) -> Story:
    try:
        house.fill_disk()
        yield chance.uniform(1.0, 8.0)
    finally:
        house.free_disk()


def _cases_locked(house: House, chance: random.Random) -> Story:
    yield from _locked(
        house, chance, house.place.settings.home / "cases.db", "cases", ('"case"', "notice", "clock")
    )


def _prefect_locked(house: House, chance: random.Random) -> Story:
    yield from _locked(house, chance, house.prefect_file, "prefect", ("flow_run", "flow_run_state"))


def _locked(house: House, chance: random.Random, file: Path, name: str, tables: tuple[str, ...]) -> Story:
    # By a thread, because the house itself may be waiting for what is locked.
    seconds = 33.0 if chance.random() < 0.05 else chance.uniform(0.5, 9.0)
    holder = threading.Thread(target=_hold_lock, args=(house, file, name, tables, seconds))
    holder.start()
    yield seconds
    holder.join()


def _hold_lock(house: House, file: Path, name: str, tables: tuple[str, ...], seconds: float) -> None:
    if house.postgres is None:
        with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            holder.execute("ROLLBACK")
        return
    engine = create_engine(house.postgres.case_url.rpartition("/")[0] + f"/{name}")
    with engine.connect() as connection:
        connection.execute(text(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE"))
        time.sleep(seconds)
    engine.dispose()


def _database_killed(house: House, chance: random.Random) -> Story:
    assert house.postgres is not None
    house.down.add("database")
    try:
        house.postgres.kill()
        yield chance.uniform(0.0, 3.0)
    finally:
        house.down.discard("database")
        house.postgres.start()


def _database_restarted(house: House, chance: random.Random) -> Story:
    assert house.postgres is not None
    house.down.add("database")
    try:
        house.postgres.stop()
        yield chance.uniform(0.0, 1.0)
    finally:
        house.down.discard("database")
        house.postgres.start()


def _redis_flushed(house: House, chance: random.Random) -> Story:
    assert house.redis is not None
    for _ in range(chance.randint(1, 3)):
        house.redis.flush()
        yield chance.uniform(0.2, 1.5)


def _redis_killed(house: House, chance: random.Random) -> Story:
    assert house.redis is not None
    house.redis.kill()
    try:
        yield chance.uniform(0.2, 3.0)
    finally:
        house.redis.start()


def _channel(mood: Mood) -> Callable[[House, random.Random], Story]:
    def story(house: House, chance: random.Random) -> Story:
        house.receiver.mood = mood
        try:
            yield chance.uniform(3.0, 12.0)
        finally:
            house.receiver.mood = Mood.UP

    return story


def _two_of_one_name(house: House, chance: random.Random) -> Story:
    env = {**house.worker.program.env, "NAMESAKE_OF": str(house.worker.pid())}
    house.second.program = replace(house.second.program, env=env)
    house.down.add("second")
    try:
        house.second.start()
        yield chance.uniform(6.0, 12.0)
    finally:
        if chance.random() < 0.5:
            house.second.kill()
        else:
            house.second.stop()


def _release(house: House, chance: random.Random) -> Story:
    """Another release takes over in the middle of lives, and another rule set goes live; later the first is back."""
    own = house.worker.program
    other = house.other_release()
    house.down.add("worker")
    try:
        if chance.random() < 0.5:
            house.worker.stop()
        else:
            house.worker.kill()
        command = ("/bin/sh", "-c", f"cd '{other}' && exec '{sys.executable}' -m workers")
        house.worker.program = replace(own, command=command)
        house.worker.start()
        promote_other_limits(house)
        yield chance.uniform(6.0, 12.0)
    finally:
        house.worker.program = own
        house.worker.stop()
        house.down.discard("worker")
        house.worker.start()


def _worker_recycled(house: House, chance: random.Random) -> Story:
    """Told to end while it works: it gives back what it holds, and another one starts."""
    with _held_down(house, house.worker):
        house.worker.stop()
        yield chance.uniform(0.0, 0.5)


def _prefect_restored(house: House, chance: random.Random) -> Story:
    """Yesterday's copy of Prefect's database: the runs of newer cases are unknown to it."""
    with _held_down(house, house.server):
        house.server.kill()
        restore_prefect(house)
        yield chance.uniform(0.0, 1.0)


def _needs_clock(house: House) -> str | None:
    return house.absent.get("clock") if house.clock is None else None


def _needs_disk(house: House) -> str | None:
    return None if house.has_own_disk else house.absent.get("disk")


def _needs_server(house: House) -> str | None:
    return None if house.postgres else "an embedded database is no process"


def _needs_redis(house: House) -> str | None:
    return None if house.redis else house.absent.get("redis", "this house has no Redis")


def _needs_copy(house: House) -> str | None:
    return None if house.has_prefect_copy else "no copy was taken yet"


MISCHIEFS: tuple[Mischief, ...] = (
    Mischief("worker killed", _killed(lambda house: house.worker), weight=SLOW),
    Mischief("server killed", _killed(lambda house: house.server), weight=SLOW),
    Mischief("desk killed", _killed(lambda house: house.desk), weight=SLOW),
    Mischief("power cut", _power_cut, weight=SLOW),
    Mischief("server paused", _server_paused),
    Mischief("worker paused", _worker_paused),
    Mischief("worker recycled", _worker_recycled, weight=SLOW),
    Mischief("clock forward", _clock_forward, _needs_clock),
    Mischief("clock back", _clock_back, _needs_clock),
    Mischief("disk full", _disk_full, _needs_disk),
    Mischief("cases locked", _cases_locked),
    Mischief("prefect locked", _prefect_locked),
    Mischief("database killed", _database_killed, _needs_server),
    Mischief("database restarted", _database_restarted, _needs_server),
    Mischief("redis flushed", _redis_flushed, _needs_redis),
    Mischief("redis killed", _redis_killed, _needs_redis),
    *(Mischief(f"channel {mood}", _channel(mood)) for mood in Mood if mood is not Mood.UP),
    Mischief("two of one name", _two_of_one_name, weight=SLOW),
    Mischief("release", _release, weight=SLOW),
    Mischief("prefect restored", _prefect_restored, _needs_copy, weight=SLOW),
)
