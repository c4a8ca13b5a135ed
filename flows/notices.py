"""Sending alerts that wait for a later moment: back-off, quiet hours, digests."""

from dataclasses import asdict
from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.clock import the_time
from flows.parking import RESULTS, only_codes
from notifications.outbox import Sent
from notifications.sending import send_due
from tasks.workplace import workplace


@flow(name="notices", retries=0, persist_result=False, result_storage=RESULTS)
def send_waiting_notices() -> str:
    """Empty the outbox of everything that may go out now, over all cases."""
    with only_codes():
        return send_all_due(the_time())


@task(persist_result=False, cache_policy=NO_CACHE)
def send_all_due(now: datetime) -> str:
    """Hand due alerts to their channels, page by page; what fails stays with back-off."""
    place = workplace()
    total = Sent(0, 0, 0)
    with only_codes():
        while any(asdict(page := send_due(place.database, place.channels, now)).values()):
            total += page
    return f"sent {total.sent}, waiting {total.waiting}, dead {total.dead}"
