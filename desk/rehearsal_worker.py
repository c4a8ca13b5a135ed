"""The rehearsal's worker: the same claims and activations as the real one, called when time jumps."""

import secrets
import time
from concurrent.futures import Executor
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlmodel import col, func, select

from desk.rehearsal_loop import RehearsalStuckError
from flows.clock import real_time
from models.case import Case
from models.claims import claim_due
from tasks.workplace import Workplace
from workers.claiming import run_one, send_what_waits

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.2


class FastWorker:
    """Activates due cases in pool threads until nothing is due."""

    def __init__(self, place: Workplace, deployment_id: UUID, pool: Executor) -> None:
        self._place, self._pool = place, pool
        self._owner = f"rehearsal:{secrets.token_hex(4)}"
        self._lease = timedelta(seconds=place.settings.lease_seconds)
        self._activate = partial(run_one, place, deployment_id, self._owner)

    def run_due(self, now: datetime) -> int:
        """Run every activation due at `now`; how many ran.

        Raises:
            RehearsalStuckError: A case stays due and nobody can have it, for example because
                Prefect is away.
        """
        ran, deadline = 0, time.monotonic() + PATIENCE_S
        while True:
            claimed = claim_due(
                self._place.database, self._owner, now, real_time(), self._lease,
                self._place.settings.worker_threads,
            )  # fmt: skip
            if claimed:
                list(self._pool.map(self._activate, claimed))
                ran, deadline = ran + len(claimed), time.monotonic() + PATIENCE_S
            elif not self._is_held(now):
                return ran
            elif time.monotonic() > deadline:
                raise RehearsalStuckError(f"cases due at {now.isoformat()} cannot be activated")
            else:
                time.sleep(LOOK_EVERY_S)

    def send_notices(self, _now: datetime) -> None:
        """Send alerts that waited for this moment, in a flow run of their own."""
        self._pool.submit(send_what_waits, self._place).result()

    def _is_held(self, now: datetime) -> bool:
        with self._place.database.reading() as session:
            return bool(
                session.exec(
                    select(func.count()).where(
                        col(Case.wake_at) <= now, col(Case.lease_until).is_not(None)
                    )
                ).one()
            )
