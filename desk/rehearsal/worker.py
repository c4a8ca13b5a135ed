"""The rehearsal's worker: the same claims and activations as the real one, called when time jumps."""

import secrets
import time
from collections import Counter
from concurrent.futures import Executor
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlmodel import col, func, select

from desk.rehearsal.loop import RehearsalStuckError
from flows.clock import real_time
from flows.notices import send_waiting_notices
from models.case import Case
from models.claims import claim_due
from notifications.outbox import oldest_waiting
from tasks.casebook import case_of
from tasks.workplace import Workplace
from workers.claiming import run_one

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.2
OFTEN_AT_ONCE = 30
"""A case that is activated more often than this in one instant is due again as soon as it parks."""


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
            RehearsalStuckError: A case stays due however often it runs, or nobody can have it, for
                example because Prefect is away.
        """
        ran: Counter[UUID] = Counter()
        deadline = time.monotonic() + PATIENCE_S
        while True:
            claimed = claim_due(
                self._place.database, self._owner, now, real_time(), self._lease,
                self._place.settings.worker_threads,
            )  # fmt: skip
            if claimed:
                list(self._pool.map(self._activate, claimed))
                ran.update(claimed)
                deadline = time.monotonic() + PATIENCE_S
                _check_sleeps(self._place, ran, now)
            elif not self._is_held(now):
                return ran.total()
            elif time.monotonic() > deadline:
                raise RehearsalStuckError(f"cases due at {now.isoformat()} cannot be activated")
            else:
                time.sleep(LOOK_EVERY_S)

    def send_notices(self, now: datetime) -> None:
        """Send alerts that waited for this moment, in a flow run of their own.

        The real worker leaves a case a little time to send its own first; here every case is done.
        """
        with self._place.database.reading() as session:
            waiting = oldest_waiting(session)
        if waiting is not None and waiting.next_try_at <= now:
            self._pool.submit(send_waiting_notices).result()

    def _is_held(self, now: datetime) -> bool:
        with self._place.database.reading() as session:
            return bool(
                session.exec(
                    select(func.count()).where(col(Case.wake_at) <= now, col(Case.lease_until).is_not(None))
                ).one()
            )


def _check_sleeps(place: Workplace, ran: Counter[UUID], now: datetime) -> None:
    case_id, times = ran.most_common(1)[0]
    if times > OFTEN_AT_ONCE:
        with place.database.reading() as session:
            label = case_of(session, case_id).label
        raise RehearsalStuckError(f"{label} ran {times} times at {now.isoformat()} and is due again")
