"""The loop at the heart of the worker: claim what is due, run it in threads, give it back."""

import asyncio
import logging
import os
import secrets
import socket
import time
from concurrent.futures import Executor
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import httpx
from sqlalchemy.exc import DBAPIError

from flows.clock import real_time, the_time
from flows.notices import send_all_due, send_waiting_notices
from models.claims import claim_due, release, renew
from models.log_lines import speaking_of
from notifications.outbox import anything_due
from tasks.case_task import coded_error
from tasks.house.versions import take_up_versions
from tasks.trouble import note_failure
from tasks.workplace import Workplace
from workers.activation import activate
from workers.stand_in import note_answered, note_away, stand_in, was_away_lately
from workers.tally import DECIDED, HELD, LOOKED, Ended, timed_activation
from workers.threads import thread_client

SOON = timedelta(seconds=3)
LEFT_BEHIND = timedelta(seconds=5)

log = logging.getLogger("whistle.worker")


class Claims:
    """The cases one worker process holds.

    `room` says how many more activations may start now: none while the work pool is paused.
    """

    def __init__(self, place: Workplace, deployment_id: UUID, pool: Executor, threads: int) -> None:
        self.place, self.deployment_id, self.pool, self.threads = place, deployment_id, pool, threads
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.lease = timedelta(seconds=place.settings.lease_seconds)
        self.held: dict[UUID, asyncio.Task[None]] = {}
        self.done = 0
        self.freed = asyncio.Event()
        """Set when a case was given back, so that the next one need not wait for the next look."""
        self._claimed = dict[UUID, float]()

    async def start_due(self, room: int) -> int:
        """Claim and start up to `room` activations; returns how many were started."""
        wanted = min(room, self.threads) - len(self.held)
        self.freed.clear()
        loop = asyncio.get_running_loop()
        claimed = await loop.run_in_executor(None, self._claim, wanted) if wanted > 0 else []
        LOOKED.set_to_current_time()
        for case_id in claimed:
            self._claimed[case_id] = time.monotonic()
            self.held[case_id] = asyncio.create_task(self._carry(case_id))
        HELD.set(len(self.held))
        return len(claimed)

    def _claim(self, wanted: int) -> list[UUID]:
        """Claim for the newest catalogue and classifier, so that a case never begins by an older one."""
        take_up_versions(self.place, the_time())
        return claim_due(self.place.database, self.owner, the_time(), real_time(), self.lease, wanted)

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until a case was given back."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.freed.wait(), seconds)

    async def keep(self) -> None:
        """Renew the leases of activations that are still running."""
        until = real_time() + self.lease
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, renew, self.place.database, self.owner, list(self.held), until)

    async def finish(self) -> None:
        """Wait until every started activation has ended."""
        if self.held:
            await asyncio.wait(list(self.held.values()))

    async def _carry(self, case_id: UUID) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self.pool, self._activate, case_id)
        finally:
            self.held.pop(case_id, None)
            self.done += 1
            self.freed.set()

    def _activate(self, case_id: UUID) -> None:
        claimed = self._claimed.pop(case_id, time.monotonic())
        run_one(self.place, self.deployment_id, self.owner, case_id)
        DECIDED.observe(time.monotonic() - claimed)


def run_one(place: Workplace, deployment_id: UUID, owner: str, case_id: UUID) -> None:
    """Activate one claimed case in this pool thread and give it back, whatever happens.

    When Prefect is away, what cannot wait is done without it; the case stays due and its lease runs out
    shortly, so that a worker does not hammer a server that is starting. When our own database is away nothing can be written,
    not even that: the lease runs out by itself.
    """
    with speaking_of(case_id, secrets.token_hex(6)), timed_activation() as timed:
        try:
            timed.outcome = _attempt(place, deployment_id, owner, case_id)
        except DBAPIError as error:
            timed.outcome = Ended.DATABASE_AWAY
            log.warning("case database: %s", coded_error(error).code, extra={"event": "database_away"})


def _attempt(place: Workplace, deployment_id: UUID, owner: str, case_id: UUID) -> Ended:
    outcome = Ended.FAILED
    if was_away_lately():
        stand_in(place, case_id)
    try:
        outcome = activate(place, thread_client(), deployment_id, case_id, the_time())
        note_answered()
    except httpx.HTTPError as error:
        if _is_away(error):
            log.warning(
                "Prefect cannot be reached: %s", type(error).__name__, extra={"event": "prefect_away"}
            )
            note_away()
            stand_in(place, case_id)
            renew(place.database, owner, [case_id], real_time() + SOON)
            return Ended.PREFECT_AWAY
        _fail(place, case_id, error)
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad case must not take the worker down
        _fail(place, case_id, error)
    release(place.database, owner, case_id)
    return outcome


def _is_away(error: httpx.HTTPError) -> bool:
    # A refusal (4xx) will be one again: that is a failure somebody must hear of.
    return not isinstance(error, httpx.HTTPStatusError) or error.response.status_code >= 500


def _fail(place: Workplace, case_id: UUID, error: Exception) -> None:
    log.warning(
        "activation of %s failed: %s", case_id, coded_error(error).code, extra={"event": "activation_failed"}
    )
    note_failure(place, case_id, the_time())


def send_what_waits(place: Workplace) -> None:
    """Send alerts whose later moment has come, in a flow run of their own; nothing if none has.

    A case sends its own fresh alerts within its activation; only what that left behind is ours.
    """
    with place.database.reading() as session:
        due = anything_due(session, the_time() - LEFT_BEHIND, real_time())
    if not due:
        return
    try:
        send_waiting_notices()
    except (httpx.HTTPError, RuntimeError) as error:
        # So that no alert waits for Prefect either. Each is claimed before it is sent, whoever sends it.
        log.warning("alerts are sent without Prefect: %s", type(error).__name__, extra={"event": "prefect_away"})
        send_all_due.fn(the_time())
