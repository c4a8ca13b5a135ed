"""While Prefect cannot be reached: what cannot wait is done, and alerts leave, without flow runs."""

import logging
import time
from datetime import timedelta
from uuid import UUID

from flows.clock import real_time, the_time
from flows.notices import send_all_due
from flows.without_prefect import do_what_cannot_wait
from models.claims import claim_due, release, renew
from models.log_lines import speaking_of
from tasks.case_task import coded_error
from tasks.house.versions import take_up_versions
from tasks.workplace import Workplace

log = logging.getLogger("whistle.worker")

LOOKS_AGAIN_AFTER = timedelta(seconds=10)
AWAY_LATELY_S = 60.0
"""As long as a request to a server that hangs may take: meanwhile nobody waits for another one first."""
AT_ONCE = 50

_last_away: list[float] = []


def note_away() -> None:
    """Prefect was just found not to answer."""
    _last_away[:] = [time.monotonic()]


def note_answered() -> None:
    """Prefect answers again: cases go by their flow runs at once."""
    _last_away.clear()


def was_away_lately() -> bool:
    """Whether Prefect did not answer a moment ago: then what cannot wait is done before it is asked."""
    return any(time.monotonic() - each < AWAY_LATELY_S for each in tuple(_last_away))


def stand_in(place: Workplace, case_id: UUID) -> bool:
    """Do what cannot wait of a case whose lease is held; whether there was any. What fails is tried again later."""
    try:
        done = do_what_cannot_wait(place, case_id, the_time())
    except Exception as error:  # noqa: BLE001 - the case stays due, and the next one must have its turn
        log.warning("without Prefect: %s", coded_error(error).code, extra={"event": "stand_in_failed"})
        return True
    if done:
        log.warning("Prefect is away, done without it", extra={"event": "done_without_prefect"})
    return done


def carry_what_cannot_wait(place: Workplace, owner: str, lease: timedelta) -> int:
    """One turn of a worker that Prefect has not let in: due cases that cannot wait, then all alerts that wait.

    Args:
        place: The desk.
        owner: A name that no other worker claims by.
        lease: How long a claim lasts.

    Returns:
        How many cases were carried.
    """
    take_up_versions(place, the_time())
    carried = 0
    for case_id in claim_due(place.database, owner, the_time(), real_time(), lease, AT_ONCE):
        with speaking_of(case_id, owner):
            if stand_in(place, case_id):
                carried += 1
                renew(place.database, owner, [case_id], real_time() + LOOKS_AGAIN_AFTER)
            else:
                release(place.database, owner, case_id)
    send_all_due.fn(the_time())
    return carried
